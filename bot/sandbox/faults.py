"""Trouble on demand: what Slack does on a bad day."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# To the bot's calls. "drop" and "timeout" do the work and keep the answer; "_before" does not do the work.
_TO_CALLS = {"429", "ratelimited", "500", "timeout", "timeout_before", "drop", "drop_before"}
UNREACHABLE_IMAGE = "image_unreachable"
SLOW_ACK = "slow_ack"


@dataclass
class Fault:
    """One piece of trouble. `method` is a Web API method, "response_url", or for slow_ack what is delivered
    ("/learn", "block_actions", "app_mention"...); "*" is all of Slack's. "clerk:discovery", "clerk:jwks",
    "clerk:token", "clerk:userinfo" and "clerk:users" are Clerk's, "clerk:*" all of them. `times` is how often it
    still strikes (None: until cleared). `seconds` is how long an answer is late or held back."""

    method: str
    fault: str
    times: int | None = 1
    retry_after: int = 1
    seconds: float | None = None

    def shown(self) -> dict[str, Any]:
        return {"method": self.method, "fault": self.fault, "times": self.times, "seconds": self.seconds}


class Faults:
    """The faults set at the moment; the oldest that fits strikes first."""

    def __init__(self) -> None:
        self._set: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._set.append(fault)

    def clear(self) -> None:
        self._set.clear()

    def shown(self) -> list[dict[str, Any]]:
        return [fault.shown() for fault in self._set]

    def strike_call(self, method: str) -> Fault | None:
        """The fault that meets this call of the bot, counted."""
        kinds = (SLOW_ACK, UNREACHABLE_IMAGE)
        return self._strike(f for f in self._set if f.method in (method, "*") and f.fault not in kinds)

    def strike_clerk(self, what: str) -> Fault | None:
        """The fault that meets this call to Clerk, counted: an HTTP status ("503"), an OAuth error code, "slow",
        or "drop" and "timeout" as for Slack's."""
        return self._strike(fault for fault in self._set if fault.method in (what, "clerk:*"))

    def strike_image(self, what: str) -> bool:
        """Whether Slack cannot fetch the images in this call or answer; counted."""
        found = (f for f in self._set if f.method in (what, "*") and f.fault == UNREACHABLE_IMAGE)
        return self._strike(found) is not None

    def strike_delivery(self, what: str) -> Fault | None:
        """The slowness that meets this request to the bot; counts it."""
        return self._strike(fault for fault in self._set if fault.method in (what, "*") and fault.fault == SLOW_ACK)

    def _strike(self, fitting: Iterator[Fault]) -> Fault | None:
        fault = next(fitting, None)
        if fault is not None and fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self._set.remove(fault)
        return fault


def is_error_code(fault: str) -> bool:
    """Whether the fault is simply the error code to answer with."""
    return fault not in _TO_CALLS
