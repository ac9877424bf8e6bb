// What a director can do to the rehearsal: trouble, time, and starting over.

import { act, h } from "./dom.js";

const TROUBLES = [
  ["Slack answers 500 to everything", { method: "*", fault: "500", times: null }],
  ["Slack says slow down (429)", { method: "*", fault: "429", times: null, retry_after: 5 }],
  ["Modals don't open", { method: "views.open", fault: "500", times: null }],
  ["Images can't be fetched", { method: "*", fault: "image_unreachable", times: null }],
];

export function stageMenu(menu, toggle, page, { draw, toast }) {
  if (!menu.hidden) return close();
  const on = page.state?.faults?.length ? page.state.faults : [];
  const isOn = ([, fault]) => on.some((one) => one.method === fault.method && one.fault === fault.fault);
  const run = (label, work) => h("button", { role: "menuitem", onclick: async () => { close(); await work(); draw(); } }, label);
  menu.replaceChildren(h("div", { class: "menu-list", role: "menu" },
    h("p", {}, "Trouble"),
    TROUBLES.map((trouble) => run(`${isOn(trouble) ? "✓ " : ""}${trouble[0]}`, () => act("faults", trouble[1]).then(() => toast(`${trouble[0]}. “All is well” ends it.`)))),
    run("All is well", () => fetch("/rehearsal/faults", { method: "DELETE" })),
    h("p", {}, "Time"),
    run("An hour later", () => act("clock", { advance: 3600 })),
    run("A day later", () => act("clock", { advance: 86400 })),
    h("p", {}, "Start over"),
    run("Empty the workspace (progress stays)", () => act("reset", {}))));
  menu.hidden = false;
  toggle.setAttribute("aria-expanded", "true");
  menu.querySelector("button").focus();
  menu.onkeydown = (event) => { if (event.key === "Escape") { close(); toggle.focus(); } };
  setTimeout(() => addEventListener("click", outside), 0);
  function outside(event) { if (!menu.contains(event.target)) close(); }
  function close() {
    menu.hidden = true;
    toggle.setAttribute("aria-expanded", "false");
    removeEventListener("click", outside);
  }
}
