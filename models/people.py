"""People, as admins look for them: who holds which role, who is not linked, and everything about one of them."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, bindparam, func, select
from sqlmodel import Session

from models import users
from models.completions import Completion
from models.courses import Course
from models.enrollments import Enrollment
from models.grants import GRANTABLE, Grant
from models.links import Link
from models.members import Member
from models.progressrows import Progress
from models.roles import Role, UserRole
from models.statements import table_of
from models.users import User

MOST_HOLDERS = 100
MOST_LISTED = 10
MOST_COUNTED = 1000
"""People who aren't linked are counted so far; more than that are "more than"."""


class Holder(NamedTuple):
    """Somebody who holds a role; ``slack_user_id`` is None for those not linked in this workspace."""

    role: str
    name: str
    slack_user_id: str | None
    ends_at: datetime | None


class Done(NamedTuple):
    """What a user did since an instant: courses they enrolled in, lessons completed, courses finished."""

    enrolled: tuple[str, ...]
    lessons: int
    finished: tuple[str, ...]


class Unlinked(NamedTuple):
    """A full member who is not linked."""

    slack_user_id: str
    name: str


_LINK, _MEMBER, _USER = table_of(Link), table_of(Member), table_of(User)
_COURSE, _ENROLLMENT, _PROGRESS, _COMPLETION = (table_of(one) for one in (Course, Enrollment, Progress, Completion))
_ROLE, _USER_ROLE, _GRANT = table_of(Role), table_of(UserRole), table_of(Grant)
_HOLDERS = (
    select(_ROLE.c.name, _USER.c.first_name, _USER.c.last_name, _USER.c.email, _LINK.c.slack_user_id, _GRANT.c.ends_at)
    .select_from(
        _ROLE.join(_USER_ROLE, _USER_ROLE.c.role_id == _ROLE.c.id)
        .join(_USER, _USER.c.id == _USER_ROLE.c.user_id)
        .outerjoin(_LINK, and_(_LINK.c.user_id == _USER.c.id, _LINK.c.team_id == bindparam("team")))
        .outerjoin(_GRANT, and_(_GRANT.c.user_id == _USER.c.id, _GRANT.c.role == _ROLE.c.name))
    )
    .where(_ROLE.c.name.in_(GRANTABLE))
    .order_by(_ROLE.c.name, _USER.c.first_name, _USER.c.last_name, _USER.c.id)
    .limit(MOST_HOLDERS)
)
_IS_UNLINKED = and_(
    _MEMBER.c.team_id == bindparam("team"),
    _MEMBER.c.is_bot.is_(False),
    _MEMBER.c.is_guest.is_(False),
    _MEMBER.c.is_deleted.is_(False),
    ~select(_LINK.c.user_id)
    .where(_LINK.c.team_id == _MEMBER.c.team_id, _LINK.c.slack_user_id == _MEMBER.c.slack_user_id)
    .correlate(_MEMBER)
    .exists(),
)
_UNLINKED = (
    select(_MEMBER.c.slack_user_id, _MEMBER.c.name, _MEMBER.c.handle)
    .where(_IS_UNLINKED, _MEMBER.c.slack_user_id > bindparam("past"))
    .order_by(_MEMBER.c.slack_user_id)
    .limit(bindparam("most"))
)
_COUNT_UNLINKED = select(func.count()).select_from(
    select(_MEMBER.c.slack_user_id).where(_IS_UNLINKED).limit(MOST_COUNTED + 1).subquery()
)
_AFTER = bindparam("since", type_=_ENROLLMENT.c.enrolled_at.type)
_ENROLLED_SINCE = (
    select(_COURSE.c.title)
    .join_from(_ENROLLMENT, _COURSE, _COURSE.c.id == _ENROLLMENT.c.course_id)
    .where(_ENROLLMENT.c.user_id == bindparam("user"), _ENROLLMENT.c.enrolled_at >= _AFTER)
    .order_by(_ENROLLMENT.c.enrolled_at)
    .limit(MOST_LISTED)
)
_LESSONS_SINCE = select(func.count()).where(
    _PROGRESS.c.user_id == bindparam("user"), _PROGRESS.c.completed, _PROGRESS.c.completed_at >= _AFTER
)
_FINISHED_SINCE = (
    select(_COURSE.c.title)
    .join_from(_COMPLETION, _COURSE, _COURSE.c.id == _COMPLETION.c.course_id)
    .where(_COMPLETION.c.user_id == bindparam("user"), _COMPLETION.c.completed_at >= _AFTER)
    .order_by(_COMPLETION.c.completed_at)
    .limit(MOST_LISTED)
)
_LINKED_AT = select(_LINK.c.linked_at).where(
    _LINK.c.team_id == bindparam("team"), _LINK.c.slack_user_id == bindparam("person")
)


def done_since_linked(session: Session, team_id: str, slack_user_id: str, user_id: str) -> Done:
    """What was done as this user since this Slack person was linked to them, here or in the portal."""
    connection = session.connection()
    since = connection.execute(_LINKED_AT, {"team": team_id, "person": slack_user_id}).scalar_one()
    asked = {"user": user_id, "since": since}
    return Done(
        tuple(connection.execute(_ENROLLED_SINCE, asked).scalars()),
        int(connection.execute(_LESSONS_SINCE, asked).scalar_one()),
        tuple(connection.execute(_FINISHED_SINCE, asked).scalars()),
    )


def holders(session: Session, team_id: str) -> tuple[Holder, ...]:
    """Who is an Admin or an Instructor, by role and name; `MOST_HOLDERS` at most."""
    rows = session.connection().execute(_HOLDERS, {"team": team_id})
    return tuple(
        Holder(row.name, users.full_name(row.first_name, row.last_name) or row.email, row.slack_user_id, row.ends_at)
        for row in rows
    )


def unlinked(session: Session, team_id: str, past: str, most: int) -> tuple[Unlinked, ...]:
    """Full members of a workspace who are not linked, by Slack id after ``past``."""
    rows = session.connection().execute(_UNLINKED, {"team": team_id, "past": past, "most": most})
    return tuple(Unlinked(row.slack_user_id, row.name or row.handle) for row in rows)


def count_unlinked(session: Session, team_id: str) -> int:
    """How many full members are not linked; `MOST_COUNTED` + 1 for any more than that."""
    return int(session.connection().execute(_COUNT_UNLINKED, {"team": team_id}).scalar_one())
