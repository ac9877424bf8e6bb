// A conversation stays at its newest message while somebody reads there, and where they are when they read further up.

const SLACK = 60; // pixels from the end that still count as the end
const watched = new WeakMap();

export function keepAtEnd(scroll, isAtEnd) {
  const toEnd = () => { scroll.scrollTop = scroll.scrollHeight; };
  if (!watched.has(scroll)) {
    const about = { sticks: true };
    watched.set(scroll, about);
    scroll.addEventListener("scroll", () => {
      about.sticks = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < SLACK;
    }, { passive: true });
    about.sizes = new ResizeObserver(() => { if (about.sticks && about.content?.isConnected) toEnd(); });
  }
  const about = watched.get(scroll);
  const content = scroll.querySelector(".messages");
  if (about.content !== content) {
    about.sizes.disconnect();
    about.sizes.observe(content);
    about.sizes.observe(scroll);
    about.content = content;
  }
  if (isAtEnd) about.sticks = true;
  if (about.sticks) toEnd();
}
