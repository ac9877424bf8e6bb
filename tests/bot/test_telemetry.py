"""How sending stands, for Prometheus and for whoever types ``homeroom check``."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlmodel import Session

from bot.checks import LATE_TICK, run_checks
from bot.manifest import manifest_for
from bot.sandbox import server
from bot.settings import Settings, SettingsError, read
from bot.telemetry import exposition
from models import deliveries, heartbeats, leases, pauses, switches
from models.database import Database
from models.deliveries import Planned
from models.pauses import COURSE, EVERYTHING, KIND
from models.reminderrows import Reminder
from tests import plain
from tests.house import SECRET, TOKEN, House
from tests.school import a_user

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def figures(database: Database) -> dict[str, float]:
    """Every figure by its name and labels."""
    families = text_string_to_metric_families(exposition(database, lambda: NOW).decode())
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in families
        for sample in family.samples
    }


def planned(session: Session, number: int, at: datetime, **told: str) -> None:
    """So many messages planned."""
    same = {"kind": "reminder", "team_id": "T1", "slack_user_id": "U", **told}
    deliveries.plan(session, [Planned(key=f"{at} {told} {n}", **same) for n in range(number)], at, at)  # type: ignore[arg-type]


def test_the_figures_of_a_quiet_house(database: Database) -> None:
    assert figures(database) == {"homeroom_backlog": 0.0}


def test_the_figures_say_how_sending_stands(database: Database) -> None:
    with database.write() as session:
        heartbeats.beat(session, heartbeats.TICK, NOW - 3 * MINUTE)
        planned(session, 3, NOW - 5 * MINUTE)
        planned(session, 2, NOW - 2 * MINUTE, kind="report")
        planned(session, 4, NOW - 8 * MINUTE, kind="alert")
        sent, failed, held = leases.lease(session, "T1", NOW - MINUTE, 3)
        leases.sent(session, sent, "1.1", NOW - MINUTE)
        leases.failed(session, failed, "x", NOW - timedelta(hours=25))
        for reason in ("late", "progress"):
            late = Planned(reason, "reminder", "T1", "U", reason=reason)
            deliveries.plan(session, [late], NOW - MINUTE, NOW - MINUTE)
        pauses.pause(session, KIND, "report", by="console", because="", now=NOW)
        session.add(Reminder(user_id=a_user(session, "ada").id, due_at=NOW - 7 * MINUTE))
        session.add(Reminder(user_id=a_user(session, "mary").id, due_at=NOW + 7 * MINUTE))
    assert held.kind == "alert"
    assert figures(database) == {
        "homeroom_last_tick_seconds": 180,
        "homeroom_backlog": 5,
        "homeroom_oldest_waiting_seconds": 480,
        "homeroom_oldest_due_seconds": 420,
        "homeroom_deliveries alert sending": 1,
        "homeroom_deliveries alert sent": 1,
        "homeroom_deliveries alert waiting": 1,
        "homeroom_deliveries reminder suppressed": 2,
        "homeroom_deliveries reminder waiting": 3,
        "homeroom_deliveries report waiting": 2,
        "homeroom_held report": 2,
    }


def test_metrics_are_served_and_a_database_out_of_reach_is_503(house: House) -> None:
    told = plain.get(f"{house.bot_url}/metrics")
    assert (told.status_code, told.headers["content-type"].split(";")[0]) == (200, "text/plain")
    assert "homeroom_backlog 0.0" in told.text
    with house.program.database.write() as session:
        session.connection().exec_driver_sql("ALTER TABLE homeroom_pause RENAME TO elsewhere")
    assert plain.get(f"{house.bot_url}/metrics").status_code == 503


# homeroom check


class Console:
    """What the checks see of the console."""

    def __init__(self, database: Database, api_url: str = "") -> None:
        self.env: dict[str, str] = {}
        self._database, self._api_url = database, api_url

    def settings(self) -> Settings:
        if not self._api_url:
            raise SettingsError("SLACK_BOT_TOKEN is missing.")
        return read({"SLACK_BOT_TOKEN": TOKEN, "SLACK_SIGNING_SECRET": SECRET, "SLACK_API_URL": self._api_url})

    def database(self) -> Database:
        return self._database


@pytest.fixture(scope="module")
def slack() -> Iterator[server.RunningRehearsal]:
    """Slack, for the last line."""
    setup = server.Setup(manifest_for("http://127.0.0.1:1"), signing_secret=SECRET, bot_token=TOKEN)
    with server.run(setup) as running:
        yield running


def about(database: Database, what: str) -> str:
    """The line of the checks about this."""
    (line,) = (line for line in run_checks(Console(database))[0] if line[6:].startswith(what))
    return line


@pytest.mark.parametrize(
    ("is_on", "ago", "line", "is_fine"),
    [
        pytest.param(True, 2.5 * MINUTE, "ok    Ticks: the last was 2 minutes ago", True, id="lately"),
        pytest.param(True, LATE_TICK - MINUTE / 2, "ok    Ticks: the last was 9 minutes ago", True, id="in time"),
        pytest.param(
            True,
            timedelta(hours=3),
            "wrong Ticks: the last was 3 hours ago. See that `homeroom serve` is running",
            False,
            id="long ago",
        ),
        pytest.param(True, None, "wrong Ticks: none so far. See that `homeroom serve` is running", False, id="never"),
        pytest.param(False, None, "ok    Ticks: none so far", True, id="nothing is on"),
        pytest.param(
            False, timedelta(days=9), "ok    Ticks: the last was 9 days ago", True, id="nothing is on any more"
        ),
    ],
)
def test_the_check_says_when_it_last_ticked(
    database: Database,
    slack: server.RunningRehearsal,
    is_on: bool,
    ago: timedelta | None,
    line: str,
    is_fine: bool,
) -> None:
    with database.write() as session:
        if is_on:
            switches.turn_on(session, ["reminder"], "console", NOW)
        if ago is not None:
            heartbeats.beat(session, heartbeats.TICK, datetime.now(UTC) - ago)
    lines, told = run_checks(Console(database, slack.api_url))
    assert line in lines
    assert told is is_fine
    assert lines[-1] == "ok    Slack: homeroom in Homeroom Academy"


def test_the_check_says_what_is_on_the_way(database: Database) -> None:
    assert about(database, "Sending") == "ok    Sending: 0 on the way"
    now = datetime.now(UTC)
    with database.write() as session:
        planned(session, 1, now - timedelta(hours=5))
        planned(session, 2, now - 4 * MINUTE)
    assert about(database, "Sending") == "ok    Sending: 3 on the way, the oldest since 5 hours"
    with database.write() as session:
        session.add(Reminder(user_id=a_user(session, "ada").id, due_at=now - 7 * MINUTE))
        for _ in range(2):
            (leased,) = leases.lease(session, "T1", datetime.now(UTC), 1)
            leases.uncertain(session, leased, "history: missing_scope", now - timedelta(hours=9), now)
    assert about(database, "Sending") == (
        "ok    Sending: 3 on the way, the oldest since 5 hours; "
        "the oldest reminder due and not planned is 7 minutes old; 1 uncertain"
    )


def test_the_check_names_what_is_off_and_what_is_paused(database: Database) -> None:
    with database.write() as session:
        switches.turn_on(session, ["reminder", "alert"], "console", NOW)
        pauses.pause(session, EVERYTHING, "", by="U0RADIA", because="double posts", now=NOW)
        pauses.pause(session, COURSE, "7", by="console", because="", now=NOW + MINUTE)
    lines, _ = run_checks(Console(database))
    assert [line for line in lines if line.startswith("note")] == [
        "note  Off: report. `homeroom reminders start` turns everything on",
        "note  Paused: everything, by U0RADIA at 2026-03-02 09:00 UTC: double posts",
        "note  Paused: course 7, by console at 2026-03-02 09:01 UTC",
    ]
