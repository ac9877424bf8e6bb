"""Audiences: which of a course's people an announcement is for, and who is left out."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, String, and_, bindparam, func, literal, not_, or_, select
from sqlmodel import Session

from models import outlines
from models.announcements import ENROLLED, NOT_STARTED, STUCK, UNFINISHED, Announcement
from models.completions import Completion
from models.courses import Lesson, Module
from models.deliveries import FAILED, SENDING, SENT, SUPPRESSED, UNCERTAIN, Delivery
from models.enrollments import Enrollment
from models.links import Link
from models.members import Member
from models.mutes import Mute
from models.outlines import VISIBLE
from models.places import Place
from models.prepared import Prepared
from models.progressrows import Progress
from models.statements import an_id, table_of
from models.switches import ANNOUNCEMENT

AT_ONCE = 500
QUIET = timedelta(days=7)
"""At most one announcement by DM from a course in so long."""


class Reached(NamedTuple):
    """How many people an audience has: who would be told, who muted the course, and who heard of it this week."""

    told: int
    muted: int
    heard: int


_ENROLLMENT, _LINK, _MEMBER, _MUTE = (table_of(one) for one in (Enrollment, Link, Member, Mute))
_DELIVERY, _COMPLETION, _PLACE, _PROGRESS = (table_of(one) for one in (Delivery, Completion, Place, Progress))
_MODULE, _LESSON = table_of(Module), table_of(Lesson)
_COURSE_ID, _USER_ID = _ENROLLMENT.c.course_id, _ENROLLMENT.c.user_id


def _done_of(lessons: str) -> ColumnElement[int]:
    """How many of these lessons the enrolled person completed."""
    return (
        select(func.count())
        .where(
            _PROGRESS.c.user_id == _USER_ID,
            _PROGRESS.c.lesson_id.in_(an_id(lessons, expanding=True)),
            _PROGRESS.c.completed.is_(True),
        )
        .correlate(_ENROLLMENT)
        .scalar_subquery()
    )


_BEGAN = or_(
    select(_PLACE.c.user_id).where(_PLACE.c.user_id == _USER_ID, _PLACE.c.course_id == _COURSE_ID).exists(),
    select(_PROGRESS.c.id)
    .select_from(VISIBLE.join(_PROGRESS, _PROGRESS.c.lesson_id == _LESSON.c.id))
    .where(_MODULE.c.course_id == _COURSE_ID, _PROGRESS.c.user_id == _USER_ID)
    .correlate(_ENROLLMENT)
    .exists(),
)
_FINISHED = (
    select(_COMPLETION.c.id)
    .where(_COMPLETION.c.user_id == _USER_ID, _COMPLETION.c.course_id == _COURSE_ID)
    .correlate(_ENROLLMENT)
    .exists()
)
_MUTED = (
    select(_MUTE.c.user_id)
    .where(_MUTE.c.user_id == _USER_ID, _MUTE.c.course_id == _COURSE_ID)
    .correlate(_ENROLLMENT)
    .exists()
)
_HEARD = (
    select(_DELIVERY.c.id)
    .where(
        _DELIVERY.c.user_id == _USER_ID,
        _DELIVERY.c.kind == ANNOUNCEMENT,
        _DELIVERY.c.course_id == _COURSE_ID,
        _DELIVERY.c.planned_at > bindparam("since"),
        _DELIVERY.c.state.not_in((FAILED, SUPPRESSED)),
    )
    .correlate(_ENROLLMENT)
    .exists()
)
_IS_IN: dict[str, ColumnElement[bool]] = {
    ENROLLED: literal(True),
    NOT_STARTED: and_(not_(_BEGAN), not_(_FINISHED)),
    UNFINISHED: not_(_FINISHED),
    STUCK: and_(_done_of("before") == bindparam("as_many"), _done_of("lesson") == 0, not_(_FINISHED)),
}
_REACHABLE = _ENROLLMENT.join(
    _LINK, and_(_LINK.c.user_id == _USER_ID, _LINK.c.team_id == bindparam("team", type_=String()))
).join(
    _MEMBER,
    and_(
        _MEMBER.c.team_id == _LINK.c.team_id,
        _MEMBER.c.slack_user_id == _LINK.c.slack_user_id,
        _MEMBER.c.is_deleted.is_(False),
        _MEMBER.c.is_guest.is_(False),
    ),
)
_OTHERS = and_(an_id("course") == _COURSE_ID, bindparam("author") != _USER_ID)


def _for_each_audience(build: Callable[[ColumnElement[bool]], Any]) -> dict[str, Select[Any]]:
    return {name: build(is_in) for name, is_in in _IS_IN.items()}


_COUNTED = _for_each_audience(
    lambda is_in: (
        select(
            func.count().filter(and_(not_(_MUTED), not_(_HEARD))).label("told"),
            func.count().filter(_MUTED).label("muted"),
            func.count().filter(and_(not_(_MUTED), _HEARD)).label("heard"),
        )
        .select_from(_REACHABLE)
        .where(_OTHERS, is_in)
    )
)
_NEXT = _for_each_audience(
    lambda is_in: (
        select(_USER_ID)
        .select_from(_REACHABLE)
        .where(_OTHERS, is_in, not_(_MUTED), bindparam("past") < _USER_ID)
        .order_by(_USER_ID)
        .limit(bindparam("most"))
    )
)
_SOME = _for_each_audience(
    lambda is_in: select(_USER_ID).select_from(_REACHABLE).where(_OTHERS, is_in, not_(_MUTED)).limit(bindparam("most"))
)
_SILENT = _for_each_audience(
    lambda is_in: (
        select(func.count())
        .select_from(
            _REACHABLE.join(_MUTE, and_(_MUTE.c.user_id == _USER_ID, _MUTE.c.course_id == _COURSE_ID)),
        )
        .where(_OTHERS, is_in)
    )
)
_STILL = _for_each_audience(
    lambda is_in: (
        select(_MUTED.label("is_muted")).select_from(_REACHABLE).where(_OTHERS, is_in, bindparam("user") == _USER_ID)
    )
)
_TOLD_SINCE = Prepared(
    select(_DELIVERY.c.course_id)
    .where(
        _DELIVERY.c.user_id == bindparam("user"),
        _DELIVERY.c.kind == ANNOUNCEMENT,
        _DELIVERY.c.state == SENT,
        _DELIVERY.c.settled_at >= bindparam("since"),
    )
    .distinct()
)
_HEARD_ANOTHER = (
    select(_DELIVERY.c.id)
    .where(
        _DELIVERY.c.user_id == bindparam("user"),
        _DELIVERY.c.kind == ANNOUNCEMENT,
        _DELIVERY.c.course_id == an_id("course"),
        _DELIVERY.c.planned_at > bindparam("since"),
        _DELIVERY.c.id != an_id("own"),
        # Of two on their way at the same moment the later one gives way.
        or_(
            _DELIVERY.c.state == SENT,
            and_(_DELIVERY.c.state.in_((SENDING, UNCERTAIN)), _DELIVERY.c.id < an_id("own")),
        ),
    )
    .limit(1)
)


def count(session: Session, announcement: Announcement, now: datetime) -> Reached:
    """How many people this would be sent to by DM if it went now, and who would be left out."""
    if announcement.audience is None:
        return Reached(0, 0, 0)
    row = session.connection().execute(_COUNTED[announcement.audience], _asked(session, announcement, now)).one()
    return Reached(*row)


def next_of(session: Session, announcement: Announcement, past: str, now: datetime) -> tuple[str, ...]:
    """The users of the audience after this one, in order, 500 at most."""
    if announcement.audience is None:
        return ()
    asked = {**_asked(session, announcement, now), "past": past, "most": AT_ONCE}
    return tuple(session.connection().execute(_NEXT[announcement.audience], asked).scalars())


def some_of(session: Session, announcement: Announcement, most: int, now: datetime) -> tuple[str, ...]:
    """Users of the audience in no order, so many at most: cheap to ask where there are more."""
    assert announcement.audience is not None
    asked = {**_asked(session, announcement, now), "most": most}
    return tuple(session.connection().execute(_SOME[announcement.audience], asked).scalars())


def muted(session: Session, announcement: Announcement, now: datetime) -> int:
    """How many of the audience muted the course."""
    assert announcement.audience is not None
    silent = _SILENT[announcement.audience]
    return int(session.connection().execute(silent, _asked(session, announcement, now)).scalar_one())


def is_in(session: Session, announcement: Announcement, user_id: str, now: datetime) -> bool:
    """Whether this person is in the audience now, and did not mute the course."""
    assert announcement.audience is not None
    asked = {**_asked(session, announcement, now), "user": user_id}
    row = session.connection().execute(_STILL[announcement.audience], asked).first()
    return row is not None and not row.is_muted


def why_not(session: Session, announcement: Announcement, user_id: str, delivery_id: int, now: datetime) -> str | None:
    """Why this person should no longer be told, or None: a word the screens have a sentence for."""
    if announcement.audience is None:
        return "not in audience"
    connection = session.connection()
    asked = _asked(session, announcement, now)
    row = connection.execute(_STILL[announcement.audience], {**asked, "user": user_id}).first()
    if row is None:
        return "not in audience"
    if row.is_muted:
        return "muted"
    heard = {"user": user_id, "course": announcement.course_id, "since": now - QUIET, "own": delivery_id}
    return "heard" if connection.execute(_HEARD_ANOTHER, heard).first() is not None else None


def told_since(session: Session, user_id: str, since: datetime) -> frozenset[int]:
    """The courses this user had an announcement of by DM since this instant."""
    return frozenset(row.course_id for row in _TOLD_SINCE.rows(session, user=user_id, since=since))


def _asked(session: Session, announcement: Announcement, now: datetime) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "course": announcement.course_id,
        "team": announcement.team_id,
        "author": announcement.author_id,
        "since": now - QUIET,
    }
    if announcement.audience == STUCK:
        lessons = [one.lesson_id for one in outlines.lines(session, announcement.course_id)]
        if announcement.lesson_id in lessons:
            at = lessons.index(announcement.lesson_id)
            asked |= {"before": lessons[:at], "as_many": at, "lesson": lessons[at : at + 1]}
        else:
            # Before a lesson that is gone nobody is stuck.
            asked |= {"before": [], "as_many": -1, "lesson": []}
    return asked
