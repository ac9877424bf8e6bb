// Where blocks stand (a message, App Home, a modal): what is typed there and not sent yet, and how a press is sent.

import { act } from "./api.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";

const drafts = new Map(); // person and place → block id → action id → value

const draftsOf = (page, key) => drafts.get(`${page.person} ${key}`);

export function forgetDrafts(page, key) {
  drafts.delete(`${page.person} ${key}`);
}

// What the workspace holds as chosen or typed: the plain value, as presses and submissions send it.
function held(entry) {
  if (!entry) return undefined;
  const { type, selected_option: one, selected_options: many, ...rest } = entry;
  if (one) return one.value;
  if (many) return many.map((option) => option.value);
  return Object.values(rest).find((value) => value !== null && value !== undefined);
}

export function surfaceFor(page, where, key, values = {}, more = {}) {
  const own = () => draftsOf(page, key) ?? new Map();
  const typed = () => Object.fromEntries([...own()].map(([block, parts]) => [block, Object.fromEntries(parts)]));
  const entries = () => Object.values(values).flatMap((block) => Object.values(block));
  return {
    key,
    names: page.names,
    people: () => page.state.people.filter((one) => one.team === page.state.me.team && !one.is_bot && !one.deleted),
    channels: () => page.state.channels,
    value: (block, part) => {
      const parts = own().get(block.block_id);
      return parts?.has(part.action_id) ? parts.get(part.action_id) : held(values[block.block_id]?.[part.action_id]);
    },
    optionHeld: (value) =>
      entries()
        .flatMap((entry) => [entry.selected_option, ...(entry.selected_options ?? [])])
        .find((one) => one?.value === value),
    draft: (block, part, value) => {
      const name = `${page.person} ${key}`;
      if (!drafts.has(name)) drafts.set(name, new Map());
      const place = drafts.get(name);
      if (!place.has(block.block_id)) place.set(block.block_id, new Map());
      place.get(block.block_id).set(part.action_id, value);
    },
    typed,
    // What stood in blocks that are gone goes with them: the app hears only of what is on the screen.
    keepOnly: (blocks) => {
      const there = new Set(blocks.map((block) => block.block_id));
      for (const block of own().keys()) if (!there.has(block)) own().delete(block);
    },
    suggest: (block, part, query) =>
      act("suggest", { person: page.person, ...where, block_id: block.block_id, action_id: part.action_id, query }),
    press: async (block, part, selected, made) => {
      const place = made?.closest(".block");
      place?.querySelector(":scope > .notice")?.remove();
      const body = {
        person: page.person,
        ...where,
        block_id: block.block_id,
        action_id: part.action_id,
        values: typed(),
      };
      if (selected !== undefined) body.selected = selected;
      const answer = await act("click", body);
      // Beside a message the workspace itself keeps the warning; here it is the page's to show.
      if (answer.ok === false && (where.view || answer.refused)) place?.append(notice(answer.error));
      return answer;
    },
    ...more,
  };
}

export function notice(words) {
  return h("p", { class: "notice", role: "alert" }, icon("warning", "icon small"), words);
}
