"""A tick reads the reminders' rows and nothing else, so they have to follow whatever happens to a learner."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import Session, select

from models import (
    absences,
    changes,
    departures,
    dues,
    links,
    members,
    preferences,
    reminderfacts,
    reminders,
    workspaces,
)
from models.members import Member, Profile
from models.reminderrows import Reminder
from models.rhythms import BEHIND, DAILY, WEEKLY, Rhythm
from models.statements import table_of
from models.workspaces import Workspace
from tests.models.test_costs import statements
from tests.school import a_course, a_user, enrolled

MONDAY = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NONE: frozenset[date] = frozenset()


def _follow(session: Session, at: datetime) -> None:
    """What the scheduler does every two seconds."""
    while touched := changes.consume(session, at, at):
        reminders.schedule(session, {one.user_id for one in touched}, at, NONE)


def _told(**now_is: object) -> Profile:
    return Profile("T1", "Uada", "ada", "Ada", **{"tz": "Europe/London", **now_is})  # type: ignore[arg-type]


@pytest.fixture
def session(any_session: Session) -> Session:
    """Ada, a member of one workspace who hears every day at nine."""
    user = a_user(any_session, "ada")
    members.remember(any_session, _told(), MONDAY)
    links.link(any_session, "T1", "Uada", user.id, MONDAY)
    preferences.choose(any_session, user.id, Rhythm(DAILY), None, MONDAY)
    enrolled(any_session, user, a_course(any_session, "Knots", ["Bowline"]), at=MONDAY)
    _follow(any_session, MONDAY)
    return any_session


def _row(session: Session) -> Reminder:
    return session.exec(select(Reminder).execution_options(populate_existing=True)).one()


def _address(session: Session) -> tuple[str | None, ...]:
    row = _row(session)
    return row.team_id, row.slack_user_id, row.dm_channel_id, row.slack_tz


def _joins_another(session: Session) -> None:
    members.remember(session, Profile("T2", "U2", "ada", "Ada", tz="Asia/Dubai"), MONDAY)
    links.link(session, "T2", "U2", "user_ada", MONDAY)


def _leaves(session: Session) -> None:
    members.remember(session, _told(is_deleted=True), MONDAY)
    departures.of_members(session, "T1", ["Uada"], MONDAY)


def _takes_the_app_out(session: Session) -> None:
    told = Workspace(team_id="T1", name="One", bot_user_id="B", token_digest="t", learned_at=MONDAY)
    workspaces.learn(session, told)
    assert departures.of_workspace(session, "T1", "uninstalled", MONDAY)


NOWHERE = (None, None, None, None)


@pytest.mark.parametrize(
    ("happens", "then"),
    [
        (lambda session: None, ("T1", "Uada", None, "Europe/London")),
        (lambda session: members.keep_dm_channel(session, "T1", "Uada", "D1"), ("T1", "Uada", "D1", "Europe/London")),
        (lambda session: members.remember(session, _told(tz="Asia/Dubai"), MONDAY), ("T1", "Uada", None, "Asia/Dubai")),
        (lambda session: members.remember(session, _told(tz=None), MONDAY), ("T1", "Uada", None, None)),
        (lambda session: members.remember(session, _told(is_guest=True), MONDAY), NOWHERE),
        (lambda session: members.remember(session, _told(is_deleted=True), MONDAY), NOWHERE),
        (lambda session: members.remember(session, _told(is_bot=True), MONDAY), NOWHERE),
        (lambda session: links.unlink(session, "T1", "Uada"), NOWHERE),
        (_takes_the_app_out, NOWHERE),
        (_leaves, NOWHERE),
        (_joins_another, NOWHERE),
    ],
    ids=[
        "nothing",
        "DM",
        "zone",
        "no zone",
        "guest",
        "deleted",
        "bot",
        "unlinked",
        "workspace gone",
        "left",
        "linked twice",
    ],
)
def test_the_row_says_where_a_learner_is_reached(
    session: Session, happens: Callable[[Session], object], then: tuple[str | None, ...]
) -> None:
    happens(session)
    _follow(session, MONDAY)
    assert _address(session) == then
    facts = reminderfacts.facts_of(session, ["user_ada"])["user_ada"]
    assert facts.row == facts.told


@pytest.mark.parametrize("was", ["is_bot", "is_guest", "is_deleted"])
def test_who_is_a_member_after_all_is_reached_again(session: Session, was: str) -> None:
    members.remember(session, _told(**{was: True}), MONDAY)
    _follow(session, MONDAY)
    assert _address(session) == NOWHERE
    members.remember(session, _told(), MONDAY)
    _follow(session, MONDAY)
    assert _address(session) == ("T1", "Uada", None, "Europe/London")


def test_somebody_who_comes_back_to_one_workspace_is_reached_there(session: Session) -> None:
    _joins_another(session)
    _follow(session, MONDAY)
    links.unlink(session, "T1", "Uada")
    _follow(session, MONDAY)
    assert _address(session) == ("T2", "U2", None, "Asia/Dubai")


def test_of_two_workspaces_one_they_left_is_not_where_they_are_reached(session: Session) -> None:
    _joins_another(session)
    members.was_active(session, "T1", "Uada", MONDAY)
    members.remember(session, _told(is_deleted=True), MONDAY)
    reach = reminderfacts.reaches_of(session, ["user_ada"])["user_ada"]
    assert reach is not None
    assert (reach.team_id, reach.is_only) == ("T2", False)


def test_the_row_says_how_long_somebody_is_away(session: Session) -> None:
    absences.set_away(session, "user_ada", absences.OWN, date(2026, 3, 3), date(2026, 3, 10))
    absences.set_away(session, "user_ada", absences.STATUS, date(2026, 3, 3), date(2026, 3, 6))
    reminders.schedule(session, ["user_ada"], MONDAY, NONE)
    assert _row(session).away_until == date(2026, 3, 9)
    absences.set_back(session, "user_ada", absences.OWN, date(2026, 3, 3))
    reminders.schedule(session, ["user_ada"], MONDAY, NONE)
    assert _row(session).away_until == date(2026, 3, 5)


def test_a_dm_is_no_news_but_the_row_has_it(session: Session) -> None:
    members.keep_dm_channel(session, "T1", "Uada", "D1")
    assert (_row(session).dm_channel_id, changes.waiting(session)) == ("D1", False)
    members.remember(session, Profile("T1", "Umary", "mary", "Mary"), MONDAY)
    members.keep_dm_channel(session, "T1", "Umary", "D2")
    _joins_another(session)
    _follow(session, MONDAY)
    members.keep_dm_channel(session, "T1", "Uada", "D3")
    assert _row(session).dm_channel_id is None, "she may be reached elsewhere"


@pytest.mark.parametrize("how", ["another zone", "deleted"])
def test_what_two_processes_learned_at_once_is_mended_when_slack_is_read_again(session: Session, how: str) -> None:
    if how == "another zone":
        session.connection().exec_driver_sql("UPDATE homeroom_reminder SET slack_tz = 'Asia/Dubai'")
    else:
        session.connection().execute(update(table_of(Member)).values(is_deleted=True))
    members.remember(session, _told(is_deleted=how == "deleted"), MONDAY)
    _follow(session, MONDAY)
    assert _address(session) == (("T1", "Uada", None, "Europe/London") if how == "another zone" else NOWHERE)


@pytest.mark.parametrize("rhythm", [Rhythm(BEHIND), Rhythm(DAILY), Rhythm(WEEKLY, "1")])
def test_what_is_followed_while_one_is_on_its_way_does_not_bring_the_next_early(
    session: Session, rhythm: Rhythm
) -> None:
    preferences.choose(session, "user_ada", rhythm, None, MONDAY)
    reminders.schedule(session, ["user_ada"], MONDAY, NONE)
    now = _row(session).due_at
    assert now is not None
    ((one,), _) = reminders.plan(session, now, now, NONE)
    assert one.reason is None
    then = _row(session).due_at
    reminders.schedule(session, ["user_ada"], now, NONE)
    reminders.nudged(session, "user_ada", now, NONE)
    assert _row(session).due_at == then


def test_a_learner_reached_in_one_place_is_planned_from_the_row(session: Session) -> None:
    members.keep_dm_channel(session, "T1", "Uada", "D1")
    _follow(session, MONDAY)
    due = dues.page(session, NINE, 10)
    assert (due.others, due.count) == ((), 1)
    ((facts, people),) = due.alike
    assert people == ((_row(session).id, "user_ada", "T1", "Uada", "D1"),)
    assert (facts.rhythm, facts.row.due_at) == (Rhythm(DAILY, tz="Europe/London"), NINE)
    with statements(session) as said:
        (one,), count = reminders.plan(session, NINE, NINE, NONE)
    assert (one.team_id, one.slack_user_id, one.user_id, one.channel_id, count) == ("T1", "Uada", "user_ada", "D1", 1)
    assert len(said) == 3, "one reads who is due, one moves them on, one writes the ledger"
    assert _row(session).due_at == NINE + timedelta(days=1)


@pytest.mark.parametrize("why", ["away", "was away the day before", "snoozed", "linked twice", "unlinked"])
def test_whoever_is_not_plain_is_looked_at_closely(session: Session, why: str) -> None:
    if why == "away":
        absences.set_away(session, "user_ada", absences.OWN, NINE.date() + timedelta(days=1), date(2026, 3, 10))
    elif why == "was away the day before":
        absences.set_away(session, "user_ada", absences.OWN, date(2026, 2, 20), NINE.date())
    elif why == "snoozed":
        preferences.snooze(session, "user_ada", NINE.date(), MONDAY)
    elif why == "linked twice":
        _joins_another(session)
    else:
        links.unlink(session, "T1", "Uada")
        session.connection().exec_driver_sql("UPDATE homeroom_reminder SET slack_user_id = NULL")
    if why != "unlinked":
        _follow(session, MONDAY)
        reminders.schedule(session, ["user_ada"], MONDAY, NONE)
    due = dues.page(session, NINE, 10)
    assert (due.alike, due.others, due.count) == ((), ("user_ada",), 1)
    planned, _ = reminders.plan(session, NINE, NINE, NONE)
    assert len(planned) == (why != "unlinked")
