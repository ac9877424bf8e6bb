// The catalog as Bolt for JavaScript's guide would write it, on better-sqlite3 with its statements prepared once.
import bolt from "@slack/bolt";
import Database from "better-sqlite3";

const { SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, SLACK_API_URL, DATABASE_URL, PORT } = process.env;
const database = new Database(DATABASE_URL);
database.pragma("journal_mode = WAL");
database.pragma("synchronous = NORMAL");

const identify = database.prepare(`
  SELECT m.is_guest, u.id, r.name FROM homeroom_member m
  LEFT JOIN homeroom_link l ON l.team_id = m.team_id AND l.slack_user_id = m.slack_user_id
  LEFT JOIN user u ON u.id = l.user_id LEFT JOIN userrole h ON h.user_id = u.id LEFT JOIN role r ON r.id = h.role_id
  WHERE m.team_id = ? AND m.slack_user_id = ? AND m.is_deleted = 0`);
const page = database.prepare(`
  SELECT p.id, p.title, p.description, u.first_name, u.last_name, e.id AS enrollment_id, p.sorted_by
  FROM (SELECT *, lower(substr(title, 1, 200)) AS sorted_by FROM course WHERE archived_at IS NULL
    ORDER BY lower(substr(title, 1, 200)), id LIMIT 7) p
  LEFT JOIN user u ON u.id = p.instructor_id
  LEFT JOIN enrollment e ON e.course_id = p.id AND e.user_id = @me
  LEFT JOIN homeroom_completion c ON c.course_id = p.id AND c.user_id = @me
  ORDER BY p.sorted_by, p.id`);
const counts = database.prepare(`
  SELECT m.course_id, count(*) AS lessons, sum(CASE WHEN l.minutes > 0 THEN l.minutes
    ELSE coalesce(nullif((length(l.body) + 1199) / 1200, 0), 5) END) AS minutes
  FROM module m JOIN lesson l ON l.module_id = m.id AND l.removed_at IS NULL
  WHERE m.course_id IN (?, ?, ?, ?, ?, ?) GROUP BY m.course_id`);
const progress = database.prepare(`
  SELECT m.course_id, count(CASE WHEN p.completed IS 1 THEN 1 END) AS done
  FROM module m JOIN lesson l ON l.module_id = m.id AND l.removed_at IS NULL
  JOIN progress p ON p.lesson_id = l.id AND p.user_id = ?
  WHERE m.course_id IN (SELECT value FROM json_each(?)) GROUP BY m.course_id`);

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

function card(course, count, done, blocks, lines) {
  const id = String(course.id);
  const about = `*${safe(course.title)}*\n${safe(course.description)}`;
  const facts = `${safe(`${course.first_name} ${course.last_name}`)} · ${count.lessons} lessons · ${count.minutes} min`;
  const small = [mrkdwn(facts)];
  let main = button("Enroll", "course.enroll", id, "primary", `Enroll in ${course.title}`);
  if (course.enrollment_id !== null) {
    const filled = Math.floor((10 * done) / count.lessons);
    small.push(mrkdwn(`${"▰".repeat(filled)}${"▱".repeat(10 - filled)} ${done} of ${count.lessons}`));
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

const app = new bolt.App({
  token: SLACK_BOT_TOKEN,
  signingSecret: SLACK_SIGNING_SECRET,
  clientOptions: { slackApiUrl: SLACK_API_URL },
});

app.command("/learn", async ({ command, ack }) => {
  const [caller] = identify.all(command.team_id, command.user_id);
  const courses = page.all({ me: caller.id });
  const shown = courses.slice(0, 6);
  const count = new Map(counts.all(...shown.map((course) => course.id)).map((row) => [row.course_id, row]));
  const mine = shown.filter((course) => course.enrollment_id !== null).map((course) => course.id);
  const learned = mine.length ? progress.all(caller.id, JSON.stringify(mine)) : [];
  const done = new Map(learned.map((row) => [row.course_id, row.done]));
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
  for (const course of shown) card(course, count.get(course.id), done.get(course.id) ?? 0, blocks, lines);
  if (courses.length > 6) {
    const last = shown[5];
    const cursor = Buffer.from(JSON.stringify([last.id, last.sorted_by])).toString("base64url");
    blocks.push({ type: "actions", elements: [button("More courses", "catalog.turn", `after ${cursor}`)] });
    lines.push("[More courses]");
  }
  await ack({ response_type: "ephemeral", text: lines.join("\n"), blocks });
});

await app.start({ port: Number(PORT), host: "127.0.0.1" });
