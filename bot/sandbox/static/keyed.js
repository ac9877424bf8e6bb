// Bringing a list on screen up to date while leaving alone whatever has not changed: what is typed, focused or playing
// stays as it is.

const known = new WeakMap();

export function reconcile(place, wanted) {
  const focus = focusIn(place);
  const had = new Map();
  for (const node of [...place.children]) {
    const about = known.get(node);
    if (about && !had.has(about.key)) had.set(about.key, node);
    else if (!isPanel(node)) node.remove();
  }
  const keys = new Set(wanted.map((one) => one.key));
  for (const [key, node] of had) if (!keys.has(key)) node.remove();
  let at = place.firstElementChild;
  for (const { key, mark, draw } of wanted) {
    let node = had.get(key);
    if (!node || known.get(node).mark !== mark) {
      const made = draw();
      known.set(made, { key, mark });
      if (node) {
        if (at === node) at = made;
        node.replaceWith(made);
      }
      node = made;
      had.set(key, node);
    }
    while (at && isPanel(at)) at = at.nextElementSibling;
    if (node === at) at = at.nextElementSibling;
    else place.insertBefore(node, at);
  }
  restoreFocus(place, focus);
}

// An open panel hangs beside its button, and whoever opened it closes it.
function isPanel(node) {
  return node.matches(":popover-open");
}

function focusIn(place) {
  const node = document.activeElement;
  if (!node || node === place || !place.contains(node)) return null;
  const caret = "selectionStart" in node ? safely(() => [node.selectionStart, node.selectionEnd]) : null;
  return { node, action: node.dataset.actionId, block: node.dataset.blockId, caret };
}

// Focus that was inside what had to be drawn again goes to the same control, else to the region around it.
function restoreFocus(place, focus) {
  if (!focus || focus.node.isConnected) return;
  const same = focus.action ? [...place.querySelectorAll(`[data-action-id="${CSS.escape(focus.action)}"]`)] : [];
  const next = same.find((one) => one.dataset.blockId === focus.block) ?? same[0];
  if (!next) {
    place.closest("[tabindex]")?.focus({ preventScroll: true });
    return;
  }
  next.focus({ preventScroll: true });
  if (focus.caret && next.setSelectionRange) safely(() => next.setSelectionRange(...focus.caret));
}

function safely(work) {
  try {
    return work();
  } catch {
    return null; // a date or a number field has no caret
  }
}
