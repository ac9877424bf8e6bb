// The rehearsal page: who you are, where you look, and everything you can press.

import { act, ask, listen } from "./api.js";
import { directorMenu, isTroubled } from "./director.js";
import { icon } from "./icons.js";
import { drawInspector, forgetTraffic } from "./inspector.js";
import { drawModals } from "./modals.js";
import { address, channelHere, learn, page, placeOf, readAddress, workspaceName, writeAddress } from "./page.js";
import { drawChannel, drawHome, drawThread, drawTop, forgetPlace } from "./places.js";
import { drawRail } from "./rail.js";
import { toEnd } from "./scrolling.js";
import { drawSidebar } from "./sidebar.js";

const $ = (id) => document.getElementById(id);
const FIRST = "T0HOME:U0ADA";
let stop = null;

function go(place, thread = null, { isStep = true } = {}) {
  const isElsewhere = place !== page.place;
  page.place = place;
  page.thread = thread;
  writeAddress({ isStep });
  drawer(false);
  if (isElsewhere) tellTab();
  draw().then(() => {
    // Whoever has begun to type there already keeps the keyboard.
    if ((isElsewhere || !thread) && !$("place").contains(document.activeElement))
      $("place").focus({ preventScroll: true });
  });
}

// The app hears that its Home or its Messages tab was opened, as in Slack on every entry.
function tellTab() {
  if (page.place === "home" || page.place === "messages") act("open_home", { person: page.person, tab: page.place });
}

function become(person) {
  Object.assign(page, { person, place: "home", thread: null });
  writeAddress({ isStep: true });
  meet();
}

// Begins to live as the person the address names.
function meet() {
  stop?.();
  forgetPlace();
  tellTab();
  stop = listen(page.person, {
    opened: () => {
      $("connection").hidden = true;
      draw();
    },
    lost: () => {
      $("connection").hidden = false;
    },
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

let drawing = null;
let again = false;

// Draws what there is now. Asked while it draws, it draws once more at the end.
function draw() {
  again = true;
  drawing ??= (async () => {
    try {
      while (again) {
        again = false;
        await drawOnce();
      }
    } finally {
      drawing = null;
    }
  })();
  return drawing;
}

async function drawOnce() {
  const asked = address();
  const state = await ask("state", { person: page.person });
  if (address() !== asked) return;
  if (state.refused) {
    if (!state.away && page.person !== FIRST) become(FIRST);
    return;
  }
  learn(state);
  if (page.place !== "home" && !channelHere()) page.place = "home";
  const channel = channelHere();
  const standing = address();
  const [said, replies] = await Promise.all([
    channel ? ask("messages", { person: page.person, channel: channel.id }) : null,
    channel && page.thread ? ask("messages", { person: page.person, channel: channel.id, thread: page.thread }) : null,
  ]);
  if (address() !== standing) return;
  document.title = `${unreadMark()}${channel && channel.kind !== "dm" ? `#${channel.name}` : state.app.name} · ${workspaceName()}`;
  drawRail($("rail"), {
    become,
    toggleInspector,
    direct,
    isTroubled: isTroubled(),
    isInspecting: !$("traffic").hidden,
  });
  drawSidebar($("side"), { go, become });
  drawTop(channel, { go, draw });
  if (channel) drawChannel(channel, said.messages ?? [], { go, draw });
  else drawHome();
  drawThread(channel, replies?.messages, { go, draw });
  drawModals($("modals"), state.modals);
  document.body.dataset.ready = "yes";
}

function unreadMark() {
  const count = page.state.channels.reduce((sum, one) => sum + (placeOf(one) === page.place ? 0 : one.unread), 0);
  return count ? `(${count}) ` : "";
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

const direct = (button) =>
  directorMenu(button, {
    started: () => {
      forgetTraffic();
      meet();
    },
  });

$("skip").onclick = () => $("place").focus();
$("menu").append(icon("menu"));
$("menu").onclick = () => drawer(!document.body.classList.contains("drawer-open"));
$("jump").append(icon("down", "icon small"), "Latest messages");
$("jump").onclick = () => {
  toEnd($("scroll"));
  document.querySelector("#composer textarea")?.focus({ preventScroll: true });
};
$("scrim").onclick = () => drawer(false);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || page.state?.modals.length) return;
  if (document.body.classList.contains("drawer-open")) drawer(false);
  else if (page.thread && $("thread").contains(document.activeElement)) go(page.place);
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) draw();
});
addEventListener("popstate", () => {
  const before = page.person;
  readAddress();
  if (page.person !== before) meet();
  else draw();
});

readAddress();
meet();
