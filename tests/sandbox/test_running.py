"""Starting, stopping, starting again, and watching."""

import json
import socket
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from bot.sandbox.server import RunningRehearsal, run
from tests import plain
from tests.sandbox.stand import ADA, APP_TOKEN, MARY, TOKEN, Stand, TinyBot, buttons, home, setup


def stand_of(running: RunningRehearsal, client: httpx.Client) -> Stand:
    return Stand(running, TinyBot(), client)


def test_what_happened_is_there_after_a_restart(tmp_path: Path, stand: Stand) -> None:
    kept = setup(state_file=tmp_path / "kept" / "rehearsal.json")
    with run(kept) as running, plain.client(base_url=running.url, trust_env=False) as client:
        before = stand_of(running, client)
        posted = before.slack.chat_postMessage(channel="U0ADA", text="Hello", blocks=[buttons("row", "open")])
        before.slack.chat_postMessage(channel="D0ADA", text="More", thread_ts=posted["ts"])
        view = before.slack.views_publish(user_id="U0ADA", view=home())["view"]
        before.do("people", team="T0HOME", id="U0NEW", name="Nell Newcomer")
        before.do("clock", advance=3600)
        revision = before.tell("state", person=ADA)["revision"]

    with run(kept) as running, plain.client(base_url=running.url, trust_env=False) as client:
        after = stand_of(running, client)
        (message,) = after.sees(ADA, "D0ADA")
        assert (message["ts"], message["reply_count"]) == (posted["ts"], 1)
        assert message["blocks"][0]["elements"][0]["action_id"] == "open"
        state = after.tell("state", person=ADA)
        assert state["home"]["hash"] == view["hash"]
        assert state["revision"] >= revision
        assert state["now"] - time.time() > 3500
        assert after.slack.users_info(user="U0NEW")["user"]["real_name"] == "Nell Newcomer"
        later = after.slack.chat_postMessage(channel="D0ADA", text="Later")["ts"]
        assert later > posted["ts"]


def test_the_state_is_saved_while_it_runs(tmp_path: Path, stand: Stand) -> None:
    path = tmp_path / "rehearsal.json"
    with run(setup(state_file=path)) as running, plain.client(base_url=running.url, trust_env=False) as client:
        stand_of(running, client).slack.chat_postMessage(channel="U0ADA", text="Kept at once")
        deadline = time.monotonic() + 5
        found = False
        while not found and time.monotonic() < deadline:
            client.get("/rehearsal/wait", params={"after": 1_000_000, "seconds": 0.05})
            found = path.exists() and "Kept at once" in path.read_text(encoding="utf-8")
        assert found


def test_a_file_that_is_no_rehearsal_is_named(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text('{"format": "another"}', encoding="utf-8")

    with pytest.raises(ValueError, match=r"other\.json does not hold a rehearsal"), run(setup(state_file=path)):
        pass


def test_a_taken_port_is_an_error_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"), run(setup(), port=port):
            pass


def test_it_stops_within_a_second_whoever_is_waiting() -> None:
    waiting: list[Thread] = []

    def leave_waiting(method: str, url: str, **more: Any) -> None:
        def ask() -> None:
            with suppress(httpx.HTTPError):
                plain.request(method, url, trust_env=False, timeout=20, **more)

        waiting.append(Thread(target=ask))
        waiting[-1].start()

    with ExitStack() as stack:
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        with run(setup(app_token=APP_TOKEN)) as running:
            http = stack.enter_context(plain.client(base_url=running.url, trust_env=False))
            stand = stand_of(running, http)
            link = stand.slack.apps_connections_open(app_token=APP_TOKEN)["url"]
            web_socket = stack.enter_context(connect(link))
            assert json.loads(web_socket.recv())["type"] == "hello"
            running.rehearsal.connect(f"http://127.0.0.1:{silent.getsockname()[1]}/slack/events")
            stand.do("faults", method="auth.test", fault="timeout")
            typed = {"person": ADA, "channel": "C0LEARN", "text": "/learn"}
            leave_waiting("GET", f"{running.url}/rehearsal/events?person={ADA}")
            leave_waiting("GET", f"{running.url}/rehearsal/wait?after=100000&seconds=15")
            leave_waiting("POST", f"{running.url}/rehearsal/say", json=typed)
            leave_waiting("POST", f"{running.api_url}auth.test", data={"token": TOKEN})
            while len(stand.tell("traffic")["entries"]) < 3:
                stand.tell("wait", after=1_000_000, seconds=0.01)
            started = time.monotonic()
        assert time.monotonic() - started < 1
        for thread in waiting:
            thread.join(timeout=5)
            assert not thread.is_alive()


def test_a_stream_tells_each_person_what_is_theirs(stand: Stand) -> None:
    def heard(person: str) -> list[tuple[str, str | None]]:
        url = f"{stand.running.url}/rehearsal/events?person={person}"
        with httpx.stream("GET", url, trust_env=False, timeout=10) as stream:
            lines = stream.iter_lines()
            assert next(lines) == ": ping"
            stand.slack.chat_postEphemeral(channel="C0LEARN", user="U0ADA", text="For Ada")
            stand.slack.views_publish(user_id="U0ADA", view=home())
            stand.slack.chat_postMessage(channel="C0LEARN", text="For all")
            found: list[tuple[str, str | None]] = []
            for line in lines:
                if line.startswith("data: "):
                    item = json.loads(line.removeprefix("data: "))
                    found.append((item["what"], item["channel"]))
                if found.count(("traffic", None)) == 3:
                    return [item for item in found if item[0] != "traffic"]
        raise AssertionError("The stream ended early.")

    assert heard(ADA) == [("messages", "C0LEARN"), ("home", None), ("messages", "C0LEARN")]
    assert heard(MARY) == [("messages", "C0LEARN")]


def test_waiting_ends_with_a_change(stand: Stand) -> None:
    revision = stand.tell("state", person=ADA)["revision"]
    assert stand.tell("wait", after=revision, seconds=0.01)["revision"] == revision

    stand.slack.chat_postMessage(channel="C0LEARN", text="x")

    assert stand.tell("wait", after=revision, seconds=5)["revision"] > revision


def test_retries_follow_slacks_own_clock_where_they_are_told_to() -> None:
    bot = TinyBot()
    with bot.listening() as request_url, run(setup(event_retries=(0, 60, 300))) as running:
        running.rehearsal.connect(request_url)
        with plain.client(base_url=running.url, trust_env=False) as client:
            stand = Stand(running, bot, client)
            running.rehearsal.connect("http://127.0.0.1:9/nobody")
            stand.do("say", person=ADA, channel="D0ADA", text="hello")
            stand.quiet()
            running.rehearsal.connect(request_url)
            assert bot.received == []
            stand.do("clock", advance=61)
            stand.quiet()
            (event,) = bot.received
            assert event.headers["x-slack-retry-num"] == "2"
            assert event.headers["x-slack-retry-reason"] == "connection_failed"


def test_the_signature_follows_the_moved_clock_only_when_asked(stand: Stand) -> None:
    def signed_at() -> float:
        stand.do("say", person=ADA, channel="C0LEARN", text="/learn")
        return float(stand.bot.received[-1].headers["x-slack-request-timestamp"])

    stand.do("clock", advance=1000)
    assert abs(signed_at() - time.time()) < 10
    stand.do("clock", advance=1000, signatures=True)
    assert 900 < signed_at() - time.time() < 1100
    assert stand.do("clock", advance=-1)["ok"] is False


def test_other_sites_cannot_post_here_through_a_browser(stand: Stand) -> None:
    said = json.dumps({"person": ADA, "channel": "C0LEARN", "text": "forged"})

    answer = stand.http.post("/rehearsal/say", content=said, headers={"Content-Type": "text/plain"})

    assert answer.status_code == 415
    assert stand.sees(ADA, "C0LEARN") == []


def test_reset_goes_back_to_the_start(stand: Stand) -> None:
    stand.slack.chat_postMessage(channel="C0LEARN", text="x")
    stand.do("people", team="T0HOME", id="U0NEW", name="Nell")
    stand.do("clock", advance=1000)

    stand.do("reset")

    assert stand.sees(ADA, "C0LEARN") == []
    state = stand.tell("state", person=ADA)
    assert "U0NEW" not in {person["id"] for person in state["people"]}
    assert abs(state["now"] - time.time()) < 10
