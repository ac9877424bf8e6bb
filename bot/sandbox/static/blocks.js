// Block Kit as elements. What can't be shown says so.

import { anchor, h } from "./dom.js";
import { emoji, mrkdwn, plain, textObject, when } from "./mrkdwn.js";
import { element } from "./elements.js";

export function blocks(list, surface) {
  return list.map((block) => h("div", { class: `block block-${block.type}`, "data-block-id": block.block_id }, one(block, surface)));
}

function one(block, surface) {
  const { names } = surface;
  switch (block.type) {
    case "header":
      return h("h3", {}, plain(block.text));
    case "divider":
      return h("hr");
    case "section":
      return h("div", { class: "section" },
        h("div", { class: "words" }, block.text ? h("div", {}, textObject(block.text, names)) : null,
          block.fields ? h("div", { class: "fields" }, block.fields.map((field) => h("div", {}, textObject(field, names)))) : null),
        block.accessory ? h("div", { class: "accessory" }, element(block.accessory, block, surface)) : null);
    case "context":
      return h("div", { class: "context" }, block.elements.map((part) =>
        part.type === "image" ? picture(part) : h("span", {}, textObject(part, names))));
    case "actions":
      return h("div", { class: "actions" }, block.elements.map((part) => element(part, block, surface)));
    case "image":
      return h("figure", {}, block.title ? h("figcaption", {}, plain(block.title)) : null, picture(block));
    case "input":
      return input(block, surface);
    case "rich_text":
      return block.elements.map((part) => rich(part, names));
    case "markdown":
      return h("div", { class: "markdown" }, mrkdwn(block.text, names));
    case "video":
      return h("figure", {}, h("figcaption", {}, anchor(block.title_url ?? block.video_url, plain(block.title))),
        picture({ image_url: block.thumbnail_url, alt_text: block.alt_text }), block.description ? h("p", {}, plain(block.description)) : null);
    case "table":
      return h("div", { class: "table" }, h("table", {}, block.rows.map((row, index) => h("tr", {}, row.map((cell) =>
        h(index ? "td" : "th", {}, cell.type === "rich_text" ? cell.elements.map((part) => rich(part, names)) : cell.text ?? ""))))));
    default:
      return h("div", { class: "unknown" }, `The rehearsal can't show block type ${block.type}.`);
  }
}

function picture(image) {
  const made = h("img", { src: image.image_url, alt: image.alt_text, loading: "lazy", referrerpolicy: "no-referrer" });
  made.addEventListener("error", () => made.replaceWith(h("span", { class: "no-image" }, `Image: ${image.alt_text}`)));
  return made;
}

function rich(part, names) {
  switch (part.type) {
    case "rich_text_section":
      return h("p", {}, part.elements.map((leaf) => inlineRich(leaf, names)));
    case "rich_text_quote":
      return h("blockquote", {}, part.elements.map((leaf) => inlineRich(leaf, names)));
    case "rich_text_preformatted":
      return h("pre", { class: part.border ? "border" : null }, part.elements.map((leaf) => leaf.text ?? leaf.url ?? ""));
    case "rich_text_list":
      return h(part.style === "ordered" ? "ol" : "ul", { class: `indent-${part.indent ?? 0} ${part.border ? "border" : ""}`, start: part.style === "ordered" ? (part.offset ?? 0) + 1 : null },
        part.elements.map((item) => h("li", {}, item.elements.map((leaf) => inlineRich(leaf, names)))));
    default:
      return h("div", { class: "unknown" }, `The rehearsal can't show ${part.type}.`);
  }
}

function inlineRich(leaf, names) {
  let made;
  if (leaf.type === "link") made = anchor(leaf.url, leaf.text ?? leaf.url);
  else if (leaf.type === "emoji") made = h("span", {}, emoji(leaf.name));
  else if (leaf.type === "user") made = h("span", { class: "mention" }, `@${names.user(leaf.user_id) ?? leaf.user_id}`);
  else if (leaf.type === "channel") made = h("span", { class: "mention" }, `#${names.channel(leaf.channel_id) ?? leaf.channel_id}`);
  else if (leaf.type === "broadcast") made = h("span", { class: "mention shout" }, `@${leaf.range}`);
  else if (leaf.type === "date") made = h("time", {}, when(leaf.timestamp, leaf.format, leaf.fallback ?? ""));
  else made = h("span", { class: "literal" }, leaf.text ?? "");
  const style = leaf.style ?? {};
  if (style.code) made = h("code", {}, made);
  if (style.bold) made = h("strong", {}, made);
  if (style.italic) made = h("em", {}, made);
  if (style.strike) made = h("s", {}, made);
  return made;
}

function input(block, surface) {
  const id = `field-${surface.key}-${block.block_id}`;
  const error = surface.errors?.[block.block_id];
  const field = element(block.element, block, { ...surface, fieldId: id, isInput: !block.dispatch_action, invalid: Boolean(error) });
  return h("div", { class: "field" },
    h("label", { for: id }, plain(block.label), block.optional ? h("span", { class: "optional" }, " (optional)") : null),
    field,
    block.hint ? h("p", { class: "hint" }, plain(block.hint)) : null,
    error ? h("p", { class: "error", role: "alert", id: `${id}-error` }, error) : null);
}

