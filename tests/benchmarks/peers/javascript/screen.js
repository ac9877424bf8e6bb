// The catalog's first page, as every contestant answers it.
const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const safe = (text) =>
  text.replace(/[&<>]/g, (found) => escapes[found]).replace(/[*_~`]/g, (found) => `\u200b${found}\u200b`);
const plain = (text) => ({ type: "plain_text", text, emoji: true });
const mrkdwn = (text) => ({ type: "mrkdwn", text, verbatim: true });
const button = (text, action_id, value, style, label) => ({
  type: "button",
  action_id,
  text: plain(text),
  value,
  ...(style && { style }),
  ...(label && { accessibility_label: label }),
});

function card(course, done, blocks, lines) {
  const id = String(course.id);
  const about = `*${safe(course.title)}*\n${safe(course.description)}`;
  const teacher = safe(`${course.first_name} ${course.last_name}`);
  const facts = `${teacher} · ${course.lessons} lessons · ${course.minutes} min`;
  const small = [mrkdwn(facts)];
  let main = button("Enroll", "course.enroll", id, "primary", `Enroll in ${course.title}`);
  if (course.enrolled) {
    const filled = Math.floor((10 * done) / course.lessons);
    small.push(mrkdwn(`${"▰".repeat(filled)}${"▱".repeat(10 - filled)} ${done} of ${course.lessons}`));
    main = button("Continue", "course.continue", id, "primary", `Continue ${course.title}`);
  }
  const details = button("Details", "course.open", id, undefined, `Details of ${course.title}`);
  blocks.push(
    { type: "section", text: mrkdwn(about) },
    { type: "context", elements: small },
    { type: "actions", elements: [main, details] },
    { type: "divider" },
  );
  lines.push(about, small.map((one) => one.text).join(" "), `[${main.text.text}] [Details]`);
}

// Of seven courses at most six are shown; `done` is how many lessons of each are, by its id.
export function screenOf(courses, done) {
  const finder = {
    type: "external_select",
    action_id: "catalog.pick",
    placeholder: plain("Find a course by title"),
    min_query_length: 0,
  };
  const blocks = [
    { type: "header", text: plain("Courses") },
    { type: "actions", elements: [finder] },
  ];
  const lines = ["Courses"];
  const shown = courses.slice(0, 6);
  for (const course of shown) card(course, done.get(course.id) ?? 0, blocks, lines);
  if (courses.length > 6) {
    const last = shown[5];
    const cursor = Buffer.from(JSON.stringify([last.id, last.title.slice(0, 200).toLowerCase()])).toString("base64url");
    blocks.push({ type: "actions", elements: [button("More courses", "catalog.turn", `after ${cursor}`)] });
    lines.push("[More courses]");
  }
  return { response_type: "ephemeral", text: lines.join("\n"), blocks };
}
