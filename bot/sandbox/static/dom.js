// Making elements. Whatever comes from a person or a bot becomes a text node, never markup.

export function h(tag, given = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(given ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value") node.value = value;
    else if (name === "class") node.className = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  return fill(node, children);
}

export function fill(node, children) {
  node.append(...[children].flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function safeUrl(url) {
  try {
    return ["http:", "https:", "mailto:"].includes(new URL(url).protocol) ? url : null;
  } catch {
    return null;
  }
}

export function anchor(url, ...words) {
  const safe = safeUrl(url);
  return safe
    ? h("a", { href: safe, target: "_blank", rel: "noopener noreferrer" }, ...words)
    : h("span", {}, ...words);
}

export function openLink(url) {
  const safe = safeUrl(url);
  if (safe) window.open(safe, "_blank", "noopener,noreferrer");
}

let count = 0;
export const freshId = (kind) => `${kind}-${(count += 1)}`;
