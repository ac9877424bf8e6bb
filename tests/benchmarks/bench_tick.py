"""The reminder tick: its cost follows what is due, not how many learners there are."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from sqlmodel import Session

from models import reminders, switches
from models.database import Database
from models.migrations import migrate
from tests.benchmarks.figures import Figure, at_most, ratios

NOW = datetime(2027, 3, 5, 9, 1, tzinfo=UTC)
FEW, MANY, DUE, ROUNDS = 10_000, 1_000_000, 1_000, 15
COURSES, LESSONS = 20, 10


def measure() -> list[Figure]:
    """1,000 learners due among a million against 1,000 among ten thousand, on SQLite."""
    with TemporaryDirectory() as folder, _school(Path(folder), FEW) as few, _school(Path(folder), MANY) as many:
        took: dict[int, list[float]] = {FEW: [], MANY: []}
        for _ in range(ROUNDS):
            for learners, database in ((FEW, few), (MANY, many)):
                took[learners].append(_tick(database))
        return [
            Figure(
                "reminder tick, 1,000 due: among 1,000,000 learners against among 10,000",
                ratios(took[MANY], took[FEW]),
                at_most(1.2),
                f"{median(took[MANY]) * 1000:.0f} ms against {median(took[FEW]) * 1000:.0f} ms",
            )
        ]


def _tick(database: Database) -> float:
    """Seconds to plan everything that is due; undone afterwards."""
    with database.writer.connect() as connection, connection.begin() as transaction, Session(connection) as session:
        session.connection()
        started = perf_counter()
        handled, count = reminders.AT_ONCE, 0
        while handled == reminders.AT_ONCE:
            planned, handled = reminders.plan(session, NOW, NOW, frozenset())
            count += len(planned)
        took = perf_counter() - started
        transaction.rollback()
    assert count == DUE, count
    return took


@contextmanager
def _school(folder: Path, learners: int) -> Iterator[Database]:
    """So many learners in three courses each with some lessons done, of whom a thousand are due."""
    path = folder / f"{learners}.db"
    migrate(f"sqlite:///{path}")
    database = Database(f"sqlite:///{path}", patience=60)
    with database.write() as session:
        connection = session.connection()
        raw = connection.connection.driver_connection
        assert raw is not None
        for name in [row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type='trigger'")]:
            raw.execute(f"DROP TRIGGER {name}")
        count = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {learners})"
        old, monday = "2027-01-01 09:00:00.000000", "2027-03-01 12:00:00.000000"
        raw.execute(
            f"{count} INSERT INTO user (id, first_name, last_name, email, created_at, updated_at)"
            f" SELECT 'user_' || i, 'L', 'earner', i || '@example.org', '{old}', '{old}' FROM n"
        )
        for course in range(1, COURSES + 1):
            raw.execute(
                "INSERT INTO course (id, title, description, instructor_id, created_at, updated_at)"
                f" VALUES ({course}, 'Course {course}', '', 'user_1', '{old}', '{old}')"
            )
            raw.execute(f"INSERT INTO module (id, title, course_id, \"order\") VALUES ({course}, 'M', {course}, 1)")
            for lesson in range(LESSONS):
                raw.execute(
                    'INSERT INTO lesson (id, title, content_type, module_id, "order", body) VALUES (?, ?, ?, ?, ?, ?)',
                    (course * 100 + lesson, f"Lesson {lesson}", "text", course, lesson, "Read me."),
                )
        raw.execute(
            f"{count} INSERT INTO homeroom_member (team_id, slack_user_id, handle, name, tz, is_bot, is_guest,"
            " is_deleted, seen_at, dm_channel_id)"
            f" SELECT 'T1', 'U' || i, 'h', 'N', 'UTC', 0, 0, 0, '{old}', 'D' || i FROM n"
        )
        raw.execute(
            f"{count} INSERT INTO homeroom_link (team_id, slack_user_id, user_id, linked_at)"
            f" SELECT 'T1', 'U' || i, 'user_' || i, '{old}' FROM n"
        )
        for nth in range(3):
            raw.execute(
                f"{count} INSERT INTO enrollment (user_id, course_id, enrolled_at)"
                f" SELECT 'user_' || i, (i + {nth} * 7) % {COURSES} + 1, '{old}' FROM n"
            )
            raw.execute(
                f"{count} INSERT INTO progress (user_id, lesson_id, completed, completed_at) SELECT 'user_' || i,"
                f" ((i + {nth} * 7) % {COURSES} + 1) * 100, 1, '{monday}' FROM n"
            )
        # The due ones are spread evenly over everybody, as zones and habits spread them.
        every = learners // DUE
        raw.execute(
            f"{count} INSERT INTO homeroom_reminder (user_id, rhythm, weekdays, hour, nudges, due_at) SELECT"
            f" 'user_' || i, 'behind', '12345', 9, 0,"
            f" CASE WHEN i % {every} = 0 THEN '2027-03-05 09:00:00.000000' ELSE '2027-03-09 09:00:00.000000' END FROM n"
        )
        raw.execute("ANALYZE")
        switches.turn_on(session, switches.KINDS, "bench", NOW - timedelta(days=9))
    yield database
    database.close()
    shutil.rmtree(path, ignore_errors=True)
