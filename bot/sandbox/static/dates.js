// Days and times as Slack writes them, in the zone of this device.

const day = (at, style) => at.toLocaleDateString("en-US", style);
const LONG = { weekday: "long", month: "long", day: "numeric", year: "numeric" };

export const time = (at) => at.toLocaleTimeString("en-US", { hour: "numeric", minute: "2-digit" });

function dayNumber(at) {
  return Math.round(new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime() / 86_400_000);
}

function ordinal(number) {
  const teen = number % 100 > 10 && number % 100 < 14;
  return `${number}${teen ? "th" : (["th", "st", "nd", "rd"][number % 10] ?? "th")}`;
}

export function nearby(at, now) {
  return { "-1": "Yesterday", 0: "Today", 1: "Tomorrow" }[dayNumber(at) - dayNumber(now)] ?? null;
}

// The words between two days of a conversation: "Today", "Monday, November 23rd".
export function divider(at, now) {
  const year = at.getFullYear() === now.getFullYear() ? "" : `, ${at.getFullYear()}`;
  return (
    nearby(at, now) ??
    `${day(at, { weekday: "long", month: "long" }).replace(/^(\w+) (\w+)$/, "$2, $1")} ${ordinal(at.getDate())}${year}`
  );
}

function ago(at, now) {
  const seconds = Math.round((at - now) / 1000);
  const [size, unit] = [
    [86_400, "day"],
    [3600, "hour"],
    [60, "minute"],
    [1, "second"],
  ].find(([least]) => Math.abs(seconds) >= least) ?? [1, "second"];
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(Math.trunc(seconds / size), unit);
}

// Slack's date tokens (https://docs.slack.dev/messaging/formatting-message-text#date-formatting).
export function formatted(unix, format, fallback, now) {
  const at = new Date(Number(unix) * 1000);
  if (Number.isNaN(at.getTime())) return fallback;
  const written = {
    date_num: () =>
      `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")}`,
    date_slash: () => day(at, { year: "numeric", month: "2-digit", day: "2-digit" }),
    date: () => `${day(at, { month: "long" })} ${ordinal(at.getDate())}, ${at.getFullYear()}`,
    date_short: () => day(at, { month: "short", day: "numeric", year: "numeric" }),
    date_long: () =>
      `${day(at, { weekday: "long" })}, ${day(at, { month: "long" })} ${ordinal(at.getDate())}, ${at.getFullYear()}`,
    date_long_full: () => day(at, LONG),
    day_divider_pretty: () => divider(at, now),
    time: () => time(at),
    time_secs: () => at.toLocaleTimeString("en-US"),
    ago: () => ago(at, now),
  };
  return format.replace(/\{(\w+)\}/g, (all, token) => {
    if (written[token]) return written[token]();
    const plain = token.replace(/_pretty$/, "");
    return plain !== token && written[plain] ? (nearby(at, now) ?? written[plain]()) : all;
  });
}
