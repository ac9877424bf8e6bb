"""The search index knows every course by its words, whoever writes, and forgets what is gone."""

from threading import Thread

import pytest
from sqlalchemy import text
from sqlmodel import Session

from models import Course, Lesson, Module, search_index, triggers
from models.database import Database
from models.instants import utc_now
from tests.postgresql import SOMEBODY_WAITS
from tests.school import a_course, a_lesson, a_module, lessons_of


def found(session: Session, words: str) -> list[str]:
    """The titles of the courses with all of ``words``, the last one as a prefix, best first."""
    session.flush()
    if session.get_bind().dialect.name == "sqlite":
        asked = " ".join(f'"{word}"' for word in words.split()) + "*"
        query = "SELECT rowid FROM homeroom_course_search WHERE homeroom_course_search MATCH :asked ORDER BY rank"
    else:
        asked = words
        query = """SELECT course_id FROM homeroom_course_search,
            to_tsquery('simple', regexp_replace(trim(homeroom_fold(:asked)), ' +', ' & ', 'g') || ':*') AS wanted
            WHERE words @@ wanted ORDER BY ts_rank(words, wanted) DESC"""
    ids = session.connection().scalars(text(query), {"asked": asked}).all()
    return [course.title for course_id in ids if (course := session.get(Course, course_id))]


def test_a_course_is_found_by_its_title_its_description_and_its_lessons(any_session: Session) -> None:
    a_course(any_session, "Loops", ["While and until"], description="Doing things again.")
    a_course(any_session, "Graphs", ["Edges"])
    assert found(any_session, "loop") == ["Loops"]
    assert found(any_session, "doing again") == ["Loops"]
    assert found(any_session, "until") == ["Loops"]
    assert found(any_session, "edg") == ["Graphs"]


def test_a_title_weighs_more_than_a_description_and_that_more_than_a_lesson(any_session: Session) -> None:
    a_course(any_session, "First", ["Recursion"], description="An introduction to it all.")
    a_course(any_session, "Second", ["Trees"], description="All about recursion here.")
    a_course(any_session, "Recursion", ["Trees"], description="An introduction to trees.")
    assert found(any_session, "recursion") == ["Recursion", "Second", "First"]


@pytest.mark.parametrize("asked", ["cafe", "CAFÉ", "Cafe\u0301", "café"])
def test_case_and_accents_are_folded(any_session: Session, asked: str) -> None:
    a_course(any_session, "Running a Café")
    assert found(any_session, asked) == ["Running a Café"]


@pytest.mark.parametrize("asked", ["js", "node", "node.js"])
def test_punctuation_separates_words(any_session: Session, asked: str) -> None:
    a_course(any_session, "Node.js for e-mail@home")
    assert found(any_session, asked) == ["Node.js for e-mail@home"]


def test_other_alphabets_are_found_whatever_their_case(any_session: Session) -> None:
    a_course(any_session, "Основы Python")
    a_course(any_session, "مقدمة في البرمجة")
    assert found(any_session, "ОСНОВЫ") == ["Основы Python"]
    assert found(any_session, "مقدمة") == ["مقدمة في البرمجة"]


def test_the_index_follows_a_course(any_session: Session) -> None:
    course = a_course(any_session, "Loops")
    course.title, course.description = "Cycles", "Round and round."
    assert found(any_session, "loops") == []
    assert found(any_session, "cycles round") == ["Cycles"]
    any_session.delete(course)
    assert found(any_session, "cycles") == []
    assert any_session.connection().scalar(text("SELECT count(*) FROM homeroom_course_search")) == 0


def test_the_index_follows_lessons(any_session: Session) -> None:
    course = a_course(any_session, "Loops", ["For", "Whilst"])
    first, second = lessons_of(any_session, course)
    first.title = "Foreach"
    assert found(any_session, "foreach") == ["Loops"]
    second.removed_at = utc_now()
    assert found(any_session, "whilst") == []
    second.removed_at = None
    assert found(any_session, "whilst") == ["Loops"]
    any_session.delete(second)
    assert found(any_session, "whilst") == []
    assert found(any_session, "foreach") == ["Loops"]


def test_the_index_follows_lessons_and_modules_that_move(any_session: Session) -> None:
    loops, graphs = a_course(any_session, "Loops", {"One": ["Foreach"]}), a_course(any_session, "Graphs")
    lesson = lessons_of(any_session, loops)[0]
    lesson.module_id = a_module(any_session, graphs, "Two").id or 0
    assert found(any_session, "foreach") == ["Graphs"]
    module = any_session.get_one(Module, lesson.module_id)
    module.course_id = loops.id or 0
    assert found(any_session, "foreach") == ["Loops"]


def test_a_module_that_takes_its_lessons_along_takes_their_words(database: Database) -> None:
    with database.write() as session:
        course = a_course(session, "Loops", {"One": ["Foreach"], "Two": ["Whilst"]})
        lesson = lessons_of(session, course)[0]
    with database.writer.connect() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        connection.execute(text("DELETE FROM module WHERE id = :id"), {"id": lesson.module_id})
        connection.execute(text("DELETE FROM lesson WHERE id = :id"), {"id": lesson.id})
        connection.commit()
    with database.read() as session:
        assert found(session, "foreach") == []
        assert found(session, "whilst") == ["Loops"]


def test_many_lessons_in_one_statement(any_session: Session) -> None:
    courses = [a_course(any_session, title, {"One": ["Zero"]}) for title in ("Loops", "Graphs")]
    modules = [lessons_of(any_session, course)[0].module_id for course in courses]
    any_session.add_all(
        Lesson(title=f"Step {number}", content_type="text", order=number, module_id=module)
        for module in modules
        for number in range(2, 102)
    )
    any_session.flush()
    assert sorted(found(any_session, "step 77")) == ["Graphs", "Loops"]
    any_session.connection().execute(text("DELETE FROM lesson WHERE title = 'Step 77'"))
    assert found(any_session, "step 77") == []


MORE_WORDS_THAN_AN_INDEX_HOLDS = " ".join(map(str, range(200_000)))


@pytest.mark.parametrize(
    "words",
    ["", "'; DROP TABLE course; --", "🎓", "x" * 100_000, MORE_WORDS_THAN_AN_INDEX_HOLDS],
    ids=["empty", "quotes", "emoji", "one long word", "many words"],
)
def test_any_words_can_be_written(any_session: Session, words: str) -> None:
    course = a_course(any_session, words[:1000], [words], description=words)
    course.title = "Loops"
    assert found(any_session, "loops") == ["Loops"]


@pytest.mark.postgresql
def test_two_who_write_one_course_at_once_are_both_found(postgresql_database: Database) -> None:
    with postgresql_database.write() as session:
        course = a_course(session, "Loops", {"One": ["Foreach"]})
        module = session.get_one(Module, lessons_of(session, course)[0].module_id)

    def add_another() -> None:
        with postgresql_database.write() as second:
            a_lesson(second, module, "Whilst")

    another = Thread(target=add_another)
    with postgresql_database.write() as first, postgresql_database.reader.connect() as watching:
        a_lesson(first, module, "Until")
        another.start()
        while not watching.scalar(text(SOMEBODY_WAITS)) and another.is_alive():
            watching.rollback()
    another.join()
    with postgresql_database.read() as session:
        assert found(session, "until") == found(session, "whilst") == ["Loops"]


@pytest.mark.postgresql
def test_accents_fold_even_where_the_extension_is_not_allowed(postgresql_database: Database) -> None:
    with postgresql_database.writer.connect() as connection, connection.begin() as transaction:
        triggers.uninstall(connection)
        connection.execute(text("DROP EXTENSION IF EXISTS unaccent"))
        connection.execute(text("CREATE ROLE visitor"))
        connection.execute(text("SET LOCAL ROLE visitor"))
        search_index.allow_unaccent(connection)
        _, _, body = search_index.postgresql_functions(connection)["homeroom_fold"]
        folding = text(body.replace(":", "\\:").replace("words", "CAST(:words AS text)"))
        folded = [connection.scalar(folding, {"words": words}) for words in ("CAFÉ", "Cafe\u0301", "Żó-ł", "ОСНОВЫ")]
        assert folded == ["cafe", "cafe", "zo ł", "основы"]
        transaction.rollback()
