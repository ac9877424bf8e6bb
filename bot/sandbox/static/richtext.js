// Slack's rich text: sections, lists, quotes and code, with everything that stands in a line.

import { formatted } from "./dates.js";
import { anchor, h } from "./dom.js";
import { emoji } from "./emoji.js";
import { channelMention, mention, userMention } from "./mrkdwn.js";

export function richText(block, names) {
  return h(
    "div",
    { class: "rich" },
    block.elements.map((part) => piece(part, names)),
  );
}

function piece(part, names) {
  const inside = () => part.elements.map((leaf) => inline(leaf, names));
  switch (part.type) {
    case "rich_text_section":
      return h("div", { class: "rich-section" }, inside());
    case "rich_text_quote":
      return h("blockquote", {}, inside());
    case "rich_text_preformatted":
      return h("pre", {}, inside());
    case "rich_text_list":
      return list(part, names);
    default:
      return h("div", { class: "unknown" }, `The rehearsal can't show rich text of type ${part.type}.`);
  }
}

function list(part, names) {
  const ordered = part.style === "ordered";
  const given = { class: `indent-${part.indent ?? 0}${part.border ? " border" : ""}`, role: "list" };
  if (ordered && part.offset) given.start = part.offset + 1;
  return h(
    ordered ? "ol" : "ul",
    given,
    part.elements.map((item) =>
      h(
        "li",
        {},
        item.elements.map((leaf) => inline(leaf, names)),
      ),
    ),
  );
}

function inline(leaf, names) {
  const style = leaf.style ?? {};
  let made = bare(leaf, names);
  if (style.code) made = h("code", {}, made);
  if (style.bold) made = h("strong", {}, made);
  if (style.italic) made = h("em", {}, made);
  if (style.strike) made = h("s", {}, made);
  if (style.underline) made = h("u", {}, made);
  if (style.highlight) made = h("mark", {}, made);
  return made;
}

function bare(leaf, names) {
  switch (leaf.type) {
    case "text":
      return leaf.text;
    case "link":
      return anchor(leaf.url, leaf.text || leaf.url.replace(/^mailto:/, ""));
    case "emoji":
      return leaf.unicode ? fromCodePoints(leaf.unicode) : emoji(leaf.name, leaf.skin_tone ?? 0);
    case "user":
      return userMention(leaf.user_id, names);
    case "channel":
      return channelMention(leaf.channel_id, names);
    case "usergroup":
      return mention(`@${leaf.usergroup_id}`);
    case "team":
      return mention(`@${leaf.team_id}`);
    case "broadcast":
      return mention(`@${leaf.range}`, "shout");
    case "date": {
      const words = formatted(leaf.timestamp, leaf.format, leaf.fallback ?? "", names.now());
      return leaf.url ? anchor(leaf.url, words) : h("time", {}, words);
    }
    case "color": {
      const known = /^#[0-9a-f]{3,8}$/i.test(leaf.value);
      return h(
        "span",
        {},
        known ? h("span", { class: "swatch", style: `background:${leaf.value}` }) : null,
        leaf.value,
      );
    }
    default:
      return h("span", { class: "unknown" }, `The rehearsal can't show ${leaf.type}.`);
  }
}

function fromCodePoints(hex) {
  const points = hex.split("-").map((one) => parseInt(one, 16));
  return points.every((one) => one > 0 && one < 0x110000) ? String.fromCodePoint(...points) : "";
}
