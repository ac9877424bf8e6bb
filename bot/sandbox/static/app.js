// The rehearsal page: who you are, where you look, and everything you can press.

import { act, ask, h } from "./dom.js";
import { blocks } from "./blocks.js";
import { composer } from "./composer.js";
import { drawTraffic } from "./traffic.js";
import { modalStack } from "./modals.js";
import { messages } from "./messages.js";
import { sidebar } from "./sidebar.js";
import { stageMenu } from "./stage.js";

const $ = (id) => document.getElementById(id);
const page = { person: "T0HOME:U0ADA", place: "home", thread: null, state: null, stream: null, traffic: false };

function readHash() {
  const [person, place, thread] = decodeURIComponent(location.hash.slice(1)).split("/");
  if (/^\w+:\w+$/.test(person ?? "")) page.person = person;
  page.place = place || "home";
  page.thread = thread || null;
}

function writeHash() {
  const parts = [page.person, page.place, ...(page.thread ? [page.thread] : [])];
  history.replaceState(null, "", `#${parts.join("/")}`);
}

const names = {
  user: (id) => page.state?.people.find((one) => one.id === id)?.name ?? (id === page.state?.app.bot_user_id ? page.state.app.name : null),
  channel: (id) => page.state?.channels.find((one) => one.id === id)?.name,
};

const drafts = new Map();
const draftKey = (key, block, part) => `${page.person} ${key} ${block.block_id} ${part.action_id}`;

function held(values, block, part) {
  const entry = values?.[block.block_id]?.[part.action_id];
  if (!entry) return undefined;
  return entry.selected_option?.value ?? entry.selected_options?.map((one) => one.value) ?? entry.value ?? entry.selected_conversation
    ?? entry.selected_channel ?? entry.selected_user ?? entry.selected_date ?? entry.selected_time ?? undefined;
}

// What stands in a message, on Home or in a modal: how its parts are pressed, filled in and named.
function surface(where, key, values) {
  const typed = () => {
    const found = {};
    for (const [draft, value] of drafts) {
      const [person, at, block, part] = draft.split(" ");
      if (person === page.person && at === key) (found[block] ??= {})[part] = value;
    }
    return found;
  };
  return {
    key, names, typed,
    channels: page.state.channels, people: page.state.people.filter((one) => one.team === page.state.me.team && !one.is_bot),
    value: (block, part) => drafts.get(draftKey(key, block, part)) ?? held(values, block, part),
    draft: (block, part, value) => drafts.set(draftKey(key, block, part), value),
    confirm,
    suggest: (block, part, query) => act("suggest", { person: page.person, ...where, block_id: block.block_id, action_id: part.action_id, query }),
    press: async (block, part, selected) => {
      const body = { person: page.person, ...where, block_id: block.block_id, action_id: part.action_id };
      if (selected !== undefined) body.selected = selected;
      if (where.view) body.values = typed();
      const answer = await act("click", body);
      if (answer.ok === false && answer.error) toast(answer.error);
      return answer;
    },
  };
}

function confirm(dialog) {
  return new Promise((resolve) => {
    const box = h("dialog", { class: "confirm", "aria-label": dialog.title?.text ?? "Are you sure?" }, h("h2", {}, dialog.title?.text ?? "Are you sure?"), h("p", {}, dialog.text?.text ?? ""),
      h("div", { class: "actions" }, h("button", { class: "button", onclick: () => box.close("no") }, dialog.deny?.text ?? "Cancel"), h("button", { class: "button primary", onclick: () => box.close("yes") }, dialog.confirm?.text ?? "Yes")));
    box.addEventListener("close", () => { box.remove(); resolve(box.returnValue === "yes"); });
    document.body.append(box);
    box.showModal();
  });
}

export function toast(words) {
  $("toast").textContent = words;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { $("toast").textContent = ""; }, 6000);
}

function go(place, thread = null) {
  page.place = place;
  page.thread = thread;
  page.scrolled = false;
  writeHash();
  $("side").classList.remove("open");
  $("menu").setAttribute("aria-expanded", "false");
  if (place === "home") act("open_home", { person: page.person, tab: "home" });
  draw();
  $("place").focus({ preventScroll: true });
}

function become(person) {
  page.person = person;
  page.thread = null;
  page.place = "home";
  listen();
  page.state = null;
  go("home");
}

// The focused field or button is found again after a region is drawn anew, with the caret where it was.
function keepingFocus(region, drawn) {
  const focused = document.activeElement;
  const inside = region.contains(focused) && focused !== region;
  const mark = inside && { action: focused.dataset.actionId, block: focused.dataset.blockId, start: focused.selectionStart };
  drawn();
  if (!mark?.action) return;
  const again = [...region.querySelectorAll(`[data-action-id="${CSS.escape(mark.action)}"]`)];
  const found = again.find((one) => one.dataset.blockId === mark.block) ?? again[0];
  found?.focus({ preventScroll: true });
  if (mark.start !== undefined && mark.start !== null && found?.setSelectionRange) {
    try { found.setSelectionRange(mark.start, mark.start); } catch { /* a date has no caret */ }
  }
}

async function draw() {
  const turn = (draw.turn = (draw.turn ?? 0) + 1);
  const state = await ask("state", { person: page.person });
  if (turn !== draw.turn) return;
  if (!state.me) { page.person = "T0HOME:U0ADA"; return draw(); }
  page.state = state;
  const channel = state.channels.find((one) => one.id === page.place);
  if (page.place !== "home" && !channel) page.place = "home";
  const dm = state.channels.find((one) => one.kind === "dm");
  document.title = `${state.me.name} · ${state.workspaces.find((one) => one.id === state.me.team)?.name ?? "Rehearsal"}`;
  $("workspace").textContent = state.workspaces.find((one) => one.id === state.me.team)?.name ?? "Rehearsal workspace";
  keepingFocus($("side"), () => $("side").replaceChildren(...sidebar(state, page, { go, become, dm })));
  const isApp = page.place === "home" || channel?.kind === "dm";
  $("place-top").replaceChildren(...placeTop(isApp, channel, dm));
  if (page.place === "home") drawHome(state);
  else await drawChannel(state, channel, turn);
  if (turn !== draw.turn) return;
  await drawThread(state, turn);
  modalStack($("modals"), state.modals, { surface, blocks, page, drafts, toast });
}

function placeTop(isApp, channel, dm) {
  if (!isApp) return [h("h1", {}, channel.kind === "private" ? "🔒 " : "# ", channel.name), h("span", { class: "quiet" }, `${channel.members.length} members`)];
  const tab = (label, place) => h("button", { role: "tab", "aria-selected": String(page.place === place), onclick: () => go(place) }, label);
  return [h("h1", {}, page.state.app.name, h("span", { class: "badge" }, "APP")), h("div", { role: "tablist", class: "tabs" }, tab("Home", "home"), dm ? tab("Messages", dm.id) : null)];
}

function drawHome(state) {
  const scroll = $("scroll");
  keepingFocus(scroll, () => {
    const home = state.home;
    const shown = home
      ? blocks(home.blocks, surface({ view: home.view_id }, `home-${home.view_id}`, home.state?.values))
      : [h("p", { class: "quiet empty" }, "Homeroom is getting this page ready.")];
    scroll.className = "scroll home";
    scroll.replaceChildren(intro(), h("div", { class: "home-blocks" }, shown));
  });
  $("composer").replaceChildren();
}

function intro() {
  if (localStorage.getItem("intro") === "seen") return h("div", { hidden: true });
  const box = h("section", { class: "intro", "aria-label": "About this page" },
    h("p", {}, "This is a rehearsal: a small workspace on your own machine, with the real Homeroom in it."),
    h("p", {}, "You are Ada, a learner. Choose somebody else at the top of the sidebar whenever you like."),
    h("p", {}, "Press buttons here, or type /learn in any channel."),
    h("button", { class: "button", onclick: () => { localStorage.setItem("intro", "seen"); box.remove(); } }, "Got it"));
  return box;
}

const sentBy = (thread) => async (text) => {
  const answer = await act("say", { person: page.person, channel: page.place, text, ...(thread ? { thread } : {}) });
  if (answer.ok === false) toast(answer.error);
  return answer.ok !== false;
};

async function drawChannel(state, channel, turn) {
  const answer = await ask("messages", { person: page.person, channel: channel.id });
  if (turn !== draw.turn) return;
  const scroll = $("scroll");
  const isAtEnd = !page.scrolled || scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  keepingFocus(scroll, () => {
    scroll.className = "scroll";
    const at = scroll.scrollTop;
    scroll.replaceChildren(messages(answer.messages, state, channel, { surface, go, page, toast }));
    scroll.scrollTop = isAtEnd ? scroll.scrollHeight : at;
  });
  page.scrolled = true;
  composer($("composer"), `main ${page.person} ${channel.id}`, state, channel, sentBy(null), false);
  if (channel.unread) act("read", { person: page.person, channel: channel.id });
}

async function drawThread(state, turn) {
  const panel = $("thread");
  const channel = state.channels.find((one) => one.id === page.place);
  panel.hidden = !page.thread || !channel;
  if (panel.hidden) return panel.replaceChildren();
  const answer = await ask("messages", { person: page.person, channel: channel.id, thread: page.thread });
  if (turn !== draw.turn) return;
  if (!answer.messages) { page.thread = null; panel.hidden = true; return; }
  if (!panel.querySelector(".thread-body")) {
    panel.replaceChildren(h("header", { class: "place-top" }, h("h2", {}, "Thread"), h("button", { "aria-label": "Close the thread", onclick: () => go(page.place) }, "✕")),
      h("div", { class: "thread-body scroll" }), h("div", { class: "thread-composer" }));
  }
  const body = panel.querySelector(".thread-body");
  keepingFocus(body, () => body.replaceChildren(messages(answer.messages, state, channel, { surface, go, page, toast, isThread: true })));
  body.scrollTop = body.scrollHeight;
  composer(panel.querySelector(".thread-composer"), `thread ${page.person} ${page.thread}`, state, channel, sentBy(page.thread), true);
}

function listen() {
  page.stream?.close();
  page.stream = new EventSource(`/rehearsal/events?person=${encodeURIComponent(page.person)}`);
  let waiting = null;
  page.stream.onmessage = (event) => {
    const news = JSON.parse(event.data);
    if (news.what === "traffic") { if (page.traffic) drawTraffic($("traffic")); return; }
    waiting ??= setTimeout(() => { waiting = null; draw(); }, 16);
  };
  page.stream.onopen = () => draw();
}

$("menu").onclick = () => $("menu").setAttribute("aria-expanded", String($("side").classList.toggle("open")));
$("traffic-toggle").onclick = () => {
  page.traffic = !page.traffic;
  $("traffic").hidden = !page.traffic;
  $("traffic-toggle").setAttribute("aria-expanded", String(page.traffic));
  if (page.traffic) drawTraffic($("traffic"));
};
$("stage-toggle").onclick = () => stageMenu($("stage-menu"), $("stage-toggle"), page, { draw, toast });
$("theme").onclick = () => {
  const dark = document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  document.documentElement.dataset.theme = dark === "dark" ? "light" : "dark";
  localStorage.setItem("theme", document.documentElement.dataset.theme);
};
if (localStorage.getItem("theme")) document.documentElement.dataset.theme = localStorage.getItem("theme");
addEventListener("hashchange", () => { const before = page.person; readHash(); if (page.person !== before) listen(); draw(); });

readHash();
listen();
if (page.place === "home") act("open_home", { person: page.person, tab: "home" });
