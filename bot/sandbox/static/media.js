// Pictures and videos: shown where they can be reached, described where not, never embedded.

import { anchor, h, safeUrl } from "./dom.js";
import { icon } from "./icons.js";
import { plain } from "./mrkdwn.js";
import { page } from "./page.js";

const reachable = (url) => (safeUrl(url)?.startsWith("http") ? url : null);

// A picture that the workspace holds is asked for as the person who looks, as Slack's own client does.
function held(file) {
  const id = file.id ?? /\/files-pri\/[A-Z0-9]+-([A-Z0-9]+)\//.exec(file.url)?.[1] ?? "";
  return `/rehearsal/file?${new URLSearchParams({ person: page.person, id })}`;
}

export function picture(image, className = "") {
  const url = image.slack_file ? held(image.slack_file) : reachable(image.image_url ?? "");
  const instead = () =>
    h(
      "span",
      { class: `no-picture ${className}`, role: "img", "aria-label": image.alt_text, title: image.alt_text },
      icon("picture"),
      className ? null : h("span", {}, image.alt_text),
    );
  if (!url) return instead();
  const made = h("img", {
    src: url,
    alt: image.alt_text,
    class: className,
    loading: "lazy",
    decoding: "async",
    referrerpolicy: "no-referrer",
  });
  made.addEventListener("error", () => made.replaceWith(instead()));
  return made;
}

export function imageBlock(block) {
  return h("figure", { class: "image" }, block.title ? h("figcaption", {}, plain(block.title)) : null, picture(block));
}

export function videoBlock(block) {
  const by = [block.provider_name, block.author_name].filter(Boolean).join(" · ");
  const title = plain(block.title);
  const link = anchor(
    block.title_url ?? block.video_url,
    picture({ image_url: block.thumbnail_url, alt_text: block.alt_text }),
    h("span", { class: "play" }, icon("play")),
  );
  link.className = "poster";
  link.setAttribute("aria-label", `Watch ${title}`);
  return h(
    "figure",
    { class: "video" },
    by
      ? h(
          "p",
          { class: "quiet" },
          block.provider_icon_url ? picture({ image_url: block.provider_icon_url, alt_text: "" }, "tiny") : null,
          by,
        )
      : null,
    h("figcaption", {}, anchor(block.title_url ?? block.video_url, title)),
    block.description ? h("p", {}, plain(block.description)) : null,
    link,
  );
}
