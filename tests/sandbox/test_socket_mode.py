"""Socket Mode, with Slack's own client."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from queue import Queue

import pytest
from slack_sdk import WebClient
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.sandbox.server import run
from tests import plain
from tests.sandbox.stand import ADA, APP_TOKEN, TOKEN, Stand, TinyBot, refusal, setup


@dataclass
class SocketStand(Stand):
    """A rehearsal whose bot is connected over a socket; `received` are the envelopes it got."""

    received: "Queue[SocketModeRequest]" = field(default_factory=Queue)
    acknowledges: bool = True

    def take(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        self.received.put(request)
        if self.acknowledges:
            payload = {"text": "Over the socket"} if request.type == "slash_commands" else None
            client.send_socket_mode_response(SocketModeResponse(request.envelope_id, payload))


@pytest.fixture(scope="module")
def connected() -> Iterator[SocketStand]:
    started = setup(app_token=APP_TOKEN, ack_limit=1.0)
    with run(started) as running, plain.client(base_url=running.url, trust_env=False) as http:
        stand = SocketStand(running, TinyBot(), http)
        client = SocketModeClient(APP_TOKEN, web_client=WebClient(TOKEN, base_url=running.api_url))
        client.socket_mode_request_listeners.append(stand.take)
        client.connect()
        yield stand
        client.close()


def test_a_command_and_its_answer_travel_over_the_socket(connected: SocketStand) -> None:
    answer = connected.do("say", person=ADA, channel="C0LEARN", text="/learn courses")

    request = connected.received.get(timeout=5)
    assert answer == {"ok": True}
    assert (request.type, request.payload["text"]) == ("slash_commands", "courses")
    assert request.accepts_response_payload is True
    assert connected.sees(ADA, "C0LEARN")[0]["text"] == "Over the socket"
    assert connected.tell("state", person=ADA)["mode"] == "socket"


def test_events_and_interactions_come_in_envelopes(connected: SocketStand) -> None:
    connected.do("open_home", person=ADA, tab="home")
    event = connected.received.get(timeout=5)
    connected.do("shortcut", person=ADA, callback_id="look.up")
    interaction = connected.received.get(timeout=5)

    assert (event.type, event.payload["event"]["type"]) == ("events_api", "app_home_opened")
    assert (event.retry_attempt, event.accepts_response_payload) == (0, False)
    assert (interaction.type, interaction.payload["type"]) == ("interactive", "shortcut")


def test_a_bot_that_does_not_acknowledge_is_late(connected: SocketStand) -> None:
    connected.acknowledges = False
    answer = connected.do("say", person=ADA, channel="C0LEARN", text="/learn")
    connected.acknowledges = True

    assert answer["error"] == '/learn failed with the error "operation_timeout"'
    connected.received.get(timeout=5)


def test_a_bot_that_is_not_connected_is_not_reached() -> None:
    with run(setup(app_token=APP_TOKEN)) as running, plain.client(base_url=running.url, trust_env=False) as http:
        answer = Stand(running, TinyBot(), http).do("say", person=ADA, channel="C0LEARN", text="/learn")

    assert answer["error"] == '/learn failed with the error "dispatch_failed"'


def test_only_the_app_token_opens_a_connection(connected: SocketStand, stand: Stand) -> None:
    open_with = connected.slack.apps_connections_open
    assert refusal(open_with, app_token=TOKEN)["error"] == "not_allowed_token_type"
    assert refusal(open_with, app_token="xapp-wrong")["error"] == "invalid_auth"
    assert refusal(connected.slack_of(APP_TOKEN).auth_test)["error"] == "not_allowed_token_type"
    assert refusal(stand.slack.apps_connections_open, app_token=APP_TOKEN)["error"] == "invalid_auth"
