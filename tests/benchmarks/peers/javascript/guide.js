// The catalog as Bolt for JavaScript's guide and better-sqlite3's would have it written: what the naive app in Python
// asks, statement by statement, each prepared where it is needed.
import bolt from "@slack/bolt";
import Database from "better-sqlite3";
import { screenOf } from "./screen.js";

const { SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, SLACK_API_URL, DATABASE_URL, PORT } = process.env;
const database = new Database(DATABASE_URL);
database.pragma("journal_mode = WAL");

const app = new bolt.App({
  token: SLACK_BOT_TOKEN,
  signingSecret: SLACK_SIGNING_SECRET,
  clientOptions: { slackApiUrl: SLACK_API_URL },
});

const these = (ids) => ids.map(() => "?").join(", ");

app.command("/learn", async ({ command, ack }) => {
  const member = database
    .prepare("SELECT * FROM homeroom_member WHERE team_id = ? AND slack_user_id = ? AND NOT is_deleted")
    .get(command.team_id, command.user_id);
  const user = database
    .prepare(
      `SELECT user.* FROM user JOIN homeroom_link ON homeroom_link.user_id = user.id
      WHERE homeroom_link.team_id = ? AND homeroom_link.slack_user_id = ?`,
    )
    .get(member.team_id, member.slack_user_id);
  const roles = database
    .prepare("SELECT role.name FROM role JOIN userrole ON userrole.role_id = role.id WHERE userrole.user_id = ?")
    .all(user.id);
  if (!roles.length) throw new Error("nobody");
  const courses = database
    .prepare("SELECT * FROM course WHERE archived_at IS NULL ORDER BY lower(substr(title, 1, 200)), id LIMIT 7")
    .all();
  const ids = courses.slice(0, 6).map((course) => course.id);
  const taught = courses.map((course) => course.instructor_id);
  const teachers = new Map(
    database
      .prepare(`SELECT * FROM user WHERE id IN (${these(taught)})`)
      .all(...taught)
      .map((teacher) => [teacher.id, teacher]),
  );
  const mine = new Set(
    database
      .prepare(`SELECT course_id FROM enrollment WHERE user_id = ? AND course_id IN (${these(ids)})`)
      .pluck()
      .all(user.id, ...ids),
  );
  const finished = database
    .prepare(`SELECT course_id FROM homeroom_completion WHERE user_id = ? AND course_id IN (${these(ids)})`)
    .all(user.id, ...ids);
  if (finished.length) throw new Error("finished");
  const counts = new Map(
    database
      .prepare(
        `SELECT module.course_id, count(lesson.id) AS lessons, sum(lesson.minutes) AS minutes,
          count(CASE WHEN progress.completed THEN 1 END) AS done
        FROM module JOIN lesson ON lesson.module_id = module.id AND lesson.removed_at IS NULL
        LEFT JOIN progress ON progress.lesson_id = lesson.id AND progress.user_id = ?
        WHERE module.course_id IN (${these(ids)}) GROUP BY module.course_id`,
      )
      .all(user.id, ...ids)
      .map((row) => [row.course_id, row]),
  );
  const shown = courses.map((course) => {
    const { first_name, last_name } = teachers.get(course.instructor_id);
    return { ...course, ...counts.get(course.id), id: course.id, first_name, last_name, enrolled: mine.has(course.id) };
  });
  await ack(screenOf(shown, new Map([...counts].map(([id, { done }]) => [id, done]))));
});

await app.start({ port: Number(PORT), host: "127.0.0.1" });
