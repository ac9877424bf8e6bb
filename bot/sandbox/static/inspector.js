// What the app and Slack say to each other, as it happens.

import { act, ask } from "./api.js";
import { toast } from "./dialogs.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { reconcile } from "./keyed.js";

const KEPT = 300;
const LATE = 40; // how many exchanges back one may still be waiting for its answer
const entries = new Map();
let open = null;
let side = "request";
let words = "";

export function forgetTraffic() {
  entries.clear();
  open = null;
}

export async function drawInspector(panel, close) {
  if (!panel.firstChild) furnish(panel, close);
  const last = Math.max(0, ...entries.keys());
  const answer = await ask("traffic", { after: Math.max(0, last - LATE) });
  for (const entry of answer.entries ?? []) entries.set(entry.n, entry);
  show(panel);
}

function furnish(panel, close) {
  const filter = h("input", {
    type: "search",
    "aria-label": "Filter",
    placeholder: "Filter, for example views",
    oninput: () => {
      words = filter.value.trim().toLowerCase();
      show(panel);
    },
  });
  panel.append(
    h(
      "header",
      { class: "panel-top" },
      h("h2", {}, "Traffic"),
      h("span", { class: "grow" }),
      h(
        "button",
        { type: "button", class: "icon-button", "aria-label": "Close the inspector", onclick: close },
        icon("close"),
      ),
    ),
    h(
      "div",
      { class: "inspector-bar" },
      filter,
      h(
        "p",
        { class: "quiet" },
        h("span", { class: "way to" }, "→"),
        " to the app  ",
        h("span", { class: "way from" }, "←"),
        " from it",
      ),
    ),
    h("ul", { class: "exchanges" }),
    h("p", { class: "quiet empty" }, "Nothing yet. Press something."),
  );
}

const isBad = (entry) =>
  entry.ms !== null && (entry.status !== 200 || entry.refused?.length > 0 || entry.response?.ok === false);

function show(panel) {
  const all = [...entries.values()].sort((a, b) => b.n - a.n);
  for (const old of all.slice(KEPT)) entries.delete(old.n);
  const fitting = all.slice(0, KEPT).filter((entry) => entry.what.toLowerCase().includes(words));
  panel.querySelector(".empty").hidden = fitting.length > 0;
  reconcile(
    panel.querySelector(".exchanges"),
    fitting.map((entry) => ({
      key: String(entry.n),
      mark: JSON.stringify([entry.status, entry.ms, entry.n === open && side, entry.refused]),
      draw: () => exchange(entry, panel),
    })),
  );
}

function exchange(entry, panel) {
  const isOpen = entry.n === open;
  const isTo = entry.direction === "to_bot";
  const toggle = () => {
    open = isOpen ? null : entry.n;
    side = "request";
    show(panel);
  };
  return h(
    "li",
    { class: isBad(entry) ? "bad" : "" },
    h(
      "button",
      {
        type: "button",
        class: "exchange",
        "data-action-id": "exchange",
        "data-block-id": String(entry.n),
        "aria-expanded": String(isOpen),
        onclick: toggle,
      },
      h(
        "span",
        { class: `way ${isTo ? "to" : "from"}`, "aria-label": isTo ? "to the app" : "from the app" },
        isTo ? "→" : "←",
      ),
      h("code", {}, entry.what),
      h("span", { class: "status" }, String(entry.status ?? "…")),
      h("span", { class: "ms" }, entry.ms === null || entry.ms === undefined ? "" : `${Math.round(entry.ms)} ms`),
    ),
    entry.refused?.length ? h("p", { class: "refused" }, entry.refused.join(" · ")) : null,
    isOpen ? details(entry, isTo, panel) : null,
  );
}

function details(entry, isTo, panel) {
  const tab = (name, label) =>
    h(
      "button",
      {
        type: "button",
        "aria-pressed": String(side === name),
        "data-action-id": `show-${name}`,
        "data-block-id": String(entry.n),
        onclick: () => {
          side = name;
          show(panel);
        },
      },
      label,
    );
  const again = async () => {
    const answer = await act("redeliver", { n: entry.n });
    toast(answer.error ?? `Sent again: answered ${answer.status}.`);
  };
  return h(
    "div",
    { class: "details" },
    h(
      "div",
      { class: "details-bar" },
      tab("request", "Request"),
      tab("response", "Response"),
      h("span", { class: "grow" }),
      isTo ? h("button", { type: "button", onclick: again }, icon("again", "icon small"), "Send again") : null,
    ),
    h("pre", { tabindex: "0" }, coloured(JSON.stringify(entry[side] ?? null, null, 2))),
  );
}

const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|-?\b\d+(?:\.\d+)?(?:e[+-]?\d+)?\b/gi;

function coloured(json) {
  const made = [];
  let at = 0;
  for (const found of json.matchAll(TOKENS)) {
    const kind = found[1] ? (found[2] ? "key" : "string") : found[3] ? "word" : "number";
    made.push(json.slice(at, found.index), h("span", { class: kind }, found[1] ?? found[0]), found[2] ?? "");
    at = found.index + found[0].length;
  }
  return [...made, json.slice(at)];
}
