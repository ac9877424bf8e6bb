"""What admins hear: a report once a week in their own morning, and trouble as it comes."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from models import User, deliveries, leases, links, members, preferences, reports, rhythms, roles
from models.deliveries import Delivery, Planned
from models.members import Profile
from models.paces import HIGHEST_RATE, Pace
from models.reminderrows import BY_YOU, UNREACHABLE
from models.reports import Admin, Unreachable
from tests.models.test_costs import statements
from tests.school import LONG_AGO, a_user

MONDAY = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
REAL = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
WEEK, HOUR = timedelta(days=7), timedelta(hours=1)


def joined(session: Session, name: str, *held: str, team_id: str = "T1", **told: Any) -> User:
    """Somebody linked in a workspace, in London unless told otherwise, with these roles."""
    user = a_user(session, name, *held)
    profile: dict[str, Any] = {"tz": "Europe/London", **told}
    members.remember(session, Profile(team_id, f"U_{name}", name, name.capitalize(), **profile), LONG_AGO)
    links.link(session, team_id, f"U_{name}", user.id, LONG_AGO)
    return user


def told(session: Session, kind: str = "report") -> list[tuple[str, str]]:
    """Who is told something, and in which workspace."""
    wanted = select(Delivery.slack_user_id, Delivery.team_id).where(Delivery.kind == kind)
    return sorted((person, team_id) for person, team_id in session.exec(wanted))


def settled(session: Session, number: int, became: str, at: datetime, reason: str = "", **more: Any) -> None:
    """So many deliveries ended like this."""
    start = len(session.exec(select(Delivery.id)).all())
    same: dict[str, Any] = {"kind": "reminder", "team_id": "T1", "slack_user_id": "U", **more}
    rows = [Planned(key=f"k{start + n}", **same) for n in range(number)]
    deliveries.plan(session, rows, at, REAL)
    for leased in _all_leased(session, more.get("team_id", "T1")):
        if became == "sent":
            leases.sent(session, leased, "1.1", at)
        elif became == "failed":
            leases.failed(session, leased, reason, at)
        else:
            leases.suppressed(session, leased, reason, at)


def _all_leased(session: Session, team_id: str) -> tuple[leases.Leased, ...]:
    """What is due in a workspace whose pace doesn't stand in the way."""
    session.merge(Pace(team_id=team_id, rate=HIGHEST_RATE, next_at=REAL))
    session.flush()
    return leases.lease(session, team_id, REAL, 100)


def test_admins_are_those_with_the_role_who_can_be_reached(any_session: Session) -> None:
    joined(any_session, "radia", roles.ADMIN, tz="America/Los_Angeles")
    joined(any_session, "radia", team_id="T2", tz=None)
    members.keep_dm_channel(any_session, "T2", "U_radia", "D2")
    joined(any_session, "grace", roles.INSTRUCTOR)
    joined(any_session, "gone", roles.ADMIN, is_deleted=True)
    joined(any_session, "guest", roles.ADMIN, is_guest=True)
    a_user(any_session, "unlinked", roles.ADMIN)
    assert reports.admins(any_session) == (
        Admin("T1", "U_radia", "user_radia", "America/Los_Angeles", None),
        Admin("T2", "U_radia", "user_radia", None, "D2"),
    )


@pytest.mark.parametrize(
    ("tz", "opens"),
    [("Europe/London", 9), ("America/Los_Angeles", 17), ("Pacific/Kiritimati", -5), ("Asia/Kathmandu", 4), (None, 9)],
)
def test_the_report_comes_on_monday_morning_in_the_admins_own_zone(
    any_session: Session, tz: str | None, opens: int
) -> None:
    joined(any_session, "radia", roles.ADMIN, tz=tz)
    for hour in range(-48, 96):
        reports.plan_weekly(any_session, MONDAY + hour * HOUR, REAL)
        # Kathmandu is at a quarter to an hour: its nine o'clock is a quarter past ours.
        assert len(told(any_session)) == (1 if hour >= opens else 0), hour
    leased = _all_leased(any_session, "T1")[0]
    where = "UTC" if tz is None else tz
    local = rhythms.zone(where)
    since, until = (datetime.fromisoformat(leased.facts[name]) for name in ("since", "until"))
    assert until.astimezone(local).isoformat().startswith("2026-03-02T00:00:00")
    assert since.astimezone(local).isoformat().startswith("2026-02-23T00:00:00")
    assert leased.not_after is not None
    assert leased.not_after.astimezone(local).isoformat().startswith("2026-03-02T17:00:00")


def test_who_was_asleep_until_monday_evening_gets_no_report(any_session: Session) -> None:
    joined(any_session, "radia", roles.ADMIN)
    reports.plan_weekly(any_session, MONDAY + 17 * HOUR, REAL)
    assert told(any_session) == []
    reports.plan_weekly(any_session, MONDAY + 16.9 * HOUR, REAL)
    assert told(any_session) == [("U_radia", "T1")]


def test_every_admin_gets_one_every_week(any_session: Session) -> None:
    joined(any_session, "radia", roles.ADMIN)
    joined(any_session, "mary", roles.ADMIN, team_id="T2")
    for week in range(3):
        for hour in range(168):
            if hour % 24 in (9, 12):
                reports.plan_weekly(any_session, MONDAY + week * WEEK + hour * HOUR, REAL)
    assert told(any_session) == [("U_mary", "T2")] * 3 + [("U_radia", "T1")] * 3


def test_the_figures_are_those_of_the_workspace_and_the_week(any_session: Session) -> None:
    since, until = MONDAY, MONDAY + WEEK
    settled(any_session, 3, "sent", since)
    settled(any_session, 2, "sent", until - HOUR, kind="report")
    settled(any_session, 1, "suppressed", since + HOUR, "late")
    settled(any_session, 2, "suppressed", since + HOUR, "progress")
    settled(any_session, 1, "suppressed", since + HOUR, "away")
    settled(any_session, 2, "failed", since + HOUR, "user_disabled")
    settled(any_session, 1, "sent", since + HOUR, team_id="T2")
    settled(any_session, 1, "sent", since - HOUR)
    settled(any_session, 1, "sent", until)
    week = reports.weekly(any_session, "T1", since, until)
    assert week.sent == {"reminder": 3, "report": 2}
    assert week.suppressed == (("progress", 2), ("away", 1), ("late", 1))
    assert week.failed == (("user_disabled", 2),)
    assert (week.since, week.until, week.uncertain) == (since, until, 0)
    assert (week.unreachable, week.unreachable_count) == ((), 0)


def test_a_reason_is_told_once_for_all_kinds(any_session: Session) -> None:
    settled(any_session, 1, "suppressed", MONDAY, "turned off")
    settled(any_session, 2, "suppressed", MONDAY, "turned off", kind="report")
    assert reports.weekly(any_session, "T1", MONDAY, MONDAY + WEEK).suppressed == (("turned off", 3),)


def test_the_report_names_who_can_not_be_reached_and_why(any_session: Session) -> None:
    for number in range(23):
        user = joined(any_session, f"l{number:02}")
        preferences.stop(any_session, user.id, UNREACHABLE, MONDAY + number * HOUR, "user_disabled")
    preferences.stop(any_session, joined(any_session, "ada").id, BY_YOU, MONDAY)
    preferences.stop(any_session, joined(any_session, "eve", team_id="T2").id, UNREACHABLE, MONDAY, "channel_not_found")
    week = reports.weekly(any_session, "T1", MONDAY, MONDAY + WEEK)
    assert week.unreachable_count == 23
    assert len(week.unreachable) == 20
    assert week.unreachable[0] == Unreachable("U_l22", "user_disabled")
    assert reports.weekly(any_session, "T2", MONDAY, MONDAY + WEEK).unreachable == (
        Unreachable("U_eve", "channel_not_found"),
    )


def test_the_report_counts_what_nobody_can_know(any_session: Session) -> None:
    deliveries.plan(any_session, [Planned("a", "reminder", "T1", "U", channel_id="D1")], MONDAY, REAL)
    for later in (0, 1):
        (leased,) = leases.lease(any_session, "T1", REAL + later * HOUR, 1)
        leases.uncertain(any_session, leased, "history: missing_scope", REAL, MONDAY)
    assert reports.weekly(any_session, "T1", MONDAY, MONDAY + WEEK).uncertain == 1
    assert reports.weekly(any_session, "T2", MONDAY, MONDAY + WEEK).uncertain == 0


def test_every_admin_is_told_once_that_nothing_ticked(any_session: Session) -> None:
    joined(any_session, "radia", roles.ADMIN)
    joined(any_session, "mary", roles.ADMIN, team_id="T2")
    now = MONDAY + 5 * HOUR
    for _ in range(2):
        reports.plan_alert_asleep(any_session, MONDAY, now, REAL)
    assert told(any_session, "alert") == [("U_mary", "T2"), ("U_radia", "T1")]
    facts = json.loads(any_session.exec(select(Delivery.facts)).all()[0])
    assert facts == {"what": "asleep", "since": MONDAY.isoformat(), "until": now.isoformat()}
    reports.plan_alert_asleep(any_session, MONDAY + 5 * HOUR, MONDAY + 9 * HOUR, REAL)
    assert len(told(any_session, "alert")) == 4, "another sleep is told again"


@pytest.mark.parametrize(
    ("failed", "sent", "age", "is_told"),
    [
        pytest.param(5, 45, timedelta(0), True, id="a tenth of many"),
        pytest.param(5, 46, timedelta(0), False, id="less than a tenth"),
        pytest.param(4, 0, timedelta(0), False, id="too few"),
        pytest.param(5, 0, HOUR, True, id="an hour ago"),
        pytest.param(5, 0, HOUR + timedelta(seconds=1), False, id="longer ago"),
    ],
)
def test_admins_are_told_when_too_much_fails(
    any_session: Session, failed: int, sent: int, age: timedelta, is_told: bool
) -> None:
    joined(any_session, "radia", roles.ADMIN)
    settled(any_session, failed, "failed", MONDAY, "invalid_blocks")
    settled(any_session, sent, "sent", MONDAY)
    settled(any_session, 50, "suppressed", MONDAY, "late")
    reports.plan_alert_failures(any_session, MONDAY + age, REAL)
    assert told(any_session, "alert") == ([("U_radia", "T1")] if is_told else [])


def test_failures_are_told_once_a_day(any_session: Session) -> None:
    joined(any_session, "radia", roles.ADMIN)
    for hour in (1, 2, 25):
        settled(any_session, 6, "failed", MONDAY + hour * HOUR, "invalid_blocks")
        reports.plan_alert_failures(any_session, MONDAY + hour * HOUR, REAL)
        reports.plan_alert_failures(any_session, MONDAY + hour * HOUR, REAL)
    alerts = any_session.exec(select(Delivery.facts).where(Delivery.kind == "alert")).all()
    assert [json.loads(facts) for facts in alerts] == [{"what": "failures", "failed": 6, "tried": 6}] * 2


def test_many_admins_and_deliveries_cost_no_more_statements(any_session: Session) -> None:
    counts = set()
    for number in range(0, 40, 20):
        for one in range(number, number + 2 + number):
            joined(any_session, f"a{one:02}", roles.ADMIN)
        settled(any_session, 5 + number, "failed", MONDAY, f"reason {number}")
        with statements(any_session) as said:
            reports.plan_weekly(any_session, MONDAY + 10 * HOUR, REAL)
            reports.plan_alert_failures(any_session, MONDAY, REAL)
            reports.weekly(any_session, "T1", MONDAY, MONDAY + WEEK)
        counts.add(len(said))
    assert counts == {9}
