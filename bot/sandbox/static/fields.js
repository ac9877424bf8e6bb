// Fields: text of every kind, dates and times, boxes to tick, and files.

import { act } from "./api.js";
import { h, freshId } from "./dom.js";
import { plain, textObject } from "./mrkdwn.js";
import { page } from "./page.js";

// Keeps what was chosen, and tells the app at once where the block is not just a form's.
export function choose(surface, block, part, value, made) {
  surface.draft(block, part, value);
  return surface.isForm ? null : surface.press(block, part, value, made);
}

export function labelling(surface, fallback) {
  if (!surface.fieldId) return { "aria-label": fallback };
  const described = [surface.hintId, surface.invalid ? surface.errorId : null].filter(Boolean).join(" ");
  return {
    id: surface.fieldId,
    "aria-invalid": surface.invalid ? "true" : null,
    "aria-describedby": described || null,
    "aria-required": surface.required ? "true" : null,
  };
}

const KINDS = { email_text_input: "email", url_text_input: "url" };

export function textField(part, block, surface, ids) {
  const isRich = part.type === "rich_text_input";
  const isLong = part.multiline || isRich;
  const initial = surface.value(block, part);
  const given = {
    ...ids,
    ...labelling(surface, plain(part.placeholder) || "Text"),
    type: isLong ? null : (KINDS[part.type] ?? "text"),
    inputmode: part.type === "number_input" ? (part.is_decimal_allowed ? "decimal" : "numeric") : null,
    rows: isLong ? 4 : null,
    maxlength: part.max_length,
    placeholder: plain(part.placeholder),
    autocomplete: "off",
    value: (isRich ? fromRich(initial) : initial) ?? "",
    "data-focus-first": part.focus_on_load,
  };
  const field = h(isLong ? "textarea" : "input", given);
  const triggers = part.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const value = () => (isRich ? toRich(field.value) : field.value);
  const left = h("span", { class: "room-left", "aria-hidden": "true" });
  const count = () => {
    const room = (part.max_length ?? Infinity) - field.value.length;
    left.textContent = room <= Math.max(20, part.max_length * 0.1) ? String(room) : "";
  };
  let timer = null;
  field.addEventListener("input", () => {
    surface.draft(block, part, value());
    count();
    if (surface.isForm || !triggers.includes("on_character_entered")) return;
    clearTimeout(timer);
    timer = setTimeout(() => surface.press(block, part, value(), field), 250);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || (isLong && !(event.ctrlKey || event.metaKey))) return;
    event.preventDefault();
    if (surface.isForm) surface.submit?.();
    else if (triggers.includes("on_enter_pressed")) surface.press(block, part, value(), field);
  });
  if (!part.max_length) return field;
  count();
  return h("div", { class: "counted" }, field, left);
}

function toRich(text) {
  const section = { type: "rich_text_section", elements: [{ type: "text", text }] };
  return text ? { type: "rich_text", elements: [section] } : null;
}

function fromRich(value) {
  const leaves = (part) => (part.elements ? part.elements.map(leaves).join("") : (part.text ?? part.url ?? ""));
  return value?.elements?.map(leaves).join("\n");
}

export function choices(part, block, surface, ids) {
  const kind = part.type === "checkboxes" ? "checkbox" : "radio";
  const current = [surface.value(block, part) ?? []].flat();
  const name = freshId(kind);
  const box = (option) =>
    h(
      "label",
      { class: "choice" },
      h("input", {
        ...ids,
        type: kind,
        name,
        value: option.value,
        checked: current.includes(option.value),
        onchange: changed,
      }),
      h(
        "span",
        {},
        textObject(option.text, surface.names),
        option.description ? h("span", { class: "choice-about" }, textObject(option.description, surface.names)) : null,
      ),
    );
  const group = h("div", {
    class: "choices",
    role: kind === "radio" ? "radiogroup" : "group",
    ...labelling(surface, "Choose"),
  });
  if (surface.labelId) group.setAttribute("aria-labelledby", surface.labelId);
  group.append(...part.options.map(box));
  function changed() {
    const ticked = [...group.querySelectorAll("input:checked")].map((one) => one.value);
    choose(surface, block, part, kind === "radio" ? ticked[0] : ticked, group);
  }
  return group;
}

const two = (number) => String(number).padStart(2, "0");

function localMinute(unix) {
  const at = new Date(Number(unix) * 1000);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

export function dates(part, block, surface, ids) {
  const type = { datepicker: "date", timepicker: "time", datetimepicker: "datetime-local" }[part.type];
  const isMoment = type === "datetime-local";
  const current = surface.value(block, part);
  const field = h("input", {
    ...ids,
    ...labelling(
      surface,
      plain(part.placeholder) || { date: "Pick a date", time: "Pick a time" }[type] || "Pick a day and time",
    ),
    type,
    class: "date",
    value: current && isMoment ? localMinute(current) : (current ?? ""),
  });
  let timer = null;
  let told = field.value;
  const tell = () => {
    clearTimeout(timer);
    if (field.value === told) return;
    told = field.value;
    choose(surface, block, part, isMoment && told ? Math.floor(new Date(told).getTime() / 1000) : told, field);
  };
  // A date typed by hand is valid several times on the way: only where it stays is it meant.
  field.addEventListener("change", () => {
    clearTimeout(timer);
    timer = setTimeout(tell, 350);
  });
  field.addEventListener("blur", tell);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") tell();
  });
  // A browser shows no placeholder in an empty date; Slack does.
  if (block.type === "input" || current || !part.placeholder) return field;
  return h("span", { class: "dated" }, h("span", { class: "hint", "aria-hidden": "true" }, plain(part.placeholder)), field);
}

const uploaded = new Map(); // a file's id → its name

async function upload(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const content = btoa(Array.from(bytes, (one) => String.fromCharCode(one)).join(""));
  const answer = await act("upload", { person: page.person, name: file.name, content });
  uploaded.set(answer.id, file.name);
  return answer;
}

export function fileField(part, block, surface, ids) {
  const kept = surface.value(block, part) ?? [];
  const words = (files) => files.map((one) => one.name ?? uploaded.get(one)).join(", ");
  const names = h("p", { class: "hint", role: "status" }, words(kept));
  const field = h("input", {
    ...ids,
    ...labelling(surface, "Choose files"),
    type: "file",
    multiple: (part.max_files ?? 10) > 1,
    accept: part.filetypes?.map((one) => `.${one}`).join(",") || null,
    onchange: async () => {
      const files = [...field.files];
      names.textContent = "Uploading…";
      const sent = await Promise.all(files.map(upload));
      const refused = sent.find((one) => one.ok === false);
      names.textContent = refused ? refused.error : words(files);
      surface.draft(block, part, refused ? [] : sent.map((one) => one.id));
    },
  });
  return h("div", { class: "files" }, field, names);
}
