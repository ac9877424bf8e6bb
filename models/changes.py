"""The change log: every change of a seed table, whoever made it, appended by triggers and consumed by the tick.

A completion of a course, which follows from such changes, is appended as well.

What changes about a person in our own tables, such as a link or a zone, is noted in it too.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, and_, bindparam, delete, insert, select, union
from sqlmodel import Field, Session

from models import completions, portalevents
from models.courses import Lesson, Module
from models.enrollments import Enrollment
from models.statements import an_id, own, table_of
from models.tablemodels import TableModel


class Change(TableModel, table=True):
    """One row of a seed table was inserted, updated or deleted. Ids that do not apply are empty.

    Of progress, ``operation`` says ``complete`` or ``reopen`` where the lesson became so.
    """

    __tablename__ = "homeroom_change"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: int | None = Field(default=None, primary_key=True)
    table_name: str
    operation: str
    user_id: str | None = None
    course_id: int | None = None
    module_id: int | None = None
    lesson_id: int | None = None


class Touched(NamedTuple):
    """Somebody whose Home may look different now; ``course_id`` is None when no single course is why.

    ``is_who`` says that their roles or their link changed: what they may do here, not only what they see.
    """

    user_id: str
    course_id: int | None
    is_who: bool = False


_CHANGE, _ENROLLMENT, _MODULE, _LESSON = (table_of(model) for model in (Change, Enrollment, Module, Lesson))
_NOTE = insert(_CHANGE)
_WAITING = select(_CHANGE.c.id).limit(1)
_CLAIM = select(_CHANGE).order_by(_CHANGE.c.id).limit(bindparam("limit")).with_for_update(skip_locked=True)
_MINE = _CHANGE.c.id.in_(an_id("ids", expanding=True))
_CONSUMED = delete(_CHANGE).where(_MINE)
_COURSES_OF_MODULES = select(_MODULE.c.id, _MODULE.c.course_id).where(
    _MODULE.c.id.in_(an_id("modules", expanding=True))
)
_COURSES_OF_LESSONS = (
    select(_LESSON.c.id, _MODULE.c.course_id)
    .join_from(_LESSON, _MODULE, _MODULE.c.id == _LESSON.c.module_id)
    .where(_LESSON.c.id.in_(an_id("lessons", expanding=True)))
)
_WHO = (_ENROLLMENT.c.user_id, _ENROLLMENT.c.course_id)
_SETTLE = completions.settling(
    union(
        # somebody enrolled,
        select(*_WHO)
        .join_from(
            _CHANGE,
            _ENROLLMENT,
            and_(_ENROLLMENT.c.user_id == _CHANGE.c.user_id, _ENROLLMENT.c.course_id == _CHANGE.c.course_id),
        )
        .where(_MINE),
        # or completed a lesson,
        select(*_WHO)
        .select_from(
            _CHANGE.join(_LESSON, _LESSON.c.id == _CHANGE.c.lesson_id)
            .join(_MODULE, _MODULE.c.id == _LESSON.c.module_id)
            .join(
                _ENROLLMENT,
                and_(_ENROLLMENT.c.user_id == _CHANGE.c.user_id, _ENROLLMENT.c.course_id == _MODULE.c.course_id),
            )
        )
        .where(_MINE),
        # or a lesson or a module left the course of everybody enrolled in it.
        select(*_WHO)
        .select_from(
            _CHANGE.join(_MODULE, _MODULE.c.id == _CHANGE.c.module_id).join(
                _ENROLLMENT, _ENROLLMENT.c.course_id == _MODULE.c.course_id
            )
        )
        .where(_MINE, _CHANGE.c.operation != "insert"),
        select(*_WHO)
        .join_from(_CHANGE, _ENROLLMENT, _ENROLLMENT.c.course_id == _CHANGE.c.course_id)
        .where(_MINE, _CHANGE.c.table_name == "module", _CHANGE.c.operation != "insert"),
    ).subquery("candidate")
)
_HAPPENED = portalevents.statements_over(_CHANGE)
_ENROLLED = select(_ENROLLMENT.c.user_id, _ENROLLMENT.c.course_id).where(
    _ENROLLMENT.c.course_id.in_(an_id("courses", expanding=True))
)


def note(session: Session, what: str, user_ids: Collection[str]) -> None:
    """Append that something of ours changed for these users: ``what`` names the table."""
    rows = [{"table_name": what, "operation": "update", "user_id": user_id} for user_id in sorted(user_ids)]
    if rows:
        session.connection().execute(_NOTE, rows)


def waiting(session: Session) -> bool:
    """Whether there are changes nobody has consumed."""
    return session.connection().execute(_WAITING).first() is not None


def consume(session: Session, now: datetime, real_now: datetime, limit: int = 500) -> tuple[Touched, ...]:
    """Consume up to ``limit`` changes, oldest first: make the completions and the events that follow from them, and
    forget them. ``real_now`` is the moment on this machine's clock.

    Who was touched is returned: whoever a row is about, and for a course, its modules and lessons everybody enrolled.
    Several processes may consume at once; on PostgreSQL each takes rows the others have not taken.
    """
    connection = session.connection()
    rows = connection.execute(_CLAIM, {"limit": limit}).all()
    if not rows:
        return ()
    claimed = {"ids": [row.id for row in rows]}
    connection.execute(own(session, _SETTLE), {**claimed, "now": now})
    events = [row.id for row in rows if (row.table_name, row.operation) in portalevents.OF_CHANGES]
    if events:
        portalevents.plan(session, _HAPPENED, events, now, real_now)
    touched = _touched(connection, rows)
    connection.execute(_CONSUMED, claimed)
    return tuple(sorted(touched, key=lambda one: (one.user_id, one.course_id or 0)))


def _touched(connection: Connection, rows: Sequence[Row[Any]]) -> set[Touched]:
    # What is gone by now is not found here; the change of the module itself still says which course it was in.
    modules = {row.module_id for row in rows if row.module_id and not row.course_id}
    found = connection.execute(_COURSES_OF_MODULES, {"modules": sorted(modules)})
    course_of_module = {row.id: row.course_id for row in found}
    lessons = {row.lesson_id for row in rows if row.lesson_id and row.user_id}
    found = connection.execute(_COURSES_OF_LESSONS, {"lessons": sorted(lessons)})
    course_of_lesson = {row.id: row.course_id for row in found}
    touched, courses = set(), set()
    for row in rows:
        course_id = row.course_id or course_of_module.get(row.module_id) or course_of_lesson.get(row.lesson_id)
        if row.user_id:
            touched.add(Touched(row.user_id, course_id, is_who=row.table_name in ("userrole", "homeroom_link")))
        elif course_id:
            courses.add(course_id)
    enrolled = connection.execute(_ENROLLED, {"courses": sorted(courses)})
    return touched | {Touched(user_id, course_id) for user_id, course_id in enrolled}
