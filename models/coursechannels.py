"""Courses tied to a channel: what is announced goes there by default, and joining the channel may mean learning."""

from datetime import datetime

from sqlalchemy import Index, bindparam, delete, select
from sqlmodel import Field, Session

from models import deliveries, links
from models.courses import Course, hold
from models.deliveries import Planned
from models.statements import an_id, insert_or_update, table_of
from models.switches import ACCOUNT
from models.tablemodels import TableModel

OFFER, ENROLL, NOTHING = "offer", "enroll", "nothing"
ON_JOIN = (OFFER, ENROLL, NOTHING)
"""What happens to somebody who joins the channel: the course is offered, they are enrolled, or nothing."""
OFFERED, WAS_ENROLLED = "course offered", "enrolled by channel"


class CourseChannel(TableModel, table=True):
    """The one channel a course goes with, and what joining it means (``on_join``)."""

    __tablename__ = "homeroom_course_channel"
    __table_args__ = (Index("ix_homeroom_course_channel_channel_id", "channel_id"),)

    course_id: int = Field(primary_key=True, foreign_key="course.id", ondelete="CASCADE")
    team_id: str
    channel_id: str
    on_join: str = OFFER


_TIE, _COURSE = table_of(CourseChannel), table_of(Course)
_OF = select(CourseChannel).where(_TIE.c.course_id == an_id("course"))
_UNTIE = delete(_TIE).where(_TIE.c.course_id == an_id("course"))
_IN = (
    select(_TIE.c.course_id, _COURSE.c.title, _TIE.c.on_join)
    .join_from(_TIE, _COURSE, _COURSE.c.id == _TIE.c.course_id)
    .where(_TIE.c.team_id == bindparam("team"), _TIE.c.channel_id == bindparam("channel"))
    .where(_COURSE.c.archived_at.is_(None), _TIE.c.on_join != NOTHING)
    .order_by(_TIE.c.course_id)
)


def of(session: Session, course_id: int) -> CourseChannel | None:
    """The channel the course goes with, or None."""
    return session.execute(_OF, {"course": course_id}).scalar_one_or_none()


def tie(session: Session, course_id: int, team_id: str, channel_id: str, on_join: str) -> None:
    """The course goes with this channel from now on, in place of another. Raises `Gone` when the course is."""
    hold(session, course_id)
    row = {"course_id": course_id, "team_id": team_id, "channel_id": channel_id, "on_join": on_join}
    insert_or_update(session, CourseChannel, [row])


def untie(session: Session, course_id: int) -> bool:
    """The course goes with no channel; whether it did."""
    return session.connection().execute(_UNTIE, {"course": course_id}).rowcount > 0


def courses_in(session: Session, team_id: str, channel_id: str) -> tuple[tuple[int, str, str], ...]:
    """The open courses that joining this channel means something for: id, title, what."""
    rows = session.connection().execute(_IN, {"team": team_id, "channel": channel_id})
    return tuple((row[0], row[1], row[2]) for row in rows)


def was_told(session: Session, what: str, team_id: str, slack_user_id: str, course_id: int) -> bool:
    """Whether this person was offered the course, or told they are in it, before."""
    return bool(deliveries.of_keys(session, [_key(what, team_id, slack_user_id, course_id)]))


def tell(
    session: Session,
    what: str,
    team_id: str,
    slack_user_id: str,
    course_id: int,
    channel_id: str,
    now: datetime,
    real_now: datetime,
) -> None:
    """Offer a course to somebody who joined its channel, or tell them they are in it: once for ever."""
    planned = Planned(
        key=_key(what, team_id, slack_user_id, course_id),
        kind=ACCOUNT,
        team_id=team_id,
        slack_user_id=slack_user_id,
        user_id=links.of(session, team_id, slack_user_id),
        course_id=course_id,
        facts={"what": what, "course": course_id, "channel": channel_id},
    )
    deliveries.plan(session, [planned], now, real_now)


def _key(what: str, team_id: str, slack_user_id: str, course_id: int) -> str:
    return f"{ACCOUNT}:{team_id}:{slack_user_id}:{what}:{course_id}"
