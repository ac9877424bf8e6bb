// Slack's mrkdwn and plain text as elements.

import { anchor, h } from "./dom.js";

const EMOJI = {
  tada: "🎉", wave: "👋", rocket: "🚀", white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", warning: "⚠️", bulb: "💡",
  books: "📚", book: "📖", star: "⭐", sparkles: "✨", fire: "🔥", eyes: "👀", pray: "🙏", thumbsup: "👍", "+1": "👍",
  thumbsdown: "👎", "-1": "👎", smile: "😄", slightly_smiling_face: "🙂", heart: "❤️", clap: "👏", calendar: "📅",
  alarm_clock: "⏰", bell: "🔔", no_bell: "🔕", lock: "🔒", key: "🔑", pencil2: "✏️", memo: "📝", mag: "🔍", link: "🔗",
  hourglass: "⌛", mortar_board: "🎓", trophy: "🏆", palm_tree: "🌴", coffee: "☕", question: "❓", information_source: "ℹ️",
};

export const emoji = (name) => EMOJI[name] ?? `:${name}:`;
const entities = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
const withEmoji = (text) => text.replace(/:([a-z0-9_+-]+):/g, (all, name) => EMOJI[name] ?? all);

export function plain(object) {
  if (!object) return "";
  return object.emoji === false ? object.text : withEmoji(object.text);
}

export function when(unix, format, fallback) {
  const at = new Date(Number(unix) * 1000);
  if (Number.isNaN(at.getTime())) return fallback;
  const day = (style) => at.toLocaleDateString([], style);
  const time = at.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
  const long = day({ weekday: "long", month: "long", day: "numeric", year: "numeric" });
  const short = day({ month: "short", day: "numeric", year: "numeric" });
  return format.replace(/\{(\w+)\}/g, (all, token) => {
    if (token.startsWith("time")) return time;
    if (token.startsWith("date_long")) return long;
    if (token.startsWith("date_short")) return short;
    if (token === "date_num") return at.toISOString().slice(0, 10);
    return token.startsWith("date") ? day({ month: "long", day: "numeric", year: "numeric" }) : all;
  });
}

function special(inside, names) {
  const [target, ...rest] = inside.split("|");
  const label = rest.join("|");
  if (target.startsWith("@")) return h("span", { class: "mention" }, `@${names.user(target.slice(1)) ?? (label || target.slice(1))}`);
  if (target.startsWith("#")) return h("span", { class: "mention" }, `#${names.channel(target.slice(1)) ?? (label || target.slice(1))}`);
  if (target.startsWith("!date^")) {
    const [, unix, format, url] = target.split("^");
    const words = when(unix, format, entities(label));
    return url ? anchor(entities(url), words) : h("time", {}, words);
  }
  if (target.startsWith("!")) return h("span", { class: "mention shout" }, `@${label || target.slice(1).split("^")[0]}`);
  const url = entities(target);
  return anchor(url, entities(label) || url.replace(/^mailto:/, ""));
}

const STYLES = [
  ["`", (inner) => h("code", {}, entities(inner)), false],
  ["*", (inner, names) => h("strong", {}, inline(inner, names)), true],
  ["_", (inner, names) => h("em", {}, inline(inner, names)), true],
  ["~", (inner, names) => h("s", {}, inline(inner, names)), true],
];

function inline(text, names) {
  const made = [];
  let words = "";
  const flush = () => {
    if (words) made.push(withEmoji(entities(words)));
    words = "";
  };
  for (let at = 0; at < text.length; ) {
    if (text[at] === "<") {
      const end = text.indexOf(">", at);
      if (end > at) {
        flush();
        made.push(special(text.slice(at + 1, end), names));
        at = end + 1;
        continue;
      }
    }
    const style = STYLES.find(([mark]) => mark === text[at]);
    const opens = style && (at === 0 || /[\s\p{P}\p{S}]/u.test(text[at - 1])) && /\S/.test(text[at + 1] ?? "");
    if (opens) {
      let end = text.indexOf(style[0], at + 1);
      while (end > 0 && (/\s/.test(text[end - 1]) || /[\p{L}\p{N}]/u.test(text[end + 1] ?? ""))) end = text.indexOf(style[0], end + 1);
      if (end > at + 1 && !text.slice(at, end).includes("\n")) {
        flush();
        made.push(style[1](text.slice(at + 1, end), names));
        at = end + 1;
        continue;
      }
    }
    words += text[at++];
  }
  flush();
  return made;
}

function lines(text, names) {
  const made = [];
  text.split("\n").forEach((line, index) => {
    const quoted = line.match(/^(?:&gt;|>)\s?(.*)$/s);
    if (quoted) made.push(h("blockquote", {}, inline(quoted[1], names)));
    else {
      if (index && made.at(-1)?.tagName !== "BLOCKQUOTE") made.push(h("br"));
      made.push(...inline(line, names));
    }
  });
  return made;
}

export function mrkdwn(text, names) {
  return text.split("```").flatMap((part, index) => {
    if (index % 2) return [h("pre", {}, entities(part.replace(/^\n|\n$/g, "")))];
    return part ? lines(part, names) : [];
  });
}

export const textObject = (object, names) =>
  !object ? [] : object.type === "mrkdwn" ? mrkdwn(object.text, names) : [plain(object)];
