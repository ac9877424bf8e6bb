// What the middle shows (App Home or a conversation) and the thread beside it.

import { act } from "./api.js";
import { drawBlocks } from "./blocks.js";
import { composer } from "./composer.js";
import { toast } from "./dialogs.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { drawMessages } from "./messages.js";
import { appChannel, page } from "./page.js";
import { keepAtEnd } from "./scrolling.js";
import { surfaceFor } from "./surface.js";

const $ = (id) => document.getElementById(id);
let here = null; // what the middle shows: {key, newFrom}

// Empties the middle at once: what one person saw is not there for the next to press.
export function forgetPlace() {
  here = null;
  $("scroll").replaceChildren();
}

// `given`: {go(place, thread), draw()}.
export function drawTop(channel, { go, draw }) {
  const mark = JSON.stringify([
    page.person,
    page.place,
    channel?.name,
    channel?.topic,
    (channel?.members.length ?? 0) + (channel?.crowd ?? 0),
    page.state.app,
  ]);
  if ($("place-top").dataset.mark === mark) return;
  $("place-top").dataset.mark = mark;
  const had = document.activeElement?.dataset?.actionId;
  const isApp = !channel || channel.kind === "dm";
  const tab = (label, place) =>
    h(
      "button",
      {
        type: "button",
        role: "tab",
        "data-action-id": `tab-${label}`,
        "aria-selected": String(page.place === place),
        "aria-controls": "scroll",
        tabindex: page.place === place ? "0" : "-1",
        onclick: () => go(place),
        onkeydown: (event) => {
          if (!/^Arrow(Left|Right)$/.test(event.key)) return;
          go(page.place === "home" ? "messages" : "home");
          draw().then(() => document.querySelector("[role=tab][aria-selected=true]").focus());
        },
      },
      label,
    );
  const title = isApp
    ? h("h1", {}, page.state.app.name, h("span", { class: "badge" }, "APP"))
    : h("h1", {}, channel.kind === "private" ? icon("lock") : h("span", { class: "sign" }, "# "), channel.name);
  const about = isApp
    ? h(
        "div",
        { role: "tablist", class: "tabs", "aria-label": page.state.app.name },
        tab("Home", "home"),
        appChannel() ? tab("Messages", "messages") : null,
      )
    : [
        h("span", { class: "topic" }, channel.topic),
        h(
          "span",
          { class: "members", title: `${(channel.members.length + channel.crowd).toLocaleString("en-US")} members` },
          icon("people", "icon small"),
          (channel.members.length + channel.crowd).toLocaleString("en-US"),
          h("span", { class: "unseen" }, " members"),
        ),
      ];
  $("place-title").replaceChildren(title, ...[about].flat());
  if (had?.startsWith("tab-")) $("place-title").querySelector("[aria-selected=true]")?.focus();
}

// Whether the middle shows another place than before; it is emptied for it, with the first unread message noted.
function arrive(key, newFrom = null) {
  if (here?.key === key) return false;
  here = { key, newFrom };
  $("scroll").replaceChildren();
  $("scroll").scrollTop = 0;
  return true;
}

function firstUnread(channel, list) {
  const others = list.filter((one) => one.user !== page.state.me.id);
  return channel.unread ? (others.at(-channel.unread) ?? others[0])?.ts : null;
}

export function drawHome() {
  const scroll = $("scroll");
  const isNew = arrive(`${page.person} home`);
  scroll.className = "scroll home";
  if (isNew) scroll.append(h("div", { class: "home-blocks" }));
  const place = scroll.querySelector(".home-blocks");
  const { home } = page.state;
  intro(scroll);
  if (home)
    drawBlocks(
      place,
      home.blocks,
      surfaceFor(page, { view: home.view_id }, `home-${home.view_id}`, home.state?.values),
    );
  else if (!place.firstChild)
    place.append(h("p", { class: "quiet empty" }, `${page.state.app.name} is getting this page ready.`));
  $("composer").replaceChildren();
  delete $("composer").dataset.key;
  $("jump").hidden = true;
}

const KNOWS = "intro";
let hasSeenIntro = false;
try {
  hasSeenIntro = localStorage.getItem(KNOWS) === "seen";
} catch {
  /* a browser that keeps nothing is greeted each time */
}

function intro(scroll) {
  const there = scroll.querySelector(".intro");
  if (hasSeenIntro || there?.dataset.person === page.person) return;
  there?.remove();
  const { me, app } = page.state;
  const dismiss = () => {
    hasSeenIntro = true;
    try {
      localStorage.setItem(KNOWS, "seen");
    } catch {
      /* then only until the page is closed */
    }
    scroll.querySelector(".intro").remove();
    $("place").focus({ preventScroll: true });
  };
  scroll.prepend(
    h(
      "section",
      { class: "intro", "aria-label": "About this page", "data-person": page.person },
      h(
        "p",
        {},
        h("strong", {}, "This is a rehearsal"),
        `: a small workspace on your own machine with the real ${app.name} in it.`,
      ),
      h(
        "p",
        {},
        `You are ${me.name}, ${me.about || "one of its people"}. Become somebody else whenever you like, at the top of the sidebar.`,
      ),
      h(
        "p",
        {},
        "Press any button here, or go to a channel and type ",
        h("code", {}, app.commands[0]?.command ?? "/"),
        ".",
      ),
      h("button", { type: "button", class: "button", onclick: dismiss }, "Got it"),
    ),
  );
}

const names = () => page.state.people.filter((one) => one.team === page.state.me.team && !one.deleted);
const sending = (channel, thread) => async (text) => {
  const answer = await act("say", { person: page.person, channel: channel.id, text, ...(thread ? { thread } : {}) });
  if (answer.ok !== false) keepAtEnd(thread ? $("thread").querySelector(".scroll") : $("scroll"), true);
  return answer;
};
async function useShortcut(callbackId) {
  const answer = await act("shortcut", { person: page.person, callback_id: callbackId });
  if (answer.ok === false) toast(answer.error);
}
const threadOpener = (go) => (ts) => {
  go(page.place, ts);
  $("thread").dataset.wantsFocus = "yes";
};

function log(scroll, isNew, label) {
  if (isNew)
    scroll.append(h("div", { class: "messages", role: "log", "aria-live": "off", "aria-label": label, tabindex: "0" }));
  return scroll.querySelector(".messages");
}

export function drawChannel(channel, list, { go, draw }) {
  const scroll = $("scroll");
  scroll.className = "scroll";
  const isNew = arrive(`${page.person} ${channel.id}`, firstUnread(channel, list));
  const place = log(scroll, isNew, channel.kind === "dm" ? page.state.app.name : `#${channel.name}`);
  const isEmpty = !list.length;
  scroll.querySelector(".welcome")?.remove();
  if (isEmpty) place.before(welcome(channel));
  drawMessages(place, list, channel, { newFrom: here.newFrom, openThread: threadOpener(go), again: draw });
  keepAtEnd(scroll, isNew, (isFar) => {
    $("jump").hidden = !isFar;
  });
  if (isNew && here.newFrom) scroll.querySelector(".separator.new")?.scrollIntoView({ block: "center" });
  requestAnimationFrame(() => place.setAttribute("aria-live", "polite"));
  composer($("composer"), `main ${page.person} ${channel.id}`, {
    name: channel.kind === "dm" ? page.state.app.name : `#${channel.name}`,
    inThread: false,
    people: names,
    send: sending(channel, null),
    use: useShortcut,
  });
  if (channel.unread && !document.hidden) act("read", { person: page.person, channel: channel.id });
}

function welcome(channel) {
  const command = page.state.app.commands[0]?.command ?? "/";
  const words =
    channel.kind === "dm"
      ? [
          "This is your conversation with ",
          h("strong", {}, page.state.app.name),
          ". Say hi, or type ",
          h("code", {}, command),
          ".",
        ]
      : [
          "It's quiet here. Type ",
          h("code", {}, command),
          ", or mention ",
          h("strong", {}, `@${page.state.app.name}`),
          ".",
        ];
  return h(
    "div",
    { class: "welcome" },
    h("h2", {}, channel.kind === "dm" ? page.state.app.name : `#${channel.name}`),
    h("p", {}, words),
  );
}

export function drawThread(channel, list, { go, draw }) {
  const panel = $("thread");
  const isOpen = Boolean(channel && page.thread && list);
  if (!isOpen) {
    panel.hidden = true;
    panel.replaceChildren();
    delete panel.dataset.key;
    return;
  }
  const key = `${page.person} ${channel.id} ${page.thread}`;
  const isNew = panel.dataset.key !== key;
  if (isNew) {
    panel.dataset.key = key;
    panel.replaceChildren(
      h(
        "header",
        { class: "panel-top" },
        h("h2", {}, "Thread"),
        h("span", { class: "quiet" }, channel.kind === "dm" ? page.state.app.name : `#${channel.name}`),
        h("span", { class: "grow" }),
        h(
          "button",
          { type: "button", class: "icon-button", "aria-label": "Close the thread", onclick: () => go(page.place) },
          icon("close"),
        ),
      ),
      h("div", { class: "scroll" }),
      h("div", { class: "thread-composer" }),
    );
  }
  panel.hidden = false;
  const scroll = panel.querySelector(".scroll");
  const place = log(scroll, isNew, "Thread");
  drawMessages(place, list, channel, { isThread: true, openThread: threadOpener(go), again: draw });
  keepAtEnd(scroll, isNew);
  requestAnimationFrame(() => place.setAttribute("aria-live", "polite"));
  const write = panel.querySelector(".thread-composer");
  composer(write, `thread ${key}`, { name: "", inThread: true, people: names, send: sending(channel, page.thread) });
  if (panel.dataset.wantsFocus) write.querySelector("textarea").focus({ preventScroll: true });
  delete panel.dataset.wantsFocus;
}
