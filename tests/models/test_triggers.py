"""The change log hears of everything, whoever writes it, and of nothing else."""

import sqlite3
from collections.abc import Sequence

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from models import completions, triggers
from models.changes import Change
from models.database import Database
from tests import seedprogram
from tests.school import LONG_AGO, a_course, a_user, completed, enrolled, lessons_of

COMPLETIONS = "homeroom_completion"
SEED_TABLES = {"user", "role", "userrole", "instructor", "course", "module", "lesson", "enrollment", "progress"}


def heard(session: Session) -> Sequence[tuple[object, ...]]:
    """What the log says, in order; it is emptied."""
    session.flush()
    rows = session.exec(select(Change).order_by(col(Change.id))).all()
    said = [(row.table_name, row.operation, row.user_id, row.course_id, row.module_id, row.lesson_id) for row in rows]
    for row in rows:
        session.delete(row)
    session.flush()
    return said


def say(session: Session, *statements: str) -> None:
    for statement in statements:
        session.connection().execute(text(statement))


def test_every_table_of_the_seed_is_watched() -> None:
    assert {str(model.__tablename__) for model in triggers.WATCHED} == SEED_TABLES | {COMPLETIONS}


def test_every_change_of_every_table_is_heard_with_its_ids(any_session: Session) -> None:
    when = "'2024-05-01 12:00:00.000000'"
    day = f"CAST({when} AS timestamp)" if any_session.get_bind().dialect.name == "postgresql" else when
    say(
        any_session,
        "DELETE FROM homeroom_change",
        f"INSERT INTO \"user\" VALUES ('ada', 'Ada', 'Lovelace', 'ada@example.org', NULL, {day}, {day})",
        "INSERT INTO role (id, name) VALUES (91, 'Student')",
        "INSERT INTO userrole VALUES ('ada', 91)",
        "INSERT INTO instructor VALUES ('ada', 'First.')",
        "INSERT INTO course (id, title, description, instructor_id, created_at, updated_at)"
        f" VALUES (92, 'Loops', 'About loops.', 'ada', {day}, {day})",
        "INSERT INTO module (id, title, \"order\", course_id) VALUES (93, 'One', 1, 92)",
        "INSERT INTO lesson (id, title, content_type, \"order\", module_id) VALUES (94, 'For', 'text', 1, 93)",
        f"INSERT INTO enrollment (user_id, course_id, enrolled_at) VALUES ('ada', 92, {day})",
        "INSERT INTO progress (user_id, lesson_id, completed) VALUES ('ada', 94, false)",
    )
    ids = {
        "user": ("ada", None, None, None),
        "role": (None, None, None, None),
        "userrole": ("ada", None, None, None),
        "instructor": ("ada", None, None, None),
        "course": (None, 92, None, None),
        "module": (None, 92, 93, None),
        "lesson": (None, None, 93, 94),
        "enrollment": ("ada", 92, None, None),
        "progress": ("ada", None, None, 94),
    }
    assert heard(any_session) == [(table, "insert", *of) for table, of in ids.items()]
    say(
        any_session,
        "UPDATE \"user\" SET last_name = 'King'",
        "UPDATE role SET description = 'Takes courses.'",
        "UPDATE instructor SET bio = NULL",
        "UPDATE course SET title = 'More loops'",
        'UPDATE module SET "order" = 2',
        "UPDATE lesson SET content_url = 'https://example.org'",
        f"UPDATE enrollment SET enrolled_at = CAST('2024-05-02' AS {'timestamp' if day != when else 'text'})",
        f"UPDATE progress SET completed = true, completed_at = {day}",
    )
    said = dict.fromkeys(ids, "update") | {"progress": "complete"}
    assert heard(any_session) == [(table, said[table], *of) for table, of in ids.items() if table != "userrole"]
    leaving_first = list(reversed(ids))
    say(any_session, *(f'DELETE FROM "{table}"' for table in leaving_first))
    assert heard(any_session) == [(table, "delete", *ids[table]) for table in leaving_first]


def test_a_lesson_that_becomes_complete_or_open_is_heard_as_that(any_session: Session) -> None:
    ada = a_user(any_session, "ada")
    course = a_course(any_session, "Loops", ["For"])
    enrolled(any_session, ada, course)
    heard(any_session)
    day = "CAST('2024-05-02' AS timestamp)" if any_session.get_bind().dialect.name == "postgresql" else "'2024-05-02'"
    completed(any_session, ada, lessons_of(any_session, course)[0])
    say(
        any_session,
        f"UPDATE progress SET completed_at = {day}",
        "UPDATE progress SET completed = false, completed_at = NULL",
        f"UPDATE progress SET completed_at = {day}",
        f"UPDATE progress SET completed = true, completed_at = {day}",
        "DELETE FROM progress",
    )
    assert [said[1] for said in heard(any_session)] == ["complete", "update", "reopen", "update", "complete", "delete"]


def test_a_course_finished_is_heard_once(any_session: Session) -> None:
    ada = a_user(any_session, "ada")
    course = a_course(any_session, "Loops", ["For"])
    enrolled(any_session, ada, course)
    completed(any_session, ada, lessons_of(any_session, course)[0])
    heard(any_session)
    assert course.id is not None
    for _ in range(2):
        completions.settle(any_session, ada.id, course.id, LONG_AGO)
    assert heard(any_session) == [(COMPLETIONS, "insert", "user_ada", course.id, None, None)]


def test_an_update_that_changes_nothing_is_not_heard(any_session: Session) -> None:
    ada = a_user(any_session, "ada", "Student")
    course = a_course(any_session, "Loops", ["For"])
    enrolled(any_session, ada, course)
    completed(any_session, ada, lessons_of(any_session, course)[0])
    heard(any_session)
    say(
        any_session,
        'UPDATE "user" SET first_name = first_name, image_url = image_url',
        "UPDATE role SET name = name",
        "UPDATE userrole SET role_id = role_id",
        "UPDATE course SET title = title, slug = slug",
        "UPDATE module SET title = title",
        "UPDATE lesson SET title = title, body = body, removed_at = NULL",
        "UPDATE enrollment SET enrolled_at = enrolled_at",
        "UPDATE progress SET completed = true, completed_at = completed_at",
    )
    assert heard(any_session) == []


def test_a_row_that_moves_is_heard_for_both_it_belonged_to(any_session: Session) -> None:
    ada, mary = a_user(any_session, "ada"), a_user(any_session, "mary")
    course = a_course(any_session, "Loops", ["For"])
    enrolled(any_session, ada, course)
    heard(any_session)
    say(any_session, f"UPDATE enrollment SET user_id = '{mary.id}'")
    assert heard(any_session) == [
        ("enrollment", "update", mary.id, course.id, None, None),
        ("enrollment", "update", ada.id, course.id, None, None),
    ]


def test_the_portals_own_program_is_heard(any_database: Database) -> None:
    with any_database.write() as session:
        a_user(session, "ada")
        course = a_course(session, "Loops")
        heard(session)
    with any_database.write() as session:
        session.add(seedprogram.Enrollment(user_id="user_ada", course_id=course.id or 0, enrolled_at=seedprogram.NOON))
        assert heard(session) == [("enrollment", "insert", "user_ada", course.id, None, None)]


def test_what_is_rolled_back_is_not_heard(any_database: Database) -> None:
    with any_database.read() as session:
        a_course(session, "Loops", ["For"])
    with any_database.write() as session:
        assert heard(session) == []


def test_a_neighbour_who_ignores_or_replaces_is_heard_and_gets_its_own_ids(url: str) -> None:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as portal:
        portal.execute("INSERT INTO role (id, name) VALUES (7, 'Student')")
        portal.execute("INSERT OR IGNORE INTO role (id, name) VALUES (7, 'Student')")
        portal.execute("INSERT OR REPLACE INTO role (id, name) VALUES (7, 'Instructor')")
        portal.execute("INSERT INTO role (name) VALUES ('Admin') ON CONFLICT DO NOTHING")
        assert portal.execute("SELECT last_insert_rowid()").fetchone() == (8,)
        operations = [row[0] for row in portal.execute("SELECT operation FROM homeroom_change ORDER BY id")]
    portal.close()
    assert operations == ["insert", "insert", "insert"]


def test_a_neighbour_hears_of_its_own_row_and_of_no_other(url: str) -> None:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as portal:
        portal.execute(
            "INSERT INTO user VALUES ('g', 'Grace', 'Hopper', 'g@example.org', NULL, '2024-05-01', '2024-05-01')"
        )
        cursor = portal.execute(
            "INSERT INTO course (title, description, instructor_id, created_at, updated_at)"
            " VALUES ('Loops', 'About loops.', 'g', '2024-05-01T12:00:00Z', '2024-05-01T12:00:00Z')"
        )
        assert cursor.rowcount == 1
        assert portal.execute("SELECT id FROM course").fetchone() == (cursor.lastrowid,)
        assert portal.execute("UPDATE course SET title = 'More loops'").rowcount == 1
    portal.close()


@pytest.mark.postgresql
def test_a_neighbour_needs_no_rights_on_our_tables(postgresql_shared: Database) -> None:
    with postgresql_shared.writer.connect() as connection, connection.begin() as transaction:
        for statement in (
            "CREATE ROLE portal",
            *(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO portal' for table in sorted(SEED_TABLES)),
            "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO portal",
            "SET LOCAL ROLE portal",
            "INSERT INTO \"user\" VALUES ('g', 'Grace', 'Hopper', 'g@example.org', NULL, now(), now())",
            "INSERT INTO course (title, description, instructor_id, created_at, updated_at)"
            " VALUES ('Loops', 'About loops.', 'g', now(), now())",
            "UPDATE course SET title = 'More loops'",
            "RESET ROLE",
        ):
            connection.exec_driver_sql(statement)
        changes = connection.execute(text("SELECT table_name, operation FROM homeroom_change ORDER BY id"))
        assert [tuple(change) for change in changes] == [("user", "insert"), ("course", "insert"), ("course", "update")]
        assert (
            connection.scalar(text("SELECT words FROM homeroom_course_search")) == "'about':3B 'loops':2A,4B 'more':1A"
        )
        transaction.rollback()


def test_installing_twice_is_installing_once(any_database: Database) -> None:
    with any_database.writer.begin() as connection:
        assert triggers.are_installed(connection)
        triggers.install(connection)
        triggers.install(connection)
        assert triggers.are_installed(connection)


def test_nothing_of_ours_is_left_after_uninstalling(any_database: Database) -> None:
    with any_database.write() as session:
        triggers.uninstall(session.connection())
        triggers.uninstall(session.connection())
        assert not triggers.are_installed(session.connection())
        a_course(session, "Loops", ["For"])
        assert heard(session) == []
