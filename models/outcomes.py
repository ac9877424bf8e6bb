"""What follows from a delivery's end: for the learner it was for, whatever the ledger keeps of it."""

from datetime import date, datetime

from sqlmodel import Session

from models import announcementnotes, announcements, deliveries, leases, preferences, reminders, sendoffs
from models.errors import Gone
from models.leases import Leased
from models.reminderrows import UNREACHABLE
from models.switches import REMINDER


def sent(
    session: Session, leased: Leased, message_ts: str, now: datetime, holidays: frozenset[date], note: str = "sent"
) -> bool:
    """Slack has it; a reminder counts as unanswered until the learner does something."""
    if not leases.sent(session, leased, message_ts, now, note):
        return False
    if leased.kind == REMINDER and leased.user_id is not None:
        reminders.nudged(session, leased.user_id, now, holidays)
    return True


def suppressed(
    session: Session, leased: Leased, reason: str, now: datetime, real_now: datetime, holidays: frozenset[date]
) -> bool:
    """It should not go any more; the learner is scheduled as if it had never been meant to."""
    if not leases.suppressed(session, leased, reason, now):
        return False
    if reason == sendoffs.LATE_POST:
        _ask_author(session, leased, now, real_now)
    _schedule(session, leased, now, holidays)
    return True


def failed(session: Session, leased: Leased, reason: str, now: datetime, holidays: frozenset[date]) -> bool:
    """Slack won't take it, but nothing is wrong with the person."""
    if not leases.failed(session, leased, reason, now):
        return False
    _schedule(session, leased, now, holidays)
    return True


def undecided(session: Session, leased: Leased, reason: str, now: datetime, real_now: datetime) -> bool:
    """Nobody knows whether a post is in its channel: its author is asked."""
    if not leases.undecided(session, leased, reason, now):
        return False
    _ask_author(session, leased, now, real_now)
    return True


def _ask_author(session: Session, leased: Leased, now: datetime, real_now: datetime) -> None:
    try:
        announcement = announcements.get(session, int(leased.facts["announcement"]))
    except Gone:
        return
    announcementnotes.tell(session, announcement, announcementnotes.ASKS_POST, now, real_now)


def discarded(session: Session, scope: str, value: str, now: datetime, holidays: frozenset[date]) -> int:
    """An admin threw away what a pause held; its learners are scheduled again. How much that was."""
    thrown = deliveries.discard(session, scope, value, now)
    learners = [user_id for kind, user_id in thrown if kind == REMINDER and user_id is not None]
    reminders.schedule(session, learners, now, holidays)
    return len(thrown)


def unreachable(session: Session, leased: Leased, reason: str, now: datetime) -> bool:
    """Slack says this person can't be reached at all: their reminders stop, with the reason on file."""
    if not leases.failed(session, leased, reason, now):
        return False
    if leased.user_id is not None:
        preferences.stop(session, leased.user_id, UNREACHABLE, now, reason)
        reminders.schedule(session, [leased.user_id], now, frozenset())
    return True


def _schedule(session: Session, leased: Leased, now: datetime, holidays: frozenset[date]) -> None:
    if leased.kind == REMINDER and leased.user_id is not None:
        reminders.schedule(session, [leased.user_id], now, holidays)
