// Blocks made of other things: tables, cards and rows of cards, containers, alerts.

import { fill, freshId, h } from "./dom.js";
import { element } from "./elements.js";
import { icon } from "./icons.js";
import { picture } from "./media.js";
import { textObject } from "./mrkdwn.js";
import { richText } from "./richtext.js";

export function table(block, { names }) {
  const settings = block.column_settings ?? [];
  const cell = (given, column, tag) =>
    h(
      tag,
      {
        scope: tag === "th" ? "col" : null,
        class: `${settings[column]?.align ?? (given.type === "raw_number" ? "right" : "left")}${settings[column]?.is_wrapped ? " wrapped" : ""}`,
      },
      given.type === "rich_text" ? richText(given, names) : String(given.text ?? given.value ?? ""),
    );
  const [head, ...rows] = block.rows;
  return h(
    "div",
    { class: "table", tabindex: "0", role: "group", "aria-label": "Table" },
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          head.map((one, column) => cell(one, column, "th")),
        ),
      ),
      h(
        "tbody",
        {},
        rows.map((row) =>
          h(
            "tr",
            {},
            row.map((one, column) => cell(one, column, "td")),
          ),
        ),
      ),
    ),
  );
}

export function card(block, surface) {
  const words = (text, tag, className) =>
    text ? fill(h(tag, { class: className }), textObject(text, surface.names)) : null;
  return h(
    "article",
    { class: "card" },
    block.hero_image ? picture(block.hero_image, "hero") : null,
    h(
      "div",
      { class: "card-words" },
      block.icon ? picture(block.icon, "thumb") : null,
      h("div", {}, words(block.title, "h4", "card-title"), words(block.subtitle, "p", "quiet")),
    ),
    words(block.body, "p", "card-body"),
    block.actions
      ? h(
          "div",
          { class: "actions" },
          block.actions.map((part) => element(part, block, surface)),
        )
      : null,
  );
}

export function carousel(block, surface) {
  const row = h(
    "div",
    { class: "carousel-row", tabindex: "0", role: "group", "aria-label": "Cards" },
    block.elements.map((one) =>
      h("div", { class: "carousel-card", "data-block-id": one.block_id }, card(one, surface)),
    ),
  );
  const turn = (by) =>
    row.scrollBy({
      left: by * 240,
      behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth",
    });
  return h(
    "div",
    { class: "carousel" },
    row,
    h(
      "div",
      { class: "carousel-turns" },
      h(
        "button",
        { type: "button", class: "icon-button", "aria-label": "Earlier cards", onclick: () => turn(-1) },
        icon("back"),
      ),
      h(
        "button",
        { type: "button", class: "icon-button", "aria-label": "Later cards", onclick: () => turn(1) },
        icon("forward"),
      ),
    ),
  );
}

export function container(block, surface, blocks) {
  const id = freshId("container");
  const title = h(
    "span",
    { class: "container-title", id },
    block.icon ? picture(block.icon, "tiny") : null,
    block.rich_text_title ? richText(block.rich_text_title, surface.names) : textObject(block.title, surface.names),
  );
  const subtitle = block.subtitle ? fill(h("p", { class: "quiet" }), textObject(block.subtitle, surface.names)) : null;
  const inside = h("div", { class: "container-blocks" }, blocks(block.child_blocks, surface));
  const given = { class: `container ${block.width ?? "standard"}${block.has_header_divider ? " divided" : ""}` };
  if (!block.is_collapsible)
    return h("section", { ...given, "aria-labelledby": id }, h("header", {}, title, subtitle), inside);
  return h("details", { ...given, open: !block.default_collapsed }, h("summary", {}, title), subtitle, inside);
}

export function alert(block, { names }) {
  const level = block.level ?? "default";
  const sign = { warning: "warning", error: "warning", success: "check" }[level] ?? "info";
  return h(
    "div",
    { class: `alert ${level}`, role: level === "error" ? "alert" : "note" },
    icon(sign),
    fill(h("div", {}), textObject(block.text, names)),
  );
}
