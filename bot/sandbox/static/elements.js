// Everything in a block that can be pressed, chosen from or typed into. `surface` says where it stands and sends what is
// done with it (surface.js).

import { confirmedByBot } from "./dialogs.js";
import { h, openLink } from "./dom.js";
import { choices, dates, fileField, textField } from "./fields.js";
import { icon } from "./icons.js";
import { picture } from "./media.js";
import { plain, textObject } from "./mrkdwn.js";
import { menu } from "./popover.js";
import { select } from "./select.js";

export function element(part, block, surface) {
  const ids = { "data-action-id": part.action_id, "data-block-id": block.block_id };
  switch (part.type) {
    case "button":
      return button(part, block, surface, ids);
    case "overflow":
      return overflow(part, block, surface, ids);
    case "image":
      return picture(part, "thumb");
    case "radio_buttons":
    case "checkboxes":
      return choices(part, block, surface, ids);
    case "datepicker":
    case "timepicker":
    case "datetimepicker":
      return dates(part, block, surface, ids);
    case "plain_text_input":
    case "rich_text_input":
    case "email_text_input":
    case "url_text_input":
    case "number_input":
      return textField(part, block, surface, ids);
    case "file_input":
      return fileField(part, block, surface, ids);
    case "feedback_buttons":
      return [
        ["positive_button", "up"],
        ["negative_button", "downvote"],
      ].map(([side, sign]) =>
        iconButton(
          part,
          block,
          surface,
          { ...ids, "aria-label": part[side].accessibility_label ?? plain(part[side].text) },
          sign,
          part[side].value,
        ),
      );
    case "icon_button":
      return iconButton(
        part,
        block,
        surface,
        { ...ids, "aria-label": part.accessibility_label ?? plain(part.text) },
        part.icon,
      );
    default:
      if (/^(multi_)?(static|external|users|conversations|channels)_select$/.test(part.type))
        return select(part, block, surface, ids);
      return h("span", { class: "unknown" }, `The rehearsal can't show element type ${part.type}.`);
  }
}

// Whether the person agrees, where the app wants them asked.
export function agreed(part, surface) {
  return part.confirm ? confirmedByBot(part.confirm, (text) => textObject(text, surface.names)) : true;
}

// Presses once: until the app has answered, the control shows that it waits and takes no second click.
async function pressOnce(made, part, block, surface, selected) {
  if (made.getAttribute("aria-disabled") === "true" || !(await agreed(part, surface))) return;
  made.setAttribute("aria-disabled", "true");
  made.classList.add("busy");
  await surface.press(block, part, selected, made);
  made.removeAttribute("aria-disabled");
  made.classList.remove("busy");
}

function button(part, block, surface, ids) {
  const press = (event) => {
    const made = event.currentTarget;
    if (part.url) openLink(part.url);
    pressOnce(made, part, block, surface);
  };
  const given = { ...ids, type: "button", class: `button ${part.style ?? ""}`, "aria-label": part.accessibility_label };
  return h(
    "button",
    { ...given, onclick: press },
    h("span", {}, plain(part.text)),
    part.url ? icon("out", "icon small") : null,
  );
}

function iconButton(part, block, surface, given, sign, value) {
  const press = (event) => pressOnce(event.currentTarget, part, block, surface, value);
  return h(
    "button",
    { ...given, type: "button", class: "icon-button", title: given["aria-label"], onclick: press },
    icon(sign),
  );
}

function overflow(part, block, surface, ids) {
  const given = {
    ...ids,
    type: "button",
    class: "button overflow",
    "aria-label": "More options",
    "aria-haspopup": "menu",
    "aria-expanded": "false",
  };
  const made = h("button", { ...given, onclick: () => menu(made, items, "More options") }, icon("more"));
  const items = part.options.map((option) => ({
    label: plain(option.text) || option.text.text,
    run: () => {
      if (option.url) openLink(option.url);
      pressOnce(made, part, block, surface, option.value);
    },
  }));
  return made;
}
