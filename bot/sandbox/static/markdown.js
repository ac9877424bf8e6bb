// The markdown block: standard Markdown, the part of it Slack shows (https://docs.slack.dev/reference/block-kit/blocks/markdown-block).

import { anchor, h } from "./dom.js";
import { withEmoji } from "./emoji.js";

const FENCE = /^ {0,3}(```+|~~~+)/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const RULE = /^ {0,3}([-*_])(\s*\1){2,}\s*$/;
const ROW = /^\s*\|?(.+?)\|?\s*$/;
const DASHES = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

export function markdown(text) {
  return parts(text.replaceAll("\r\n", "\n").split("\n"));
}

function parts(lines) {
  const made = [];
  let at = 0;
  const while_ = (holds) => {
    const from = at;
    while (at < lines.length && holds(lines[at], at)) at += 1;
    return lines.slice(from, at);
  };
  while (at < lines.length) {
    const line = lines[at];
    const fence = line.match(FENCE)?.[1];
    const heading = line.match(/^ {0,3}(#{1,6})\s+(.*?)\s*#*$/);
    if (fence) {
      at += 1;
      const code = while_((one) => !one.trim().startsWith(fence));
      at += 1;
      made.push(h("pre", {}, code.join("\n")));
    } else if (heading) {
      at += 1;
      made.push(h(heading[1].length === 1 ? "h3" : "h4", {}, inline(heading[2])));
    } else if (RULE.test(line)) {
      at += 1;
      made.push(h("hr"));
    } else if (/^\s*>/.test(line)) {
      made.push(
        h("blockquote", {}, parts(while_((one) => /^\s*>/.test(one)).map((one) => one.replace(/^\s*>\s?/, "")))),
      );
    } else if (ITEM.test(line)) {
      made.push(list(while_((one) => ITEM.test(one) || (/^\s+\S/.test(one) && one.trim()))));
    } else if (DASHES.test(lines[at + 1] ?? "") && line.includes("|")) {
      made.push(table(while_((one) => one.includes("|"))));
    } else if (!line.trim()) at += 1;
    else {
      const from = at;
      const words = while_(
        (one, index) =>
          one.trim() &&
          (index === from || !(FENCE.test(one) || ITEM.test(one) || RULE.test(one) || /^\s*(#{1,6}\s|>)/.test(one))),
      );
      made.push(h("p", {}, inline(words.join("\n"))));
    }
  }
  return made;
}

function list(lines) {
  const [, , first] = lines[0].match(ITEM);
  const depth = lines[0].match(/^\s*/)[0].length;
  const ordered = /\d/.test(first);
  const items = [];
  for (const line of lines) {
    const found = line.match(ITEM);
    if (found && found[1].length <= depth) items.push({ words: found[3], inner: [] });
    else items.at(-1).inner.push(line);
  }
  return h(
    ordered ? "ol" : "ul",
    { start: ordered ? parseInt(first, 10) : null },
    items.map(({ words, inner }) => {
      const task = words.match(/^\[([ xX])\]\s+(.*)$/);
      const nested = inner.length
        ? ITEM.test(inner[0])
          ? list(inner)
          : inline(inner.map((one) => one.trim()).join("\n"))
        : null;
      return h(
        "li",
        {},
        task
          ? [
              h(
                "span",
                { role: "img", "aria-label": task[1] === " " ? "not done" : "done" },
                task[1] === " " ? "☐ " : "☑ ",
              ),
              inline(task[2]),
            ]
          : inline(words),
        nested,
      );
    }),
  );
}

function table(lines) {
  const cells = (line) =>
    line
      .match(ROW)[1]
      .split(/(?<!\\)\|/)
      .map((one) => one.trim().replaceAll("\\|", "|"));
  const [head, , ...rows] = lines;
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
          cells(head).map((one) => h("th", { scope: "col" }, inline(one))),
        ),
      ),
      h(
        "tbody",
        {},
        rows.map((row) =>
          h(
            "tr",
            {},
            cells(row).map((one) => h("td", {}, inline(one))),
          ),
        ),
      ),
    ),
  );
}

// Tried in this order at every place of a line.
const INLINE = [
  [/^\\([\\`*_{}[\]()#+.!~|>-])/, ([, sign]) => sign],
  [/^(`+)([^`]|[^`].*?[^`])\1(?!`)/s, ([, , code]) => h("code", {}, code)],
  [/^!\[([^\]]*)\]\(([^)\s]+)[^)]*\)/, ([, alt, url]) => anchor(url, alt || url)],
  [/^\[([^\]]+)\]\(([^)\s]+)[^)]*\)/, ([, words, url]) => anchor(url, inline(words))],
  [/^<(https?:\/\/[^>\s]+|mailto:[^>\s]+)>/, ([, url]) => anchor(url, url.replace(/^mailto:/, ""))],
  [/^https?:\/\/[^\s<>]*[^\s<>.,;:!?'")\]*_~]/, ([url]) => anchor(url, url)],
  [/^(\*\*|__)(?=\S)(.+?)(?<=\S)\1/s, ([, , words]) => h("strong", {}, inline(words))],
  [/^~~(?=\S)(.+?)(?<=\S)~~/s, ([, words]) => h("s", {}, inline(words))],
  [/^\*(?=\S)(.+?)(?<=\S)\*/s, ([, words]) => h("em", {}, inline(words))],
  [/^_(?=\S)(.+?)(?<=\S)_(?!\w)/s, ([, words]) => h("em", {}, inline(words)), true],
];

function inline(text) {
  const made = [];
  let words = "";
  for (let at = 0; at < text.length;) {
    const rest = text.slice(at);
    const rule = INLINE.find(([pattern, , edge]) => !(edge && /\w/.test(text[at - 1] ?? "")) && pattern.test(rest));
    if (!rule) {
      words += text[at++];
      continue;
    }
    const found = rest.match(rule[0]);
    if (words) made.push(withEmoji(words));
    words = "";
    made.push(rule[1](found));
    at += found[0].length;
  }
  if (words) made.push(withEmoji(words));
  return made;
}
