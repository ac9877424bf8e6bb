"""The school requests are measured in: 1,000 courses of 40 lessons, 20,000 linked learners, 800,000 lessons done."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from models import migrations, triggers
from models.database import Database

TEAM, TOKEN, SECRET = "T0BENCH", "xoxb-bench", "bench-signing-secret"
MODULES, LESSONS = 5, 40
"""Of each course; a lesson's id is 40 times the courses before its own, and its place in it."""
ENROLLED, DONE = 5, 8
"""Courses each learner is enrolled in, and how many lessons from the first they have done in each."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is in a school."""

    courses: int = 1_000
    learners: int = 20_000


def furnish(url: str, size: Size) -> None:
    """Make the database at ``url``, fill it, and put the triggers back that were off meanwhile."""
    migrations.migrate(url)
    database = Database(url, patience=60)
    with database.writer.begin() as connection:
        triggers.uninstall(connection)
        for table, columns, rows in _tables(size):
            _fill(connection, table, columns, rows)
        triggers.install(connection)
        if not database.is_sqlite:
            for table in ("course", "module", "lesson", "enrollment", "progress", "role", "homeroom_change"):
                sequence = f"pg_get_serial_sequence('{table}', 'id')"
                connection.exec_driver_sql(f"SELECT setval({sequence}, 1 + coalesce(max(id), 0)) FROM {table}")
    with database.writer.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
    database.close()


def slack_user_id(learner: int) -> str:
    """A learner's id in Slack."""
    return f"U{learner:07}"


def courses_of(learner: int, size: Size) -> list[int]:
    """The courses a learner is enrolled in: two on the catalog's first page, the others anywhere."""
    others = ((learner * 7 + nth * 131) % (size.courses - 6) + 7 for nth in range(ENROLLED - 2))
    return list(dict.fromkeys([learner % 6 + 1, (learner + 3) % 6 + 1, *others]))


def lesson_id(course: int, place: int) -> int:
    """The id of the lesson at a place (from 0) of a course."""
    return (course - 1) * LESSONS + place + 1


def _tables(size: Size) -> Iterator[tuple[str, Sequence[str], Iterable[tuple[Any, ...]]]]:
    at = "2027-01-04 09:00:00.000000"
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}"
    learners, courses = range(size.learners), range(1, size.courses + 1)
    user = ("id", "first_name", "last_name", "email", "created_at", "updated_at")
    yield "user", user, ((f"user_{i}", f"Lea{i}", "Rner", f"{i}@example.org", at, at) for i in learners)
    described = "What it is for, whom it helps, and what you can do when you have finished it. " * 2
    yield (
        "course",
        ("id", "title", "description", "instructor_id", "created_at", "updated_at"),
        ((i, f"Course {i:04}: working with it", described.strip(), f"user_{i % 5}", at, at) for i in courses),
    )
    modules = ((course, place) for course in courses for place in range(MODULES))
    yield (
        "module",
        ("id", "title", "course_id", "order"),
        (((course - 1) * MODULES + place + 1, f"Module {place + 1}", course, place) for course, place in modules),
    )
    lessons = ((course, place) for course in courses for place in range(LESSONS))
    each = LESSONS // MODULES
    yield (
        "lesson",
        ("id", "title", "content_type", "content_url", "order", "module_id", "minutes", "body"),
        (
            (
                lesson_id(course, place),
                f"Lesson {place + 1}",
                "text",
                None,
                place % each,
                (course - 1) * MODULES + place // each + 1,
                6,
                "Read me.",
            )
            for course, place in lessons
        ),
    )
    member = ("team_id", "slack_user_id", "handle", "name", "tz", "is_bot", "is_guest", "is_deleted", "seen_at")
    yield (
        "homeroom_member",
        (*member, "is_email_confirmed", "active_at"),
        (
            (TEAM, slack_user_id(i), f"lea{i}", f"Lea{i} Rner", "UTC", False, False, False, at, False, now)
            for i in learners
        ),
    )
    yield (
        "homeroom_link",
        ("team_id", "slack_user_id", "user_id", "linked_at"),
        ((TEAM, slack_user_id(i), f"user_{i}", at) for i in learners),
    )
    yield "role", ("id", "name"), [(1, "Student")]
    yield "userrole", ("user_id", "role_id"), ((f"user_{i}", 1) for i in learners)
    yield (
        "enrollment",
        ("user_id", "course_id", "enrolled_at"),
        ((f"user_{i}", course, at) for i in learners for course in courses_of(i, size)),
    )
    yield (
        "progress",
        ("user_id", "lesson_id", "completed", "completed_at"),
        (
            (f"user_{i}", lesson_id(course, place), True, at)
            for i in learners
            for course in courses_of(i, size)
            for place in range(DONE)
        ),
    )
    counted = (len(range(0, size.learners, 6)) if i < 7 else 0 for i in courses)
    yield (
        "homeroom_snapshot",
        ("course_id", "learners", "finished", "stuck", "taken_at", "is_stale"),
        ((i, learners, 0, 0, now, False) for i, learners in zip(courses, counted, strict=True)),
    )
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    yield (
        "homeroom_workspace",
        ("team_id", "name", "url", "bot_user_id", "bot_id", "token_digest", "learned_at"),
        [(TEAM, "Bench", "", "U0BOT", "B0BOT", digest, at)],
    )


def _fill(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    names = ", ".join(f'"{column}"' for column in columns)
    driver = connection.connection.driver_connection
    assert driver is not None
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" * len(columns))
        driver.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({places})', rows)
        return
    with driver.cursor().copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)
