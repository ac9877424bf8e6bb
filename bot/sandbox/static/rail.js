// The far left: workspaces, and the tools of the rehearsal.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { reconcile } from "./keyed.js";
import { page } from "./page.js";

const lastIn = new Map(); // workspace → who you were there last

// `given`: {become(person), toggleInspector(), direct(button), isTroubled, isInspecting}.
export function drawRail(place, given) {
  const { state } = page;
  lastIn.set(state.me.team, page.person);
  reconcile(place, [
    ...state.workspaces.map((workspace) => ({
      key: workspace.id,
      mark: JSON.stringify([workspace.name, workspace.id === state.me.team]),
      draw: () => workspaceButton(workspace, given),
    })),
    { key: "grow", mark: "", draw: () => h("span", { class: "grow" }) },
    tool("traffic", "pulse", "Traffic", "", given.isInspecting, given.toggleInspector),
    tool("rehearsal", "sliders", "Rehearsal", given.isTroubled ? "troubled" : "", null, given.direct),
    theme(),
  ]);
}

function workspaceButton(workspace, { become }) {
  const isHere = workspace.id === page.state.me.team;
  const initials = workspace.name
    .split(/\s+/)
    .map((word) => word[0])
    .slice(0, 2)
    .join("");
  const enter = () => {
    const somebody = page.state.people.find((one) => one.team === workspace.id && !one.is_bot && !one.deleted);
    if (!isHere && somebody) become(lastIn.get(workspace.id) ?? somebody.person);
  };
  return h(
    "button",
    {
      type: "button",
      class: "workspace",
      "data-action-id": `workspace-${workspace.id}`,
      "aria-label": workspace.name,
      title: workspace.name,
      "aria-current": isHere ? "true" : null,
      onclick: enter,
    },
    initials,
  );
}

function tool(key, sign, label, state, isPressed, run) {
  return {
    key,
    mark: JSON.stringify([label, state, isPressed]),
    draw: () =>
      h(
        "button",
        {
          type: "button",
          class: `tool ${state}`,
          "data-action-id": key,
          "aria-expanded": isPressed === null ? "false" : String(isPressed),
          "aria-haspopup": isPressed === null ? "menu" : null,
          "aria-description": state ? "something is switched on" : null,
          onclick: (event) => run(event.currentTarget),
        },
        icon(sign),
        h("span", {}, label),
      ),
  };
}

const isDark = () =>
  (document.documentElement.dataset.theme ??
    (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

function theme() {
  const turn = (event) => {
    const next = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    try {
      localStorage.setItem("theme", next);
    } catch {
      /* then only until the page is closed */
    }
    event.currentTarget.replaceChildren(...face());
  };
  const face = () => [icon(isDark() ? "sun" : "moon"), h("span", {}, isDark() ? "Light" : "Dark")];
  return {
    key: "theme",
    mark: "",
    draw: () => h("button", { type: "button", class: "tool", "data-action-id": "theme", onclick: turn }, face()),
  };
}
