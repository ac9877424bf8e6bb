"""Nudges: a word from somebody who teaches a course to all who stopped before a lesson, by one press."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import and_, bindparam, or_, select
from sqlmodel import Session

from models import audiences, deliveries, links, members
from models.announcements import STUCK, Announcement
from models.deliveries import FAILED, SENDING, SENT, SUPPRESSED, UNCERTAIN, WAITING, Delivery, Planned
from models.errors import DomainError
from models.members import Caller
from models.statements import an_id, table_of
from models.switches import NUDGE

AGAIN_AFTER = timedelta(hours=24)
"""A learner is nudged no more often than this, whatever the course."""
MOST = 200


class TooMany(DomainError):
    """So many people are for an announcement, which an admin sees first."""

    def __init__(self) -> None:
        super().__init__(f"More than {MOST} people stop there. Write to them with /teach announce instead.")


class Stuck(NamedTuple):
    """Who stopped before a lesson: those who can be nudged now, and how many were within a day or muted the course."""

    user_ids: tuple[str, ...]
    left_out: int


_DELIVERY = table_of(Delivery)
_NUDGED = (
    select(_DELIVERY.c.user_id)
    .where(
        _DELIVERY.c.user_id.in_(bindparam("users", expanding=True)),
        _DELIVERY.c.kind == NUDGE,
        _DELIVERY.c.planned_at > bindparam("since"),
        _DELIVERY.c.state.not_in((FAILED, SUPPRESSED)),
    )
    .distinct()
)
_NUDGED_ALREADY = (
    select(_DELIVERY.c.id)
    .where(
        _DELIVERY.c.user_id == bindparam("user"),
        _DELIVERY.c.kind == NUDGE,
        _DELIVERY.c.id != an_id("own"),
        # Two may have pressed at the same moment: the later one gives way.
        or_(
            and_(_DELIVERY.c.state == SENT, _DELIVERY.c.settled_at > bindparam("since")),
            and_(_DELIVERY.c.state.in_((WAITING, SENDING, UNCERTAIN)), _DELIVERY.c.id < an_id("own")),
        ),
    )
    .limit(1)
)


def stuck(session: Session, caller: Caller, course_id: int, lesson_id: int, now: datetime) -> Stuck:
    """Who did everything before this lesson and not the lesson. Raises `TooMany`."""
    them = _those_before(caller, course_id, lesson_id, now)
    found = audiences.some_of(session, them, MOST + 1, now)
    if len(found) > MOST:
        raise TooMany
    muted = audiences.muted(session, them, now)
    asked = {"users": list(found), "since": now - AGAIN_AFTER}
    nudged = set(session.connection().execute(_NUDGED, asked).scalars())
    return Stuck(tuple(one for one in found if one not in nudged), len(nudged) + muted)


def is_stuck(session: Session, caller: Caller, course_id: int, lesson_id: int, user_id: str, now: datetime) -> bool:
    """Whether this person still stands before the lesson, and did not mute the course."""
    return audiences.is_in(session, _those_before(caller, course_id, lesson_id, now), user_id, now)


def was_nudged(session: Session, user_id: str, delivery_id: int, now: datetime) -> bool:
    """Whether another nudge than this one reached the person within a day, or is about to."""
    asked = {"user": user_id, "own": delivery_id, "since": now - AGAIN_AFTER}
    return session.connection().execute(_NUDGED_ALREADY, asked).first() is not None


def send(session: Session, caller: Caller, course_id: int, lesson_id: int, now: datetime, real_now: datetime) -> int:
    """Put a nudge for each of them into the ledger; how many. Asked twice, the second finds nobody left."""
    found = stuck(session, caller, course_id, lesson_id, now).user_ids
    people = links.holders(session, caller.team_id, found)
    planned = [
        Planned(
            key=f"{NUDGE}:{course_id}:{user_id}:{now.isoformat()}",
            kind=NUDGE,
            team_id=caller.team_id,
            slack_user_id=slack_user_id,
            user_id=user_id,
            course_id=course_id,
            channel_id=members.dm_channel(session, caller.team_id, slack_user_id),
            facts={"lesson": lesson_id, "by": caller.slack_user_id},
        )
        for user_id, slack_user_id in people.items()
    ]
    deliveries.plan(session, planned, now, real_now)
    return len(planned)


def _those_before(caller: Caller, course_id: int, lesson_id: int, now: datetime) -> Announcement:
    """An audience without an announcement."""
    return Announcement(
        course_id=course_id,
        lesson_id=lesson_id,
        author_id=caller.user_id or "",
        team_id=caller.team_id,
        slack_user_id=caller.slack_user_id,
        audience=STUCK,
        created_at=now,
    )
