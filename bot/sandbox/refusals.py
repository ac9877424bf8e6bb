"""How the rehearsal workspace says no: to the bot as Slack does, to a person in a sentence."""

from typing import Any


class Refused(Exception):
    """A call that Slack would answer with `{"ok": false, "error": code}`; `extra` goes beside it."""

    def __init__(self, error: str, **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.extra = extra

    def answer(self) -> dict[str, Any]:
        """The JSON body Slack would send."""
        return {"ok": False, "error": self.error, **self.extra}


def invalid(error: str, reasons: list[str]) -> Refused:
    """A refusal with reasons, in the place where Slack puts them (`response_metadata.messages`)."""
    return Refused(error, response_metadata={"messages": [f"[ERROR] {reason}" for reason in reasons]})


class NotThere(Exception):
    """Someone asked for what no person could do here: click what is not on their screen, be who nobody is."""
