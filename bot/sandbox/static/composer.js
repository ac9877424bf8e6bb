// Where you type: words, or a command with its completion.

import { freshId, h } from "./dom.js";
import { icon } from "./icons.js";
import { offersFor } from "./completion.js";
import { page } from "./page.js";
import { notice } from "./surface.js";

const kept = new Map(); // what was typed and not sent, by person and place

// Draws the composer unless it is there already. `send(text)` answers as the rehearsal does.
export function composer(place, key, { name, inThread, people, send, use }) {
  if (place.dataset.key === key && place.firstChild) return;
  place.dataset.key = key;
  const listId = freshId("offers");
  const list = h("div", { class: "offers", role: "listbox", id: listId, "aria-label": "Suggestions", hidden: true });
  const label = inThread ? "Reply" : `Message ${name}`;
  const box = h("textarea", {
    rows: 1,
    "aria-label": label,
    placeholder: inThread ? "Reply…" : label,
    value: kept.get(key) ?? "",
    enterkeyhint: "send",
    "aria-autocomplete": "list",
    "aria-controls": listId,
  });
  const trouble = h("div", { class: "composer-trouble" });
  const sendButton = h("button", { type: "submit", class: "send", "aria-label": "Send", title: "Send" }, icon("send"));
  let offers = [];
  let active = -1;
  let isClosed = false;

  function look() {
    box.style.height = "auto";
    box.style.height = `${Math.min(220, box.scrollHeight)}px`;
    sendButton.classList.toggle("ready", Boolean(box.value.trim()));
    const before = box.value.slice(0, box.selectionStart);
    const isHere = document.activeElement === box && !isClosed;
    offers = isHere ? offersFor(before, { ...page.state.app, people: people(), inThread }) : [];
    active = offers[0]?.isSure ? 0 : -1;
    show();
  }

  function show() {
    list.hidden = !offers.length;
    list.replaceChildren(
      ...offers.map((one, index) =>
        h(
          "div",
          {
            role: "option",
            id: `${listId}-${index}`,
            class: `offer${index === active ? " active" : ""}`,
            "aria-selected": String(index === active),
            onpointerdown: (event) => event.preventDefault(),
            onclick: () => take(one),
          },
          h("span", {}, h("strong", {}, one.label), one.hint ? h("span", { class: "quiet" }, ` ${one.hint}`) : null),
          one.about ? h("span", { class: "offer-about quiet" }, one.about) : null,
        ),
      ),
    );
    list.children[active]?.scrollIntoView({ block: "nearest" });
    if (active >= 0) box.setAttribute("aria-activedescendant", `${listId}-${active}`);
    else box.removeAttribute("aria-activedescendant");
  }

  function take(one) {
    if (one.shortcut) {
      write("", 0);
      use(one.shortcut);
      return;
    }
    const after = box.value.slice(box.selectionStart);
    write(box.value.slice(0, one.from) + one.text + after, one.from + one.text.length);
  }

  function write(text, caret) {
    box.value = text;
    box.setSelectionRange(caret, caret);
    kept.set(key, text);
    isClosed = false;
    box.focus();
    look();
  }

  async function go() {
    const text = box.value.trim();
    if (!text) return;
    box.value = "";
    kept.delete(key);
    trouble.replaceChildren();
    look();
    const answer = await send(text);
    if (answer.ok !== false || place.dataset.key !== key) return;
    // Where the app failed, Slackbot has said so in the conversation; what Slack refuses is given back.
    if (/failed with the error/.test(answer.error)) return;
    trouble.replaceChildren(notice(answer.error));
    if (!box.value) write(text, text.length);
  }

  function typed(sign) {
    const at = box.selectionStart;
    const space = at && !/\s/.test(box.value[at - 1]) ? " " : "";
    if (sign === "/") write(box.value.startsWith("/") ? box.value : `/${box.value}`, 1);
    else write(box.value.slice(0, at) + space + sign + box.value.slice(at), at + space.length + 1);
  }

  box.addEventListener("input", () => {
    isClosed = false;
    kept.set(key, box.value);
    trouble.replaceChildren();
    look();
  });
  box.addEventListener("click", look);
  box.addEventListener("focus", look);
  box.addEventListener("blur", look);
  box.addEventListener("keydown", (event) => {
    const isOpen = offers.length > 0;
    const isTaking =
      active >= 0 && ((event.key === "Tab" && !event.shiftKey) || (event.key === "Enter" && !event.shiftKey));
    if (isOpen && event.key === "ArrowDown") active = (active + 1) % offers.length;
    else if (isOpen && event.key === "ArrowUp") active = (Math.max(active, 0) - 1 + offers.length) % offers.length;
    else if (isOpen && isTaking) return (event.preventDefault(), take(offers[active]));
    else if (isOpen && event.key === "Escape") {
      isClosed = true;
      offers = [];
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) return (event.preventDefault(), go());
    else return undefined;
    event.preventDefault();
    event.stopPropagation();
    return show();
  });

  place.replaceChildren(
    trouble,
    h(
      "form",
      {
        class: "composer",
        onsubmit: (event) => {
          event.preventDefault();
          go();
        },
      },
      list,
      box,
      h(
        "div",
        { class: "composer-bar" },
        inThread
          ? null
          : h(
              "button",
              { type: "button", "aria-label": "Run a command", title: "Run a command", onclick: () => typed("/") },
              icon("slash"),
            ),
        h(
          "button",
          { type: "button", "aria-label": "Mention somebody", title: "Mention somebody", onclick: () => typed("@") },
          icon("at"),
        ),
        h(
          "span",
          { class: "composer-hint", "aria-hidden": "true" },
          h("kbd", {}, "Shift"),
          " + ",
          h("kbd", {}, "Enter"),
          " for a new line",
        ),
        sendButton,
      ),
    ),
  );
  look();
}
