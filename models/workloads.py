"""How much a course asks of a learner: its visible lessons and their minutes, kept right by triggers whoever writes.

Counted anew each time somebody is shown a course, they cost a look at each of its lessons, and at the whole text of
those whose author did not say how long they take. So what a lesson adds or takes away is reckoned when it is written.
"""

# ruff: noqa: S608 -- the SQL is put together from names of our own

from sqlalchemy import BigInteger, text
from sqlmodel import Field, Session, col, select

from models.courses import CHARACTERS_A_MINUTE, MINUTES_ELSEWHERE
from models.statements import an_id
from models.tablemodels import TableModel
from models.triggersql import (
    LOCK_COURSES,
    Functions,
    course_of,
    differs,
    following,
    sqlite_trigger,
    trigger_function,
    when_courses_change,
)


class Workload(TableModel, table=True):
    """How many visible lessons a course has, and how many minutes they take. Triggers write it."""

    __tablename__ = "homeroom_workload"

    course_id: int = Field(primary_key=True, foreign_key="course.id", ondelete="CASCADE")
    lessons: int
    minutes: int = Field(sa_type=BigInteger)


def _minutes(lesson: str = "") -> str:
    by_length = f"(length({lesson}body) + {CHARACTERS_A_MINUTE - 1}) / {CHARACTERS_A_MINUTE}"
    otherwise = f"coalesce(nullif({by_length}, 0), {MINUTES_ELSEWHERE})"
    return f"CASE WHEN {lesson}minutes > 0 THEN {lesson}minutes ELSE {otherwise} END"


def _reckon(lesson: str, sign: str) -> str:
    return f"""UPDATE homeroom_workload
    SET lessons = lessons {sign} 1, minutes = minutes {sign} {_minutes(f"{lesson}.")}
    WHERE {lesson}.removed_at IS NULL AND course_id IN ({course_of(f"{lesson}.module_id")});"""


_VISIBLE = """FROM module JOIN lesson ON lesson.module_id = module.id AND lesson.removed_at IS NULL
        WHERE module.course_id = homeroom_workload.course_id"""
_COUNT = f"""UPDATE homeroom_workload SET (lessons, minutes) = (
        SELECT count(*), coalesce(sum({_minutes("lesson.")}), 0) {_VISIBLE})"""
_IS_WRONG = f"""SELECT course_id FROM homeroom_workload WHERE lessons <> (SELECT count(*) {_VISIBLE})
    OR minutes <> (SELECT coalesce(sum({_minutes("lesson.")}), 0) {_VISIBLE})"""
_HELD = select(Workload).where(col(Workload.course_id) == an_id("course")).with_for_update()
_WRITTEN = ("id", "key", "module_id", "removed_at", "minutes", "body")


def wrong(session: Session) -> list[int]:
    """The courses of which something else is known than there is. It reads every lesson of every course.

    A portal can write in ways that no trigger hears of: with ``INSERT OR REPLACE``, with ``TRUNCATE``, or by moving a
    module while somebody else writes its lessons.
    """
    return list(session.connection().scalars(text(_IS_WRONG)))


def count(session: Session, course_id: int) -> None:
    """Count the lessons of a course and their minutes anew."""
    asked = {"course": course_id}
    session.connection().execute(_HELD, asked)
    session.connection().execute(text(f"{_COUNT} WHERE course_id = :course"), asked)


def fill() -> list[str]:
    """Statements that make the rows of all courses afresh, on either database."""
    begin = "INSERT INTO homeroom_workload (course_id, lessons, minutes) SELECT id, 0, 0 FROM course"
    return ["DELETE FROM homeroom_workload", begin, _COUNT]


def sqlite_triggers() -> dict[str, str]:
    """SQLite's triggers that keep the table right, by name."""
    forget = "DELETE FROM homeroom_workload WHERE course_id"
    # With foreign keys off lessons may come before their course.
    begin = f"""INSERT INTO homeroom_workload (course_id, lessons, minutes) VALUES (NEW.id, 0, 0);
    {_sqlite_count("NEW.id")}"""
    # A neighbour's INSERT OR REPLACE deletes without telling triggers: then there are other lessons than were reckoned.
    otherwise = f"lessons <> (SELECT count(*) {_VISIBLE})"
    counted = _sqlite_count(course_of("{}"), otherwise)
    triggers = {
        "course_insert": ("INSERT ON course", "", f"{forget} = NEW.id; {begin}"),
        "course_update": ("UPDATE OF id ON course", differs("id"), f"{forget} IN (OLD.id, NEW.id); {begin}"),
        "course_delete": ("DELETE ON course", "", f"{forget} = OLD.id;"),
        "module_insert": ("INSERT ON module", "", _sqlite_count("NEW.course_id", otherwise)),
        "module_update": (
            "UPDATE OF id, key, course_id ON module",
            differs("id", "key", "course_id"),
            _sqlite_count("OLD.course_id, NEW.course_id"),
        ),
        "module_delete": ("DELETE ON module", "", _sqlite_count("OLD.course_id")),
        "lesson_insert": ("INSERT ON lesson", "", f"{_reckon('NEW', '+')}\n    {counted.format('NEW.module_id')}"),
        "lesson_update": (
            f"UPDATE OF {', '.join(_WRITTEN)} ON lesson",
            differs(*_WRITTEN),
            f"{_reckon('OLD', '-')}\n    {_reckon('NEW', '+')}\n    {counted.format('OLD.module_id, NEW.module_id')}",
        ),
        "lesson_delete": ("DELETE ON lesson", "", f"{_reckon('OLD', '-')}\n    {counted.format('OLD.module_id')}"),
    }
    names = {event: f"homeroom_workload_{event}" for event in triggers}
    return {names[event]: sqlite_trigger(names[event], *told) for event, told in triggers.items()}


def _sqlite_count(courses: str, condition: str = "true") -> str:
    return f"{_COUNT} WHERE course_id IN ({courses}) AND {condition};"


def postgresql_functions() -> Functions:
    """PostgreSQL's functions that keep the table right."""
    return {
        "homeroom_workload_refresh": (
            "(courses integer[]) RETURNS void",
            "LANGUAGE plpgsql",
            f"""BEGIN
    {LOCK_COURSES}
    {_COUNT} WHERE course_id = ANY (courses);
END""",
        ),
        "homeroom_workload_course": trigger_function(
            """INSERT INTO homeroom_workload (course_id, lessons, minutes) VALUES (NEW.id, 0, 0) ON CONFLICT DO NOTHING;
    PERFORM homeroom_workload_refresh(ARRAY[NEW.id]);"""
        ),
    } | following("workload", _minutes())


def postgresql_triggers() -> dict[str, str]:
    """PostgreSQL's triggers that keep the table right, by name."""
    return {
        "homeroom_workload_course": "CREATE TRIGGER homeroom_workload_course AFTER INSERT"
        " ON course FOR EACH ROW EXECUTE FUNCTION homeroom_workload_course()",
    } | when_courses_change("workload")
