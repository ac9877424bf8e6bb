"""How much a course asks of a learner is known without counting, whoever writes it."""

import sqlite3
from contextlib import closing
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Session, col, select

from models import Course, Lesson, Module, catalog, workloads
from models.courses import minutes_of
from models.database import Database
from models.instants import utc_now
from models.workloads import Workload
from tests.postgresql import SOMEBODY_WAITS
from tests.school import a_course, a_lesson, a_module, a_user, lessons_of


def known(session: Session, course: Course) -> tuple[int, int]:
    """The lessons and minutes of a course as they are known."""
    session.flush()
    found = session.get_one(Workload, course.id, populate_existing=True)
    return found.lessons, found.minutes


def known_of_all(session: Session) -> dict[int, tuple[int, int]]:
    rows = session.connection().execute(text("SELECT course_id, lessons, minutes FROM homeroom_workload"))
    return {row.course_id: (row.lessons, row.minutes) for row in rows}


def counted(session: Session) -> dict[int, tuple[int, int]]:
    """The same, counted lesson by lesson."""
    told = dict.fromkeys(session.exec(select(col(Course.id))), (0, 0))
    for course, lesson in session.exec(select(Module.course_id, Lesson).join(Lesson)):
        if course in told and lesson.removed_at is None:
            lessons, minutes = told[course]
            told[course] = (lessons + 1, minutes + minutes_of(lesson.minutes, lesson.body))
    return {course_id: size for course_id, size in told.items() if course_id is not None}


def test_a_course_has_the_lessons_people_see_and_their_minutes(any_session: Session) -> None:
    course = a_course(any_session, "Loops")
    assert known(any_session, course) == (0, 0)
    module = a_module(any_session, course, "One")
    told = a_lesson(any_session, module, "For", minutes=12)
    assert known(any_session, course) == (1, 12)
    by_length = a_lesson(any_session, module, "While", body="é" * 1201)
    assert known(any_session, course) == (2, 14)
    a_lesson(any_session, module, "Elsewhere", body=None)
    assert known(any_session, course) == (3, 19)
    told.minutes, by_length.body = 0, "Short."
    assert known(any_session, course) == (3, 1 + 1 + 5)
    by_length.removed_at = utc_now()
    assert known(any_session, course) == (2, 6)
    by_length.removed_at = None
    assert known(any_session, course) == (3, 7)
    any_session.delete(told)
    assert known(any_session, course) == (2, 6)


def test_lessons_and_modules_that_move_take_their_minutes_along(any_session: Session) -> None:
    loops = a_course(any_session, "Loops", {"One": ["For"], "Two": ["While"]})
    graphs = a_course(any_session, "Graphs", {"One": ["Edges"]})
    lesson = lessons_of(any_session, loops)[0]
    lesson.module_id = lessons_of(any_session, graphs)[0].module_id
    assert known(any_session, loops) == (1, 1)
    assert known(any_session, graphs) == (2, 2)
    any_session.get_one(Module, lesson.module_id).course_id = loops.id or 0
    assert known(any_session, loops) == (3, 3)
    assert known(any_session, graphs) == (0, 0)


def test_a_course_that_goes_is_forgotten(any_session: Session) -> None:
    any_session.delete(a_course(any_session, "Loops"))
    any_session.flush()
    assert known_of_all(any_session) == {}


def test_many_lessons_in_one_statement(any_session: Session) -> None:
    courses = [a_course(any_session, title, {"One": ["Zero"]}) for title in ("Loops", "Graphs")]
    modules = [lessons_of(any_session, course)[0].module_id for course in courses]
    any_session.add_all(
        Lesson(title=f"Step {number}", content_type="text", order=number, module_id=module, minutes=2)
        for module in modules
        for number in range(2, 102)
    )
    assert [known(any_session, course) for course in courses] == [(101, 201), (101, 201)]
    any_session.connection().execute(text("UPDATE lesson SET minutes = 3 WHERE title <> 'Zero'"))
    assert [known(any_session, course) for course in courses] == [(101, 301), (101, 301)]
    any_session.connection().execute(text("DELETE FROM lesson WHERE title = 'Step 77'"))
    assert [known(any_session, course) for course in courses] == [(100, 298), (100, 298)]


NEIGHBOURS: dict[str, str] = {
    "lessons replaced": "INSERT OR REPLACE INTO lesson SELECT * FROM lesson",
    "a lesson that takes the place of another": """INSERT OR REPLACE INTO lesson
        (id, key, title, content_type, "order", module_id, minutes) VALUES (2, 'for', 'Foreach', 'text', 1, 1, 9)""",
    "a lesson that takes another's key": "UPDATE OR REPLACE lesson SET key = 'for' WHERE key = 'while'",
    "a lesson that moves onto another": "UPDATE OR REPLACE lesson SET module_id = 1, key = 'for' WHERE key = 'until'",
    "a module replaced with what is in it": """INSERT OR REPLACE INTO module (id, key, title, "order", course_id)
        VALUES (9, 'one', 'One', 1, 1)""",
    "a module that takes another's key": "UPDATE OR REPLACE module SET key = 'one' WHERE key = 'two'",
    "modules replaced": "INSERT OR REPLACE INTO module SELECT * FROM module",
    "courses replaced": "INSERT OR REPLACE INTO course SELECT * FROM course",
    "an upsert": """INSERT INTO lesson (id, title, content_type, "order", module_id, minutes)
        SELECT id, title, content_type, "order", module_id, 9 FROM lesson WHERE true
        ON CONFLICT (id) DO UPDATE SET minutes = excluded.minutes""",
    "courses under other numbers": "UPDATE course SET id = id + 100",
    "modules that go first": "DELETE FROM module",
}


@pytest.mark.parametrize("statement", NEIGHBOURS.values(), ids=NEIGHBOURS.keys())
def test_however_a_neighbour_without_foreign_keys_writes(database: Database, url: str, statement: str) -> None:
    with database.write() as session:
        course = a_course(session, "Loops", {"One": ["For", "While"], "Two": ["Until"]})
        for lesson in lessons_of(session, course):
            lesson.key = lesson.title.lower()
            session.get_one(Module, lesson.module_id).key = "one" if lesson.key != "until" else "two"
        a_course(session, "Graphs", ["Edges"])
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as portal, portal:
        portal.execute(statement)
    with database.read() as session:
        assert known_of_all(session) == counted(session) != {}
        assert workloads.wrong(session) == []


def test_what_no_trigger_heard_of_is_mended(any_session: Session) -> None:
    loops, graphs = (a_course(any_session, title, ["One", "Two"]) for title in ("Loops", "Graphs"))
    assert workloads.wrong(any_session) == []
    any_session.get_one(Workload, loops.id).lessons = 7
    any_session.get_one(Workload, graphs.id).minutes = 7
    any_session.flush()
    assert sorted(workloads.wrong(any_session)) == [loops.id, graphs.id]
    for course_id in workloads.wrong(any_session):
        workloads.count(any_session, course_id)
    assert workloads.wrong(any_session) == []
    assert [known(any_session, course) for course in (loops, graphs)] == [(2, 2), (2, 2)]


MINUTES = st.none() | st.integers(0, 2**31 - 1)
BODIES = st.none() | st.integers(0, 5000).map(lambda length: "é" * length)


def test_what_is_known_is_what_a_lesson_says_of_itself(any_session: Session) -> None:
    course = a_course(any_session, "Loops", {"One": []})
    module = a_module(any_session, course, "Two")

    @given(MINUTES, BODIES)
    @settings(max_examples=60, deadline=None)
    def check(minutes: int | None, body: str | None) -> None:
        lesson = a_lesson(any_session, module, "For", minutes=minutes, body=body)
        assert known(any_session, course) == (1, minutes_of(minutes, body))
        any_session.delete(lesson)
        assert known(any_session, course) == (0, 0)

    check()


def test_a_course_of_which_nothing_is_known_is_shown_all_the_same(any_session: Session) -> None:
    course = a_course(any_session, "Loops", ["For"])
    any_session.connection().execute(text("DELETE FROM homeroom_workload"))
    (card,) = catalog.catalog(any_session, user_id=None).cards
    assert (card.course_id, card.lessons, card.minutes) == (course.id, 0, 0)


@pytest.mark.postgresql
def test_two_who_change_one_course_at_once_are_both_counted(postgresql_database: Database) -> None:
    with postgresql_database.write() as session:
        course = a_course(session, "Loops", ["For", "While"])

    def take_longer(session: Session, nth: int) -> None:
        lessons_of(session, course)[nth].minutes = 30
        session.flush()

    def change_another() -> None:
        with postgresql_database.write() as second:
            take_longer(second, 1)

    another = Thread(target=change_another)
    with postgresql_database.write() as first, postgresql_database.reader.connect() as watching:
        take_longer(first, 0)
        another.start()
        while not watching.scalar(text(SOMEBODY_WAITS)) and another.is_alive():
            watching.rollback()
    another.join()
    with postgresql_database.read() as session:
        assert known(session, course) == (2, 60)


@pytest.mark.postgresql
def test_a_portal_whose_references_are_looked_at_last_may_begin_with_lessons(postgresql_database: Database) -> None:
    with postgresql_database.write() as session:
        a_user(session, "grace")
    references = "SELECT conname, conrelid::regclass::text AS place FROM pg_constraint WHERE contype = 'f'"
    lesson = "INSERT INTO lesson (title, content_type, \"order\", module_id, minutes) VALUES ('For', 'text', 1, {}, 9)"
    module = "INSERT INTO module (id, title, \"order\", course_id) VALUES ({}, 'One', 1, 901)"
    course = """INSERT INTO course (id, title, description, instructor_id, created_at, updated_at)
        VALUES (901, 'Loops', '', 'user_grace', now(), now())"""
    with postgresql_database.writer.connect() as connection, connection.begin() as transaction:
        for name, table in connection.execute(text(references)).all():
            if table in ("module", "lesson"):
                connection.execute(text(f"ALTER TABLE {table} ALTER CONSTRAINT {name} DEFERRABLE INITIALLY DEFERRED"))
        kept = text("SELECT lessons, minutes FROM homeroom_workload WHERE course_id = 901")
        for statement in (lesson.format(902), module.format(902), course):
            connection.execute(text(statement))
        assert connection.execute(kept).one() == (1, 9)
        for statement in (lesson.format(903), module.format(903)):
            connection.execute(text(statement))
        assert connection.execute(kept).one() == (2, 18)
        transaction.rollback()


@pytest.mark.postgresql
@pytest.mark.parametrize(
    "change", [{"title": "For each"}, {"minutes": 1}, {"removed_at": None, "body": "Read me too."}]
)
def test_two_who_write_one_course_at_once_are_both_counted(
    postgresql_database: Database, change: dict[str, object]
) -> None:
    with postgresql_database.write() as session:
        course = a_course(session, "Loops", {"One": ["For"]})
        module = session.get_one(Module, lessons_of(session, course)[0].module_id)

    def add_another() -> None:
        with postgresql_database.write() as second:
            a_lesson(second, module, "While", minutes=2)

    another = Thread(target=add_another)
    with postgresql_database.write() as first, postgresql_database.reader.connect() as watching:
        lessons_of(first, course)[0].sqlmodel_update(change)
        first.flush()
        another.start()
        while not watching.scalar(text(SOMEBODY_WAITS)) and another.is_alive():
            watching.rollback()
        a_lesson(first, module, "Until", minutes=4)
    another.join()
    with postgresql_database.read() as session:
        assert known(session, course) == (3, 7)
