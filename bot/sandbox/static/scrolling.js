// A conversation stays at its newest message while somebody reads there, and where they are when they read further up.

const NEAR = 60; // pixels from the end that still count as the end
const FAR = 500; // pixels from the end beyond which a way back is offered
const watched = new WeakMap();

// `moved(distance)` hears how far from the end the reader is, when given.
export function keepAtEnd(scroll, isAtEnd, moved) {
  if (!watched.has(scroll)) watched.set(scroll, watch(scroll));
  const about = watched.get(scroll);
  about.moved = moved ?? about.moved;
  const content = scroll.querySelector(".messages");
  if (about.content !== content) {
    about.sizes.disconnect();
    about.sizes.observe(content);
    about.sizes.observe(scroll);
    about.content = content;
  }
  if (isAtEnd) about.sticks = true;
  if (about.sticks) toEnd(scroll);
  about.look();
}

export const toEnd = (scroll) => {
  scroll.scrollTop = scroll.scrollHeight;
};

function watch(scroll) {
  const about = { sticks: true, content: null, moved: null };
  let before = 0;
  const distance = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight;
  about.look = () => about.moved?.(about.content?.isConnected && distance() > FAR);
  // Only going up lets go of the end: what grows below (a picture that arrives) is no wish of the reader's.
  scroll.addEventListener(
    "scroll",
    () => {
      if (distance() < NEAR) about.sticks = true;
      else if (scroll.scrollTop < before - 1) about.sticks = false;
      before = scroll.scrollTop;
      about.look();
    },
    { passive: true },
  );
  about.sizes = new ResizeObserver(() => {
    if (about.sticks && about.content.isConnected) toEnd(scroll);
    about.look();
  });
  return about;
}
