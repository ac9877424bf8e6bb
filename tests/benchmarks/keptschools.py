"""Schools of any size. SQL makes their rows, with the triggers off; a school is made once and kept."""

import ast
import hashlib
import inspect
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlmodel import create_engine

from models import switches, triggers
from models.database import Database
from models.migrations import migrate

KEPT = Path(__file__).parents[2] / ".benchmarks"
NOW = datetime(2027, 3, 5, 9, 1, tzinfo=UTC)
"""A Friday; whoever is due was due at nine, UTC."""
OLD, MONDAY = "2027-01-01 09:00:00.000000", "2027-03-01 12:00:00.000000"
DUE, LATER = "2027-03-05 09:00:00.000000", "2027-03-09 09:00:00.000000"
ZONES = (("UTC", 9), ("Europe/Berlin", 10), ("Africa/Johannesburg", 11), ("Asia/Dubai", 13), ("Africa/Lagos", 10))
"""Zones, and the hour in them at which it is nine in UTC that day."""


@dataclass(frozen=True, slots=True)
class School:
    """So many learners, each in ``courses_each`` of the courses with ``done_each`` lessons of each done.

    ``name`` is its file's. ``due`` of the learners are due at `NOW`, spread evenly over everybody, as zones and habits
    spread them. Lessons are texts of so many ``characters``, whose author did not say how long they take; where that is
    0, of few words and six minutes.
    """

    name: str
    learners: int
    courses: int
    lessons: int
    courses_each: int
    done_each: int
    due: int = 0
    characters: int = 0

    @property
    def progress_rows(self) -> int:
        """How many rows of progress there are."""
        return self.learners * self.courses_each * self.done_each

    def fill(self, raw: sqlite3.Connection) -> None:
        """Make the rows."""
        everybody, every = _count("n", self.learners), max(1, self.learners // max(1, self.due))
        course = f"(n.i + nth.i * 7) % {self.courses} + 1"
        raw.execute(
            f"{everybody} INSERT INTO user (id, first_name, last_name, email, created_at, updated_at) SELECT {_USER},"
            f" 'Ada', 'Learner ' || n.i, n.i || '@example.org', '{OLD}', '{OLD}' FROM n"
        )
        raw.execute("INSERT OR IGNORE INTO role (name) VALUES ('Student'), ('Instructor'), ('Admin')")
        raw.execute(
            "INSERT INTO userrole (user_id, role_id) SELECT user.id, role.id FROM user, role WHERE name = 'Student'"
        )
        self._fill_courses(raw)
        zones = " ".join(f"WHEN {number} THEN '{zone}'" for number, (zone, _) in enumerate(ZONES))
        hours = " ".join(f"WHEN {number} THEN {hour}" for number, (_, hour) in enumerate(ZONES))
        raw.execute(
            f"{everybody} INSERT INTO homeroom_member (team_id, slack_user_id, handle, name, email, tz, is_bot,"
            " is_guest, is_deleted, is_email_confirmed, seen_at, active_at, dm_channel_id) SELECT 'T1', 'U' || n.i,"
            " 'learner' || n.i, 'Ada Learner ' || n.i, n.i || '@example.org',"
            f" CASE n.i / {every} % {len(ZONES)} {zones} END, 0, 0, 0, 0, '{OLD}', '{MONDAY}', 'D' || n.i FROM n"
        )
        raw.execute(
            f"{everybody} INSERT INTO homeroom_link (team_id, slack_user_id, user_id, linked_at)"
            f" SELECT 'T1', 'U' || n.i, {_USER}, '{OLD}' FROM n"
        )
        raw.execute(
            f"{everybody}, {_count('nth', self.courses_each, first=False)} INSERT INTO enrollment"
            f" (user_id, course_id, enrolled_at) SELECT {_USER}, {course}, '{OLD}' FROM n, nth ORDER BY n.i"
        )
        raw.execute(
            f"{everybody}, {_count('nth', self.courses_each, first=False)},"
            f" {_count('lesson', self.done_each, first=False)} INSERT INTO progress"
            f" (user_id, lesson_id, completed, completed_at) SELECT {_USER},"
            f" ({course} - 1) * {self.lessons} + lesson.i + 1, 1, '{MONDAY}' FROM n, nth, lesson ORDER BY n.i"
        )
        raw.execute(
            f"{everybody}, {_count('nth', self.courses_each, first=False)} INSERT INTO homeroom_place"
            f" (user_id, course_id, lesson_id, page, opened_at) SELECT {_USER}, {course},"
            f" ({course} - 1) * {self.lessons} + {self.done_each}, 1, '{MONDAY}' FROM n, nth ORDER BY n.i"
        )
        raw.execute(
            f"{everybody} INSERT INTO homeroom_reminder (user_id, rhythm, weekdays, hour, nudges, nudged_at,"
            " planned_on, planned_at, due_at, team_id, slack_user_id, dm_channel_id, slack_tz, away_until) SELECT"
            f" {_USER},"
            f" CASE n.i / {every} % 2 WHEN 0 THEN 'behind' ELSE 'days' END, '12345',"
            f" CASE n.i / {every} % {len(ZONES)} {hours} END, n.i / {every} % 3,"
            " strftime('%Y-%m-%d %H:%M:%f', '2027-02-01 09:00:00', (n.i % 900) || ' seconds') || '123',"
            f" '2027-02-' || printf('%02d', 1 + n.i / {every} % 28),"
            f" '2027-02-' || printf('%02d', 1 + n.i / {every} % 28) || ' 09:00:00.000000',"
            f" CASE WHEN {self.due} AND n.i % {every} = 0 THEN '{DUE}' ELSE '{LATER}' END,"
            f" 'T1', 'U' || n.i, 'D' || n.i, CASE n.i / {every} % {len(ZONES)} {zones} END,"
            f" CASE WHEN n.i / {every} % 20 = 0 THEN '2027-01-15' END FROM n"
        )
        raw.execute(
            f"{everybody} INSERT INTO homeroom_absence (user_id, source, starts_on, ends_on)"
            f" SELECT {_USER}, 'own', '2027-01-04', '2027-01-15' FROM n WHERE n.i / {every} % 20 = 0"
        )

    def _fill_courses(self, raw: sqlite3.Connection) -> None:
        courses = _count("n", self.courses)
        text = f"printf('%.*c', {self.characters}, 'x'), NULL" if self.characters else "'Read me.', 6"
        raw.execute(
            f"{courses} INSERT INTO course (id, title, description, instructor_id, slug, created_at, updated_at) SELECT"
            " n.i, 'Course ' || printf('%06d', n.i), 'What course ' || n.i || ' is about, in a sentence or two.',"
            f" 'user_1', 'course-' || n.i, '{OLD}', '{OLD}' FROM n"
        )
        raw.execute(
            f"{courses} INSERT INTO module (id, title, course_id, \"order\") SELECT n.i, 'The knots', n.i, 1 FROM n"
        )
        raw.execute(
            f"{courses}, {_count('lesson', self.lessons, first=False)} INSERT INTO lesson (id, title, content_type,"
            f' module_id, "order", body, minutes) SELECT (n.i - 1) * {self.lessons} + lesson.i + 1,'
            f" 'Lesson ' || lesson.i, 'text', n.i, lesson.i, {text} FROM n, lesson"
        )


_USER = "'user_' || n.i"


def _count(name: str, last: int, *, first: bool = True) -> str:
    """The beginning of a statement that counts to ``last``, from 1, or from 0 when it is not the first such count."""
    start, end = (1, last) if first else (0, last - 1)
    counting = f"{name}(i) AS (SELECT {start} UNION ALL SELECT i + 1 FROM {name} WHERE i < {end})"
    return f"WITH RECURSIVE {counting}" if first else counting


def kept(school: School) -> Path:
    """The file of a school, made now when it is not there as this release would make it. Nobody writes to it."""
    KEPT.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=KEPT) as folder:
        fresh = Path(folder) / "fresh.db"
        migrate(f"sqlite:///{fresh}")
        with closing(sqlite3.connect(fresh, isolation_level=None)) as raw:
            shape = "\n".join(row[0] or "" for row in raw.execute("SELECT sql FROM sqlite_master ORDER BY name"))
            known = hashlib.sha256(
                f"{shape}{school}{ast.dump(ast.parse(inspect.getsource(School)))}".encode()
            ).hexdigest()[:16]
            path = KEPT / f"{school.name}-{known}.db"
            if path.exists():
                return path
            for older in KEPT.glob(f"{school.name}-*.db"):
                older.unlink()
            _make(school, raw)
        engine = create_engine(f"sqlite:///{fresh}")
        with engine.begin() as connection:
            triggers.install(connection)
        engine.dispose()
        with closing(sqlite3.connect(fresh)) as raw:
            raw.execute("ANALYZE")
            raw.execute("PRAGMA journal_mode=WAL")
        fresh.rename(path)
    return path


def _make(school: School, raw: sqlite3.Connection) -> None:
    """The rows, with nothing to slow them down: triggers and indexes come back afterwards."""
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF", "cache_size=-500000"):
        raw.execute(f"PRAGMA {pragma}")
    for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        raw.execute(f'DROP TRIGGER "{name}"')
    indexes = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
    for name, _ in indexes:
        raw.execute(f'DROP INDEX "{name}"')
    raw.execute("BEGIN")
    school.fill(raw)
    for _, sql in indexes:
        raw.execute(sql)
    raw.execute("COMMIT")


@contextmanager
def opened(school: School) -> Iterator[Database]:
    """A copy of the school to do anything with, open until the end of the block, with everything sent turned on."""
    original = kept(school)
    with TemporaryDirectory(dir=KEPT) as folder:
        path = Path(folder) / "school.db"
        shutil.copyfile(original, path)
        database = Database(f"sqlite:///{path}", patience=60)
        with database.write() as session:
            switches.turn_on(session, switches.KINDS, "bench", NOW - timedelta(days=9))
        yield database
        database.close()
