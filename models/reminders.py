"""Reminders: the row is the schedule.

``due_at`` is when a learner may next hear from us; a tick reads only rows that are due. What that means is decided from
the facts every time, so a row whose day has come although nothing is due any more simply moves on.
"""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, func, select, update
from sqlmodel import Session

from models import deliveries, dues, preferences, rhythms
from models.deliveries import Planned
from models.dues import Addressee
from models.enrollments import Enrollment
from models.links import Link
from models.members import Member
from models.prepared import Prepared
from models.reminderfacts import Facts, answers_of, decide, facts_of
from models.reminderrows import UNANSWERED, Reminder, Schedule
from models.rhythms import DaysOff, Rhythm
from models.statements import ForMany, driver_value, for_each_database, insert_unless_there, own, table_of
from models.switches import REMINDER

LAST_STEP = 4
"""Three reminders nobody answered, and a fourth that says goodbye."""
AT_ONCE = 500
"""Learners scheduled or planned in one go. What is read of so many stays in the writer's cache until it is written."""
MOST_LATE = 7
"""After a long sleep so many missed reminders are put down for each learner; the others would say the same."""
EPSILON = timedelta(microseconds=1)

_REMINDER, _ENROLLMENT = table_of(Reminder), table_of(Enrollment)
_LINK, _MEMBER = table_of(Link), table_of(Member)
_LOCK = Prepared(
    select(_REMINDER.c.user_id)
    .where(_REMINDER.c.user_id.in_(bindparam("users", expanding=True)))
    .order_by(_REMINDER.c.user_id)
    .with_for_update()
)
_OLDEST_DUE = select(func.min(_REMINDER.c.due_at)).where(_REMINDER.c.due_at <= bindparam("now"))
_WITH_COURSES = (
    select(_ENROLLMENT.c.user_id)
    .where(_ENROLLMENT.c.user_id > bindparam("past"))
    .distinct()
    .order_by(_ENROLLMENT.c.user_id)
    .limit(bindparam("most"))
)
_WITHOUT_DM = (
    select(_MEMBER.c.slack_user_id, _LINK.c.user_id)
    .select_from(
        _REMINDER.join(_LINK, _LINK.c.user_id == _REMINDER.c.user_id).join(
            _MEMBER, and_(_MEMBER.c.team_id == _LINK.c.team_id, _MEMBER.c.slack_user_id == _LINK.c.slack_user_id)
        )
    )
    .where(
        _REMINDER.c.due_at <= bindparam("until"),
        _LINK.c.team_id == bindparam("team"),
        _MEMBER.c.dm_channel_id.is_(None),
        _MEMBER.c.is_deleted.is_(False),
    )
    .order_by(_REMINDER.c.due_at, _REMINDER.c.id)
    .limit(bindparam("most"))
)
_MAKE = for_each_database(lambda insert: insert(_REMINDER).on_conflict_do_nothing().returning(_REMINDER.c.user_id))
_MOVE = (
    update(_REMINDER)
    .where(_REMINDER.c.user_id == bindparam("user"))
    .values(
        due_at=bindparam("due", type_=_REMINDER.c.due_at.type),
        planned_on=bindparam("on", type_=_REMINDER.c.planned_on.type),
        planned_at=bindparam("at", type_=_REMINDER.c.planned_at.type),
        nudges=bindparam("count"),
        stopped_because=bindparam("because", type_=_REMINDER.c.stopped_because.type),
        team_id=bindparam("team"),
        slack_user_id=bindparam("person"),
        dm_channel_id=bindparam("channel"),
        slack_tz=bindparam("zone"),
        away_until=bindparam("away", type_=_REMINDER.c.away_until.type),
    )
)
_LEFT = ForMany(
    dict.fromkeys(
        ("sqlite", "postgresql"),
        update(_REMINDER)
        .where(_REMINDER.c.id == bindparam("row"))
        .ordered_values(
            (_REMINDER.c.due_at, bindparam("due", type_=_REMINDER.c.due_at.type)),
            (_REMINDER.c.planned_on, bindparam("on", type_=_REMINDER.c.planned_on.type)),
            (_REMINDER.c.planned_at, bindparam("at", type_=_REMINDER.c.planned_at.type)),
        ),
    ),
    ("due", "on", "at", "row"),
)
_LEFT_BY = ("due_at", "planned_on", "planned_at")
_NUDGED = Prepared(
    update(_REMINDER)
    .where(_REMINDER.c.user_id == bindparam("user"))
    .values(nudges=bindparam("count"), nudged_at=bindparam("at", type_=_REMINDER.c.nudged_at.type))
)


def schedule(
    session: Session, user_ids: Collection[str], now: datetime, holidays: frozenset[date], *, afresh: bool = False
) -> None:
    """Set when each of these learners is next due, as the facts are now; who has no course and no row gets none.

    A reminder that is due at this very moment and still to be planned stays due, unless everything begins ``afresh``.
    """
    wanted = sorted(set(user_ids))
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        _LOCK.rows(session, users=some)
        _write(session, facts_of(session, some).values(), now, holidays, afresh=afresh)


def _write(
    session: Session, everyone: Collection[Facts], now: datetime, holidays: frozenset[date], *, afresh: bool
) -> None:
    made, moved = [], []
    for facts in everyone:
        due_at = facts.row.due_at
        is_timely = due_at is not None and due_at <= now <= rhythms.leaves_until(facts.rhythm, due_at)
        after = due_at - EPSILON if due_at is not None and is_timely and not afresh else now
        due_at = decide(facts, holidays, after=after).due_at
        told = facts.told._replace(due_at=due_at)
        if not facts.has_row:
            if facts.open_courses or facts.muted_courses:
                made.append({"user_id": facts.user_id, **told._asdict()})
        elif told != facts.row:
            moved.append(_move(facts.user_id, told))
    if moved:
        session.connection().execute(_MOVE, moved)
    if made:
        made.sort(key=lambda row: str(row["user_id"]))
        ours = set(session.connection().execute(own(session, _MAKE), made).scalars())
        # There was nothing to lock: what another process made meanwhile is of what it knew.
        theirs = [row["user_id"] for row in made if row["user_id"] not in ours]
        schedule(session, theirs, now, holidays, afresh=afresh)


def plan(
    session: Session, now: datetime, real_now: datetime, holidays: frozenset[date], most: int = AT_ONCE
) -> tuple[tuple[Planned, ...], int]:
    """Put the reminders that are due into the ledger and move their learners on; what was put there, and for how many
    learners it was decided.

    Only learners who are due are read, ``most`` at a time; others may plan the rest at the same moment. A reminder that
    could only leave late is put down as suppressed.
    """
    due = dues.page(session, now, most)
    planned: list[Planned] = []
    left: list[tuple[object, ...]] = []
    others = list(due.others)
    for facts, people in due.alike:
        if not _is_plain(facts, now, holidays):
            others += [user_id for _, user_id, *_ in people]
            continue
        message, told = _leave(facts, now, holidays)
        planned += _to_each(message, people)
        moved = tuple(driver_value(session, _REMINDER.c[name], getattr(told, name)) for name in _LEFT_BY)
        left += [(*moved, row) for row, *_ in people]
    _LEFT.run(session, left)
    moved_on = []
    for facts in facts_of(session, others).values() if others else ():
        messages, told = _next_steps(facts, now, holidays)
        planned += messages
        moved_on.append(_move(facts.user_id, told))
    if moved_on:
        session.connection().execute(_MOVE, moved_on)
    deliveries.plan(session, planned, now, real_now)
    return tuple(planned), due.count


def _is_plain(facts: Facts, now: datetime, holidays: frozenset[date]) -> bool:
    """Whether the row can be taken at its word: every change of its facts has moved it, and it is in time."""
    due_at, rhythm = facts.row.due_at, facts.rhythm
    if due_at is None or now > rhythms.leaves_until(rhythm, due_at):
        return False
    day = rhythms.local_day(due_at, rhythm.tz)
    # Their choice of a zone may have changed, and nobody has followed it yet: hour and day are those that count now.
    return rhythms.is_hour(rhythm, due_at) and day >= facts.free_from and day not in facts.off(holidays)


def _leave(facts: Facts, now: datetime, holidays: frozenset[date]) -> tuple[Planned, Schedule]:
    """What leaves now is counted as having arrived; if it doesn't after all, the learner is scheduled again."""
    due_at, rhythm = facts.row.due_at, facts.rhythm
    assert due_at is not None
    told = facts.row._replace(planned_on=rhythms.local_day(due_at, rhythm.tz), planned_at=due_at)
    is_last = facts.nudges + 1 >= LAST_STEP
    then = facts._replace(row=told._replace(nudged_at=now, nudges=0))
    return _planned(facts, due_at, None), told._replace(
        due_at=None if is_last else decide(then, holidays, after=now).due_at
    )


def _to_each(message: Planned, people: Collection[Addressee]) -> Iterator[Planned]:
    """The same message to each of these people."""
    _, day = message.key.rsplit(":", 1)
    facts, not_after = message.facts, message.not_after
    for _, user_id, team_id, slack_user_id, channel_id in people:
        key = f"{REMINDER}:{user_id}:{day}"
        yield Planned(key, REMINDER, team_id, slack_user_id, user_id, None, channel_id, facts, not_after)


def _next_steps(facts: Facts, now: datetime, holidays: frozenset[date]) -> tuple[list[Planned], Schedule]:
    """What is due by now, if anything still is, and the row afterwards. What came due while nobody was awake is late,
    and the last of it may still be timely."""
    told = facts.told
    assert told.due_at is not None
    planned: list[Planned] = []
    verdict = decide(facts, holidays, after=told.due_at - EPSILON)
    while verdict.due_at is not None and verdict.due_at <= now:
        facts = facts._replace(row=told._replace(due_at=verdict.due_at))
        if now <= rhythms.leaves_until(facts.rhythm, verdict.due_at):
            message, told = _leave(facts, now, holidays)
            return [*planned, message], told
        if len(planned) < MOST_LATE:
            planned.append(_planned(facts, verdict.due_at, "late"))
        day = rhythms.local_day(verdict.due_at, facts.rhythm.tz)
        told = told._replace(planned_on=day, planned_at=verdict.due_at)
        due_at = verdict.due_at
        verdict = decide(facts._replace(row=told), holidays, after=due_at)
    return planned, told._replace(due_at=verdict.due_at)


def _planned(facts: Facts, due_at: datetime, reason: str | None) -> Planned:
    assert facts.reach is not None
    rhythm = facts.rhythm
    return Planned(
        key=f"{REMINDER}:{facts.user_id}:{rhythms.local_day(due_at, rhythm.tz)}",
        kind=REMINDER,
        team_id=facts.reach.team_id,
        slack_user_id=facts.reach.slack_user_id,
        user_id=facts.user_id,
        channel_id=facts.reach.dm_channel_id,
        facts={"step": min(facts.nudges + 1, LAST_STEP), "due_at": due_at.isoformat()},
        not_after=rhythms.leaves_until(rhythm, due_at),
        reason=reason,
    )


def _move(user_id: str, told: Schedule) -> dict[str, Any]:
    return {
        "user": user_id,
        "due": told.due_at,
        "on": told.planned_on,
        "at": told.planned_at,
        "count": told.nudges,
        "because": told.stopped_because,
        "team": told.team_id,
        "person": told.slack_user_id,
        "channel": told.dm_channel_id,
        "zone": told.slack_tz,
        "away": told.away_until,
    }


def forecast(facts: Facts, now: datetime, until: datetime, holidays: frozenset[date]) -> Iterator[Planned]:
    """What a learner who stays as they are would hear between now and then, once everything is turned on."""
    verdict = decide(facts, holidays, after=now)
    while verdict.due_at is not None and verdict.due_at < until and facts.nudges < LAST_STEP:
        due_at = verdict.due_at
        yield _planned(facts, due_at, None)
        row = facts.row._replace(
            planned_on=rhythms.local_day(due_at, facts.rhythm.tz),
            planned_at=due_at,
            nudged_at=due_at,
            nudges=facts.nudges + 1,
        )
        facts = facts._replace(row=row)
        verdict = decide(facts, holidays, after=due_at)


def learners(session: Session, past: str = "", most: int = AT_ONCE) -> tuple[str, ...]:
    """The ids of people enrolled in anything, in order, after this one."""
    return tuple(session.connection().execute(_WITH_COURSES, {"past": past, "most": most}).scalars())


def oldest_due(session: Session, now: datetime) -> datetime | None:
    """When the reminder was due that has waited longest to be planned, or None when none waits."""
    found: datetime | None = session.connection().execute(_OLDEST_DUE, {"now": now}).scalar()
    return found


def without_dm(session: Session, team_id: str, until: datetime, most: int) -> tuple[tuple[str, str], ...]:
    """Members due until then whose DM with us was never opened, the next due first: Slack user id and user id."""
    rows = session.connection().execute(_WITHOUT_DM, {"team": team_id, "until": until, "most": most})
    return tuple((slack_user_id, user_id) for slack_user_id, user_id in rows)


def nudged(session: Session, user_id: str, now: datetime, holidays: frozenset[date]) -> None:
    """A reminder arrived: one more that is not answered yet. After the last there are no more.

    The row alone can't tell how many there are: a lesson may have been done that nobody has followed yet. Where the
    next was set as if this one had not come, it is set anew.
    """
    _LOCK.rows(session, users=[user_id])
    facts = answers_of(session, user_id)
    if facts is None:
        return
    if not facts.has_row:
        insert_unless_there(session, Reminder, user_id=user_id, **Schedule()._asdict())
    nudges = facts.nudges + 1
    _NUDGED.count(session, user=user_id, count=nudges, at=now)
    if nudges >= LAST_STEP and facts.stopped_because is None:
        preferences.stop(session, user_id, UNANSWERED, now)
    due_at, soonest = facts.row.due_at, _soonest_after(facts.row, now, holidays)
    if due_at is not None and (soonest is None or due_at < soonest):
        # While it was on its way something about the learner was followed.
        schedule(session, [user_id], now, holidays)


def _soonest_after(row: Schedule, now: datetime, holidays: frozenset[date]) -> datetime | None:
    rhythm = Rhythm(row.rhythm, row.weekdays, row.hour, row.tz or row.slack_tz or "UTC")
    today = rhythms.local_day(now, rhythm.tz)
    off = DaysOff(holidays)
    return rhythms.next_due(rhythm, off, after=now, from_day=today + timedelta(days=1), idle_since=today)
