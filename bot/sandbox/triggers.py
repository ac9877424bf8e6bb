"""Trigger ids: the three seconds in which an app may open a modal."""

from dataclasses import dataclass

from bot.sandbox.ids import Ids
from bot.sandbox.refusals import Refused

LIFETIME = 3.0
"""Seconds (https://docs.slack.dev/interactivity/handling-user-interaction)."""


@dataclass
class Trigger:
    """What someone did. `view` is the modal they did it in, or None."""

    team: str
    user: str
    at: float
    view: str | None
    used: bool = False


class Triggers:
    """Every trigger id of the last minute, so that an old one can be told from an invented one."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._issued: dict[str, Trigger] = {}

    def issue(self, team: str, user: str, now: float, view: str | None = None) -> str:
        for old in [key for key, trigger in self._issued.items() if trigger.at < now - 60]:
            del self._issued[old]
        trigger_id = self._ids.trigger()
        self._issued[trigger_id] = Trigger(team, user, now, view)
        return trigger_id

    def look_up(self, trigger_id: str, team: str, now: float) -> Trigger:
        """The trigger, still good. Raises Refused with Slack's code for one invented, expired or used."""
        trigger = self._issued.get(trigger_id)
        if trigger is None or trigger.team != team:
            raise Refused("invalid_trigger_id")
        if trigger.used:
            raise Refused("exchanged_trigger_id")
        if now - trigger.at > LIFETIME:
            raise Refused("expired_trigger_id")
        return trigger

    def clear(self) -> None:
        self._issued.clear()
