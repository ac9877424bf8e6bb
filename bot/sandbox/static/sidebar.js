// Who you are, and where you can go.

import { h } from "./dom.js";

export function avatar(person) {
  const initials = (person?.name ?? "?").split(/\s+/).map((word) => word[0]).slice(0, 2).join("").toUpperCase();
  return h("span", { class: "avatar", style: `--color:${person?.color ?? "#1f4d43"}`, "aria-hidden": "true" }, initials);
}

export function sidebar(state, page, { go, become, dm }) {
  const people = state.people.filter((one) => !one.is_bot && !one.deleted);
  const picker = h("select", { "data-action-id": "person", "aria-label": "Who you are", onchange: (event) => become(event.target.value) },
    state.workspaces.map((workspace) => h("optgroup", { label: workspace.name }, people.filter((one) => one.team === workspace.id).map((one) =>
      h("option", { value: one.person, selected: one.person === page.person, "data-person": one.person }, `${one.name.split(" ")[0]}, ${one.about}`)))));
  const place = (id, label, unread, current, extra = {}) => h("li", {}, h("button", { "data-action-id": `go-${id}`, class: unread ? "unread" : "", "aria-current": current ? "page" : null, onclick: () => go(id), ...extra },
    label, unread ? h("span", { class: "count", "aria-label": `${unread} unread` }, String(unread)) : null));
  return [
    h("div", { class: "me" }, avatar(state.me), h("div", {}, h("span", { class: "quiet" }, "You are"), picker)),
    h("h2", {}, "Channels"),
    h("ul", {}, state.channels.filter((one) => one.kind !== "dm").map((one) => place(one.id, `${one.kind === "private" ? "🔒" : "#"} ${one.name}`, one.unread, page.place === one.id))),
    h("h2", {}, "Apps"),
    h("ul", {}, place("home", state.app.name, 0, page.place === "home"), dm ? place(dm.id, "Messages", dm.unread, page.place === dm.id, { class: dm.unread ? "sub unread" : "sub" }) : null),
  ];
}
