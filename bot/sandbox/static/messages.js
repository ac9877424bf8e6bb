// A conversation: who said what and when, day by day.

import { act } from "./api.js";
import { appAvatar, avatar } from "./avatar.js";
import { drawBlocks } from "./blocks.js";
import { divider, nearby, time } from "./dates.js";
import { toast } from "./dialogs.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { reconcile } from "./keyed.js";
import { mrkdwn } from "./mrkdwn.js";
import { address, page, placeOf } from "./page.js";
import { menu } from "./popover.js";
import { notice, surfaceFor } from "./surface.js";

const SAME_BREATH = 300; // seconds within which somebody's next message stands under the same name
const dismissed = new Set();
const at = (message) => new Date(Number(message.ts) * 1000);

// `given`: {isThread, newFrom (the first unread ts), openThread(ts), again()}.
export function drawMessages(place, list, channel, given) {
  const rows = [];
  let day = null;
  let before = null;
  const shown = list.filter((message) => !dismissed.has(`${page.person} ${message.ts}`));
  for (const [index, message] of shown.entries()) {
    const today = divider(at(message), page.names.now());
    if (today !== day && !given.isThread) {
      rows.push({ key: `day-${at(message).toDateString()}`, mark: today, draw: () => separator("day", today) });
      before = null;
    }
    day = today;
    if (message.ts === given.newFrom) {
      rows.push({ key: "new", mark: message.ts, draw: () => separator("new", "New") });
      before = null;
    }
    const follows =
      Boolean(before) &&
      before.user === message.user &&
      !message.ephemeral &&
      !before.ephemeral &&
      Number(message.ts) - Number(before.ts) < SAME_BREATH;
    const { state, ...content } = message;
    rows.push({
      key: message.ts,
      mark: JSON.stringify([content, follows, given.isThread, page.names.mark, page.state.app]),
      draw: () => one(message, follows, channel, given),
    });
    before = message;
    if (given.isThread && index === 0) {
      const count = shown.slice(1).filter((reply) => !reply.ephemeral).length;
      if (count)
        rows.push({ key: "replies", mark: String(count), draw: () => separator("replies-line", words(count)) });
      before = null;
    }
  }
  reconcile(place, rows);
}

const separator = (kind, label) =>
  h("div", { class: `separator ${kind}`, role: "separator", "aria-label": label }, h("span", {}, label));
const words = (count) => `${count} ${count === 1 ? "reply" : "replies"}`;

function one(message, follows, channel, given) {
  const isApp = message.user === page.state.app.bot_user_id || Boolean(message.bot_id);
  const isSlack = message.user === "USLACKBOT";
  const author = page.state.people.find((someone) => someone.id === message.user) ?? { name: message.name };
  const name = isApp ? page.state.app.name : message.name;
  const place = { message: { channel: channel.id, ts: message.ts } };
  const body = h("div", { class: "body" });
  if (message.ephemeral) body.append(only(message, given));
  if (!follows)
    body.append(
      h(
        "p",
        { class: "who" },
        h("strong", {}, name),
        isApp || isSlack ? h("span", { class: "badge" }, "APP") : null,
        moment(message),
      ),
    );
  const content = h("div", { class: "content" });
  if (message.blocks?.length)
    drawBlocks(content, message.blocks, surfaceFor(page, place, `message-${message.ts}`, message.state?.values));
  else fill(content, fill(h("div", { class: "text" }), mrkdwn(message.text, page.names)));
  if (message.unfurled?.length) {
    const card = h("div", { class: "unfurled" });
    drawBlocks(card, message.unfurled, surfaceFor(page, place, `unfurled-${message.ts}`, message.state?.values));
    content.append(card);
  }
  if (message.files?.length) content.append(...message.files.map(attached));
  body.append(content);
  if (message.edited && !message.ephemeral) body.append(h("span", { class: "edited" }, "(edited)"));
  if (message.notice) body.append(notice(message.notice));
  if (!given.isThread && message.reply_count) body.append(replies(message, given));
  return h(
    "article",
    {
      class: `message${follows ? " follows" : ""}${message.ephemeral ? " ephemeral" : ""}`,
      "data-message-ts": message.ts,
      tabindex: "-1", // a tap on a phone focuses it, which shows its tools
      "aria-label": `${name}, ${time(at(message))}`,
    },
    follows
      ? h("span", { class: "gap" }, h("time", {}, time(at(message)).replace(/ [AP]M/, "")))
      : isApp
        ? appAvatar()
        : isSlack
          ? slackAvatar()
          : avatar(author),
    body,
    tools(message, place, channel, given),
  );
}

const addressOf = (file) =>
  `/rehearsal/file?person=${encodeURIComponent(page.person)}&id=${encodeURIComponent(file.id)}`;

const attached = (file) =>
  h(
    "a",
    {
      class: file.mimetype.startsWith("image/") ? "file picture" : "file",
      href: addressOf(file),
      download: file.name,
    },
    file.mimetype.startsWith("image/") ? h("img", { src: addressOf(file), alt: file.alt_txt ?? file.title }) : null,
    h("strong", {}, file.title),
    h("span", {}, `${file.name}, ${file.size.toLocaleString("en-US")} bytes`),
  );

const slackAvatar = () => h("span", { class: "avatar slackbot", "aria-hidden": "true" }, icon("info"));

function moment(message) {
  const when = at(message);
  const day = nearby(when, page.names.now()) ?? divider(when, page.names.now());
  return h(
    "time",
    { datetime: when.toISOString(), title: `${day} at ${when.toLocaleTimeString("en-US")}` },
    time(when),
  );
}

function only(message, given) {
  const dismiss = () => {
    dismissed.add(`${page.person} ${message.ts}`);
    given.again();
  };
  return h(
    "p",
    { class: "only" },
    icon("eye", "icon small"),
    h("span", {}, "Only visible to you"),
    h("button", { type: "button", class: "linkish", "data-action-id": "dismiss", onclick: dismiss }, "Dismiss"),
  );
}

function replies(message, given) {
  return h(
    "button",
    { type: "button", class: "replies", onclick: () => given.openThread(message.ts) },
    icon("reply", "icon small"),
    h("span", {}, words(message.reply_count)),
    h("span", { class: "quiet" }, "View thread"),
  );
}

function tools(message, place, channel, given) {
  const shortcuts = page.state.app.shortcuts.filter((shortcut) => shortcut.type === "message");
  const use = async (shortcut) => {
    const answer = await act("shortcut", { person: page.person, callback_id: shortcut.callback_id, ...place });
    if (answer.ok === false) toast(answer.error);
  };
  const copyLink = async () => {
    const thread = message.thread_ts ?? null;
    await navigator.clipboard.writeText(
      new URL(address({ person: page.person, place: placeOf(channel), thread }), location.href).href,
    );
    toast("Link copied.");
  };
  const items = [
    { label: "Copy link", run: copyLink },
    ...(shortcuts.length ? [{ heading: `Shortcuts of ${page.state.app.name}` }] : []),
    ...shortcuts.map((shortcut) => ({ label: shortcut.name, run: () => use(shortcut) })),
  ];
  const more = h(
    "button",
    {
      type: "button",
      "aria-label": "More actions",
      title: "More actions",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      onclick: () => menu(more, items, "More actions"),
    },
    icon("more"),
  );
  if (message.ephemeral) return null;
  return h(
    "div",
    { class: "tools" },
    given.isThread
      ? null
      : h(
          "button",
          {
            type: "button",
            "aria-label": "Reply in thread",
            title: "Reply in thread",
            onclick: () => given.openThread(message.thread_ts ?? message.ts),
          },
          icon("reply"),
        ),
    more,
  );
}
