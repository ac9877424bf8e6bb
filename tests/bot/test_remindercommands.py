"""What an operator types about reminders, and what they are told."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.manifest import manifest_for
from bot.sandbox import server
from bot.sandbox.cast import default_cast
from bot.sandbox.people import Person
from models import links, members, reminders, switches
from models.database import Database
from models.members import Profile
from tests.console import ROOT, run
from tests.house import SECRET, TOKEN
from tests.school import a_course, a_user, completed, enrolled, lessons_of

MONDAY = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
FRIDAY = "2027-03-05T09:01:00+00:00"
LEARNERS = 24


@pytest.fixture
def slack() -> Iterator[server.RunningRehearsal]:
    """A workspace with a few learners more than usual."""
    cast = default_cast()
    for number in range(LEARNERS):
        cast[0].add(Person(f"U0L{number}", "T0HOME", f"Learner {number}", f"learner{number}", "Europe/London"))
    with server.run(
        server.Setup(manifest_for("http://127.0.0.1:1"), signing_secret=SECRET, bot_token=TOKEN, workspaces=cast)
    ) as running:
        yield running


@pytest.fixture
def school(database: Database) -> Database:
    """Learners who enrolled on Monday; the first did a lesson on Thursday, the second finished, the third left."""
    with database.write() as session:
        course = a_course(session, "Knots", ["Bowline", "Hitch"])
        for number in range(LEARNERS):
            user = a_user(session, f"l{number:02}")
            told = Profile("T0HOME", f"U0L{number}", f"learner{number}", f"Learner {number}", tz="Europe/London")
            members.remember(session, told, MONDAY)
            links.link(session, "T0HOME", f"U0L{number}", user.id, MONDAY)
            enrolled(session, user, course, at=MONDAY)
        bowline, hitch = lessons_of(session, course)
        completed(session, a_user(session, "l00"), bowline, at=MONDAY + timedelta(days=3))
        for lesson in (bowline, hitch):
            completed(session, a_user(session, "l01"), lesson, at=MONDAY)
        links.unlink(session, "T0HOME", "U0L2")
        reminders.schedule(session, reminders.learners(session), MONDAY, frozenset())
    return database


def started(school: Database) -> None:
    with school.write() as session:
        switches.turn_on(session, switches.KINDS, "console", MONDAY)


def env_for(slack: server.RunningRehearsal) -> dict[str, str]:
    return {"SLACK_BOT_TOKEN": TOKEN, "SLACK_SIGNING_SECRET": SECRET, "SLACK_API_URL": slack.api_url}


def heard(slack: server.RunningRehearsal) -> Counter[str]:
    """How many messages each learner got."""
    channels = slack.rehearsal.stage.workspaces["T0HOME"].channels.values()
    return Counter(
        next(member for member in channel.members if member.startswith("U0L"))
        for channel in channels
        if channel.kind == "dm" and any(member.startswith("U0L") for member in channel.members)
        for message in channel.messages.values()
        if message.metadata
    )


def test_starting_shows_who_would_hear_what_and_asks(school: Database, url: str) -> None:
    asked = run("reminders", "start", url=url)
    assert asked.returncode == 2
    assert "In the next seven days" in asked.stdout or "Nobody would hear anything" in asked.stdout
    assert "run it again with --yes" in asked.stderr
    with school.read() as session:
        assert switches.on(session) == frozenset()
    done = run("reminders", "start", "--yes", url=url)
    assert done.returncode == 0, done.stderr
    assert "Started: reminder, report, alert." in done.stdout
    with school.read() as session:
        assert switches.on(session) == frozenset(switches.KINDS)
        assert reminders.oldest_due(session, datetime.now(UTC)) is None
    assert run("reminders", "start", url=url).stdout == "Everything is on already.\n"


def test_a_dry_run_names_everybody_with_a_reason_and_is_the_same_each_time(school: Database, url: str) -> None:
    started(school)
    first, second = (run("remind", "--dry-run", "--at", FRIDAY, url=url) for _ in range(2))
    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout
    lines = first.stdout.splitlines()
    assert "skip  user_l00  not due before Wed 2027-03-10 09:00 Europe/London" in lines
    assert "skip  user_l01  no course in hand" in lines
    assert "skip  user_l02  not linked to a Slack person" in lines
    assert "send  user_l03  reminder 1, due Fri 2027-03-05 09:00 Europe/London" in lines
    assert lines[-1] == "21 people would get a reminder, 3 would not."
    with school.read() as session:
        assert reminders.oldest_due(session, datetime.fromisoformat(FRIDAY)) is not None
    late = run("remind", "--dry-run", "--at", "2027-03-05T12:30:00+00:00", url=url).stdout
    assert "skip  user_l03  late: it was due Fri 2027-03-05 09:00 Europe/London" in late


@pytest.mark.parametrize("at", ["tomorrow", "2027-03-05T09:01:00"])
def test_an_instant_that_is_none_gets_a_sentence(school: Database, url: str, at: str) -> None:
    told = run("remind", "--dry-run", "--at", at, url=url)
    assert told.returncode == 2
    assert "such as 2026-11-26T09:00:00+00:00" in told.stderr


def test_reminding_before_the_start_says_what_to_run(
    school: Database, url: str, slack: server.RunningRehearsal
) -> None:
    told = run("remind", "--at", FRIDAY, url=url, env=env_for(slack))
    assert told.returncode == 2
    assert "homeroom reminders start" in told.stderr


def test_several_shells_at_once_send_each_reminder_once(
    school: Database, url: str, slack: server.RunningRehearsal
) -> None:
    started(school)
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATABASE_URL": url, **env_for(slack)}
    shells = [
        subprocess.Popen(
            [sys.executable, "-m", "bot", "remind", "--at", FRIDAY], env=env, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    said = [shell.communicate(timeout=90)[0] for shell in shells]
    assert [shell.returncode for shell in shells] == [0, 0, 0]
    assert heard(slack) == {f"U0L{number}": 1 for number in range(3, LEARNERS)}
    assert sum(int(line.split()[1].rstrip(".")) for text in said for line in text.splitlines()[:1]) == 21
    again = run("remind", "--at", FRIDAY, url=url, env=env_for(slack))
    assert "Planned 0." in again.stdout
    assert sum(heard(slack).values()) == 21


def test_a_pause_holds_and_letting_go_sends_or_discards(
    school: Database, url: str, slack: server.RunningRehearsal
) -> None:
    started(school)
    assert run("pause", "--because", "double posts", url=url).stdout == "Paused.\nHeld: nothing so far.\n"
    told = run("remind", "--at", FRIDAY, url=url, env=env_for(slack))
    assert "held 21: somebody paused them" in told.stdout
    assert not heard(slack)
    assert "It was paused already.\nHeld: 21 reminder." in run("pause", url=url).stdout
    assert run("resume", "--kind", "report", url=url).returncode == 2
    assert run("resume", "--discard", url=url).stdout == "Resumed, and 21 discarded.\n"
    assert "Planned 0." in run("remind", "--at", FRIDAY, url=url, env=env_for(slack)).stdout
    assert not heard(slack)
    assert run("pause", "--kind", "reminder", "--course", "1", url=url).returncode == 2
