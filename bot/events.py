"""The senders of every destination that is set, as one."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from bot.rounds import real_now
from models import destinations
from models.database import Database

if TYPE_CHECKING:
    from bot.eventsending import EventSender


class Events:
    """The senders of every destination that is set here, none among them."""

    def __init__(self, database: Database, senders: "Sequence[EventSender]") -> None:
        self._database, self._senders = database, senders

    def start(self, now: datetime) -> None:
        """Events count from now on, and are sent until `stop`."""
        self.keep(now)
        for sender in self._senders:
            sender.start()

    def keep(self, now: datetime) -> None:
        """Say that these destinations are still set, and let go of those that are set nowhere any more."""
        with self._database.write() as session:
            for sender in self._senders:
                destinations.configured(session, sender.destination.name, sender.destination.address, real_now())
            destinations.lapse(session, now, real_now())

    def wake(self) -> None:
        """There may be something to send."""
        for sender in self._senders:
            sender.wake()

    def stop(self) -> None:
        """Finish what is in hand, and take nothing new."""
        for sender in self._senders:
            sender.stop()
