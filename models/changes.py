"""The change log: every change of a seed table, whoever made it, appended by triggers and consumed by the tick."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlmodel import Field, Session, SQLModel

from models import completions
from models.courses import Lesson, Module
from models.enrollments import Enrollment
from models.statements import an_id, table_of


class Change(SQLModel, table=True):
    """One row of a seed table was inserted, updated or deleted. Ids that do not apply are empty."""

    __tablename__ = "homeroom_change"
    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
    table_name: str
    operation: str
    user_id: str | None = None
    course_id: int | None = None
    module_id: int | None = None
    lesson_id: int | None = None


@dataclass(frozen=True, slots=True)
class Touched:
    """Somebody whose Home may look different now; ``course_id`` is None when no single course is why."""

    user_id: str
    course_id: int | None


_CHANGE, _ENROLLMENT, _MODULE, _LESSON = (table_of(model) for model in (Change, Enrollment, Module, Lesson))
_WAITING = select(_CHANGE.c.id).limit(1)
_CLAIM = select(_CHANGE).order_by(_CHANGE.c.id).limit(bindparam("limit")).with_for_update(skip_locked=True)
_CONSUMED = delete(_CHANGE).where(_CHANGE.c.id.in_(an_id("ids", expanding=True)))
_COURSES_OF_MODULES = select(_MODULE.c.id, _MODULE.c.course_id).where(
    _MODULE.c.id.in_(an_id("modules", expanding=True))
)
_COURSES_OF_LESSONS = (
    select(_LESSON.c.id, _MODULE.c.course_id)
    .join_from(_LESSON, _MODULE, _MODULE.c.id == _LESSON.c.module_id)
    .where(_LESSON.c.id.in_(an_id("lessons", expanding=True)))
)
_ENROLLED = select(_ENROLLMENT.c.user_id, _ENROLLMENT.c.course_id).where(
    _ENROLLMENT.c.course_id.in_(an_id("courses", expanding=True))
)


def waiting(session: Session) -> bool:
    """Whether there are changes nobody has consumed."""
    return session.connection().execute(_WAITING).first() is not None


def consume(session: Session, now: datetime, limit: int = 500) -> tuple[Touched, ...]:
    """Consume up to ``limit`` changes, oldest first: make the completions that follow from them, and forget them.

    Who was touched is returned: whoever a row is about, and for a course, its modules and lessons everybody enrolled.
    Several processes may consume at once; on PostgreSQL each takes rows the others have not taken.
    """
    connection = session.connection()
    rows = connection.execute(_CLAIM, {"limit": limit}).all()
    if not rows:
        return ()
    course_of_module = {row.module_id: row.course_id for row in rows if row.module_id and row.course_id}
    modules = {row.module_id for row in rows if row.module_id} - course_of_module.keys()
    course_of_module |= {
        row.id: row.course_id for row in connection.execute(_COURSES_OF_MODULES, {"modules": sorted(modules)})
    }
    lessons = sorted({row.lesson_id for row in rows if row.lesson_id and row.user_id})
    course_of_lesson = {row.id: row.course_id for row in connection.execute(_COURSES_OF_LESSONS, {"lessons": lessons})}
    touched, pairs, courses = set(), set(), set()
    for row in rows:
        course_id = row.course_id or course_of_module.get(row.module_id) or course_of_lesson.get(row.lesson_id)
        if row.user_id:
            touched.add(Touched(row.user_id, course_id))
        if row.user_id and course_id:
            pairs.add((row.user_id, course_id))
        elif course_id:
            courses.add(course_id)
    completions.settle_many(session, sorted(pairs), sorted(courses), now)
    enrolled = connection.execute(_ENROLLED, {"courses": sorted(courses)})
    touched |= {Touched(user_id, course_id) for user_id, course_id in enrolled}
    connection.execute(_CONSUMED, {"ids": [row.id for row in rows]})
    return tuple(sorted(touched, key=lambda one: (one.user_id, one.course_id or 0)))
