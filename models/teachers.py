"""Who teaches which course: its instructor, those who teach it beside them, and admins."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Index, bindparam, delete, func, literal, select, union
from sqlmodel import Field, Session

from models.courses import SORTED_BY, Course, CourseGone, Lesson
from models.enrollments import Enrollment
from models.errors import DomainError
from models.members import Caller
from models.snapshots import Snapshot
from models.statements import an_id, insert_unless_there, table_of
from models.tablemodels import TableModel
from models.users import User


class CoTeacher(TableModel, table=True):
    """Somebody who teaches a course beside its instructor. They may do all but delete it and hand it over."""

    __tablename__ = "homeroom_coteacher"
    __table_args__ = (Index("ix_homeroom_coteacher_user_id", "user_id"), {"sqlite_with_rowid": False})

    course_id: int = Field(foreign_key="course.id", ondelete="CASCADE", primary_key=True)
    user_id: str = Field(foreign_key="user.id", ondelete="CASCADE", primary_key=True)
    added_by: str
    added_at: datetime


class NotTaught(DomainError):
    """Only who teaches a course may do this to it."""

    def __init__(self, title: str) -> None:
        super().__init__(f"You don't teach {title}. Its instructor or an admin can add you with /teach team.")


class NotOwned(DomainError):
    """Only a course's own instructor, or an admin, may do this to it."""

    def __init__(self, title: str) -> None:
        super().__init__(f"Only the instructor of {title}, or an admin, can do that. Ask one of them.")


class Taught(NamedTuple):
    """A course somebody teaches. ``is_owner`` is whether they are its instructor.

    Its numbers are as of ``taken_at``; None for a course nobody counted yet, of which only learners are known, as they
    are now. ``stuck`` people stop before the lesson ``stuck_at``.
    """

    course_id: int
    title: str
    instructor_id: str
    learners: int
    is_owner: bool
    finished: int = 0
    stuck: int = 0
    stuck_at: str | None = None
    taken_at: datetime | None = None


_COURSE, _CO, _USER, _ENROLLMENT = table_of(Course), table_of(CoTeacher), table_of(User), table_of(Enrollment)
_SNAPSHOT, _LESSON = table_of(Snapshot), table_of(Lesson)
_HELPS = (
    select(literal(1))
    .where(_CO.c.course_id == _COURSE.c.id, _CO.c.user_id == bindparam("user"))
    .correlate(_COURSE)
    .exists()
)
_THIS = select(_COURSE.c.id, _COURSE.c.title, _COURSE.c.instructor_id, _HELPS.label("helps")).where(
    _COURSE.c.id == an_id("course")
)
_LEARNERS = select(func.count()).where(_ENROLLMENT.c.course_id == _COURSE.c.id).correlate(_COURSE).scalar_subquery()
_ALL = (
    select(
        _COURSE.c.id,
        _COURSE.c.title,
        _COURSE.c.instructor_id,
        # Counted only where there is no snapshot: COALESCE looks no further than it must.
        func.coalesce(_SNAPSHOT.c.learners, _LEARNERS).label("learners"),
        func.coalesce(_SNAPSHOT.c.finished, 0).label("finished"),
        func.coalesce(_SNAPSHOT.c.stuck, 0).label("stuck"),
        _LESSON.c.title.label("stuck_at"),
        _SNAPSHOT.c.taken_at,
    )
    .select_from(
        _COURSE.outerjoin(_SNAPSHOT, _SNAPSHOT.c.course_id == _COURSE.c.id).outerjoin(
            _LESSON, (_LESSON.c.id == _SNAPSHOT.c.stuck_lesson_id) & _LESSON.c.removed_at.is_(None)
        )
    )
    .order_by(SORTED_BY, _COURSE.c.id)
)
_MINE = union(
    select(_COURSE.c.id).where(_COURSE.c.instructor_id == bindparam("user")),
    select(_CO.c.course_id).where(_CO.c.user_id == bindparam("user")),
)
_OF_ALL = {True: _ALL, False: _ALL.where(_COURSE.c.id.in_(_MINE))}
"""The courses an admin teaches, and anybody else."""
_TAUGHT = {which: of.limit(bindparam("most")).offset(bindparam("skip")) for which, of in _OF_ALL.items()}
_AMONG = {which: of.where(_COURSE.c.id.in_(an_id("courses", expanding=True))) for which, of in _OF_ALL.items()}
_OWNER = (
    select(_USER)
    .join_from(_USER, _COURSE, _COURSE.c.instructor_id == _USER.c.id)
    .where(_COURSE.c.id == an_id("course"))
)
_TEAM = (
    select(_USER)
    .join_from(_CO, _USER, _USER.c.id == _CO.c.user_id)
    .where(_CO.c.course_id == an_id("course"))
    .order_by(_CO.c.added_at, _USER.c.id)
)
_COUNT = select(func.count()).where(_ENROLLMENT.c.course_id == an_id("course"))
_LEAVE = delete(_CO).where(_CO.c.course_id == an_id("course"), _CO.c.user_id == bindparam("user"))


def taught(session: Session, caller: Caller, most: int, skip: int = 0) -> tuple[Taught, ...]:
    """The courses this person teaches, by title; an admin's are all there are."""
    asked = {"user": caller.user_id, "most": most, "skip": skip}
    return tuple(_taught(row, caller) for row in session.connection().execute(_TAUGHT[caller.is_admin], asked))


def among(session: Session, caller: Caller, course_ids: Sequence[int]) -> tuple[Taught, ...]:
    """Those of these courses that this person teaches."""
    asked = {"user": caller.user_id, "courses": list(course_ids)}
    return tuple(_taught(row, caller) for row in session.connection().execute(_AMONG[caller.is_admin], asked))


def _taught(row: Any, caller: Caller) -> Taught:
    return Taught(
        course_id=row.id,
        title=row.title,
        instructor_id=row.instructor_id,
        learners=row.learners,
        is_owner=row.instructor_id == caller.user_id,
        finished=row.finished,
        stuck=row.stuck,
        stuck_at=row.stuck_at,
        taken_at=row.taken_at,
    )


def owner(session: Session, course_id: int) -> User:
    """The instructor of the course. Raises `CourseGone`."""
    row = session.connection().execute(_OWNER, {"course": course_id}).first()
    if row is None:
        raise CourseGone
    return User(**row._mapping)


def require(session: Session, caller: Caller, course_id: int, *, owner: bool = False) -> str:
    """The title of a course that this person may teach now. With ``owner`` teaching beside somebody is not enough.

    Raises `CourseGone`, `NotTaught` or `NotOwned`. Authority is the stored role and row, read on each click.
    """
    row = session.connection().execute(_THIS, {"course": course_id, "user": caller.user_id}).first()
    if row is None:
        raise CourseGone
    owns = caller.is_admin or (caller.is_instructor and row.instructor_id == caller.user_id)
    if not owns and not (caller.is_instructor and row.helps):
        raise NotTaught(row.title)
    if owner and not owns:
        raise NotOwned(row.title)
    return str(row.title)


def learners(session: Session, course_id: int) -> int:
    """How many people are enrolled in the course."""
    return int(session.connection().execute(_COUNT, {"course": course_id}).scalar_one())


def team(session: Session, course_id: int) -> Sequence[User]:
    """Who teaches the course beside its instructor, who came first, first."""
    return tuple(User(**row._mapping) for row in session.connection().execute(_TEAM, {"course": course_id}))


def join(session: Session, course_id: int, user_id: str, by: str, now: datetime) -> bool:
    """The user teaches the course beside its instructor from now on; whether they did not before."""
    return insert_unless_there(session, CoTeacher, course_id=course_id, user_id=user_id, added_by=by, added_at=now)


def leave(session: Session, course_id: int, user_id: str) -> bool:
    """The user teaches the course beside its instructor no more; whether they did."""
    return session.connection().execute(_LEAVE, {"course": course_id, "user": user_id}).rowcount > 0
