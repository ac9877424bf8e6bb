// Slack's mrkdwn and plain text as nodes (https://docs.slack.dev/messaging/formatting-message-text).

import { formatted } from "./dates.js";
import { anchor, h, safeUrl } from "./dom.js";
import { withEmoji } from "./emoji.js";

const decoded = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

export function plain(object) {
  if (!object) return "";
  return object.emoji === false ? object.text : withEmoji(object.text);
}

export const textObject = (object, names) => {
  if (!object) return [];
  return object.type === "mrkdwn" ? mrkdwn(object.text, names, { finds: object.verbatim !== true }) : [plain(object)];
};

// `finds`: bare addresses and names are found in the text, as Slack does unless told `verbatim`.
export function mrkdwn(text, names, { finds = true } = {}) {
  const context = { names, finds };
  const parts = text.split("```");
  if (parts.length % 2 === 0) parts.push(`${parts.splice(-2, 1)[0]}\`\`\`${parts.pop()}`);
  return parts.flatMap((part, index) => {
    if (index % 2) return [h("pre", {}, coded(part.replace(/^\n|\n$/g, ""), context))];
    const inside = index ? part.replace(/^\n/, "") : part;
    return inside ? lines(inside, context) : [];
  });
}

function lines(text, context) {
  const made = [];
  let quoted = null;
  let rest = false;
  text.split("\n").forEach((line, index, all) => {
    const mark = rest ? ["", line] : (line.match(/^(?:&gt;|>){3}\s?(.*)$/s) ?? line.match(/^(?:&gt;|>)\s?(.*)$/s));
    rest ||= /^(?:&gt;|>){3}/.test(line);
    if (mark) {
      if (quoted) quoted.append(h("br"));
      else made.push((quoted = h("blockquote")));
      quoted.append(...styled(atoms(mark[1], context), context));
      return;
    }
    if (index && !quoted) made.push(h("br"));
    quoted = null;
    if (line || index < all.length - 1) made.push(...styled(atoms(line, context), context));
  });
  return made;
}

// A line as single characters and finished nodes (links, mentions, code): what styles may then embrace.
function atoms(line, context) {
  const made = [];
  for (let at = 0; at < line.length;) {
    const rest = line.slice(at);
    const bracket = rest[0] === "<" && rest.match(/^<([^<>\n]+)>/);
    const code = rest[0] === "`" && opens(made.at(-1)) && rest.match(/^`([^`\n]+)`(?![\p{L}\p{N}])/u);
    const bare = context.finds && startsWord(made.at(-1)) && rest.match(/^https?:\/\/[^\s<>|]*[^\s<>|.,;:!?'")\]*_~]/);
    const name = context.finds && startsWord(made.at(-1)) && rest.match(/^([@#])([\w.-]*\w)/);
    const found = name && called(name, context);
    if (bracket) made.push(bracketed(bracket[1], context));
    else if (code) made.push(h("code", {}, coded(code[1], context)));
    else if (bare) made.push(anchor(decoded(bare[0]), decoded(bare[0])));
    else if (found) made.push(found);
    else {
      made.push(line[at]);
      at += 1;
      continue;
    }
    at += (bracket || code || bare || name)[0].length;
  }
  return made;
}

const opens = (before) => before === undefined || typeof before !== "string" || /[\s\p{P}\p{S}]/u.test(before);
const startsWord = (before) => before === undefined || (typeof before === "string" && /[\s(]/.test(before));

function called([, sign, name], { names }) {
  if (sign === "@") return ["here", "channel", "everyone"].includes(name) ? mention(`@${name}`, "shout") : null;
  return names.hasChannel(name) ? mention(`#${name}`) : null;
}

export const mention = (words, kind = "") => h("span", { class: `mention ${kind}` }, words);
export const userMention = (id, names, label) =>
  mention(`@${names.user(id) ?? (label || id)}`, id === names.me ? "own" : "");
export const channelMention = (id, names, label) => mention(`#${names.channel(id) ?? (label || id)}`);

function bracketed(inside, { names }) {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? "" : decoded(inside.slice(bar + 1));
  if (target.startsWith("@")) return userMention(target.slice(1), names, label);
  if (target.startsWith("#")) return channelMention(target.slice(1), names, label);
  if (target.startsWith("!date^")) {
    const [, unix, format = "", url] = target.split("^");
    const words = formatted(unix, decoded(format), label, names.now());
    return url ? anchor(decoded(url), words) : h("time", {}, words);
  }
  if (target.startsWith("!")) {
    const name = label.replace(/^@/, "") || target.slice(1).split("^")[0];
    return mention(`@${name}`, "shout");
  }
  const url = decoded(target);
  return safeUrl(url)
    ? anchor(url, withEmoji(label) || url.replace(/^mailto:/, ""))
    : document.createTextNode(`<${decoded(inside)}>`);
}

// Inside code nothing is styled, but what stands in angle brackets keeps its meaning.
function coded(text, context) {
  return text
    .split(/(<[^<>\n]+>)/)
    .map((part, index) => (index % 2 ? bracketed(part.slice(1, -1), context) : decoded(part)));
}

const STYLES = { "*": "strong", _: "em", "~": "s" };

function styled(line) {
  const made = [];
  let words = "";
  const flush = () => {
    if (words) made.push(withEmoji(decoded(words)));
    words = "";
  };
  for (let at = 0; at < line.length; at += 1) {
    const atom = line[at];
    const end = typeof atom === "string" && STYLES[atom] ? closing(line, at) : -1;
    if (end > 0) {
      flush();
      made.push(h(STYLES[atom], {}, styled(line.slice(at + 1, end))));
      at = end;
    } else if (typeof atom === "string") words += atom;
    else {
      flush();
      made.push(atom);
    }
  }
  flush();
  return made;
}

// Where the style opened here is closed: at the edge of a word, with something in between; -1 when it opens nothing.
function closing(line, at) {
  const mark = line[at];
  const isText = (one) => typeof one === "string";
  const isSpace = (one) => one === undefined || (isText(one) && /\s/.test(one));
  if (!opens(line[at - 1]) || isSpace(line[at + 1]) || line[at + 1] === mark) return -1;
  for (let end = at + 2; end < line.length; end += 1) {
    if (line[end] !== mark || isSpace(line[end - 1])) continue;
    const after = line[end + 1];
    if (!isText(after) || !/[\p{L}\p{N}]/u.test(after)) return end;
  }
  return -1;
}
