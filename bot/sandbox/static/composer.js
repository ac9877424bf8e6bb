// Where you type: words, or a command with its completion.

import { h } from "./dom.js";

const kept = new Map();

export function composer(place, key, state, channel, send, inThread) {
  if (place.dataset.key === key && place.firstChild) return;
  place.dataset.key = key;
  const list = h("div", { class: "menu-list up", role: "listbox", id: `complete-${inThread}`, hidden: true });
  let active = 0;
  const named = channel.kind === "dm" ? state.app.name : `#${channel.name}`;
  const box = h("textarea", { rows: 1, "aria-label": inThread ? "Reply" : `Message ${named}`, placeholder: inThread ? "Reply…" : `Message ${named}`, value: kept.get(key) ?? "" });
  const offers = () => {
    const text = box.value;
    if (!inThread && /^\/\S*$/.test(text)) {
      return state.app.commands.filter((one) => one.command.startsWith(text)).map((one) => ({ value: `${one.command} `, label: one.command, hint: one.usage_hint, about: one.description }));
    }
    const hinted = !inThread && state.app.commands.find((one) => text.startsWith(`${one.command} `));
    if (hinted && !text.slice(hinted.command.length + 1).includes(" ")) {
      const typed = text.slice(hinted.command.length + 1);
      return (hinted.usage_hint ?? "").split("|").map((part) => part.trim()).filter((part) => part && part.startsWith(typed) && part !== typed)
        .map((part) => ({ value: `${hinted.command} ${part.split(" ")[0]}${part.includes(" ") ? " " : ""}`, label: `${hinted.command} ${part}` }));
    }
    const mention = text.match(/(^|\s)@(\w*)$/);
    if (mention && channel.kind !== "dm" && "homeroom".startsWith(mention[2].toLowerCase())) return [{ value: `${text.slice(0, text.length - mention[2].length)}homeroom `, label: "@homeroom" }];
    return [];
  };
  const draw = () => {
    const found = offers();
    active = Math.min(active, Math.max(0, found.length - 1));
    list.hidden = !found.length;
    list.replaceChildren(...found.map((one, index) => h("button", { type: "button", role: "option", tabindex: "-1", class: index === active ? "active" : "", "aria-selected": String(index === active), onmousedown: (event) => { event.preventDefault(); take(one); } },
      h("strong", {}, one.label), one.hint ? h("span", { class: "quiet" }, ` ${one.hint}`) : null, one.about ? h("div", { class: "quiet" }, one.about) : null)));
    list.found = found;
    box.style.height = "auto";
    box.style.height = `${Math.min(160, box.scrollHeight)}px`;
  };
  const take = (one) => { box.value = one.value; active = 0; kept.set(key, box.value); draw(); };
  const go = async () => {
    const text = box.value.trim();
    if (!text) return;
    box.value = "";
    draw();
    if (await send(text)) kept.delete(key);
    else { box.value = text; kept.set(key, text); draw(); }
  };
  box.addEventListener("input", () => { active = 0; kept.set(key, box.value); draw(); });
  box.addEventListener("blur", () => { list.hidden = true; });
  box.addEventListener("focus", draw);
  box.addEventListener("keydown", (event) => {
    const open = !list.hidden;
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      active = (active + (event.key === "ArrowDown" ? 1 : -1) + list.found.length) % list.found.length;
      draw();
    } else if (open && event.key === "Tab" && !event.shiftKey) take(list.found[active]);
    else if (open && event.key === "Escape") list.hidden = true;
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      const completes = open && /^\/\S*$/.test(box.value) && list.found[active].value.trim() !== box.value;
      if (completes) take(list.found[active]);
      else go();
    } else return;
    event.preventDefault();
  });
  place.replaceChildren(h("form", { class: "composer", onsubmit: (event) => { event.preventDefault(); go(); } }, list, box, h("button", { class: "send", "aria-label": "Send" }, "➤")));
}
