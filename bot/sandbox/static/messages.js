// A conversation: messages with who said them and when, day by day.

import { act, h } from "./dom.js";
import { blocks } from "./blocks.js";
import { mrkdwn } from "./mrkdwn.js";
import { avatar } from "./sidebar.js";

const day = (ts) => new Date(Number(ts) * 1000).toLocaleDateString([], { weekday: "long", month: "long", day: "numeric" });
const time = (ts) => new Date(Number(ts) * 1000).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });

export function messages(list, state, channel, given) {
  const made = [];
  let today = "", before = null;
  for (const message of list) {
    if (day(message.ts) !== today) {
      today = day(message.ts);
      made.push(h("div", { class: "day", role: "separator" }, h("span", {}, today)));
      before = null;
    }
    const follows = before && before.user === message.user && !message.ephemeral && !before.ephemeral && Number(message.ts) - Number(before.ts) < 300;
    made.push(one(message, follows, state, channel, given));
    before = message;
  }
  if (!list.length) made.push(h("p", { class: "quiet empty" }, channel.kind === "dm" ? "Say hi, or type /learn." : "It's quiet here. Type /learn, or mention @homeroom."));
  return h("div", { class: "messages", role: "log", "aria-live": "polite" }, made);
}

function one(message, follows, state, channel, { surface, go, page, toast, isThread }) {
  const isApp = message.user === state.app.bot_user_id || Boolean(message.bot_id);
  const author = state.people.find((someone) => someone.id === message.user) ?? { name: message.name };
  const where = { message: { channel: channel.id, ts: message.ts } };
  const shown = surface(where, `message-${message.ts}`, message.state?.values);
  const shortcuts = state.app.shortcuts.filter((shortcut) => shortcut.type === "message");
  const tools = h("div", { class: "tools" },
    !isThread && !message.ephemeral ? h("button", { onclick: () => go(channel.id, message.thread_ts ?? message.ts) }, "Reply in thread") : null,
    shortcuts.map((shortcut) => h("button", { onclick: async () => {
      const answer = await act("shortcut", { person: page.person, callback_id: shortcut.callback_id, ...where });
      if (answer.ok === false) toast(answer.error);
    } }, shortcut.name)));
  return h("article", { class: `message ${follows ? "follows" : ""} ${message.ephemeral ? "ephemeral" : ""}`, "data-message-ts": message.ts, "aria-label": `${message.name}, ${time(message.ts)}` },
    follows ? h("span", { class: "gap" }) : avatar(isApp ? { name: state.app.name, color: "#1f4d43" } : author),
    h("div", { class: "body" },
      message.ephemeral ? h("p", { class: "quiet only" }, "Only visible to you") : null,
      follows ? null : h("p", { class: "who" }, h("strong", {}, isApp ? state.app.name : message.name), isApp ? h("span", { class: "badge" }, "APP") : null, h("time", {}, time(message.ts))),
      message.blocks?.length ? blocks(message.blocks, shown) : h("div", { class: "text" }, mrkdwn(message.text, shown.names)),
      message.edited && !message.ephemeral ? h("span", { class: "quiet" }, " (edited)") : null,
      message.notice ? h("p", { class: "notice", role: "alert" }, `⚠ ${message.notice}`) : null,
      !isThread && message.reply_count ? h("button", { class: "replies", onclick: () => go(channel.id, message.ts) }, `${message.reply_count} ${message.reply_count === 1 ? "reply" : "replies"}`) : null),
    tools);
}
