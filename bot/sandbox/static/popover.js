// Little panels that hang on a button or a field, above everything else, and a menu made of one.

import { h } from "./dom.js";

// Shows `panel` beside `anchor` until closed; returns how to close it. Where it does not fit below it goes above.
export function hang(panel, anchor, { wide = false, most = 340, outside = null } = {}) {
  panel.setAttribute("popover", "manual");
  if (!panel.isConnected) anchor.after(panel);
  panel.showPopover();
  const settle = () => {
    const at = anchor.getBoundingClientRect();
    if (wide) panel.style.minWidth = `${at.width}px`;
    panel.style.maxHeight = "";
    const height = panel.offsetHeight;
    const room = { below: innerHeight - at.bottom - 12, above: at.top - 12 };
    const isAbove = room.below < Math.min(height, most) && room.above > room.below;
    panel.style.maxHeight = `${Math.max(120, Math.min(most, isAbove ? room.above : room.below))}px`;
    panel.style.top = `${isAbove ? Math.max(8, at.top - Math.min(panel.offsetHeight, room.above) - 4) : at.bottom + 4}px`;
    panel.style.left = `${Math.max(8, Math.min(at.left, innerWidth - panel.offsetWidth - 8))}px`;
  };
  const away = (event) => {
    if (!panel.contains(event.target) && !anchor.contains(event.target)) outside?.();
  };
  settle();
  addEventListener("resize", settle);
  addEventListener("scroll", settle, true);
  addEventListener("pointerdown", away, true);
  const close = () => {
    removeEventListener("resize", settle);
    removeEventListener("scroll", settle, true);
    removeEventListener("pointerdown", away, true);
    if (panel.matches(":popover-open")) panel.hidePopover();
  };
  close.settle = settle;
  return close;
}

// A menu of things to do. `items`: {label, run, checked?, danger?, heading?}; it opens under `button`, arrows move in it.
export function menu(button, items, label) {
  if (button.getAttribute("aria-expanded") === "true") return;
  const entries = items.map((item) => (item.heading ? heading(item.heading) : entry(item)));
  const panel = h("div", { class: "panel", role: "menu", "aria-label": label }, entries);
  const close = hang(panel, button, { most: 640, outside: () => shut() });
  const stops = [...panel.querySelectorAll("button")];
  button.setAttribute("aria-expanded", "true");
  function shut(back = false) {
    button.setAttribute("aria-expanded", "false");
    close();
    panel.remove();
    if (back) button.focus({ preventScroll: true });
  }
  function heading(words) {
    return h("p", { class: "panel-heading", role: "presentation" }, words);
  }
  function entry({ label: words, run, checked, danger }) {
    const role = checked === undefined ? "menuitem" : "menuitemcheckbox";
    const given = {
      role,
      tabindex: "-1",
      class: danger ? "danger" : "",
      "aria-checked": checked === undefined ? null : String(checked),
    };
    return h(
      "button",
      {
        ...given,
        type: "button",
        onclick: () => {
          shut(true);
          run();
        },
      },
      words,
    );
  }
  panel.addEventListener("keydown", (event) => {
    const at = stops.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: stops.length - 1 }[event.key];
    if (to !== undefined) stops.at(to % stops.length).focus();
    else if (event.key === "Escape" || event.key === "Tab") shut(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  stops[0]?.focus();
}
