"""What the sender says to Slack, and what Slack answers: a DM is opened, looked through, written to."""

from datetime import timedelta
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot.gates import Gate, Leaving
from bot.rounds import Rounds, Unknown, real_now
from handlers.replies import TakeBack
from handlers.views.screens import Screen
from models.leases import Leased
from models.switches import EDIT

EVENT_TYPE = "homeroom_delivery"
SKEW = timedelta(minutes=5)
"""How far Slack's clock may be behind ours when a DM's history is read."""


class Posting:
    """Slack's side of a workspace's deliveries; each call takes so many seconds at most.

    Everything here raises `SlackApiError` where Slack refuses, `Unknown` when no answer came in time, and `NotAsked`
    when nothing left.
    """

    def __init__(self, client: WebClient, rounds: Rounds, gate: Gate, call_seconds: float) -> None:
        self._client, self._rounds, self._gate, self._call_seconds = client, rounds, gate, call_seconds

    def open(self, slack_user_id: str) -> str:
        """The channel of the DM with somebody."""
        return str(self._ask("conversations_open", users=slack_user_id)["channel"]["id"])

    def found(self, leased: Leased) -> str | None:
        """The message of this delivery in the DM's history, or None when it is certainly not there."""
        oldest = f"{(leased.first_leased_at - SKEW).timestamp():.6f}"
        cursor = ""
        while True:
            page = self._ask(
                "conversations_history",
                channel=leased.channel_id,
                oldest=oldest,
                limit=100,
                cursor=cursor or None,
                include_all_metadata=True,
            )
            for message in page.get("messages") or ():
                metadata = message.get("metadata") or {}
                told = metadata.get("event_payload") or {}
                if metadata.get("event_type") == EVENT_TYPE and told.get("token") == leased.token:
                    return str(message["ts"])
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return None

    def put(self, channel: str, screen: Screen | TakeBack, leased: Leased, leaving: Leaving) -> str:
        """Post the message when it is to leave, or change or delete the one that is there; its timestamp."""
        if leased.kind != EDIT:
            assert isinstance(screen, Screen)
            return self._post(channel, screen, leased.token, leaving)
        there: dict[str, Any] = {"channel": channel, "ts": str(leased.facts["ts"])}
        if isinstance(screen, TakeBack):
            self._ask("chat_delete", leaving, **there)
        else:
            self._ask("chat_update", leaving, **there, text=screen.text, blocks=screen.message_blocks())
        return str(there["ts"])

    def _post(self, channel: str, screen: Screen, token: str, leaving: Leaving) -> str:
        told = self._ask(
            "chat_postMessage",
            leaving,
            channel=channel,
            text=screen.text,
            blocks=screen.message_blocks(),
            metadata={"event_type": EVENT_TYPE, "event_payload": {"token": token}},
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(told["ts"])

    def _ask(self, method: str, leaving: Leaving | None = None, **arguments: Any) -> Any:
        wait = max(0.0, (leaving.at - real_now()).total_seconds()) if leaving else 0.0

        def call() -> SlackResponse:
            # As late as can be: whatever is still to be done then makes messages leave unevenly.
            if leaving:
                self._gate.let_out(leaving)
            answer: SlackResponse = getattr(self._client, method)(**arguments)
            return answer

        try:
            return self._rounds.in_time(call, wait + self._call_seconds).data
        except (OSError, HTTPException) as error:
            raise Unknown(type(error).__name__) from error
