"""What admins are told unasked: a week's deliveries in figures, and trouble as it happens."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, func, or_, select
from sqlmodel import Session

from models import backlogs, deliveries, destinations, pauses, reminderrows, rhythms
from models.deliveries import FAILED, SENT, SUPPRESSED, Delivery, Planned
from models.destinations import RECEIVER
from models.links import Link
from models.members import Member
from models.pauses import KIND
from models.reminderrows import Reminder
from models.roles import ADMIN, Role, UserRole
from models.statements import table_of
from models.switches import ALERT, EVENTS, REPORT

REPORT_DAY, REPORT_HOUR = 0, 9
"""Mondays at nine, in each admin's own zone."""
REPORT_HOURS = 8
"""A report that can't go within these hours of its day doesn't go."""
ASLEEP = timedelta(hours=1)
"""So long without a tick is told."""
FAILING_LONG = timedelta(days=1)
"""A destination of events that takes none for so long is told."""
TOO_MANY = 5
"""So many failures within an hour are told, when they are a tenth of what was tried."""


class Admin(NamedTuple):
    """Somebody who holds the Admin role and can be reached."""

    team_id: str
    slack_user_id: str
    user_id: str
    tz: str | None
    dm_channel_id: str | None


class Unreachable(NamedTuple):
    """A learner Slack says can't be reached, and Slack's word for why."""

    slack_user_id: str
    why: str


class Report(NamedTuple):
    """A workspace's deliveries between two instants. Suppressed and failed ones by reason, most first."""

    since: datetime
    until: datetime
    sent: dict[str, int]
    suppressed: tuple[tuple[str, int], ...]
    failed: tuple[tuple[str, int], ...]
    uncertain: int
    unreachable: tuple[Unreachable, ...]
    unreachable_count: int


_ROLE, _USER_ROLE, _LINK, _MEMBER = table_of(Role), table_of(UserRole), table_of(Link), table_of(Member)
_REMINDER, _DELIVERY = table_of(Reminder), table_of(Delivery)
_ADMINS = (
    select(_LINK.c.team_id, _LINK.c.slack_user_id, _LINK.c.user_id, _MEMBER.c.tz, _MEMBER.c.dm_channel_id)
    .select_from(
        _ROLE.join(_USER_ROLE, _USER_ROLE.c.role_id == _ROLE.c.id)
        .join(_LINK, _LINK.c.user_id == _USER_ROLE.c.user_id)
        .join(_MEMBER, (_MEMBER.c.team_id == _LINK.c.team_id) & (_MEMBER.c.slack_user_id == _LINK.c.slack_user_id))
    )
    .where(_ROLE.c.name == ADMIN, _MEMBER.c.is_deleted.is_(False), _MEMBER.c.is_guest.is_(False))
    .order_by(_LINK.c.team_id, _LINK.c.slack_user_id)
)
_UNREACHABLE = (
    select(_LINK.c.slack_user_id, func.coalesce(_REMINDER.c.unreachable_why, ""))
    .join_from(_REMINDER, _LINK, _LINK.c.user_id == _REMINDER.c.user_id)
    .where(_REMINDER.c.stopped_because == reminderrows.UNREACHABLE, _LINK.c.team_id == bindparam("team"))
)
_SOME_UNREACHABLE = _UNREACHABLE.order_by(_REMINDER.c.stopped_at.desc(), _LINK.c.slack_user_id).limit(20)
_COUNT_UNREACHABLE = select(func.count()).select_from(_UNREACHABLE.subquery())
_TROUBLE = select(func.count().label("tried"), func.count().filter(_DELIVERY.c.state == FAILED).label("failed")).where(
    _DELIVERY.c.settled_at >= bindparam("since"),
    or_(_DELIVERY.c.state == FAILED, _DELIVERY.c.state == SENT),
    _DELIVERY.c.kind.not_in(EVENTS),
)


def admins(session: Session) -> tuple[Admin, ...]:
    """Every admin of every workspace who can be reached."""
    return tuple(Admin(*row) for row in session.connection().execute(_ADMINS))


def plan_weekly(session: Session, now: datetime, real_now: datetime) -> None:
    """Put last week's report into the ledger for each admin whose Monday morning it is; once for each week."""
    planned = []
    for admin in admins(session):
        where = rhythms.zone(admin.tz)
        there = now.astimezone(where)
        if there.weekday() != REPORT_DAY or not REPORT_HOUR <= there.hour < REPORT_HOUR + REPORT_HOURS:
            continue
        day = there.date()
        until = datetime.combine(day, time(0), tzinfo=where)
        since = datetime.combine(day - timedelta(days=7), time(0), tzinfo=where)
        year, week, _ = day.isocalendar()
        closes = datetime.combine(day, time(REPORT_HOUR + REPORT_HOURS), tzinfo=where)
        planned.append(
            Planned(
                key=f"{REPORT}:{admin.team_id}:{admin.slack_user_id}:{year}-W{week:02d}",
                kind=REPORT,
                team_id=admin.team_id,
                slack_user_id=admin.slack_user_id,
                user_id=admin.user_id,
                channel_id=admin.dm_channel_id,
                facts={"since": since.isoformat(), "until": until.isoformat()},
                not_after=closes,
            )
        )
    deliveries.plan(session, planned, now, real_now)


def plan_alert_asleep(session: Session, last: datetime, now: datetime, real_now: datetime) -> None:
    """Tell every admin that nothing ticked between ``last`` and now."""
    facts = {"what": "asleep", "since": last.isoformat(), "until": now.isoformat()}
    _plan_alert(session, f"asleep:{last:%Y-%m-%dT%H:%M}", facts, now, real_now)


def plan_alert_failures(session: Session, now: datetime, real_now: datetime) -> None:
    """Tell every admin, once a day, when too many deliveries failed within the last hour."""
    row = session.connection().execute(_TROUBLE, {"since": now - timedelta(hours=1)}).one()
    if row.failed >= TOO_MANY and row.failed * 10 >= row.tried:
        facts = {"what": "failures", "failed": row.failed, "tried": row.tried}
        _plan_alert(session, f"failures:{now:%Y-%m-%d}", facts, now, real_now)


def plan_alert_events(session: Session, now: datetime, real_now: datetime) -> None:
    """Tell every admin, once each time, that a destination takes no events: for a day now, or for good by its word."""
    for one in destinations.every(session):
        if one.failing_since is not None and real_now - one.failing_since >= FAILING_LONG:
            facts = {"what": "events", "kind": one.name, "since": one.failing_since.isoformat(), "why": one.trouble}
            _plan_alert(session, f"events:{one.name}:{one.failing_since:%Y-%m-%dT%H:%M}", facts, now, real_now)
    for pause in pauses.in_force(session):
        if (pause.scope, pause.paused_by) == (KIND, RECEIVER):
            facts = {"what": "gone", "kind": pause.value, "since": pause.paused_at.isoformat(), "why": pause.because}
            _plan_alert(session, f"gone:{pause.value}:{pause.paused_at:%Y-%m-%dT%H:%M}", facts, now, real_now)


def _plan_alert(session: Session, name: str, facts: Mapping[str, object], now: datetime, real_now: datetime) -> None:
    planned = [
        Planned(
            key=f"{ALERT}:{admin.team_id}:{admin.slack_user_id}:{name}",
            kind=ALERT,
            team_id=admin.team_id,
            slack_user_id=admin.slack_user_id,
            user_id=admin.user_id,
            channel_id=admin.dm_channel_id,
            facts=facts,
        )
        for admin in admins(session)
    ]
    deliveries.plan(session, planned, now, real_now)


def weekly(session: Session, team_id: str, since: datetime, until: datetime) -> Report:
    """What became of a workspace's deliveries between two instants."""
    sent: dict[str, int] = {}
    reasons: dict[str, dict[str, int]] = {SUPPRESSED: {}, FAILED: {}}
    for state, kind, reason, count in backlogs.told(session, since, until, team_id):
        if state == SENT:
            sent[kind] = sent.get(kind, 0) + count
        elif state in reasons:
            reasons[state][reason or ""] = reasons[state].get(reason or "", 0) + count
    connection, asked = session.connection(), {"team": team_id}
    return Report(
        since=since,
        until=until,
        sent=sent,
        suppressed=_most_first(reasons[SUPPRESSED]),
        failed=_most_first(reasons[FAILED]),
        uncertain=backlogs.stuck(session, team_id),
        unreachable=tuple(Unreachable(*row) for row in connection.execute(_SOME_UNREACHABLE, asked)),
        unreachable_count=connection.execute(_COUNT_UNREACHABLE, asked).scalar_one(),
    )


def failed(session: Session, team_id: str, since: datetime, until: datetime) -> tuple[tuple[str, int], ...]:
    """How many of a workspace's deliveries did not get through between two instants, by reason, most first."""
    counts: dict[str, int] = {}
    for state, _, why, count in backlogs.told(session, since, until, team_id):
        if state == FAILED:
            counts[why or ""] = counts.get(why or "", 0) + count
    return _most_first(counts)


def _most_first(counts: dict[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0])))
