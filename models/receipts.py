"""Receipts: what became of an announcement, in numbers and never by name."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, func, select
from sqlmodel import Session

from models import announcements
from models.announcements import Announcement
from models.completions import Completion
from models.deliveries import FAILED, SENT, SUPPRESSED, Delivery
from models.progressrows import Progress
from models.recipients import KEY, Recipient
from models.statements import an_id, table_of


class Receipt(NamedTuple):
    """What became of an announcement's DMs. ``failed`` and ``left_out`` say why, the most frequent reason first.

    ``waiting`` are still to be told, the first of them not before ``next_at``.
    """

    delivered: int
    failed: tuple[tuple[str, int], ...]
    left_out: tuple[tuple[str, int], ...]
    waiting: int
    next_at: datetime | None
    opened: int
    completed: int

    @property
    def settled(self) -> int:
        """How many people it is over for."""
        return self.delivered + sum(count for _, count in (*self.failed, *self.left_out))


_RECIPIENT, _ANNOUNCEMENT, _DELIVERY = table_of(Recipient), table_of(Announcement), table_of(Delivery)
_COMPLETION, _PROGRESS = table_of(Completion), table_of(Progress)
# Of whoever was still to be told when it ended there is nothing in the ledger.
_ENDED = {announcements.STOPPED: "stopped by its author", announcements.TAKEN_BACK: "taken back"}
_OUTCOMES = (
    select(_DELIVERY.c.state, _DELIVERY.c.reason, func.count())
    .join_from(_RECIPIENT, _DELIVERY, _DELIVERY.c.key == KEY)
    .where(_RECIPIENT.c.announcement_id == an_id("announcement"))
    .group_by(_DELIVERY.c.state, _DELIVERY.c.reason)
    .order_by(_DELIVERY.c.state, _DELIVERY.c.reason)
)
_NOT_REACHED = (
    select(func.count())
    .select_from(_RECIPIENT.outerjoin(_DELIVERY, _DELIVERY.c.key == KEY))
    .where(
        _RECIPIENT.c.announcement_id == an_id("announcement"),
        _RECIPIENT.c.due_at.is_(None),
        _RECIPIENT.c.opened_at.is_(None),
        _DELIVERY.c.id.is_(None),
    )
)
_WAITING = select(func.count(), func.min(_RECIPIENT.c.due_at)).where(
    _RECIPIENT.c.announcement_id == an_id("announcement"), _RECIPIENT.c.due_at.is_not(None)
)
_OPENERS = select(func.count()).where(
    _RECIPIENT.c.announcement_id == an_id("announcement"), _RECIPIENT.c.opened_at.is_not(None)
)
_DID_LESSON = (
    select(func.count())
    .select_from(
        _RECIPIENT.join(_ANNOUNCEMENT, _ANNOUNCEMENT.c.id == _RECIPIENT.c.announcement_id).join(
            _PROGRESS,
            and_(_PROGRESS.c.user_id == _RECIPIENT.c.user_id, _PROGRESS.c.lesson_id == _ANNOUNCEMENT.c.lesson_id),
        )
    )
    .where(
        _RECIPIENT.c.announcement_id == an_id("announcement"),
        _PROGRESS.c.completed.is_(True),
        _PROGRESS.c.completed_at >= _ANNOUNCEMENT.c.began_at,
    )
)
_DID_COURSE = (
    select(func.count())
    .select_from(
        _RECIPIENT.join(_ANNOUNCEMENT, _ANNOUNCEMENT.c.id == _RECIPIENT.c.announcement_id).join(
            _COMPLETION,
            and_(_COMPLETION.c.user_id == _RECIPIENT.c.user_id, _COMPLETION.c.course_id == _ANNOUNCEMENT.c.course_id),
        )
    )
    .where(
        _RECIPIENT.c.announcement_id == an_id("announcement"),
        _COMPLETION.c.completed_at >= _ANNOUNCEMENT.c.began_at,
    )
)


def receipt(session: Session, announcement: Announcement) -> Receipt:
    """What became of it so far. Completed counts its lesson, or its course where it has none, since it began to go."""
    connection, asked = session.connection(), {"announcement": announcement.id}
    failed: list[tuple[str, int]] = []
    left_out: list[tuple[str, int]] = []
    delivered = waiting = 0
    for state, reason, count in connection.execute(_OUTCOMES, asked).all():
        if state == SENT:
            delivered += count
        elif state == FAILED:
            failed.append((reason or "", count))
        elif state == SUPPRESSED:
            left_out.append((reason or "", count))
        else:
            waiting += count
    not_reached = connection.execute(_NOT_REACHED, asked).scalar_one()
    if not_reached:
        left_out.append((_ENDED.get(announcement.state, "not reached"), not_reached))
    due, next_at = connection.execute(_WAITING, asked).one()
    did = _DID_COURSE if announcement.lesson_id is None else _DID_LESSON
    return Receipt(
        delivered=delivered,
        failed=tuple(sorted(failed, key=lambda one: -one[1])),
        left_out=tuple(sorted(left_out, key=lambda one: -one[1])),
        waiting=waiting + due,
        next_at=None if waiting else next_at,
        opened=connection.execute(_OPENERS, asked).scalar_one(),
        completed=connection.execute(did, asked).scalar_one(),
    )
