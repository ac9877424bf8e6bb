// What Homeroom and Slack say to each other.

import { ask, h } from "./dom.js";

let open = null;

export async function drawTraffic(panel) {
  const { entries } = await ask("traffic", { after: 0 });
  const rows = entries.slice(-200).reverse().map((entry) => {
    const isOpen = open === entry.n;
    const isBad = entry.status !== 200 || entry.refused?.length || entry.response?.ok === false;
    return h("li", { class: isBad ? "bad" : "" },
      h("button", { "aria-expanded": String(isOpen), onclick: () => { open = isOpen ? null : entry.n; drawTraffic(panel); } },
        h("span", { "aria-label": entry.direction === "to_bot" ? "to Homeroom" : "from Homeroom" }, entry.direction === "to_bot" ? "→" : "←"),
        h("code", {}, entry.what), h("span", { class: "quiet" }, `${entry.status ?? "…"} · ${Math.round(entry.ms ?? 0)} ms`)),
      isOpen ? h("pre", { tabindex: "0" }, JSON.stringify({ request: entry.request, response: entry.response, ...(entry.refused?.length ? { refused: entry.refused } : {}) }, null, 2)) : null);
  });
  panel.replaceChildren(h("header", { class: "place-top" }, h("h2", {}, "Traffic"), h("span", { class: "quiet" }, "→ to Homeroom, ← from it")), h("ul", {}, rows));
}
