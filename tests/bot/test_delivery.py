"""The sender against a Slack in trouble: nobody hears anything twice, nothing gets lost, every silence has a reason."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Event

import pytest
from slack_sdk import WebClient
from sqlmodel import Session, select

from bot.background import NICENESS, SWITCH_SECONDS
from bot.delivery import MOST_ATTEMPTS, PATIENT_ATTEMPTS
from bot.manifest import manifest_for
from bot.posting import EVENT_TYPE
from bot.sandbox import server
from bot.sandbox.workspace import Message
from models import backlogs, deliveries, leases, links, members, pauses, preferences, reminders, switches
from models.courses import Lesson
from models.database import Database
from models.deliveries import Delivery, Planned
from models.leases import LEASE, SETTLING, Leased
from models.members import Profile
from models.paces import Pace
from models.pauses import EVERYTHING
from models.reminderrows import UNREACHABLE
from tests.bot.office import FRIDAY, MONDAY, PATIENCE, Office, Watched, furnish
from tests.house import SECRET, TOKEN
from tests.school import a_user, completed

UNKNOWN_AND_DONE = ("timeout", "drop")
"""Slack did it, and its answer never came."""
UNKNOWN_NOT_DONE = ("timeout_before", "drop_before", "500", "internal_error", "fatal_error")
"""The answer says nothing, and Slack did nothing."""


@pytest.fixture(scope="module")
def furnished(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with three learners who are due on Friday."""
    path = tmp_path_factory.mktemp("office") / "homeroom.db"
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    with database.write() as session:
        furnish(session)
    database.close()
    return path


@pytest.fixture(scope="module")
def workspace() -> Iterator[server.RunningRehearsal]:
    """The rehearsal workspace."""
    setup = server.Setup(manifest_for("http://127.0.0.1:1"), signing_secret=SECRET, bot_token=TOKEN)
    with server.run(setup) as running:
        yield running


@pytest.fixture
def office(furnished: Path, workspace: server.RunningRehearsal, tmp_path: Path) -> Iterator[Office]:
    """The ledger of a Friday morning, and a workspace in which nobody said anything yet."""
    shutil.copyfile(furnished, tmp_path / "homeroom.db")
    database = Watched(f"sqlite:///{tmp_path / 'homeroom.db'}")
    office = Office(database, workspace)
    try:
        yield office
    finally:
        office.mends()
        workspace.rehearsal.stage.back_to_start()
        database.close()


def history(office: Office, name: str = "ada") -> list[str]:
    """What happened to somebody's reminder, without the times."""
    return [line[24:] for line in office.row(name).history.splitlines()]


def test_a_reminder_arrives_once_and_the_ledger_says_where(office: Office) -> None:
    office.plans()
    office.sends_everything()
    office.passes()
    office.sends_everything()
    for name in ("ada", "mary", "grace"):
        (message,) = office.got(name)
        row = office.row(name)
        assert (row.state, row.channel_id, row.message_ts) == ("sent", f"D0{name.upper()}", message.ts)
        assert message.metadata == {"event_type": EVENT_TYPE, "event_payload": {"token": row.token}}
        assert message.text.startswith("Next: *Bowline*")
        assert (office.reminder(name).nudges, office.reminder(name).nudged_at) == (1, FRIDAY)
    with office.database.read() as session:
        assert members.dm_channel(session, "T0HOME", "U0ADA") == "D0ADA"


def test_the_next_reminder_goes_to_the_dm_known_already(office: Office) -> None:
    with office.database.write() as session:
        members.keep_dm_channel(session, "T0HOME", "U0ADA", "D0ADA")
    WebClient(TOKEN, base_url=office.slack.api_url).conversations_open(users="U0ADA")
    office.plans("ada")
    office.sends_everything()
    assert len(office.got()) == 1
    assert office.asked().count("conversations.open") == 1


def test_two_composed_at_the_same_moment_do_not_leave_together(office: Office) -> None:
    with office.database.write() as session:
        session.add(Pace(team_id="T0HOME", rate=1.0, next_at=FRIDAY - timedelta(days=365)))
    office.plans("ada", "mary")
    both = Barrier(2)
    office.before_leaving = lambda leased: both.wait(PATIENCE)
    office.sends(lambda: {office.row(name).state for name in ("ada", "mary")} == {"sent"}, threads=2)
    (first,), (second,) = office.got("ada"), office.got("mary")
    # A second when they leave; on a busy machine the first may be long on its way.
    assert abs(float(second.ts) - float(first.ts)) > 0.15


def test_who_would_leave_after_their_lease_is_given_back_and_composed_afresh(office: Office) -> None:
    with office.database.write() as session:
        session.add(Pace(team_id="T0HOME", rate=2.0, next_at=FRIDAY - timedelta(days=365)))
    office.plans("ada", "mary")
    both, composed = Barrier(2), []

    def wait_for_each_other(leased: Leased) -> None:
        composed.append(leased.slack_user_id)
        if len(composed) <= 2:
            both.wait(PATIENCE)

    office.before_leaving = wait_for_each_other
    # Half a second behind the first, which left when its own half second was nearly over, is too late for an answer.
    office.sends(
        lambda: {office.row(name).state for name in ("ada", "mary")} == {"sent"},
        threads=2,
        lease=timedelta(seconds=1),
        call_seconds=0.3,
    )
    assert len(composed) > 2
    assert (len(office.got("ada")), len(office.got("mary"))) == (1, 1)


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux a thread has a niceness of its own")
def test_what_nobody_waits_for_is_composed_behind_what_somebody_does(office: Office) -> None:
    office.plans("ada")
    seen: list[tuple[int, float]] = []
    office.before_leaving = lambda leased: seen.append((os.getpriority(os.PRIO_PROCESS, 0), sys.getswitchinterval()))
    office.sends(lambda: office.row().state == "sent")
    assert seen == [(max(NICENESS, os.getpriority(os.PRIO_PROCESS, 0)), SWITCH_SECONDS)]


def test_where_it_goes_is_kept_before_it_goes(office: Office) -> None:
    office.plans("ada")
    office.breaks("chat.postMessage", "timeout", seconds=1)

    def is_kept() -> bool:
        row = office.row()
        return row.state == "sending" and row.channel_id == "D0ADA"

    office.sends(is_kept, call_seconds=0.5)


def test_another_workspaces_rows_are_left_alone(office: Office) -> None:
    office.plans("ada")
    with office.database.write() as session:
        deliveries.plan(session, [Planned("r:eve", "reminder", "T0EVE", "U0EVE", "user_ada")], FRIDAY, FRIDAY - LEASE)
    before = office.row("eve")
    office.sends_everything()
    assert office.row("ada").state == "sent"
    assert office.row("eve").model_dump() == before.model_dump()


# Slack refuses for now


def test_retry_after_holds_everybody_and_then_each_is_sent_once(office: Office) -> None:
    office.plans()
    office.breaks("chat.postMessage", "429", retry_after=30)
    before = datetime.now(UTC)
    office.sends(office.became("waiting", attempts=1))
    row, pace = office.row(), office.pace()
    assert (row.reason, office.asked().count("chat.postMessage")) == ("ratelimited", 1)
    assert row.try_at is not None
    assert pace.blocked_until is not None
    assert min(row.try_at, pace.blocked_until) >= before + timedelta(seconds=30)
    assert pace.rate < 5
    assert [office.row(name).attempts for name in ("mary", "grace")] == [0, 0]
    with office.database.write() as session:
        assert leases.lease(session, "T0HOME", before + timedelta(seconds=29), 10) == ()
    office.passes()
    office.sends_everything()
    assert [len(office.got(name)) for name in ("ada", "mary", "grace")] == [1, 1, 1]
    assert "conversations.history" not in office.asked()


def test_a_dm_that_can_not_be_opened_for_now_is_tried_again(office: Office) -> None:
    for fault, reason in (("429", "ratelimited"), ("500", "http 500"), ("drop", "RemoteDisconnected")):
        office.breaks("conversations.open", fault)
        if fault == "429":
            office.plans("ada")
        tries = office.row().attempts + 1
        office.sends(office.became("waiting", attempts=tries))
        assert office.row().reason == reason
        office.passes()
    office.sends_everything()
    assert len(office.got()) == 1
    assert office.asked().count("conversations.history") == 0, "nothing can be where nothing was sent"


def test_each_refusal_makes_the_wait_longer(office: Office) -> None:
    office.plans("ada")
    waits = []
    for attempt in (1, 9):
        with office.database.write() as session:
            session.exec(select(Delivery)).one().attempts = attempt - 1
        office.breaks("chat.postMessage", "service_unavailable")
        before = datetime.now(UTC)
        office.sends(office.became("waiting", attempts=attempt))
        again = office.row().try_at
        assert again is not None
        waits.append((again - before).total_seconds())
        office.passes(timedelta(hours=2))
    assert 0.5 <= waits[0] < 10
    assert 200 < waits[1] < 3600 * 1.5


@pytest.mark.parametrize("attempts", [MOST_ATTEMPTS - 2, MOST_ATTEMPTS - 1])
def test_after_too_many_refusals_it_is_given_up_where_everybody_sees_it(office: Office, attempts: int) -> None:
    office.plans("ada")
    with office.database.write() as session:
        session.exec(select(Delivery)).one().attempts = attempts
    office.breaks("chat.postMessage", "429", times=None)
    is_last = attempts == MOST_ATTEMPTS - 1
    office.sends(office.became("failed" if is_last else "waiting", attempts=attempts + 1))
    assert (office.row().state, office.row().reason) == ("failed" if is_last else "waiting", "ratelimited")
    assert office.reminder().stopped_because is None
    assert office.reminder().due_at is not None


def test_a_broken_installation_stops_the_workspace_and_nobodys_reminders(office: Office) -> None:
    office.plans()
    office.breaks("chat.postMessage", "invalid_auth", times=None)
    before = datetime.now(UTC)
    office.sends(office.became("waiting", attempts=1))
    assert (office.row().reason, office.asked().count("chat.postMessage")) == ("invalid_auth", 1)
    blocked_until = office.pace().blocked_until
    assert blocked_until is not None
    assert blocked_until >= before + timedelta(minutes=5)
    assert office.pace().rate >= 5, "it says nothing about the pace"
    assert office.reminder().stopped_because is None
    office.mends()
    office.passes()
    office.sends_everything()
    assert [len(office.got(name)) for name in ("ada", "mary", "grace")] == [1, 1, 1]


# Slack doesn't say


@pytest.mark.parametrize("fault", UNKNOWN_AND_DONE)
def test_what_slack_did_without_saying_so_is_found_and_not_repeated(office: Office, fault: str) -> None:
    office.plans("ada")
    office.breaks("chat.postMessage", fault, seconds=1)
    office.sends(office.became("uncertain"), call_seconds=0.5)
    row = office.row()
    assert len(office.got()) == 1
    assert office.reminder().nudges == 0
    assert row.try_at is not None
    assert row.first_leased_at is not None
    assert row.try_at >= row.first_leased_at + LEASE + SETTLING
    office.passes()
    office.sends_everything()
    (message,) = office.got()
    assert (office.row().state, office.row().message_ts) == ("sent", message.ts)
    assert history(office)[0] == "planned"
    assert history(office)[1].startswith("uncertain: ")
    assert history(office)[2:] == ["found in the DM"]
    assert office.reminder().nudges == 1


@pytest.mark.parametrize("fault", UNKNOWN_NOT_DONE)
def test_what_slack_did_not_do_is_sent_after_a_look(office: Office, fault: str) -> None:
    office.plans("ada")
    office.breaks("chat.postMessage", fault, seconds=1)
    office.sends(office.became("uncertain"), call_seconds=0.5)
    assert office.got() == []
    office.passes()
    office.sends_everything()
    assert len(office.got()) == 1
    assert office.row().state == "sent"
    assert office.asked() == ["conversations.open", "chat.postMessage", "conversations.history", "chat.postMessage"]


def test_a_500_after_slack_did_it_is_found(office: Office) -> None:
    office.plans("ada")
    office.breaks("chat.postMessage", "500")
    office.sends(office.became("uncertain"))
    metadata = {"event_type": EVENT_TYPE, "event_payload": {"token": office.row().token}}
    posted = WebClient(TOKEN, base_url=office.slack.api_url).chat_postMessage(
        channel="D0ADA", text="Next: *Bowline*", metadata=metadata
    )
    office.passes()
    office.sends_everything()
    assert len(office.got()) == 1
    assert office.row().message_ts == posted["ts"]


def test_it_is_found_however_much_was_said_since(office: Office) -> None:
    office.plans("ada")
    office.breaks("chat.postMessage", "drop")
    office.sends(office.became("uncertain"))
    (message,) = office.got()
    channel = office.slack.rehearsal.stage.workspaces["T0HOME"].channels["D0ADA"]
    for number in range(250):
        ts = f"{float(message.ts) + number + 1:.6f}"
        channel.messages[ts] = Message(ts, "U0ADA", "hi")
    office.passes()
    office.sends_everything()
    assert office.row().message_ts == message.ts
    assert office.asked().count("chat.postMessage") == 1


def test_another_reminder_in_the_dm_is_not_taken_for_this_one(office: Office) -> None:
    metadata = {"event_type": EVENT_TYPE, "event_payload": {"token": "another"}}
    client = WebClient(TOKEN, base_url=office.slack.api_url)
    client.conversations_open(users="U0ADA")
    client.chat_postMessage(channel="D0ADA", text="yesterday's", metadata=metadata)
    office.plans("ada")
    office.breaks("chat.postMessage", "drop_before")
    office.sends(office.became("uncertain"))
    office.passes()
    office.sends_everything()
    assert len(office.got()) == 2


def test_who_dies_between_slacks_answer_and_the_commit_repeats_nothing(office: Office) -> None:
    WebClient(TOKEN, base_url=office.slack.api_url).conversations_open(users="U0ADA")
    with office.database.write() as session:
        members.keep_dm_channel(session, "T0HOME", "U0ADA", "D0ADA")
        reminders.schedule(session, ["user_ada"], MONDAY, frozenset())
    office.plans("ada")

    def goes_away(leased: Leased) -> None:
        office.database.is_away = True

    office.before_leaving = goes_away
    office.sends(office.in_hand)
    office.database.is_away = False
    assert (office.row().state, len(office.got())) == ("sending", 1)
    office.passes()
    office.sends_everything()
    assert (office.row().state, len(office.got())) == ("sent", 1)


def test_who_dies_before_sending_loses_nothing(office: Office) -> None:
    office.plans("ada")
    with office.database.write() as session:
        (leased,) = leases.lease(session, "T0HOME", datetime.now(UTC), 1)
        leases.at_channel(session, leased, "D0ADA")
    WebClient(TOKEN, base_url=office.slack.api_url).conversations_open(users="U0ADA")
    office.passes()
    office.sends_everything()
    assert len(office.got()) == 1
    assert office.asked().count("conversations.history") == 1


@pytest.mark.parametrize("fault", ["missing_scope", "429", "500", "drop_before"])
def test_while_the_history_can_not_be_read_nothing_is_repeated(office: Office, fault: str) -> None:
    office.plans("ada")
    office.breaks("chat.postMessage", "drop")
    office.sends(office.became("uncertain"))
    office.breaks("conversations.history", fault, times=None, retry_after=40)
    for attempts in range(2, PATIENT_ATTEMPTS + 2):
        office.passes()
        before = datetime.now(UTC)
        office.sends(office.became("uncertain", attempts=attempts))
        again = office.row().try_at
        assert again is not None
        assert again >= before + timedelta(seconds=40 if fault == "429" else 7)
    assert history(office)[-1].startswith("uncertain: history: ")
    office.sends_everything()
    assert (office.row().state, len(office.got())) == ("uncertain", 1), "somebody else may have better luck"
    with office.database.read() as session:
        assert backlogs.stuck(session) == 1
    assert office.reminder().stopped_because is None
    office.mends()
    office.passes(timedelta(hours=2))
    office.sends_everything()
    assert (office.row().state, len(office.got())) == ("sent", 1)


def test_what_may_have_arrived_is_never_called_a_failure(office: Office) -> None:
    """However often it was tried: first somebody looks. Only what is certainly not there is given up."""
    office.plans("ada", "mary")
    with office.database.write() as session:
        for row in session.exec(select(Delivery)):
            row.attempts = MOST_ATTEMPTS - 1
    office.breaks("chat.postMessage", "drop")
    office.breaks("chat.postMessage", "500", times=None)
    office.sends(lambda: office.became("uncertain", "ada")() and office.became("uncertain", "mary")())
    office.passes()
    office.sends_everything()
    assert (office.row("ada").state, len(office.got("ada"))) == ("sent", 1)
    assert (office.row("mary").state, office.row("mary").reason, office.got("mary")) == ("failed", "no answer", [])


# Slack refuses for good


@pytest.mark.parametrize("code", ["user_disabled", "channel_not_found", "messages_tab_disabled", "user_not_found"])
@pytest.mark.parametrize("method", ["chat.postMessage", "conversations.open"])
def test_a_person_nothing_reaches_is_left_in_peace(office: Office, code: str, method: str) -> None:
    office.plans("ada", "mary")
    office.breaks(method, code)
    office.sends_everything()
    ada = office.reminder()
    assert (office.row().state, office.row().reason) == ("failed", code)
    assert (ada.stopped_because, ada.unreachable_why, ada.due_at) == (UNREACHABLE, code, None)
    assert (ada.stopped_at, ada.nudges) == (FRIDAY, 0)
    assert office.row("mary").state == "sent"
    assert office.reminder("mary").stopped_because is None


def test_a_history_that_says_the_person_is_gone_ends_it(office: Office) -> None:
    office.plans("ada")
    office.breaks("chat.postMessage", "drop_before")
    office.sends(office.became("uncertain"))
    office.breaks("conversations.history", "channel_not_found")
    office.passes()
    office.sends_everything()
    assert (office.row().state, office.row().reason) == ("failed", "channel_not_found")
    assert office.reminder().unreachable_why == "channel_not_found"


def test_a_message_slack_does_not_take_harms_nobody(office: Office) -> None:
    office.plans("ada", "mary")
    office.breaks("chat.postMessage", "invalid_blocks")
    office.sends_everything()
    assert (office.row().state, office.row().reason) == ("failed", "invalid_blocks")
    assert office.reminder().stopped_because is None
    assert office.reminder().due_at == FRIDAY.replace(day=8, hour=9, minute=0)
    assert len(office.got("mary")) == 1


def test_a_fault_of_ours_costs_one_message_and_no_other(office: Office) -> None:
    office.plans("ada", "mary")

    def stumbles(leased: Leased) -> None:
        if leased.slack_user_id == "U0ADA":
            raise RuntimeError("a mistake of ours")

    office.before_leaving = stumbles
    office.sends_everything()
    assert (office.row().state, office.row().reason) == ("failed", "our fault")
    assert office.reminder().stopped_because is None
    assert len(office.got("mary")) == 1


# Between planning and sending


def _did_a_lesson(session: Session) -> None:
    lesson = session.exec(select(Lesson).where(Lesson.title == "Bowline")).one()
    completed(session, a_user(session, "ada"), lesson, at=FRIDAY - timedelta(seconds=10))


def _finished(session: Session) -> None:
    for lesson in session.exec(select(Lesson)):
        completed(session, a_user(session, "ada"), lesson, at=MONDAY)


def _left_slack(session: Session) -> None:
    members.remember(session, Profile("T0HOME", "U0ADA", "ada", "Ada", is_deleted=True), FRIDAY)


CHANGES: dict[str, Callable[[Session], object]] = {
    "progress": _did_a_lesson,
    "no course": _finished,
    "deactivated": _left_slack,
    "unlinked": lambda session: links.unlink(session, "T0HOME", "U0ADA"),
    "stopped": lambda session: preferences.stop(session, "user_ada", "you", FRIDAY),
    "snoozed": lambda session: preferences.snooze(session, "user_ada", FRIDAY.date() + timedelta(days=3), FRIDAY),
    "turned off": lambda session: switches.turn_off(session, "reminder"),
}


@pytest.mark.parametrize("reason", CHANGES)
def test_what_should_no_longer_go_stays_and_the_ledger_says_why(office: Office, reason: str) -> None:
    office.plans("ada", "mary")
    with office.database.write() as session:
        CHANGES[reason](session)
    office.sends_everything()
    assert (office.row().state, office.row().reason, office.got()) == ("suppressed", reason, [])
    assert office.reminder().nudges == 0
    assert len(office.got("mary")) == (0 if reason == "turned off" else 1)


def test_a_holiday_that_became_known_meanwhile_is_kept(office: Office) -> None:
    office.plans("ada")
    office.holidays = frozenset({FRIDAY.date(), FRIDAY.date() + timedelta(days=3)})
    office.sends_everything()
    assert (office.row().state, office.row().reason) == ("suppressed", "away")
    assert office.reminder().due_at == FRIDAY.replace(day=9, hour=9, minute=0)


@pytest.mark.parametrize("late", [timedelta(hours=2, minutes=58), timedelta(hours=3)])
def test_three_hours_late_is_too_late(office: Office, late: timedelta) -> None:
    office.plans("ada")
    office.now = FRIDAY + late
    office.sends_everything()
    if late < timedelta(hours=3):
        assert office.row().state == "sent"
    else:
        assert (office.row().state, office.row().reason, office.got()) == ("suppressed", "late", [])
        assert office.reminder().due_at == FRIDAY.replace(day=8, hour=9, minute=0)


def test_a_look_comes_before_every_reason_not_to_send(office: Office) -> None:
    """It arrived, and then the learner did a lesson: it was sent all the same."""
    office.plans("ada")
    office.breaks("chat.postMessage", "drop")
    office.sends(office.became("uncertain"))
    with office.database.write() as session:
        _did_a_lesson(session)
    office.passes()
    office.sends_everything()
    assert office.row().state == "sent"


def test_a_pause_holds_what_was_planned_and_letting_go_sends_it(office: Office) -> None:
    office.plans("ada")
    with office.database.write() as session:
        pauses.pause(session, EVERYTHING, "", by="U0RADIA", because="double posts", now=FRIDAY)
    office.sends_everything()
    assert (office.row().state, office.row().attempts, office.got()) == ("waiting", 0, [])
    with office.database.write() as session:
        pauses.resume(session, EVERYTHING, "")
    office.sends_everything()
    assert len(office.got()) == 1


def test_an_alert_for_somebody_who_is_no_admin_any_more_stays(office: Office) -> None:
    told = Planned("a:ada", "alert", "T0HOME", "U0ADA", "user_ada", facts={"what": "failures", "failed": 5, "tried": 5})
    with office.database.write() as session:
        deliveries.plan(session, [told], FRIDAY, datetime.now(UTC))
    office.sends_everything()
    assert (office.row().state, office.row().reason, office.got()) == ("suppressed", "not an admin", [])


# Senders come and go


def test_who_is_told_to_stop_finishes_what_is_in_hand_and_gives_the_rest_back(office: Office) -> None:
    office.plans()
    with office.database.write() as session:
        session.add(Pace(team_id="T0HOME", rate=1.0, next_at=FRIDAY - timedelta(days=365)))
    stopping = Event()
    office.before_leaving = lambda leased: stopping.wait(5)
    sender = office.sender(threads=3)
    sender.start()
    assert office.in_hand.wait(5)
    assert [office.row(name).state for name in ("ada", "grace", "mary")] == ["sending", "sending", "waiting"]
    stopping.set()
    sender.stop()
    assert (office.row("ada").state, len(office.got("ada"))) == ("sent", 1)
    for name in ("mary", "grace"):
        row = office.row(name)
        assert (row.state, row.leased_by, row.attempts) == ("waiting", None, 0)
        assert row.try_at is not None
        assert row.try_at <= datetime.now(UTC)
    office.passes()
    office.sends_everything()
    assert [len(office.got(name)) for name in ("ada", "mary", "grace")] == [1, 1, 1]


@pytest.mark.parametrize("channel", [None, "D0ADA"])
def test_who_lost_the_lease_before_sending_sends_nothing(office: Office, channel: str | None) -> None:
    """A sender that slept until somebody else took the row over."""
    WebClient(TOKEN, base_url=office.slack.api_url).conversations_open(users="U0ADA")
    office.plans("ada")
    with office.database.write() as session:
        session.exec(select(Delivery)).one().channel_id = channel
    others: list[Leased] = []

    def sleeps(leased: Leased) -> None:
        office.passes()
        with office.database.write() as session:
            others.extend(leases.lease(session, "T0HOME", datetime.now(UTC), 1))

    office.before_leaving = sleeps
    office.sends(office.in_hand)
    row = office.row()
    assert (row.state, row.leased_by, office.got()) == ("sending", others[0].leased_by, [])


def test_a_call_that_would_outlast_the_lease_is_not_begun(office: Office) -> None:
    WebClient(TOKEN, base_url=office.slack.api_url).conversations_open(users="U0ADA")
    office.plans("ada")
    with office.database.write() as session:
        session.exec(select(Delivery)).one().channel_id = "D0ADA"
    tries: list[Leased] = []

    def dawdles(leased: Leased) -> None:
        tries.append(leased)
        if len(tries) == 1:
            office.passes(LEASE - timedelta(seconds=4))

    office.before_leaving = dawdles
    office.sends(office.became("sent"), call_seconds=5.0)
    assert [leased.attempts for leased in tries] == [1, 1]
    assert len(office.got()) == 1


# DMs opened ahead of time


def test_dms_are_opened_a_day_ahead(office: Office) -> None:
    sender = office.sender()
    try:
        sender.open_ahead(FRIDAY - timedelta(days=2))
        assert office.asked().count("conversations.open") == 0
        sender.open_ahead(FRIDAY - timedelta(hours=23))
        sender.open_ahead(FRIDAY - timedelta(hours=22))
    finally:
        sender.stop()
    assert office.asked().count("conversations.open") == 3
    with office.database.read() as session:
        assert members.dm_channel(session, "T0HOME", "U0MARY") == "D0MARY"
    office.plans()
    office.sends_everything()
    assert office.asked().count("conversations.open") == 3
    assert office.row("mary").state == "sent"


@pytest.mark.parametrize("fault", ["429", "500", "drop", "invalid_auth"])
def test_opening_ahead_gives_way_to_trouble(office: Office, fault: str) -> None:
    office.breaks("conversations.open", fault)
    sender = office.sender()
    try:
        sender.open_ahead(FRIDAY)
    finally:
        sender.stop()
    assert office.asked().count("conversations.open") == 1
    assert [office.reminder(name).stopped_because for name in ("ada", "mary", "grace")] == [None] * 3


def test_who_has_left_asks_slack_nothing_more(office: Office) -> None:
    sender = office.sender()
    sender.stop()
    sender.open_ahead(FRIDAY)
    assert office.asked() == []


def test_who_can_not_have_a_dm_hears_nothing_and_the_others_do(office: Office) -> None:
    office.breaks("conversations.open", "user_disabled")
    sender = office.sender()
    try:
        sender.open_ahead(FRIDAY)
    finally:
        sender.stop()
    stopped = {name: office.reminder(name).unreachable_why for name in ("ada", "mary", "grace")}
    assert sorted(stopped.values(), key=str) == [None, None, "user_disabled"]
    assert office.asked().count("conversations.open") == 3
