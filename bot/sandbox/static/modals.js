// The stack of modals: the one on top is what a person can use.

import { act, h } from "./dom.js";
import { lastPressed } from "./elements.js";
import { plain } from "./mrkdwn.js";

let shown = { id: null, hash: null };
let onKey = null;
const failures = new Map();
document.addEventListener("keydown", (event) => onKey?.(event));

export function modalStack(place, views, { surface, blocks, page, drafts, toast }) {
  const view = views.at(-1);
  if (!view) {
    if (place.firstChild) {
      place.replaceChildren();
      onKey = null;
      shown = { id: null, hash: null };
      const opener = lastPressed.action && document.querySelector(`#place [data-action-id="${CSS.escape(lastPressed.action)}"]`);
      (opener || document.querySelector("#composer textarea") || document.getElementById("place")).focus({ preventScroll: true });
    }
    return;
  }
  if (shown.id === view.id && shown.hash === view.hash && place.firstChild) return;
  if (shown.id !== view.id || shown.hash !== view.hash) failures.delete(view.id);
  const isSame = shown.id === view.id;
  shown = { id: view.id, hash: view.hash };
  draw(place, view, views.length, isSame, { surface, blocks, page, drafts, toast });
}

function draw(place, view, depth, keepsScroll, given) {
  const { surface, blocks, page, drafts } = given;
  const again = () => draw(place, view, depth, true, given);
  const at = keepsScroll ? place.querySelector(".modal-body")?.scrollTop ?? 0 : 0;
  const inside = surface({ view: view.id }, view.id, view.state?.values);
  const failure = failures.get(view.id);
  const close = async (all) => { await act("close", { person: page.person, view: view.id, all }); };
  const submit = async () => {
    const button = place.querySelector(".submit");
    if (!button || button.disabled) return;
    button.disabled = true;
    button.classList.add("busy");
    const answer = await act("submit", { person: page.person, view: view.id, values: inside.typed() });
    button.disabled = false;
    button.classList.remove("busy");
    if (answer.ok === false) {
      failures.set(view.id, { errors: answer.errors ?? {}, words: answer.error });
      again();
      place.querySelector("[aria-invalid]")?.focus();
    } else if (failures.delete(view.id)) again();
    else for (const key of [...drafts.keys()]) if (key.split(" ")[1] === view.id && shown.hash !== view.hash) drafts.delete(key);
  };
  const dialog = h("div", { class: "modal", role: "dialog", "aria-modal": "true", "aria-labelledby": "modal-title", "data-modal": view.id, tabindex: "-1" },
    h("header", {}, depth > 1 ? h("button", { "aria-label": "Back", onclick: () => close(false) }, "←") : null, h("h2", { id: "modal-title" }, plain(view.title)),
      h("button", { "aria-label": "Close everything", class: "x", onclick: () => close(true) }, "✕")),
    h("div", { class: "modal-body", tabindex: "0", role: "group", "aria-label": plain(view.title) }, failure?.words ? h("p", { class: "notice", role: "alert" }, failure.words) : null,
      blocks(view.blocks, { ...inside, errors: failure?.errors, submit })),
    h("footer", {}, h("button", { class: "button", onclick: () => close(false) }, plain(view.close) || (depth > 1 ? "Back" : "Close")),
      view.submit ? h("button", { class: "button primary submit", onclick: submit }, plain(view.submit)) : null));
  const back = h("div", { class: "backdrop" }, dialog);
  onKey = (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) { event.preventDefault(); close(false); }
    if (event.key !== "Tab") return;
    const stops = [...dialog.querySelectorAll("button:not([disabled]):not([tabindex='-1']), a[href], input, select, textarea, [tabindex='0']")].filter((one) => one.offsetParent !== null);
    if (!stops.length) return;
    const at = stops.indexOf(document.activeElement);
    const next = event.shiftKey ? (at <= 0 ? stops.length - 1 : at - 1) : (at + 1) % stops.length;
    event.preventDefault();
    stops[next].focus();
  };
  const focused = document.activeElement?.dataset?.actionId;
  const wasSubmit = document.activeElement?.classList?.contains("submit");
  place.replaceChildren(back);
  place.querySelector(".modal-body").scrollTop = shownTop(view, at);
  const next = (focused && dialog.querySelector(`[data-action-id="${CSS.escape(focused)}"]`)) || (wasSubmit && dialog.querySelector(".submit")) || dialog;
  next.focus({ preventScroll: true });
}

// A page that was turned is read from its top.
const tops = new Map();
function shownTop(view, at) {
  const said = JSON.stringify(view.blocks[0] ?? null) + JSON.stringify(view.blocks[1] ?? null);
  const isSameText = tops.get(view.id) === said;
  tops.set(view.id, said);
  return isSameText ? at : 0;
}
