// Who you are, and where you can look.

import { appAvatar, avatar } from "./avatar.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { reconcile } from "./keyed.js";
import { appChannel, page, workspaceName } from "./page.js";

// `given`: {go(place), become(person)}.
export function drawSidebar(place, given) {
  const { state } = page;
  const dm = appChannel();
  const rows = state.channels
    .filter((one) => one.kind !== "dm")
    .map((one) => ({
      key: one.id,
      mark: JSON.stringify([one.name, one.kind, one.unread, one.id === page.place]),
      draw: () =>
        h(
          "li",
          {},
          row(
            one.id,
            `${one.kind === "private" ? "Private channel" : "#"} ${one.name}`,
            [
              one.kind === "private" ? icon("lock", "icon small") : h("span", { class: "sign" }, "#"),
              h("span", { class: "name" }, one.name),
            ],
            one.unread,
            one.id === page.place,
            given,
          ),
        ),
    }));
  const isApp = page.place === "home" || page.place === "messages";
  const unread = dm?.unread ?? 0;
  const app = {
    key: "app",
    mark: JSON.stringify([state.app.name, unread, isApp]),
    draw: () =>
      h(
        "li",
        {},
        row(
          unread && !isApp ? "messages" : "home",
          state.app.name,
          [appAvatar(), h("span", { class: "name" }, state.app.name)],
          unread,
          isApp,
          given,
        ),
      ),
  };
  reconcile(place, [
    { key: "workspace", mark: workspaceName(), draw: () => h("p", { class: "workspace-name" }, workspaceName()) },
    { key: "me", mark: JSON.stringify([page.person, state.people, state.workspaces]), draw: () => whoYouAre(given) },
    list("Channels", "channels"),
    list("Apps", "apps"),
  ]);
  reconcile(place.querySelector("[data-list=channels]"), rows);
  reconcile(place.querySelector("[data-list=apps]"), [app]);
}

const list = (title, name) => ({
  key: name,
  mark: title,
  draw: () =>
    h(
      "section",
      {},
      h("h2", { id: `side-${name}` }, title),
      h("ul", { "data-list": name, "aria-labelledby": `side-${name}` }),
    ),
});

function row(id, label, parts, unread, isHere, { go }) {
  return h(
    "button",
    {
      type: "button",
      "data-action-id": `go-${id}`,
      class: unread ? "unread" : "",
      "aria-label": label,
      "aria-current": isHere ? "page" : null,
      "aria-description": unread ? `${unread} unread` : null,
      onclick: () => go(id),
    },
    parts,
    unread ? h("span", { class: "count", "aria-hidden": "true" }, String(unread)) : null,
  );
}

// The picker is a select, so that it is at home on every device; browsers that can, show faces in it.
function whoYouAre({ become }) {
  const { state } = page;
  const option = (one) =>
    h(
      "option",
      { value: one.person, selected: one.person === page.person, "data-person": one.person },
      avatar(one),
      h("span", { class: "who-name" }, one.name),
      h("span", { class: "comma" }, ", "),
      h("span", { class: "who-about" }, one.about || "in this workspace"),
    );
  const groups = state.workspaces.map((workspace) =>
    h(
      "optgroup",
      { label: workspace.name },
      state.people.filter((one) => !one.is_bot && !one.deleted && one.team === workspace.id).map(option),
    ),
  );
  const shown = h("button", { type: "button" }, document.createElement("selectedcontent"));
  const select = h(
    "select",
    { "data-action-id": "person", "aria-label": "Who you are", onchange: () => become(select.value) },
    shown,
    groups,
  );
  return h(
    "div",
    { class: "me" },
    h("span", { class: "me-label", "aria-hidden": "true" }, "You are"),
    h("div", { class: "me-card" }, avatar(state.me), select),
  );
}
