// Block Kit as elements. What can't be shown says so.

import { alert, card, carousel, container, table } from "./cards.js";
import { fill, freshId, h } from "./dom.js";
import { element } from "./elements.js";
import { icon } from "./icons.js";
import { reconcile } from "./keyed.js";
import { markdown } from "./markdown.js";
import { imageBlock, picture, videoBlock } from "./media.js";
import { plain, textObject } from "./mrkdwn.js";
import { richText } from "./richtext.js";

// Brings the blocks of a place up to date; what did not change stays untouched, typed words included.
export function drawBlocks(place, list, surface) {
  surface.keepOnly(list);
  reconcile(
    place,
    list.map((block, at) => ({
      key: block.block_id ?? `at-${at}`,
      mark: JSON.stringify([block, surface.errors?.[block.block_id] ?? "", surface.names.mark]),
      draw: () => wrapped(block, surface),
    })),
  );
}

export const blocks = (list, surface) => list.map((block) => wrapped(block, surface));

function wrapped(block, surface) {
  return h("div", { class: `block block-${block.type}`, "data-block-id": block.block_id }, inside(block, surface));
}

function inside(block, surface) {
  const { names } = surface;
  switch (block.type) {
    case "header":
      return h("h3", {}, plain(block.text));
    case "divider":
      return h("hr");
    case "section":
      return section(block, surface);
    case "context":
      return h(
        "div",
        { class: "context" },
        block.elements.map((part) =>
          part.type === "image" ? picture(part, "tiny") : fill(h("span", {}), textObject(part, names)),
        ),
      );
    case "actions":
    case "context_actions":
      return h(
        "div",
        { class: "actions" },
        block.elements.map((part) => element(part, block, surface)),
      );
    case "image":
      return imageBlock(block);
    case "input":
      return input(block, surface);
    case "rich_text":
      return richText(block, names);
    case "markdown":
      return h("div", { class: "rich markdown" }, markdown(block.text));
    case "video":
      return videoBlock(block);
    case "table":
      return table(block, surface);
    case "card":
      return card(block, surface);
    case "carousel":
      return carousel(block, surface);
    case "container":
      return container(block, surface, blocks);
    case "alert":
      return alert(block, surface);
    default:
      return h("div", { class: "unknown" }, icon("warning"), `The rehearsal can't show block type ${block.type}.`);
  }
}

function section(block, surface) {
  const { names } = surface;
  return h(
    "div",
    { class: "section" },
    h(
      "div",
      { class: "words" },
      block.text ? fill(h("div", { class: "text" }), textObject(block.text, names)) : null,
      block.fields
        ? h(
            "div",
            { class: "fields" },
            block.fields.map((field) => fill(h("div", { class: "text" }), textObject(field, names))),
          )
        : null,
    ),
    block.accessory ? h("div", { class: "accessory" }, element(block.accessory, block, surface)) : null,
  );
}

const GROUPS = new Set(["radio_buttons", "checkboxes"]);

function input(block, surface) {
  const id = freshId("field");
  const error = surface.errors?.[block.block_id];
  const ids = { labelId: `${id}-label`, hintId: block.hint ? `${id}-hint` : null, errorId: `${id}-error` };
  const field = element(block.element, block, {
    ...surface,
    ...ids,
    fieldId: id,
    isForm: !block.dispatch_action,
    invalid: Boolean(error),
    optional: block.optional,
    required: !block.optional,
  });
  const label = [plain(block.label), block.optional ? h("span", { class: "optional" }, " (optional)") : null];
  const isGroup = GROUPS.has(block.element.type);
  return h(
    "div",
    { class: "field" },
    h(isGroup ? "div" : "label", { class: "label", id: ids.labelId, for: isGroup ? null : id }, label),
    field,
    block.hint ? h("p", { class: "hint", id: ids.hintId }, plain(block.hint)) : null,
    error ? h("p", { class: "error", role: "alert", id: ids.errorId }, icon("warning", "icon small"), error) : null,
  );
}
