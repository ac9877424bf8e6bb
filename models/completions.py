"""Courses finished: made once, and kept whatever happens to the course or the enrollment afterwards."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Executable, FromClause, Index, UniqueConstraint, and_, bindparam, exists, func, select
from sqlmodel import Field, Session

from models.courses import Course, Lesson, Module
from models.enrollments import Enrollment
from models.progressrows import Progress
from models.statements import an_id, for_each_database, own, table_of
from models.tablemodels import TableModel


class Completion(TableModel, table=True):
    """A learner finished a course. ``lessons`` is how many counted on that day."""

    __tablename__ = "homeroom_completion"
    __table_args__ = (
        UniqueConstraint("user_id", "course_id", name="uq_homeroom_completion_user_id_course_id"),
        Index("ix_homeroom_completion_course_id", "course_id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    user_id: str = Field(foreign_key="user.id", ondelete="CASCADE")
    course_id: int = Field(foreign_key="course.id", ondelete="CASCADE")
    lessons: int
    completed_at: datetime


_COMPLETION, _COURSE = table_of(Completion), table_of(Course)
_ENROLLMENT, _MODULE, _LESSON, _PROGRESS = (table_of(model) for model in (Enrollment, Module, Lesson, Progress))


def settling(candidates: FromClause) -> Mapping[str, Executable]:
    """A statement for each database that makes the completions which are due among these candidates, rows of
    ``user_id`` and ``course_id``, all enrolled: none there yet, no lesson that counts open, and at least one complete.
    """
    counting = _MODULE.join(_LESSON, and_(_LESSON.c.module_id == _MODULE.c.id, _LESSON.c.removed_at.is_(None)))
    of_course = _MODULE.c.course_id == candidates.c.course_id
    is_done = (
        exists()
        .where(
            _PROGRESS.c.user_id == candidates.c.user_id,
            _PROGRESS.c.lesson_id == _LESSON.c.id,
            _PROGRESS.c.completed.is_(True),
        )
        .correlate(candidates, _LESSON)
    )
    is_open = exists().select_from(counting).where(of_course, ~is_done).correlate(candidates)
    has_completion = exists().where(
        _COMPLETION.c.user_id == candidates.c.user_id, _COMPLETION.c.course_id == candidates.c.course_id
    )
    lessons = select(func.count()).select_from(counting).where(of_course).correlate(candidates).scalar_subquery()
    now = bindparam("now", type_=_COMPLETION.c.completed_at.type)
    due = (
        select(candidates.c.user_id, candidates.c.course_id, lessons, now)
        .where(~has_completion, ~is_open, lessons > 0)
        # In one order everywhere, so that two processes making the same rows never wait for each other in a ring.
        .order_by(candidates.c.user_id, candidates.c.course_id)
    )
    columns = ["user_id", "course_id", "lessons", "completed_at"]
    return for_each_database(lambda insert: insert(_COMPLETION).from_select(columns, due).on_conflict_do_nothing())


_SETTLE = settling(
    select(_ENROLLMENT.c.user_id, _ENROLLMENT.c.course_id)
    .where(_ENROLLMENT.c.user_id == bindparam("user"), _ENROLLMENT.c.course_id == an_id("course"))
    .subquery("candidate")
)
_FINISHED = (
    select(_COMPLETION.c.course_id, _COURSE.c.title, _COMPLETION.c.completed_at)
    .join_from(_COMPLETION, _COURSE, _COURSE.c.id == _COMPLETION.c.course_id)
    .where(_COMPLETION.c.user_id == bindparam("user"))
    .order_by(_COMPLETION.c.completed_at.desc(), _COMPLETION.c.id.desc())
)


def settle(session: Session, user_id: str, course_id: int, now: datetime) -> bool:
    """Make the completion when the enrolled user has completed every lesson that counts; whether it was made now.

    A course without lessons is never complete.
    """
    asked = {"user": user_id, "course": course_id, "now": now}
    return session.connection().execute(own(session, _SETTLE), asked).rowcount == 1


def finished(session: Session, user_id: str) -> tuple[tuple[int, str, datetime], ...]:
    """The courses this user ever finished, latest first: course id, title, when."""
    rows = session.connection().execute(_FINISHED, {"user": user_id})
    return tuple((course_id, title, completed_at) for course_id, title, completed_at in rows)
