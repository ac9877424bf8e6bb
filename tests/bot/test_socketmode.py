"""By the socket only what was answered is acknowledged: Slack sends the rest again."""

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.afterwards import Afterwards
from bot.answers import Answers
from bot.slack import build_app
from bot.socketmode import Socket
from tests.house import APP_TOKEN, House

COMMAND = {
    "command": "/learn",
    "text": "help",
    "team_id": "T0HOME",
    "user_id": "U0ADA",
    "channel_id": "D0ADA",
    "trigger_id": "1.2.3",
    "response_url": "http://127.0.0.1:1/a-capability",
}


class Slack(BaseSocketModeClient):
    """The other end of the line, which keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    def send_message(self, message: str) -> None:
        """Keep what the bot sends."""
        self.told.append(json.loads(message))


@pytest.fixture
def socket(house: House) -> Iterator[Socket]:
    """A socket of the house's bot that is connected to nobody."""
    lane = Afterwards()
    program = house.program
    answers = Answers(
        program.installations, {"prompt": lane, "slow": lane, "home": lane}, program.context, program.clock
    )
    with closing(Socket(build_app(answers), APP_TOKEN, WebClient(), answers, threads=1)) as made:
        yield made
    lane.stop(10)


def test_what_is_answered_is_acknowledged_with_its_answer(socket: Socket) -> None:
    slack = Slack()
    socket.handle(slack, SocketModeRequest("slash_commands", "one", COMMAND))
    (told,) = slack.told
    assert told["envelope_id"] == "one"
    assert "/learn courses" in told["payload"]["text"]


def test_what_is_not_answered_is_not_acknowledged(socket: Socket) -> None:
    slack = Slack()
    unheard_of = {"type": "unheard_of", "team": {"id": "T0HOME"}, "user": {"id": "U0ADA"}}
    socket.handle(slack, SocketModeRequest("interactive", "one", unheard_of))
    assert slack.told == []
