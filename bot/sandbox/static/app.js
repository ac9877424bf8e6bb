// The rehearsal page: who you are, where you look, and everything you can press.

import { act, ask, listen } from "./api.js";
import { drawBlocks } from "./blocks.js";
import { composer } from "./composer.js";
import { directorMenu, isTroubled } from "./director.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { drawInspector, forgetTraffic } from "./inspector.js";
import { drawMessages } from "./messages.js";
import { drawModals } from "./modals.js";
import { appChannel, channelHere, learn, page, readAddress, workspaceName, writeAddress } from "./page.js";
import { drawRail } from "./rail.js";
import { drawSidebar } from "./sidebar.js";
import { surfaceFor } from "./surface.js";
import { keepAtEnd } from "./scrolling.js";

const $ = (id) => document.getElementById(id);
const FIRST = "T0HOME:U0ADA";
let turn = 0;
let stop = null;
let here = null; // what the middle shows: {key, newFrom}

function go(place, thread = null, { isStep = true } = {}) {
  const isElsewhere = place !== page.place;
  page.place = place;
  page.thread = thread;
  writeAddress({ isStep });
  drawer(false);
  if (isElsewhere) tellTab();
  draw().then(() => { if (isElsewhere || !thread) $("place").focus({ preventScroll: true }); });
}

// The app hears that its Home or its Messages tab was opened, as in Slack on every entry.
function tellTab() {
  const isMessages = /^D/.test(page.place);
  if (page.place === "home" || isMessages) act("open_home", { person: page.person, tab: isMessages ? "messages" : "home" });
}

function become(person) {
  Object.assign(page, { person, place: "home", thread: null });
  writeAddress({ isStep: true });
  meet();
}

// Begins to live as the person the address names.
function meet() {
  stop?.();
  here = null;
  tellTab();
  stop = listen(page.person, {
    opened: () => {
      $("connection").hidden = true;
      draw();
    },
    lost: () => { $("connection").hidden = false; },
    heard,
  });
  draw();
}

let soon = null;
function heard(news) {
  if (news.what === "traffic") {
    if (!$("traffic").hidden) inspectSoon();
    return;
  }
  soon ??= requestAnimationFrame(() => {
    soon = null;
    draw();
  });
  // A page in the background gets no frames, and still wants its unread marks.
  if (document.hidden) draw();
}

let inspecting = null;
function inspectSoon() {
  inspecting ??= setTimeout(() => {
    inspecting = null;
    drawInspector($("traffic"), toggleInspector);
  }, 60);
}

async function draw() {
  const mine = (turn += 1);
  const state = await ask("state", { person: page.person });
  if (mine !== turn) return;
  if (state.refused) {
    if (!state.away && page.person !== FIRST) become(FIRST);
    return;
  }
  learn(state);
  if (page.place !== "home" && !channelHere()) page.place = "home";
  const channel = channelHere();
  const [said, replies] = await Promise.all([
    channel ? ask("messages", { person: page.person, channel: channel.id }) : null,
    channel && page.thread ? ask("messages", { person: page.person, channel: channel.id, thread: page.thread }) : null,
  ]);
  if (mine !== turn) return;
  document.title = `${unreadMark()}${channel && channel.kind !== "dm" ? `#${channel.name}` : state.app.name} · ${workspaceName()}`;
  drawRail($("rail"), { become, toggleInspector, direct, isTroubled: isTroubled(), isInspecting: !$("traffic").hidden });
  drawSidebar($("side"), { go, become });
  drawTop(channel);
  if (channel) drawChannel(channel, said.messages ?? []);
  else drawHome();
  drawThread(channel, replies?.messages);
  drawModals($("modals"), state.modals);
  document.body.dataset.ready = "yes";
}

function unreadMark() {
  const count = page.state.channels.reduce((sum, one) => sum + (one.id === page.place ? 0 : one.unread), 0);
  return count ? `(${count}) ` : "";
}

function drawTop(channel) {
  const mark = JSON.stringify([page.person, page.place, channel?.name, channel?.topic, channel?.members.length, page.state.app]);
  if ($("place-top").dataset.mark === mark) return;
  $("place-top").dataset.mark = mark;
  const had = document.activeElement?.dataset?.actionId;
  const dm = appChannel();
  const isApp = !channel || channel.kind === "dm";
  const tab = (label, place) => h("button", {
    type: "button", role: "tab", "data-action-id": `tab-${label}`, "aria-selected": String(page.place === place), "aria-controls": "scroll", tabindex: page.place === place ? "0" : "-1",
    onclick: () => go(place),
    onkeydown: (event) => {
      if (!/^Arrow(Left|Right)$/.test(event.key) || !dm) return;
      go(page.place === "home" ? dm.id : "home");
      draw().then(() => document.querySelector("[role=tab][aria-selected=true]").focus());
    },
  }, label);
  const title = isApp
    ? h("h1", {}, page.state.app.name, h("span", { class: "badge" }, "APP"))
    : h("h1", {}, channel.kind === "private" ? icon("lock") : h("span", { class: "sign" }, "# "), channel.name);
  const about = isApp
    ? h("div", { role: "tablist", class: "tabs", "aria-label": page.state.app.name }, tab("Home", "home"), dm ? tab("Messages", dm.id) : null)
    : [h("span", { class: "topic" }, channel.topic), h("span", { class: "members", title: `${channel.members.length} members` }, icon("people", "icon small"), String(channel.members.length), h("span", { class: "unseen" }, " members"))];
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

function drawHome() {
  const scroll = $("scroll");
  const isNew = arrive(`${page.person} home`);
  scroll.className = "scroll home";
  if (isNew) scroll.append(h("div", { class: "home-blocks" }));
  const place = scroll.querySelector(".home-blocks");
  const { home } = page.state;
  intro(scroll);
  if (home) drawBlocks(place, home.blocks, surfaceFor(page, { view: home.view_id }, `home-${home.view_id}`, home.state?.values));
  else if (!place.firstChild) place.append(h("p", { class: "quiet empty" }, `${page.state.app.name} is getting this page ready.`));
  $("composer").replaceChildren();
  delete $("composer").dataset.key;
}

const KNOWS = "intro";
let hasSeenIntro = false;
try {
  hasSeenIntro = localStorage.getItem(KNOWS) === "seen";
} catch { /* a browser that keeps nothing is greeted each time */ }

function intro(scroll) {
  const there = scroll.querySelector(".intro");
  if (hasSeenIntro || there?.dataset.person === page.person) return;
  there?.remove();
  const { me, app } = page.state;
  const dismiss = () => {
    hasSeenIntro = true;
    try {
      localStorage.setItem(KNOWS, "seen");
    } catch { /* then only until the page is closed */ }
    scroll.querySelector(".intro").remove();
    $("place").focus({ preventScroll: true });
  };
  scroll.prepend(h("section", { class: "intro", "aria-label": "About this page", "data-person": page.person },
    h("p", {}, h("strong", {}, "This is a rehearsal"), `: a small workspace on your own machine with the real ${app.name} in it.`),
    h("p", {}, `You are ${me.name}, ${me.about || "one of its people"}. Become somebody else whenever you like, at the top of the sidebar.`),
    h("p", {}, "Press any button here, or go to a channel and type ", h("code", {}, app.commands[0]?.command ?? "/"), "."),
    h("button", { type: "button", class: "button", onclick: dismiss }, "Got it")));
}

const names = () => page.state.people.filter((one) => one.team === page.state.me.team && !one.deleted);
const sending = (channel, thread) => async (text) => {
  const answer = await act("say", { person: page.person, channel: channel.id, text, ...(thread ? { thread } : {}) });
  if (answer.ok !== false) keepAtEnd(thread ? $("thread").querySelector(".scroll") : $("scroll"), true);
  return answer;
};
const openThread = (ts) => {
  go(page.place, ts);
  $("thread").dataset.wantsFocus = "yes";
};

function log(scroll, isNew, label) {
  if (isNew) scroll.append(h("div", { class: "messages", role: "log", "aria-live": "off", "aria-label": label, tabindex: "0" }));
  return scroll.querySelector(".messages");
}

function drawChannel(channel, list) {
  const scroll = $("scroll");
  scroll.className = "scroll";
  const isNew = arrive(`${page.person} ${channel.id}`, firstUnread(channel, list));
  const place = log(scroll, isNew, channel.kind === "dm" ? page.state.app.name : `#${channel.name}`);
  const isEmpty = !list.length;
  scroll.querySelector(".welcome")?.remove();
  if (isEmpty) place.before(welcome(channel));
  drawMessages(place, list, channel, { newFrom: here.newFrom, openThread, again: draw });
  keepAtEnd(scroll, isNew);
  if (isNew && here.newFrom) scroll.querySelector(".separator.new")?.scrollIntoView({ block: "center" });
  requestAnimationFrame(() => place.setAttribute("aria-live", "polite"));
  composer($("composer"), `main ${page.person} ${channel.id}`, {
    name: channel.kind === "dm" ? page.state.app.name : `#${channel.name}`, inThread: false, people: names, send: sending(channel, null),
  });
  if (channel.unread && !document.hidden) act("read", { person: page.person, channel: channel.id });
}

function welcome(channel) {
  const command = page.state.app.commands[0]?.command ?? "/";
  const words = channel.kind === "dm"
    ? ["This is your conversation with ", h("strong", {}, page.state.app.name), ". Say hi, or type ", h("code", {}, command), "."]
    : ["It's quiet here. Type ", h("code", {}, command), ", or mention ", h("strong", {}, `@${page.state.app.name}`), "."];
  return h("div", { class: "welcome" }, h("h2", {}, channel.kind === "dm" ? page.state.app.name : `#${channel.name}`), h("p", {}, words));
}

function drawThread(channel, list) {
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
      h("header", { class: "panel-top" }, h("h2", {}, "Thread"), h("span", { class: "quiet" }, channel.kind === "dm" ? page.state.app.name : `#${channel.name}`), h("span", { class: "grow" }),
        h("button", { type: "button", class: "icon-button", "aria-label": "Close the thread", onclick: () => go(page.place) }, icon("close"))),
      h("div", { class: "scroll" }), h("div", { class: "thread-composer" }));
  }
  panel.hidden = false;
  const scroll = panel.querySelector(".scroll");
  const place = log(scroll, isNew, "Thread");
  drawMessages(place, list, channel, { isThread: true, openThread, again: draw });
  keepAtEnd(scroll, isNew);
  requestAnimationFrame(() => place.setAttribute("aria-live", "polite"));
  const write = panel.querySelector(".thread-composer");
  composer(write, `thread ${key}`, { name: "", inThread: true, people: names, send: sending(channel, page.thread) });
  if (panel.dataset.wantsFocus) write.querySelector("textarea").focus({ preventScroll: true });
  delete panel.dataset.wantsFocus;
}

function drawer(isOpen) {
  document.body.classList.toggle("drawer-open", isOpen);
  $("menu").setAttribute("aria-expanded", String(isOpen));
}

function toggleInspector() {
  const panel = $("traffic");
  panel.hidden = !panel.hidden;
  drawer(false);
  if (!panel.hidden) drawInspector(panel, toggleInspector);
  draw();
}

const direct = (button) => directorMenu(button, {
  started: () => {
    forgetTraffic();
    meet();
  },
});

$("skip").onclick = () => $("place").focus();
$("menu").append(icon("menu"));
$("menu").onclick = () => drawer(!document.body.classList.contains("drawer-open"));
$("scrim").onclick = () => drawer(false);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || page.state?.modals.length) return;
  if (document.body.classList.contains("drawer-open")) drawer(false);
  else if (page.thread && $("thread").contains(document.activeElement)) go(page.place);
});
document.addEventListener("visibilitychange", () => { if (!document.hidden) draw(); });
addEventListener("popstate", () => {
  const before = page.person;
  readAddress();
  if (page.person !== before) meet();
  else draw();
});

readAddress();
meet();
