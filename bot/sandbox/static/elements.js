// Buttons, menus and fields. `surface` says where they stand and how a press is sent:
// {key, names, press(block, action, selected), draft(block, action, value), value(block, action), suggest(...), channels, people}.

import { h } from "./dom.js";
import { plain, textObject } from "./mrkdwn.js";

// The button outside any modal that was pressed last: focus returns to it when the modal it opened is closed.
export const lastPressed = { action: null };

export function element(part, block, surface) {
  const ids = { "data-action-id": part.action_id, "data-block-id": block.block_id };
  switch (part.type) {
    case "button":
      return button(part, block, surface, ids);
    case "image":
      return h("img", { src: part.image_url, alt: part.alt_text, class: "thumb" });
    case "overflow":
      return overflow(part, block, surface, ids);
    case "static_select":
      return select(part, block, surface, ids, options(part));
    case "conversations_select":
    case "channels_select":
      return select(part, block, surface, ids, surface.channels.filter((one) => one.kind !== "dm").map((one) => [one.id, `#${one.name}`]));
    case "users_select":
      return select(part, block, surface, ids, surface.people.map((one) => [one.id, one.name]));
    case "external_select":
      return typeAhead(part, block, surface, ids);
    case "radio_buttons":
    case "checkboxes":
      return choices(part, block, surface, ids);
    case "datepicker":
      return field(part, block, surface, ids, "date");
    case "timepicker":
      return field(part, block, surface, ids, "time");
    case "plain_text_input":
    case "email_text_input":
    case "url_text_input":
    case "number_input":
      return field(part, block, surface, ids, { email_text_input: "email", url_text_input: "url", number_input: "number" }[part.type] ?? "text");
    default:
      return h("span", { class: "unknown" }, `The rehearsal can't show element ${part.type}.`);
  }
}

function button(part, block, surface, ids) {
  const pressed = async (event) => {
    const made = event.currentTarget;
    if (part.confirm && !(await surface.confirm(part.confirm))) return;
    if (part.url) window.open(part.url, "_blank", "noopener");
    if (!made.closest("[role=dialog]")) lastPressed.action = part.action_id;
    made.disabled = true;
    made.classList.add("busy");
    await surface.press(block, part);
    made.disabled = false;
    made.classList.remove("busy");
  };
  return h("button", { ...ids, class: `button ${part.style ?? ""}`, "aria-label": part.accessibility_label, onclick: pressed }, plain(part.text), part.url ? h("span", { "aria-hidden": "true" }, " ↗") : null);
}

const options = (part) => (part.options ?? part.option_groups?.flatMap((group) => group.options) ?? []).map((one) => [one.value, plain(one.text)]);

function given(surface, block, part, values) {
  if (surface.isInput) surface.draft(block, part, values);
  else surface.press(block, part, values);
}

function select(part, block, surface, ids, choicesGiven) {
  const current = surface.value(block, part) ?? "";
  return h("select", { ...ids, id: surface.fieldId, "aria-label": surface.fieldId ? null : plain(part.placeholder) || "Choose", "aria-invalid": surface.invalid, onchange: (event) => given(surface, block, part, event.target.value) },
    h("option", { value: "" }, plain(part.placeholder) || "Choose"),
    choicesGiven.map(([value, label]) => h("option", { value, selected: value === current }, label)));
}

function overflow(part, block, surface, ids) {
  const list = h("div", { class: "menu-list", role: "menu", hidden: true }, part.options.map((one) =>
    h("button", { role: "menuitem", onclick: () => { list.hidden = true; surface.press(block, part, one.value); } }, plain(one.text))));
  return h("div", { class: "overflow" }, h("button", { ...ids, class: "button", "aria-label": "More", "aria-haspopup": "menu", onclick: () => { list.hidden = !list.hidden; } }, "⋯"), list);
}

function choices(part, block, surface, ids) {
  const kind = part.type === "checkboxes" ? "checkbox" : "radio";
  const current = [surface.value(block, part) ?? []].flat();
  const group = h("fieldset", { ...ids, id: surface.fieldId }, part.options.map((one) => h("label", {},
    h("input", { type: kind, name: `${surface.key}-${part.action_id}`, value: one.value, checked: current.includes(one.value), onchange: () => {
      const chosen = [...group.querySelectorAll("input:checked")].map((box) => box.value);
      given(surface, block, part, kind === "radio" ? chosen[0] : chosen);
    } }), h("span", {}, textObject(one.text, surface.names)))));
  return group;
}

function field(part, block, surface, ids, type) {
  const current = surface.value(block, part) ?? "";
  const made = h(part.multiline ? "textarea" : "input", {
    ...ids, id: surface.fieldId, type: part.multiline ? null : type, rows: part.multiline ? 5 : null, value: current, maxlength: part.max_length,
    placeholder: plain(part.placeholder), "aria-invalid": surface.invalid, "aria-describedby": surface.invalid ? `${surface.fieldId}-error` : null,
    oninput: (event) => surface.draft(block, part, event.target.value),
    onchange: (event) => { if (!surface.isInput && type !== "text") surface.press(block, part, event.target.value); },
    onkeydown: (event) => {
      if (event.key !== "Enter" || part.multiline) return;
      event.preventDefault();
      if (surface.isInput) surface.submit?.();
      else surface.press(block, part, event.target.value);
    },
  });
  return made;
}

function typeAhead(part, block, surface, ids) {
  const listId = `list-${surface.key}-${block.block_id}-${part.action_id}`.replace(/\W/g, "-");
  const list = h("div", { class: "menu-list", role: "listbox", id: listId, hidden: true });
  let asked = 0, active = -1;
  const close = () => { list.hidden = true; box.setAttribute("aria-expanded", "false"); };
  const choose = (one) => { close(); box.value = plain(one.text); given(surface, block, part, one.value); };
  const ask = async () => {
    if (box.value.length < (part.min_query_length ?? 3)) return close();
    const turn = ++asked;
    const answer = await surface.suggest(block, part, box.value);
    if (turn !== asked) return;
    const found = answer.options ?? answer.option_groups?.flatMap((group) => group.options) ?? [];
    active = -1;
    list.replaceChildren(...(found.length
      ? found.map((one, index) => h("button", { role: "option", id: `${listId}-${index}`, type: "button", tabindex: "-1", onmousedown: (event) => { event.preventDefault(); choose(one); } }, plain(one.text)))
      : [h("p", {}, "No results")]));
    list.found = found;
    list.hidden = false;
    box.setAttribute("aria-expanded", "true");
  };
  const move = (by) => {
    const items = [...list.querySelectorAll("[role=option]")];
    if (!items.length) return;
    active = (active + by + items.length) % items.length;
    items.forEach((item, index) => item.classList.toggle("active", index === active));
    items[active].scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", items[active].id);
  };
  const box = h("input", { ...ids, id: surface.fieldId, class: "type-ahead", role: "combobox", "aria-expanded": "false", "aria-controls": listId, "aria-label": plain(part.placeholder) || "Choose", placeholder: plain(part.placeholder), autocomplete: "off",
    oninput: ask, onfocus: ask, onblur: close,
    onkeydown: (event) => {
      if (event.key === "ArrowDown") move(1);
      else if (event.key === "ArrowUp") move(-1);
      else if (event.key === "Enter" && active >= 0) choose(list.found[active]);
      else if (event.key === "Escape" && !list.hidden) close();
      else return;
      event.preventDefault();
    } });
  return h("div", { class: "type-ahead-box" }, box, list);
}
