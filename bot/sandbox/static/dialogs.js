// Questions asked before something is done, and short notices.

import { fill, h } from "./dom.js";
import { plain } from "./mrkdwn.js";

// A confirm dialog; `words` are nodes or text. Resolves to whether they said yes.
export function confirmed({ title, words, yes = "Yes", no = "Cancel", danger = false }) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const id = "confirm-title";
    const agree = h(
      "button",
      { class: `button ${danger ? "danger" : "primary"}`, type: "button", onclick: () => box.close("yes") },
      yes,
    );
    const box = h(
      "dialog",
      { class: "confirm", "aria-labelledby": id },
      h("h2", { id }, title),
      fill(h("div", { class: "confirm-words" }), words),
      h(
        "div",
        { class: "confirm-answers" },
        h("button", { class: "button", type: "button", onclick: () => box.close("no") }, no),
        agree,
      ),
    );
    box.addEventListener("keydown", (event) => event.stopPropagation());
    box.addEventListener("close", () => {
      box.remove();
      if (before?.isConnected) before.focus({ preventScroll: true });
      resolve(box.returnValue === "yes");
    });
    document.body.append(box);
    box.showModal();
    agree.focus();
  });
}

export function confirmedByBot(dialog, text) {
  return confirmed({
    title: plain(dialog.title) || "Are you sure?",
    words: dialog.text ? text(dialog.text) : [],
    yes: plain(dialog.confirm) || "Yes",
    no: plain(dialog.deny) || "Cancel",
    danger: dialog.style === "danger",
  });
}

let timer = null;

export function toast(words) {
  const place = document.getElementById("toast");
  place.textContent = words;
  clearTimeout(timer);
  timer = setTimeout(() => {
    place.textContent = "";
  }, 6000);
}
