// A person as a coloured square with initials; the app as its sign.

import { h } from "./dom.js";
import { appSign } from "./icons.js";

export function avatar(person) {
  const initials = person.name
    .split(/\s+/)
    .map((word) => [...word][0] ?? "")
    .slice(0, 2)
    .join("")
    .toUpperCase();
  return h("span", { class: "avatar", style: `--color:${person.color ?? "#5b6770"}`, "aria-hidden": "true" }, initials);
}

export const appAvatar = () => h("span", { class: "avatar app", "aria-hidden": "true" }, appSign());
