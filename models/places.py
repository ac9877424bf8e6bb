"""Where a learner left off: the last lesson and page they read in each course."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, Index, Table, bindparam, select
from sqlmodel import Field, Session

from models.courses import Course, Lesson, Module
from models.enrollments import Enrollment
from models.statements import an_id, for_each_database, own, table_of
from models.tablemodels import TableModel
from models.users import User


class Place(TableModel, table=True):
    """The last lesson and page (from 1) one learner had open in one course."""

    __tablename__ = "homeroom_place"
    __table_args__ = (
        Index("ix_homeroom_place_course_id", "course_id"),
        Index("ix_homeroom_place_lesson_id", "lesson_id"),
        {"sqlite_with_rowid": False},
    )

    user_id: str = Field(foreign_key="user.id", ondelete="CASCADE", primary_key=True)
    course_id: int = Field(foreign_key="course.id", ondelete="CASCADE", primary_key=True)
    lesson_id: int = Field(foreign_key="lesson.id", ondelete="CASCADE")
    page: int = 1
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Where somebody left off: a lesson that is still there, and its page (from 1)."""

    course_id: int
    lesson_id: int
    page: int


_PLACE, _USER, _ENROLLMENT = table_of(Place), table_of(User), table_of(Enrollment)
_COURSE, _MODULE, _LESSON = table_of(Course), table_of(Module), table_of(Lesson)
_LESSON_OF_COURSE = _LESSON.join(_MODULE, _MODULE.c.id == _LESSON.c.module_id).join(
    _COURSE, _COURSE.c.id == _MODULE.c.course_id
)


def _keep(insert: Callable[[Table], Any]) -> Executable:
    what_is_there = (
        select(
            _USER.c.id,
            _COURSE.c.id,
            _LESSON.c.id,
            bindparam("page", type_=_PLACE.c.page.type),
            bindparam("now", type_=_PLACE.c.opened_at.type),
        )
        .select_from(_LESSON_OF_COURSE.join(_USER, _USER.c.id == bindparam("user")))
        .where(_LESSON.c.id == an_id("lesson"), _LESSON.c.removed_at.is_(None))
        .with_for_update(read=True, key_share=True)
    )
    made = insert(_PLACE).from_select(["user_id", "course_id", "lesson_id", "page", "opened_at"], what_is_there)
    told = {name: made.excluded[name] for name in ("lesson_id", "page", "opened_at")}
    statement: Executable = made.on_conflict_do_update(index_elements=["user_id", "course_id"], set_=told)
    return statement


_KEEP = for_each_database(_keep)
_KEPT = (
    select(_PLACE.c.course_id, _PLACE.c.lesson_id, _PLACE.c.page)
    .select_from(
        _PLACE.join(_LESSON, _LESSON.c.id == _PLACE.c.lesson_id)
        .join(_MODULE, (_MODULE.c.id == _LESSON.c.module_id) & (_MODULE.c.course_id == _PLACE.c.course_id))
        # A neighbour without foreign keys may leave lessons behind whose course is gone.
        .join(_COURSE, _COURSE.c.id == _PLACE.c.course_id)
    )
    .where(_PLACE.c.user_id == bindparam("user"), _LESSON.c.removed_at.is_(None))
)
_IN_COURSE = _KEPT.where(_PLACE.c.course_id == an_id("course"))
_LATEST = (
    _KEPT.join(
        _ENROLLMENT,
        (_ENROLLMENT.c.user_id == _PLACE.c.user_id) & (_ENROLLMENT.c.course_id == _PLACE.c.course_id),
    )
    .order_by(_PLACE.c.opened_at.desc(), _PLACE.c.course_id)
    .limit(1)
)


def keep(session: Session, user_id: str, lesson_id: int, page: int, now: datetime) -> None:
    """Remember that the user has this page (from 1) of this lesson open; nothing for a lesson that is gone."""
    place = {"user": user_id, "lesson": lesson_id, "page": max(1, page), "now": now}
    session.connection().execute(own(session, _KEEP), place)


def latest(session: Session, user_id: str) -> Bookmark | None:
    """The place last kept in any course the user is enrolled in."""
    return _bookmark(session, _LATEST, user=user_id)


def in_course(session: Session, user_id: str, course_id: int) -> Bookmark | None:
    """The place kept in this course."""
    return _bookmark(session, _IN_COURSE, user=user_id, course=course_id)


def _bookmark(session: Session, statement: Executable, **parameters: Any) -> Bookmark | None:
    row = session.connection().execute(statement, parameters).first()
    return Bookmark(*row) if row else None
