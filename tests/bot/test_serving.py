"""The real process: HTTP and Socket Mode, starting without the network, ending in order."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot.manifest import manifest_for
from bot.sandbox import server
from bot.serving import listen
from tests import plain
from tests.house import SECRET, TOKEN, copied, open_house
from tests.people import Person
from tests.plain import Line

ROOT = Path(__file__).parents[2]


LATE = (
    "bot.coursecommands",
    "httpx",
    "icalendar",
    "jwt",
    "markdown_it",
    "matplotlib",
    "models.migrations",
    "psycopg",
    "rapidfuzz",
    "rich",
    "slack_sdk.socket_mode",
    "sqlalchemy.dialects.postgresql",
    "yaml",
)
"""What only some bots need, or seldom."""
LATE_IN_THE_DEMO = ("httpx", "jinja2", "rapidfuzz", "rich", "sqlalchemy.dialects.postgresql")
"""What the demo's page can be seen without."""


@contextmanager
def serving(url: str, api_url: str, port: int, **env: str) -> Iterator[subprocess.Popen[str]]:
    """``homeroom serve`` in a process of its own, from the moment it says that it is there."""
    given = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": url,
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": api_url,
        "PORT": str(port),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve"],
        env=given | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        line = process.stdout.readline()
        assert line.startswith("Homeroom is in"), process.stderr.read()
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def free_port() -> int:
    with listen("127.0.0.1", 0) as listening:
        return int(listening.getsockname()[1])


def test_what_only_some_need_is_loaded_only_by_them() -> None:
    assert not set(LATE) & loaded_by("from bot import cli, program, serving")
    assert not set(LATE_IN_THE_DEMO) & loaded_by("from bot import demo")


def loaded_by(imports: str) -> set[str]:
    asked = f"import sys; {imports}; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(told.stdout.split())


def test_a_process_serves_and_leaves_in_order_on_sigterm(furnished: Path, tmp_path: Path) -> None:
    port = free_port()
    bot_url = f"http://127.0.0.1:{port}"
    setup = server.Setup(manifest=manifest_for(bot_url), signing_secret=SECRET, bot_token=TOKEN)
    url = copied(furnished, tmp_path)
    with server.run(setup) as slack, closing(Line(slack.url)) as http:
        with serving(url, slack.api_url, port) as process:
            slack.rehearsal.connect(f"{bot_url}/slack/events")
            ada = Person("T0HOME:U0ADA", http)
            ada.types("/learn enroll python basics")
            assert ada.sees("You're enrolled in *Python Basics*")
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        # A second start knows its workspace, and does without Slack.
        with serving(url, "http://127.0.0.1:9/api/", port):
            slack.rehearsal.connect(f"{bot_url}/slack/events")
            ada.types("/learn progress")
            assert ada.sees("0 of 4")


def test_a_process_killed_between_presses_loses_nothing(furnished: Path, tmp_path: Path) -> None:
    port = free_port()
    bot_url = f"http://127.0.0.1:{port}"
    setup = server.Setup(manifest=manifest_for(bot_url), signing_secret=SECRET, bot_token=TOKEN)
    url = copied(furnished, tmp_path)
    with server.run(setup) as slack, closing(Line(slack.url)) as http:
        slack.rehearsal.connect(f"{bot_url}/slack/events")
        ada = Person("T0HOME:U0ADA", http)
        with serving(url, slack.api_url, port) as process:
            ada.types("/learn enroll python basics")
            ada.clicks("Start lesson 1")
            process.kill()
            process.wait()
        ada.presses("Mark complete")
        assert ada.error
        with serving(url, slack.api_url, port):
            ada.presses("Mark complete")
            assert ada.sees("Completed *Say hello*.")


def test_a_taken_port_is_a_sentence(furnished: Path, tmp_path: Path) -> None:
    setup = server.Setup(manifest=manifest_for("http://x"), signing_secret=SECRET, bot_token=TOKEN)
    with server.run(setup) as slack, listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(AssertionError, match=f"Port {port} is taken"),
            serving(copied(furnished, tmp_path), slack.api_url, port),
        ):
            pass


def test_the_whole_story_by_socket(furnished: Path, tmp_path: Path) -> None:
    with open_house(copied(furnished, tmp_path), socket_mode=True) as house:
        ada = house.person("U0ADA")
        ada.types("/learn enroll python basics")
        ada.clicks("Start lesson 1")
        ada.presses("Mark complete")
        assert ada.sees("Completed *Say hello*.")
        assert house.http.get("/rehearsal/state", params={"person": ada.key}).json()["mode"] == "socket"
        assert plain.post(f"{house.bot_url}/slack/events", content="x").status_code == 404
        assert plain.get(f"{house.bot_url}/health").json() == {"status": "ok"}


def test_two_processes_on_one_file_agree(furnished: Path, tmp_path: Path) -> None:
    url = copied(furnished, tmp_path)
    with open_house(url) as one, open_house(url) as two:
        ada, same_ada = one.person("U0ADA"), two.person("U0ADA")
        ada.types("/learn enroll python basics")
        same_ada.types("/learn continue python")
        same_ada.presses("Mark complete")
        ada.types("/learn progress")
        assert ada.sees("1 of 4")
