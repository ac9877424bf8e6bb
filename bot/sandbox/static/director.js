// What a director can do to the rehearsal: trouble, time, and starting over.

import { act } from "./api.js";
import { confirmed, toast } from "./dialogs.js";
import { page } from "./page.js";
import { menu } from "./popover.js";

const TROUBLES = [
  ["Slack answers 500", { method: "*", fault: "500", times: null }],
  ["Slack says slow down (429)", { method: "*", fault: "429", times: null, retry_after: 5 }],
  ["Slack's answers get lost", { method: "*", fault: "drop", times: null }],
  ["Modals don't open", { method: "views.open", fault: "500", times: null }],
  ["Pictures can't be fetched", { method: "*", fault: "image_unreachable", times: null }],
  ["The app answers too late", { method: "*", fault: "slow_ack", times: null, seconds: 4 }],
];
const HOUR = 3600;

const isOn = (fault) => page.state.faults.some((one) => one.method === fault.method && one.fault === fault.fault);
export const isTroubled = () => page.state.faults.length > 0 || page.state.limits;

async function turn(fault) {
  if (!isOn(fault)) return act("faults", fault);
  const others = TROUBLES.map(([, one]) => one).filter((one) => one !== fault && isOn(one));
  await act("faults", null, "DELETE");
  for (const one of others) await act("faults", one);
  return undefined;
}

async function allIsWell() {
  await act("faults", null, "DELETE");
  await act("limits", { on: false });
  toast("All is well again.");
}

async function later(seconds, words) {
  await act("clock", { advance: seconds });
  toast(words === "the next morning" ? "It is the next morning in the workspace." : `It is ${words} later in the workspace.`);
}

// To half a minute past the next nine o'clock on this person's own clock, so that what is due then has come due.
async function tomorrowAtNine() {
  const zone = page.state.me.tz ?? "UTC";
  const [hours, minutes, seconds] = page.names
    .now()
    .toLocaleTimeString("en-GB", { timeZone: zone })
    .split(":")
    .map(Number);
  const since = hours * HOUR + minutes * 60 + seconds;
  await later(24 * HOUR - since + 9 * HOUR + 30, "the next morning");
}

async function vacation(isOn) {
  const until = Math.round(page.names.now() / 1000) + 7 * 24 * HOUR;
  await act("people", {
    team: page.state.me.team,
    id: page.state.me.id,
    status_text: isOn ? "Vacationing" : "",
    status_emoji: isOn ? ":palm_tree:" : "",
    status_expiration: isOn ? until : 0,
  });
  toast(isOn ? "You are on vacation for a week." : "You are back.");
}

async function takeOut() {
  const words = "Slack tells the app that it was uninstalled. Its links and messages end; what people learned stays.";
  if (!(await confirmed({ title: "Take the app out?", words, yes: "Take it out", no: "Keep it", danger: true }))) return;
  await act("installation", { team: page.state.me.team, fate: "uninstall" });
  toast("The app is not installed here any more.");
}

async function putBack() {
  await act("installation", { team: page.state.me.team, fate: "install" });
  toast("The app is installed again.");
}

export function directorMenu(button, { started }) {
  const now = page.names
    .now()
    .toLocaleString("en-US", { weekday: "short", month: "short", day: "numeric", hour: "numeric", minute: "2-digit" });
  const startOver = async () => {
    const words = "Messages, modals and faults go. What people learned stays with the app.";
    if (!(await confirmed({ title: "Start over?", words, yes: "Start over", no: "Keep everything", danger: true })))
      return;
    await act("reset", {});
    started();
  };
  menu(
    button,
    [
      { heading: "Trouble" },
      ...TROUBLES.map(([label, fault]) => ({ label, checked: isOn(fault), run: () => turn(fault) })),
      {
        label: "Slack's rate limits",
        checked: Boolean(page.state.limits),
        run: () => act("limits", { on: !page.state.limits }),
      },
      { label: "All is well", run: allIsWell },
      { heading: `Time: ${now}` },
      { label: "An hour later", run: () => later(HOUR, "an hour") },
      { label: "Tomorrow at nine", run: tomorrowAtNine },
      { label: "A day later", run: () => later(24 * HOUR, "a day") },
      { label: "A week later", run: () => later(7 * 24 * HOUR, "a week") },
      { heading: page.state.me.name },
      page.state.me.status_emoji
        ? { label: "Back from vacation", run: () => vacation(false) }
        : { label: "On vacation for a week", run: () => vacation(true) },
      { heading: "Everything" },
      page.state.app.is_installed
        ? { label: "Take the app out…", danger: true, run: takeOut }
        : { label: "Put the app back", run: putBack },
      { label: "Start over…", danger: true, run: startOver },
    ],
    "Rehearsal",
  );
}
