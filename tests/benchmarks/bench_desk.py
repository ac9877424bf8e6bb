"""The desk of somebody who teaches: its cost follows the courses on it, not who learns in them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from handlers import teaching
from handlers.requests import Context, Portal, Request
from models import roles, snapshots
from models.database import Database
from models.members import Caller, Profile
from models.migrations import migrate
from tests.benchmarks.figures import Figure, at_most, ratios

NOW = datetime(2027, 3, 5, 9, 1, tzinfo=UTC)
FEW, MANY, COURSES, LESSONS, ROUNDS = 1_000, 100_000, 10, 10, 15
GRACE = Caller("T1", "U0", "Grace", "user_0", frozenset({roles.INSTRUCTOR}))
ASKED = Request("command", "teach.desk", "T1", "U0", surface="command")


def measure() -> list[Figure]:
    """A desk of ten courses with 100,000 enrollments in them against one with 1,000, on SQLite."""
    with TemporaryDirectory() as folder, _school(Path(folder), FEW) as few, _school(Path(folder), MANY) as many:
        took: dict[int, list[float]] = {FEW: [], MANY: []}
        for _ in range(ROUNDS):
            for learners, context in ((FEW, few), (MANY, many)):
                started = perf_counter()
                reply = teaching.desk(ASKED, GRACE, context)
                took[learners].append(perf_counter() - started)
                assert reply.screen is not None
                assert f"{learners // COURSES:,} learners" in reply.screen.text
        assert median(took[MANY]) < 0.02
        return [
            Figure(
                "the desk of ten courses: 100,000 enrollments in them against 1,000",
                ratios(took[MANY], took[FEW]),
                at_most(1.2, "and under 20 ms"),
                f"{median(took[MANY]) * 1000:.1f} ms against {median(took[FEW]) * 1000:.1f} ms",
            )
        ]


@contextmanager
def _school(folder: Path, learners: int) -> Iterator[Context]:
    """So many enrollments in ten courses of ten lessons, each with some done, and their numbers taken."""
    path = folder / f"{learners}.db"
    migrate(f"sqlite:///{path}")
    database = Database(f"sqlite:///{path}", patience=60)
    at = "2027-01-01 09:00:00.000000"
    with database.write() as session:
        raw = session.connection().connection.driver_connection
        assert raw is not None
        count = f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {learners - 1})"
        raw.execute(
            f"{count} INSERT INTO user (id, first_name, last_name, email, created_at, updated_at)"
            f" SELECT 'user_' || i, 'L', 'earner', i || '@example.org', '{at}', '{at}' FROM n"
        )
        for course in range(1, COURSES + 1):
            raw.execute(
                "INSERT INTO course (id, title, description, instructor_id, created_at, updated_at)"
                f" VALUES ({course}, 'Course {course}', '', 'user_0', '{at}', '{at}')"
            )
            raw.execute(f"INSERT INTO module (id, title, course_id, \"order\") VALUES ({course}, 'M', {course}, 1)")
            for lesson in range(LESSONS):
                raw.execute(
                    'INSERT INTO lesson (id, title, content_type, module_id, "order", body) VALUES (?, ?, ?, ?, ?, ?)',
                    (course * 100 + lesson, f"Lesson {lesson}", "text", course, lesson, "Read me."),
                )
        raw.execute(
            f"{count} INSERT INTO enrollment (user_id, course_id, enrolled_at)"
            f" SELECT 'user_' || i, i % {COURSES} + 1, '{at}' FROM n"
        )
        for lesson in range(LESSONS):
            raw.execute(
                f"{count} INSERT INTO progress (user_id, lesson_id, completed, completed_at)"
                f" SELECT 'user_' || i, (i % {COURSES} + 1) * 100 + {lesson}, 1, '{at}' FROM n"
                f" WHERE (i / {COURSES}) % {LESSONS} > {lesson}"
            )
        raw.execute("ANALYZE")
    with database.read() as session:
        taken = [snapshots.take(session, course_id, NOW) for course_id in snapshots.due(session, NOW)]
    with database.write() as session:
        snapshots.keep(session, taken)
    yield Context(database, NOW, Portal("Homeroom"), _nobody)
    database.close()


def _nobody(team_id: str, slack_user_id: str) -> Profile:
    raise AssertionError("nobody is looked up")
