"""Slack's pace for each workspace, found by trying, shared by every sender through one row. All in real time.

Slack allows "several hundred messages per minute" for a workspace and says no more (docs: Web API rate limits). So the
pace grows until Slack refuses, then stays just below what Slack had taken in the second before that, feeling its way up
slowly; refused again at once at a pace that Slack has not been taking, it halves.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, select, update
from sqlmodel import Field, Session

from models.prepared import Prepared
from models.statements import insert_unless_there, table_of
from models.tablemodels import TableModel

FIRST_RATE = 5.0
"""Messages a second to begin with: three hundred a minute."""
LOWEST_RATE, HIGHEST_RATE = 1.0, 200.0
"""One a second is what Slack advises to design for (docs: Web API rate limits), so nothing goes below it."""
GROWTH = 1.0
"""Messages a second by which the pace grows with each message while no ceiling is known: it doubles every second."""
REGROWTH, SLOW_GROWTH = 0.02, 0.000002
"""By which share it grows with each message below the ceiling, and near it: at fifty a second, half a percent in a
minute."""
BELOW_CEILING, A_LITTLE_LESS = 0.97, 0.99
"""How far below a pace that was too fast the next one is, and below one that Slack had been taking."""
NEARLY_TAKEN = 0.9
"""So much of the pace taken in the second before says that a refusal was of one or two too many."""
MOSTLY_OURS = 0.4
"""At least so much of the pace counts as taken, since other senders of the workspace had their share of it."""
AT_ONCE = timedelta(seconds=5)
"""A refusal within so much sending after the last one, at a pace that was not taken, says that it is far too high."""
FORGOTTEN = timedelta(minutes=5)
"""After so much sending without a refusal the ceiling is forgotten: it may have been Slack's bad day, not our pace."""
AHEAD = timedelta(seconds=1)
"""Slots are given out no further ahead than this, so that a refusal stops everybody soon."""


class Pace(TableModel, table=True):
    """How fast one workspace takes messages: ``rate`` a second; ``ceiling`` is where Slack last refused.

    ``next_at`` is the first slot nobody has; ``blocked_until`` the end of the last Retry-After.
    """

    __tablename__ = "homeroom_pace"

    team_id: str = Field(primary_key=True)
    rate: float = FIRST_RATE
    ceiling: float | None = None
    next_at: datetime
    blocked_until: datetime | None = None
    since_refused: int = 0


@dataclass(frozen=True, slots=True)
class Slots:
    """Moments at which messages may leave, evenly apart: ``count`` of them from ``first_at`` on."""

    team_id: str
    first_at: datetime
    apart: timedelta
    count: int

    def at(self, number: int) -> datetime:
        """The moment of a slot, the first being 0."""
        return self.first_at + number * self.apart


_PACE = table_of(Pace)


def is_blocked(team_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether nobody may send in a workspace at the moment ``now``, a parameter."""
    blocked = select(_PACE.c.team_id).where(_PACE.c.team_id == team_id, _PACE.c.blocked_until > bindparam("now"))
    return blocked.correlate_except(_PACE).exists()


_OF_TEAM = _PACE.c.team_id == bindparam("team")
_LOCKED = select(_PACE).where(_OF_TEAM).with_for_update()
_TAKEN = Prepared(
    update(_PACE)
    .where(_OF_TEAM)
    .values(
        next_at=bindparam("next", type_=_PACE.c.next_at.type),
        rate=bindparam("pace"),
        ceiling=bindparam("limit", type_=_PACE.c.ceiling.type),
        since_refused=_PACE.c.since_refused + bindparam("more"),
    )
)
_SLOWED = (
    update(_PACE)
    .where(_OF_TEAM)
    .values(
        rate=bindparam("pace"),
        ceiling=bindparam("limit"),
        blocked_until=bindparam("until", type_=_PACE.c.blocked_until.type),
        since_refused=0,
    )
)
_STOPPED = update(_PACE).where(_OF_TEAM).values(blocked_until=bindparam("until", type_=_PACE.c.blocked_until.type))


def offered(session: Session, team_id: str, real_now: datetime, most: int) -> Slots:
    """The workspace's free slots within the next second, ``most`` at most. Others wait until this transaction ends."""
    pace = _locked(session, team_id, real_now)
    apart = timedelta(seconds=1 / pace.rate)
    first = max(pace.next_at, real_now)
    if pace.blocked_until is not None and pace.blocked_until > real_now:
        return Slots(team_id, first, apart, 0)
    free = int((real_now + AHEAD - first) / apart) + 1 if first <= real_now + AHEAD else 0
    return Slots(team_id, first, apart, max(0, min(free, most)))


def take(session: Session, slots: Slots, used: int) -> None:
    """Keep the first ``used`` slots for the caller; the pace grows a little for it."""
    pace = _locked(session, slots.team_id, slots.first_at)
    ceiling = pace.ceiling if pace.since_refused < pace.rate * FORGOTTEN.total_seconds() else None
    near = ceiling is not None and pace.rate >= BELOW_CEILING * ceiling * 0.999
    if ceiling is None:
        rate = pace.rate + GROWTH * used
    elif near:
        rate = pace.rate * (1 + SLOW_GROWTH) ** used
    else:
        rate = min(pace.rate * (1 + REGROWTH) ** used, BELOW_CEILING * ceiling)
    rate = min(rate, HIGHEST_RATE)
    _TAKEN.count(session, team=slots.team_id, next=slots.at(used), pace=rate, limit=ceiling, more=used)


def slow_down(session: Session, team_id: str, retry_after: float, real_now: datetime, taken: int | None = None) -> None:
    """Slack refused a message for ``retry_after`` seconds: nobody sends until then, and slower after it.

    ``taken`` is how many messages the caller saw Slack take in the second before. Refusals of messages that were on
    their way at the same moment count once.
    """
    pace = _locked(session, team_id, real_now)
    until = real_now + timedelta(seconds=retry_after)
    was_taken = taken is not None and taken >= pace.rate * NEARLY_TAKEN
    if taken is None or (pace.ceiling is not None and was_taken):
        sent_at = pace.rate
    else:
        # A pace that still grew was never sent at for a whole second.
        sent_at = min(pace.rate, max(taken, pace.rate * MOSTLY_OURS, LOWEST_RATE))
    at_once = pace.since_refused < pace.rate * AT_ONCE.total_seconds()
    if pace.blocked_until is not None and pace.blocked_until > real_now:
        rate, ceiling, until = pace.rate, pace.ceiling, max(until, pace.blocked_until)
    elif pace.ceiling is None:
        rate, ceiling = sent_at * BELOW_CEILING, sent_at
    elif was_taken or not at_once:
        rate, ceiling = sent_at * A_LITTLE_LESS, sent_at
    else:
        rate, ceiling = max(sent_at / 2, LOWEST_RATE), sent_at
    session.connection().execute(_SLOWED, {"team": team_id, "pace": rate, "limit": ceiling, "until": until})


def stop(session: Session, team_id: str, seconds: float, real_now: datetime) -> None:
    """Nobody sends here for so long, for a reason that says nothing about the pace."""
    pace = _locked(session, team_id, real_now)
    until = max(real_now + timedelta(seconds=seconds), pace.blocked_until or real_now)
    session.connection().execute(_STOPPED, {"team": team_id, "until": until})


def of(session: Session, team_id: str) -> Pace | None:
    """The pace of a workspace, or None where nothing was ever sent."""
    return session.get(Pace, team_id, populate_existing=True)


def _locked(session: Session, team_id: str, real_now: datetime) -> Pace:
    connection = session.connection()
    row = connection.execute(_LOCKED, {"team": team_id}).one_or_none()
    if row is None:
        insert_unless_there(session, Pace, team_id=team_id, rate=FIRST_RATE, next_at=real_now, since_refused=0)
        row = connection.execute(_LOCKED, {"team": team_id}).one()
    return Pace(**row._mapping)
