// The catalog in Bolt for JavaScript with what Homeroom asks, its statements prepared once.
import bolt from "@slack/bolt";
import Database from "better-sqlite3";
import { screenOf } from "./screen.js";

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
  SELECT p.id, p.title, p.description, u.first_name, u.last_name, w.lessons, w.minutes, e.id AS enrolled
  FROM (SELECT *, lower(substr(title, 1, 200)) AS sorted_by FROM course WHERE archived_at IS NULL
    ORDER BY lower(substr(title, 1, 200)), id LIMIT 7) p
  LEFT JOIN user u ON u.id = p.instructor_id
  LEFT JOIN homeroom_workload w ON w.course_id = p.id
  LEFT JOIN enrollment e ON e.course_id = p.id AND e.user_id = @me
  LEFT JOIN homeroom_completion c ON c.course_id = p.id AND c.user_id = @me
  ORDER BY p.sorted_by, p.id`);
const progress = database.prepare(`
  SELECT m.course_id, count(CASE WHEN p.completed IS 1 THEN 1 END) AS done
  FROM module m JOIN lesson l ON l.module_id = m.id AND l.removed_at IS NULL
  JOIN progress p ON p.lesson_id = l.id AND p.user_id = ?
  WHERE m.course_id IN (SELECT value FROM json_each(?)) GROUP BY m.course_id`);

const app = new bolt.App({
  token: SLACK_BOT_TOKEN,
  signingSecret: SLACK_SIGNING_SECRET,
  clientOptions: { slackApiUrl: SLACK_API_URL },
});

const read = database.transaction((team, user) => {
  const [caller] = identify.all(team, user);
  const courses = page.all({ me: caller.id });
  const mine = courses.slice(0, 6).flatMap((course) => (course.enrolled === null ? [] : [course.id]));
  const learned = mine.length ? progress.all(caller.id, JSON.stringify(mine)) : [];
  return [courses, new Map(learned.map((row) => [row.course_id, row.done]))];
});

app.command("/learn", async ({ command, ack }) => {
  await ack(screenOf(...read(command.team_id, command.user_id)));
});

await app.start({ port: Number(PORT), host: "127.0.0.1" });
