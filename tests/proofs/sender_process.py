"""One sender as a process of its own, which may die between Slack's answer and the commit."""

import os
import random
import signal
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot.delivery import Sender, Timing
from handlers import deliveries
from handlers.requests import Context, Portal
from models.database import Database
from models.members import Profile


class Mortal(WebClient):
    """A client whose process now and then dies right after Slack has answered."""

    risk = 0.0

    def chat_postMessage(self, **arguments: Any) -> SlackResponse:
        return self._perhaps(super().chat_postMessage(**arguments))

    def conversations_open(self, **arguments: Any) -> SlackResponse:
        return self._perhaps(super().conversations_open(**arguments))

    def _perhaps(self, answer: SlackResponse) -> SlackResponse:
        if random.random() < self.risk:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer


def send(told: Mapping[str, Any]) -> None:
    """Send with this until told to stop."""
    planned_at, started_at = (datetime.fromisoformat(told[name]) for name in ("planned_at", "started_at"))

    def clock() -> datetime:
        return planned_at + (datetime.now(UTC) - started_at)

    database = Database(told["url"], patience=30)
    client = Mortal("xoxb-rehearsal", base_url=told["api_url"], timeout=told["call_seconds"], retry_handlers=[])
    client.risk = told["risk"]

    def context(now: datetime) -> Context:
        return Context(database, now, Portal("The Portal"), _nobody)

    sender = Sender(
        database,
        client,
        "T0HOME",
        lambda leased, now: deliveries.compose(leased, context(now)),
        clock,
        threads=told["threads"],
        timing=Timing(
            timedelta(seconds=told["lease"]),
            told["call_seconds"],
            timedelta(seconds=told["settling"]),
            timedelta(seconds=told["look_again"]),
        ),
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        sender.start()
        signal.pause()
    finally:
        sender.stop()


def _nobody(team_id: str, slack_user_id: str) -> Profile:
    raise AssertionError("everybody here is known")
