// The stack of modals: the one on top is what a person can use.

import { act } from "./api.js";
import { drawBlocks } from "./blocks.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { plain } from "./mrkdwn.js";
import { page } from "./page.js";
import { forgetDrafts, notice, surfaceFor } from "./surface.js";

let top = null; // {id, hash, dialog, errors, failure, tops, isBusy} of the view on screen
let opener = null;
let known = [];

export function drawModals(place, views) {
  const ids = views.map((view) => view.id);
  for (const id of known) if (!ids.includes(id)) forgetDrafts(page, id);
  known = ids;
  const view = views.at(-1);
  if (!view) return leave(place);
  if (top?.id === view.id && top.hash === view.hash && top.person === page.person) return undefined;
  if (!top) opener = remember(document.activeElement);
  if (top?.id !== view.id || top.person !== page.person) enter(place, view, views.length);
  else Object.assign(top, { errors: {}, failure: null });
  top.hash = view.hash;
  return show(view, views.length);
}

function remember(node) {
  return { node, action: node?.dataset?.actionId, block: node?.dataset?.blockId };
}

function leave(place) {
  if (!top) return;
  top = null;
  place.replaceChildren();
  document.getElementById("app").inert = false;
  document.removeEventListener("keydown", keys);
  const again = opener?.node?.isConnected && opener.node !== document.body ? opener.node : null;
  const same = opener?.action && document.querySelector(`#app [data-action-id="${CSS.escape(opener.action)}"]`);
  (again || same || document.querySelector("#composer textarea") || document.getElementById("place")).focus({
    preventScroll: true,
  });
}

function enter(place, view, depth) {
  const body = h("div", { class: "modal-body", role: "group", tabindex: "0", "aria-labelledby": "modal-title" });
  const dialog = h(
    "div",
    {
      class: "modal",
      role: "dialog",
      "aria-modal": "true",
      "aria-labelledby": "modal-title",
      "data-modal": view.id,
      tabindex: "-1",
    },
    h("header", {}),
    body,
    h("footer", {}),
  );
  top = { id: view.id, person: page.person, dialog, errors: {}, failure: null, said: null };
  place.replaceChildren(h("div", { class: `backdrop${depth > 1 ? " pushed" : ""}` }, dialog));
  document.getElementById("app").inert = true;
  document.addEventListener("keydown", keys);
}

function show(view, depth) {
  const { dialog } = top;
  const [header, body, footer] = dialog.children;
  const isFirst = !top.said;
  const pressed =
    footer.contains(document.activeElement) &&
    (document.activeElement.matches(".submit") ? ".submit" : "button:not(.submit)");
  const back =
    depth > 1
      ? h(
          "button",
          { type: "button", class: "icon-button", "aria-label": "Back", onclick: () => close(view, false) },
          icon("back"),
        )
      : null;
  header.replaceChildren(
    ...[
      back,
      h("h2", { id: "modal-title" }, plain(view.title)),
      h(
        "button",
        {
          type: "button",
          class: "icon-button",
          "aria-label": "Close everything",
          title: "Close",
          onclick: () => close(view, true),
        },
        icon("close"),
      ),
    ].filter(Boolean),
  );
  const surface = surfaceFor(page, { view: view.id }, view.id, view.state?.values, {
    errors: top.errors,
    submit: () => submit(view),
  });
  drawBlocks(body, view.blocks, surface);
  footer.replaceChildren(
    ...[
      top.failure ? notice(top.failure) : null,
      h(
        "button",
        { type: "button", class: "button", onclick: () => close(view, false) },
        plain(view.close) || (depth > 1 ? "Back" : "Close"),
      ),
      view.submit
        ? h(
            "button",
            { type: "button", class: "button primary submit", onclick: () => submit(view) },
            h("span", {}, plain(view.submit)),
          )
        : null,
    ].filter(Boolean),
  );
  // A page that was turned is read from its top.
  const said = JSON.stringify(view.blocks.slice(0, 2));
  if (said !== top.said) body.scrollTop = 0;
  top.said = said;
  if (isFirst) (dialog.querySelector("[data-focus-first]") ?? dialog).focus({ preventScroll: true });
  else if (pressed) (footer.querySelector(pressed) ?? body).focus({ preventScroll: true });
  else if (!dialog.contains(document.activeElement) && !document.querySelector("dialog[open]"))
    dialog.focus({ preventScroll: true });
}

const close = (view, all) => act("close", { person: page.person, view: view.id, all });

async function submit(view) {
  const mine = top;
  const { dialog } = mine;
  if (!view.submit || mine.isBusy) return;
  mine.isBusy = true;
  dialog.classList.add("waiting");
  dialog.querySelector(".submit").classList.add("busy");
  dialog.querySelector(".submit").setAttribute("aria-disabled", "true");
  const { typed } = surfaceFor(page, {}, view.id);
  const answer = await act("submit", { person: page.person, view: view.id, values: typed() });
  mine.isBusy = false;
  dialog.classList.remove("waiting");
  if (top !== mine) return;
  const isSame = mine.hash === view.hash;
  if (isSame || answer.ok === false)
    Object.assign(mine, { errors: answer.errors ?? {}, failure: answer.error ?? null });
  if (!isSame) {
    dialog.querySelector(".submit")?.classList.remove("busy");
    dialog.querySelector(".submit")?.removeAttribute("aria-disabled");
    return;
  }
  show(view, dialog.querySelector("[aria-label=Back]") ? 2 : 1);
  dialog.querySelector("[aria-invalid]")?.focus();
}

// Keys while a modal is open: Escape closes it, Tab stays inside.
function keys(event) {
  const view = page.state.modals.find((one) => one.id === top?.id);
  if (!view || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") {
    event.preventDefault();
    close(view, false);
  }
  if (event.key !== "Tab") return;
  const stops = [
    ...top.dialog.querySelectorAll("button, a[href], input, select, textarea, summary, [tabindex='0']"),
  ].filter((one) => one.tabIndex >= 0 && !one.disabled && one.offsetParent !== null);
  const at = stops.indexOf(document.activeElement);
  const isEdge = at < 0 || (event.shiftKey ? at === 0 : at === stops.length - 1);
  if (!isEdge || !stops.length) return;
  event.preventDefault();
  (event.shiftKey ? stops.at(-1) : stops[at < 0 ? 0 : (at + 1) % stops.length]).focus();
}
