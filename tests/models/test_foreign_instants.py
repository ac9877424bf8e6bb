"""On SQLite an instant is one and the same whoever wrote it, in whatever form."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import SQLModel, col, select

from models import Course, Enrollment, Lesson, Progress, User, foreign_instants
from models.database import Database
from models.migrations.seed import SEED

NOON = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
FORMS = {
    "2024-05-01T12:00:00Z": NOON,
    "2024-05-01t12:00:00z": NOON,
    "2024-05-01T12:00:00.123Z": NOON.replace(microsecond=123_000),
    "2024-05-01T12:00:00.123456Z": NOON.replace(microsecond=123_456),
    "2024-05-01T12:00:00.123456789Z": NOON.replace(microsecond=123_456),
    "2024-05-01T12:00:00.9999Z": NOON.replace(microsecond=999_900),
    "2024-05-01T12:00:00.5": NOON.replace(microsecond=500_000),
    "2024-05-01T12:00:00": NOON,
    "2024-05-01T12:00": NOON,
    "2024-05-01 12:00:00": NOON,
    "2024-05-01 12:00:00 UTC": NOON,
    "2024-05-01T14:00:00+02:00": NOON,
    "2024-05-01T17:45:00.25+05:45": NOON.replace(microsecond=250_000),
    "2024-05-01T04:00:00-0800": NOON,
    "2024-05-01 12:00:00+00": NOON,
    "2024-05-02T00:30:00+12:30": NOON,
    "2024-05-01": NOON.replace(hour=0),
    1714564800000: NOON,
    1714564800123: NOON.replace(microsecond=123_000),
    -1: datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
    "2024-05-01 12:00:00.000000": NOON,
    "2024-05-01 12:00:00.000001": NOON.replace(microsecond=1),
}


@pytest.fixture
def portal(database: Database, url: str) -> Iterator[sqlite3.Connection]:
    """The portal at a bare SQLite, with a user, a course and a lesson to write about."""
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    connection.executescript(
        """
        INSERT INTO user VALUES ('ada', 'Ada', 'Lovelace', 'ada@example.org', NULL, '2024-01-01', '2024-01-01');
        INSERT INTO course (id, title, description, instructor_id, created_at, updated_at)
            VALUES (1, 'Loops', 'About loops.', 'ada', '2024-01-01', '2024-01-01');
        INSERT INTO module (id, title, "order", course_id) VALUES (1, 'One', 1, 1);
        INSERT INTO lesson (id, title, content_type, "order", module_id) VALUES (1, 'For', 'text', 1, 1);
        DELETE FROM homeroom_change;
        """
    )
    yield connection
    connection.close()


def test_every_instant_in_a_table_of_the_seed_is_looked_after() -> None:
    instants = {
        name: tuple(column.name for column in SQLModel.metadata.tables[name].columns if column.name.endswith("_at"))
        for name in SEED.tables
    }
    assert {name: columns for name, columns in instants.items() if columns} == foreign_instants.COLUMNS


@pytest.mark.parametrize(("written", "instant"), FORMS.items(), ids=str)
def test_each_form_is_read_as_the_instant_it_is(
    portal: sqlite3.Connection, database: Database, written: str | int, instant: datetime
) -> None:
    portal.execute("INSERT INTO user VALUES ('b', 'B', 'B', 'b@example.org', NULL, ?, ?)", (written, written))
    portal.execute("UPDATE course SET created_at = ?", (written,))
    portal.execute("UPDATE course SET updated_at = ?, archived_at = ?", (written, written))
    portal.execute("UPDATE course SET revised_at = ?", (written,))
    portal.execute("UPDATE lesson SET removed_at = ?", (written,))
    portal.execute("INSERT INTO enrollment (user_id, course_id, enrolled_at) VALUES ('ada', 1, ?)", (written,))
    portal.execute(
        "INSERT INTO progress (user_id, lesson_id, completed, completed_at) VALUES ('ada', 1, 1, ?)", (written,)
    )
    with database.read() as session:
        user = session.exec(select(User).where(User.id == "b")).one()
        course = session.exec(select(Course)).one()
        assert {user.created_at, user.updated_at, course.created_at, course.updated_at} == {instant}
        assert {course.archived_at, course.revised_at, session.exec(select(Lesson.removed_at)).one()} == {instant}
        assert session.exec(select(Enrollment.enrolled_at)).one() == instant
        assert session.exec(select(Progress.completed_at)).one() == instant
        assert session.exec(select(Progress).where(Progress.completed_at == instant)).one()


def test_instants_order_as_they_followed(portal: sqlite3.Connection, database: Database) -> None:
    for number, written in enumerate(FORMS):
        portal.execute(
            "INSERT INTO user VALUES (?, 'B', 'B', ?, NULL, ?, ?)",
            (f"u{number}", f"{number}@example.org", written, written),
        )
    with database.read() as session:
        ordered = session.exec(select(User).where(User.id != "ada").order_by(col(User.created_at))).all()
    assert [user.created_at for user in ordered] == sorted(FORMS.values())


def test_a_neighbour_s_instants_are_one_change_not_two(portal: sqlite3.Connection) -> None:
    portal.execute("INSERT INTO progress (user_id, lesson_id, completed) VALUES ('ada', 1, 0)")
    portal.execute("UPDATE progress SET completed = 1, completed_at = '2024-05-01T12:00:00Z'")
    portal.execute("UPDATE course SET updated_at = '2024-05-01T12:00:00Z', created_at = 1714564800000")
    changes = portal.execute("SELECT table_name, operation FROM homeroom_change ORDER BY id").fetchall()
    assert changes == [("progress", "insert"), ("progress", "complete"), ("course", "update")]


@pytest.mark.parametrize("recursive", ["ON", "OFF"])
@pytest.mark.parametrize("written", ["last spring", "2024-13-01T12:00:00Z", "2024-05-01T12:00:00.1.2Z", "", 1.5, None])
def test_what_is_no_instant_is_left_as_it_is(
    portal: sqlite3.Connection, recursive: str, written: str | float | None
) -> None:
    portal.execute(f"PRAGMA recursive_triggers={recursive}")
    portal.execute(
        "INSERT INTO progress (user_id, lesson_id, completed, completed_at) VALUES ('ada', 1, 1, ?)", (written,)
    )
    assert portal.execute("SELECT completed_at FROM progress").fetchone() == (written,)


def test_recursive_triggers_come_to_an_end(portal: sqlite3.Connection) -> None:
    portal.execute("PRAGMA recursive_triggers=ON")
    portal.execute("UPDATE course SET updated_at = '2024-05-01T12:00:00Z', created_at = 1714564800000")
    assert portal.execute("SELECT created_at, updated_at FROM course").fetchone() == (
        "2024-05-01 12:00:00.000000",
        "2024-05-01 12:00:00.000000",
    )


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(instant=st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.timezones()))  # noqa: DTZ001
def test_whatever_python_writes_as_iso_is_the_same_instant(instant: datetime) -> None:
    if instant.utcoffset() is None or instant.utcoffset().total_seconds() % 60:  # type: ignore[union-attr]
        return
    connection = sqlite3.connect(":memory:")
    (rewritten,) = connection.execute(
        f"SELECT {foreign_instants.rewritten('given')} FROM (SELECT ? AS given)", (instant.isoformat(),)
    ).fetchone()
    connection.close()
    assert rewritten == instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f").rjust(26, "0")
