"""One sender of events as a process of its own, which dies between a receiver's answer and the commit."""

import os
import random
import signal
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.destinations import Outcome, PortalWebhook
from bot.eventsending import EventSender, Timing
from bot.eventsettings import WebhookSettings
from models.database import Database


class Mortal(PortalWebhook):
    """A destination whose sender dies on hearing its ``lives``-th answer."""

    lives = 0

    def outcome(self, status: int) -> Outcome:
        self.lives -= 1
        if not self.lives:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().outcome(status)


def send(told: Mapping[str, Any]) -> None:
    """Send with this until told to stop."""
    destination = Mortal(WebhookSettings(told["webhook"], (told["secret"],)))
    destination.lives = random.randint(*told["lives"])
    sender = EventSender(
        Database(told["url"], patience=30),
        destination,
        lambda: datetime.now(UTC),
        threads=told["threads"],
        timing=Timing(timedelta(seconds=told["lease"]), told["call_seconds"], timedelta(seconds=told["settling"])),
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        sender.start()
        signal.pause()
    finally:
        sender.stop()
