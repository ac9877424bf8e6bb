"""The door: only what Slack signed, lately, gets in, and nothing of the rest is logged."""

import json
import logging
import time
from hashlib import sha256
from hmac import new
from urllib.parse import urlencode

import httpx
import pytest

from bot.answers import as_json
from bot.door import Message
from tests import plain
from tests.house import SECRET, House
from tests.loops import awaited

COMMAND = urlencode(
    {
        "command": "/learn",
        "text": "help",
        "team_id": "T0HOME",
        "user_id": "U0ADA",
        "channel_id": "D0ADA",
        "response_url": "http://127.0.0.1:1/a-capability",
        "trigger_id": "1.2.3",
    }
)


def signed(body: str, at: object = None, secret: str = SECRET) -> dict[str, str]:
    """The headers Slack would send with this body at that time (unix seconds, now by default)."""
    when = str(int(time.time()) if at is None else at)
    digest = new(secret.encode(), f"v0:{when}:{body}".encode(), sha256).hexdigest()
    return {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": when,
        "x-slack-signature": f"v0={digest}",
    }


def post(house: House, body: str, headers: dict[str, str]) -> httpx.Response:
    return plain.post(f"{house.bot_url}/slack/events", content=body, headers=headers)


def test_a_signed_command_is_answered_in_its_ack(house: House) -> None:
    answer = post(house, COMMAND, signed(COMMAND))
    assert answer.status_code == 200
    assert answer.json()["response_type"] == "ephemeral"
    assert "/learn courses" in answer.json()["text"]


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(lambda body: signed(body, secret="another"), id="wrong secret"),
        pytest.param(lambda body: signed(body, time.time_ns() // 10**9 - 301), id="stale"),
        pytest.param(lambda body: signed(body, "not-a-number"), id="time is no number"),
        pytest.param(lambda body: signed(body, "9" * 400), id="endless time"),
        pytest.param(lambda body: signed(body + "&x=1"), id="another body"),
        pytest.param(lambda body: {"content-type": "application/x-www-form-urlencoded"}, id="unsigned"),
    ],
)
def test_what_slack_did_not_sign_is_refused_and_never_logged(
    house: House, headers: object, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = headers(COMMAND)  # type: ignore[operator]
    assert post(house, COMMAND, made).status_code == 401
    assert "a-capability" not in caplog.text


def test_what_goes_wrong_is_logged_once_bolt_is_there(house: House) -> None:
    assert house.program.bolt.name == "homeroom.bolt"
    assert logging.getLogger("homeroom.scheduler").isEnabledFor(logging.WARNING)
    assert not logging.getLogger("homeroom.bolt").isEnabledFor(logging.WARNING)


def test_an_unsigned_ssl_check_gets_nothing(house: House) -> None:
    assert plain.post(f"{house.bot_url}/slack/events", data={"ssl_check": "1"}).status_code == 401


def test_a_body_larger_than_slack_sends_is_not_read(house: House) -> None:
    body = "x" * (2 * 1024 * 1024 + 1)
    assert post(house, body, signed(body)).status_code == 413


def test_slack_can_verify_the_address(house: House) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "abc", "token": "t"})
    answer = post(house, body, signed(body) | {"content-type": "application/json"})
    assert (answer.status_code, answer.json()) == (200, {"challenge": "abc"})


@pytest.mark.parametrize("kind", ["interactive_message", "dialog_submission", "workflow_step_edit", ""])
def test_a_payload_of_a_kind_that_we_have_none_of_is_not_found(house: House, kind: str) -> None:
    told = {"type": kind, "team": {"id": "T0HOME"}, "user": {"id": "U0ADA"}, "callback_id": "x", "actions": [{}]}
    body = urlencode({"payload": json.dumps(told)})
    assert post(house, body, signed(body)).status_code == 404


def test_health_says_so(house: House) -> None:
    assert plain.get(f"{house.bot_url}/health").json() == {"status": "ok"}


def test_another_workspace_gets_a_sentence_and_nothing_else(house: House) -> None:
    body = COMMAND.replace("T0HOME", "T0EVE").replace("U0ADA", "U0EVE")
    answer = post(house, body, signed(body))
    assert answer.status_code == 200
    assert "isn't installed in this workspace" in answer.text


def test_the_bot_is_not_at_rest_before_what_follows_an_answer_has_begun(house: House) -> None:
    headers = [(name.encode(), value.encode()) for name, value in signed(COMMAND).items()]
    scope = {"type": "http", "method": "POST", "path": "/slack/events", "headers": headers}
    seen = []

    async def receive() -> Message:
        return {"type": "http.request", "body": COMMAND.encode()}

    async def send(message: Message) -> None:
        seen.append((message["type"], house.program.rests(0)))

    async def ask() -> None:
        await house.program.web(scope, receive, send)

    awaited(ask())
    assert seen == [("http.response.start", False), ("http.response.body", False)]
    house.quiet()
    assert house.program.rests(0)


def test_half_a_character_is_told_as_it_came() -> None:
    assert json.loads(as_json({"text": "🤓 and \ud83e"})) == {"text": "🤓 and \ud83e"}
