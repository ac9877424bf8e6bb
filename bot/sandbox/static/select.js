// Menus to choose from, of one or of several, with their options known, asked of the app, or people and channels.

import { choose, labelling } from "./fields.js";
import { freshId, h } from "./dom.js";
import { icon } from "./icons.js";
import { plain } from "./mrkdwn.js";
import { hang } from "./popover.js";

const NOTHING = "No matching options";
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const entry = (option) => ({
  value: option.value,
  label: plain(option.text) || option.text.text,
  about: plain(option.description),
});

// Options as groups: [{label, items: [{value, label, about}]}].
function grouped({ options, option_groups: groups }) {
  if (groups) return groups.map((group) => ({ label: plain(group.label), items: group.options.map(entry) }));
  return [{ label: "", items: (options ?? []).map(entry) }];
}

function source(part, block, surface) {
  const kind = part.type.replace("multi_", "");
  if (kind === "external_select") {
    return async (typed) => {
      const least = part.min_query_length ?? 3;
      if (typed.length < least)
        return { hint: least === 1 ? "Type to search" : `Type at least ${least} characters to search` };
      return { groups: grouped(await surface.suggest(block, part, typed)) };
    };
  }
  const people = () => surface.people().map((one) => ({ value: one.id, label: one.name, about: `@${one.handle}` }));
  const channels = () =>
    surface
      .channels()
      .filter((one) => one.kind !== "dm")
      .map((one) => ({ value: one.id, label: `#${one.name}`, about: "" }));
  const all = () => {
    if (kind === "users_select") return [{ label: "", items: people() }];
    if (kind === "channels_select") return [{ label: "", items: channels() }];
    if (kind === "conversations_select")
      return [
        { label: "Channels", items: channels() },
        { label: "People", items: people() },
      ];
    return grouped(part);
  };
  return (typed) => {
    const wanted = folded(typed);
    const keep = (group) => ({ ...group, items: group.items.filter((one) => folded(one.label).includes(wanted)) });
    return { groups: all().map(keep) };
  };
}

// Labels of what is chosen already: of options the app wrote, of those seen here, of people and channels.
function labelOf(value, part, surface, seen) {
  if (seen.has(value)) return seen.get(value);
  const written = [
    ...(part.initial_options ?? []),
    part.initial_option,
    ...(part.options ?? []),
    ...(part.option_groups ?? []).flatMap((group) => group.options),
  ];
  const option = written.find((one) => one?.value === value) ?? surface.optionHeld(value);
  if (option) return plain(option.text);
  const channel = surface.names.channel(value);
  return channel ? `#${channel}` : (surface.names.user(value) ?? value);
}

export function select(part, block, surface, ids) {
  const isMany = part.type.startsWith("multi_");
  const most = isMany ? (part.max_selected_items ?? Infinity) : 1;
  const seen = new Map();
  const listId = freshId("list");
  const placeholder = plain(part.placeholder) || (isMany ? "Choose some" : "Choose one");
  const find = source(part, block, surface);
  const initial = surface.value(block, part);
  let chosen = [initial ?? []].flat();
  let open = null;
  let active = -1;
  let turn = 0;
  let waiting = null;

  const list = h("div", {
    class: "panel",
    popover: "manual",
    role: "listbox",
    id: listId,
    "aria-multiselectable": isMany ? "true" : null,
    "aria-label": placeholder,
  });
  const field = h("input", {
    ...ids,
    ...labelling(surface, placeholder),
    class: "select-input",
    type: "text",
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    "aria-expanded": "false",
    "aria-controls": listId,
    "aria-autocomplete": "list",
    "aria-haspopup": "listbox",
    "data-focus-first": part.focus_on_load,
  });
  const chips = h("span", { class: "chips" });
  const clear = h(
    "button",
    {
      type: "button",
      class: "select-clear",
      "aria-label": "Clear",
      hidden: true,
      onclick: () => {
        take(null);
        field.focus();
      },
    },
    icon("close", "icon small"),
  );
  const box = h(
    "div",
    { class: `select ${isMany ? "many" : ""}`, onpointerdown: reach },
    chips,
    field,
    clear,
    icon("down", "icon small chevron"),
  );

  function reach(event) {
    if (event.target === field || clear.contains(event.target) || event.target.closest(".chip")) return;
    event.preventDefault();
    field.focus();
    show();
  }

  function written() {
    const [only] = chosen;
    field.value = isMany || only === undefined ? "" : labelOf(only, part, surface, seen);
    field.placeholder = isMany && chosen.length ? "" : placeholder;
    clear.hidden = isMany || only === undefined || !surface.optional;
    if (!isMany) return;
    chips.replaceChildren(
      ...chosen.map((value) =>
        h(
          "span",
          { class: "chip" },
          labelOf(value, part, surface, seen),
          h(
            "button",
            {
              type: "button",
              "aria-label": `Remove ${labelOf(value, part, surface, seen)}`,
              onclick: () => {
                drop(value);
                field.focus();
              },
            },
            icon("close", "icon small"),
          ),
        ),
      ),
    );
  }

  function drop(value) {
    chosen = chosen.filter((one) => one !== value);
    tell();
  }

  function take(item) {
    if (item) seen.set(item.value, item.label);
    if (!isMany) chosen = item ? [item.value] : [];
    else if (chosen.includes(item.value)) return drop(item.value);
    else if (chosen.length < most) chosen = [...chosen, item.value];
    else return undefined;
    if (!isMany) hide();
    return tell();
  }

  function tell() {
    written();
    if (open) offer();
    return choose(surface, block, part, isMany ? chosen : (chosen[0] ?? ""), box);
  }

  async function offer() {
    const now = (turn += 1);
    const isTyping = isMany || field.dataset.typed === "yes";
    box.classList.add("busy");
    const { hint, groups = [] } = await find(isTyping ? field.value : "");
    if (now !== turn) return;
    box.classList.remove("busy");
    list.items = [];
    const rows = groups
      .filter((group) => group.items.length)
      .map((group) =>
        h(
          "div",
          { role: "group", "aria-label": group.label || placeholder },
          group.label ? h("p", { class: "panel-heading", role: "presentation" }, group.label) : null,
          group.items.map(row),
        ),
      );
    list.replaceChildren(...(rows.length ? rows : [h("p", { class: "panel-hint" }, hint ?? NOTHING)]));
    mark(isMany ? -1 : list.items.findIndex((one) => one.value === chosen[0]));
    open?.settle();
  }

  function row(item) {
    const isChosen = chosen.includes(item.value);
    const node = h(
      "div",
      {
        role: "option",
        id: freshId("option"),
        "aria-selected": String(isChosen),
        class: "option",
        onpointerdown: (event) => {
          event.preventDefault();
        },
        onclick: () => take(item),
      },
      h("span", {}, item.label, item.about ? h("span", { class: "option-about" }, item.about) : null),
      isChosen ? icon("check", "icon small") : null,
    );
    list.items.push({ ...item, node });
    return node;
  }

  function mark(at) {
    active = at;
    (list.items ?? []).forEach((one, index) => one.node.classList.toggle("active", index === at));
    const node = list.items?.[at]?.node;
    node?.scrollIntoView({ block: "nearest" });
    if (node) field.setAttribute("aria-activedescendant", node.id);
    else field.removeAttribute("aria-activedescendant");
  }

  function show() {
    if (open) return;
    field.dataset.typed = "no";
    field.setAttribute("aria-expanded", "true");
    list.replaceChildren(h("p", { class: "panel-hint" }, "…"));
    list.items = [];
    open = hang(list, box, { wide: true, outside: hide });
    if (!isMany) field.select();
    offer();
  }

  function hide() {
    if (!open) return;
    open();
    open = null;
    turn += 1;
    clearTimeout(waiting);
    box.classList.remove("busy");
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
    written();
  }

  field.addEventListener("click", show);
  field.addEventListener("blur", hide);
  field.addEventListener("input", () => {
    show();
    field.dataset.typed = "yes";
    clearTimeout(waiting);
    if (part.type.endsWith("external_select")) waiting = setTimeout(offer, 120);
    else offer();
  });
  field.addEventListener("keydown", (event) => {
    const { key } = event;
    const count = list.items?.length ?? 0;
    if ((key === "ArrowDown" || key === "ArrowUp") && !open) show();
    else if (key === "ArrowDown" && count) mark((active + 1) % count);
    else if (key === "ArrowUp" && count) mark((active - 1 + count) % count);
    else if (key === "Enter" && open && list.items[active]) take(list.items[active]);
    else if (key === "Enter" && !open) show();
    else if (key === "Enter" && count === 1) take(list.items[0]);
    else if (key === "Escape" && open) {
      hide();
      event.stopPropagation();
    } else if (key === "Backspace" && isMany && !field.value && chosen.length) drop(chosen.at(-1));
    else return;
    event.preventDefault();
  });
  written();
  return h("div", { class: "select-place" }, box, list);
}
