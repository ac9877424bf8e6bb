"""Handing courses over, and noticing those whose instructor can't teach them any more."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, func, select, update
from sqlmodel import Session

from models import announcements, audit, deliveries, links, roles, teachers
from models.courses import Course
from models.deliveries import Planned
from models.drafts import Draft
from models.enrollments import Enrollment
from models.errors import DomainError
from models.roles import ADMIN, INSTRUCTOR, Role, UserRole
from models.statements import an_id, table_of
from models.switches import ACCOUNT
from models.teachers import CoTeacher

OWNER_LEFT = "owner left"
COURSE_RECEIVED, TEAM_JOINED, TEAM_LEFT = "course received", "team joined", "team left"


class CanNotTeach(DomainError):
    """Only instructors and admins can be given a course."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} isn't an instructor. An admin can change that with /roles grant; then try again.")


class Left(NamedTuple):
    """What somebody leaves behind: how many courses, people who learn in them, and announcements still to be sent."""

    courses: int
    learners: int
    announcements: int


_COURSE, _DRAFT, _ENROLLMENT = table_of(Course), table_of(Draft), table_of(Enrollment)
_CO, _ROLE, _HELD = table_of(CoTeacher), table_of(Role), table_of(UserRole)
_OWNED = select(_COURSE.c.id).where(_COURSE.c.instructor_id == bindparam("user"))
_LEFT = select(
    select(func.count()).where(_COURSE.c.instructor_id == bindparam("user")).scalar_subquery().label("courses"),
    select(func.count(_ENROLLMENT.c.user_id.distinct()))
    .where(_ENROLLMENT.c.course_id.in_(_OWNED))
    .scalar_subquery()
    .label("learners"),
)
_GIVE = update(_COURSE).where(_COURSE.c.id == an_id("course")).values(instructor_id=bindparam("to"))
_GIVE_ALL = update(_COURSE).where(_COURSE.c.instructor_id == bindparam("user")).values(instructor_id=bindparam("to"))
_GIVE_DRAFTS = update(_DRAFT).where(_DRAFT.c.owner_id == bindparam("user")).values(owner_id=bindparam("to"))
_BESIDE = select(_CO.c.user_id).where(_CO.c.course_id.in_(_OWNED)).distinct()
_ADMINS = (
    select(_HELD.c.user_id)
    .join_from(_HELD, _ROLE, _ROLE.c.id == _HELD.c.role_id)
    .where(_ROLE.c.name == bindparam("role"))
)


def left_by(session: Session, user_id: str) -> Left:
    """What this user teaches as its instructor."""
    row = session.connection().execute(_LEFT, {"user": user_id}).one()
    return Left(row.courses, row.learners, announcements.waiting_of(session, user_id))


def can_teach(session: Session, user_id: str) -> bool:
    """Whether this user holds a role that teaches."""
    return bool(roles.of(session, user_id) & {INSTRUCTOR, ADMIN})


def hand_over(session: Session, course_id: int, to: str, name: str, by: str, now: datetime) -> None:
    """The course is this user's from now on. Raises `CanNotTeach`."""
    if not can_teach(session, to):
        raise CanNotTeach(name)
    session.connection().execute(_GIVE, {"course": course_id, "to": to})
    teachers.leave(session, course_id, to)
    audit.note(session, "course.handed over", actor=by, whom=to, course_id=course_id, now=now)


def hand_over_all(session: Session, user_id: str, to: str, name: str, by: str, now: datetime) -> Left:
    """Everything one user teaches is another's, drafts among it; what it was. Raises `CanNotTeach`."""
    if not can_teach(session, to):
        raise CanNotTeach(name)
    left = left_by(session, user_id)
    connection = session.connection()
    for course_id in connection.execute(_OWNED, {"user": user_id}).scalars().all():
        teachers.leave(session, course_id, to)
        audit.note(session, "course.handed over", actor=by, whom=to, course_id=course_id, before=user_id, now=now)
    connection.execute(_GIVE_ALL, {"user": user_id, "to": to})
    connection.execute(_GIVE_DRAFTS, {"user": user_id, "to": to})
    return left


def notice(session: Session, user_ids: Collection[str], now: datetime, real_now: datetime) -> None:
    """Tell co-teachers and admins, once a day at most, of each of these users who can't teach any more."""
    for user_id in user_ids:
        left = left_by(session, user_id)
        if not left.courses or (can_teach(session, user_id) and links.everywhere(session, user_id)):
            continue
        connection = session.connection()
        told = {*connection.execute(_BESIDE, {"user": user_id}).scalars()}
        told |= {*connection.execute(_ADMINS, {"role": ADMIN}).scalars()}
        facts = {"what": OWNER_LEFT, "who": user_id, "courses": left.courses, "learners": left.learners}
        notes = [
            Planned(
                key=f"{ACCOUNT}:{team_id}:{slack_user_id}:{OWNER_LEFT}:{user_id}:{now:%Y-%m-%d}",
                kind=ACCOUNT,
                team_id=team_id,
                slack_user_id=slack_user_id,
                user_id=teacher,
                facts=facts,
            )
            for teacher in sorted(told - {user_id})
            for team_id, slack_user_id in links.everywhere(session, teacher)
        ]
        deliveries.plan(session, notes, now, real_now)
