"""What the rehearsal's own tests stand on: a tiny bot that writes down what it gets, and people to play."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from socket import create_server
from typing import Any
from urllib.parse import parse_qsl

import httpx
import uvicorn
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.server import RunningRehearsal, Setup

SECRET = "the signing secret of these tests"
TOKEN = "xoxb-rehearsal"
APP_TOKEN = "xapp-rehearsal"

ADA, MARY, EVE = "T0HOME:U0ADA", "T0HOME:U0MARY", "T0EVE:U0EVE"
GRACE, RADIA, LINUS = "T0HOME:U0GRACE", "T0HOME:U0RADIA", "T0HOME:U0LINUS"

MANIFEST: Mapping[str, Any] = {
    "display_information": {"name": "Tiny", "description": "A tiny bot"},
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "bot_user": {"display_name": "tiny"},
        "slash_commands": [
            {"command": "/learn", "description": "Learn", "usage_hint": "courses", "should_escape": False},
            {"command": "/tag", "description": "Tag", "should_escape": True},
        ],
        "shortcuts": [
            {"name": "Look up", "type": "global", "callback_id": "look.up", "description": "Look up"},
            {"name": "Keep", "type": "message", "callback_id": "keep", "description": "Keep a message"},
        ],
    },
    "oauth_config": {
        "scopes": {
            "bot": [
                "app_mentions:read", "channels:history", "channels:read", "chat:write", "commands", "groups:history",
                "groups:read", "im:history", "im:write", "users:read",
            ]
        }
    },
    "settings": {
        "event_subscriptions": {
            "bot_events": [
                "app_home_opened", "app_mention", "app_uninstalled", "member_joined_channel", "message.im", "team_join",
                "tokens_revoked", "user_change",
            ]
        },
        "interactivity": {"is_enabled": True},
    },
}  # fmt: skip


def setup(**changes: Any) -> Setup:
    """The setup of these tests."""
    return Setup(**{"manifest": MANIFEST, "signing_secret": SECRET, "bot_token": TOKEN, **changes})


@dataclass
class Received:
    """One request the bot got."""

    headers: dict[str, str]
    body: str

    @property
    def payload(self) -> dict[str, Any]:
        """The command's fields, the interaction's payload or the event's envelope."""
        if self.body.startswith("{"):
            return dict(json.loads(self.body))
        form = dict(parse_qsl(self.body, keep_blank_values=True))
        return dict(json.loads(form["payload"])) if "payload" in form else form

    @property
    def what(self) -> str:
        payload = self.payload
        if "command" in payload:
            return str(payload["command"])
        return str(payload["event"]["type"] if payload.get("type") == "event_callback" else payload["type"])


def nothing(received: Received) -> Response:
    """An empty 200."""
    return Response()


def saying(body: Any) -> Callable[[Received], Response]:
    """An acknowledgement with a body."""
    return lambda received: JSONResponse(body)


@dataclass
class TinyBot:
    """Writes down what it gets; `answer` says what it answers, in a thread of its own."""

    answer: Callable[[Received], Response] = nothing
    received: list[Received] = field(default_factory=list)

    async def listen(self, request: Request) -> Response:
        received = Received(dict(request.headers), (await request.body()).decode())
        self.received.append(received)
        return await run_in_threadpool(self.answer, received)

    def got(self, what: str) -> list[dict[str, Any]]:
        """The payloads of one kind, in the order they came."""
        return [received.payload for received in self.received if received.what == what]

    def last(self, what: str) -> dict[str, Any]:
        return self.got(what)[-1]

    @contextmanager
    def listening(self) -> Iterator[str]:
        """Serve; gives the request URL."""
        app = Starlette(routes=[Route("/slack/events", self.listen, methods=["POST"])])
        listener = create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/slack/events"
        finally:
            server.should_exit = True
            thread.join()


@dataclass
class Stand:
    """A running rehearsal with its bot."""

    running: RunningRehearsal
    bot: TinyBot
    http: httpx.Client

    @property
    def slack(self) -> WebClient:
        """The bot's client of the first workspace."""
        return self.slack_of(TOKEN)

    def slack_of(self, token: str) -> WebClient:
        return WebClient(token, base_url=self.running.api_url, retry_handlers=[], timeout=5)

    def do(self, what: str, **asked: Any) -> dict[str, Any]:
        """A POST of the rehearsal API."""
        return dict(self.http.post(f"/rehearsal/{what}", json=asked).json())

    def tell(self, what: str, **asked: Any) -> dict[str, Any]:
        """A GET of the rehearsal API."""
        return dict(self.http.get(f"/rehearsal/{what}", params=asked).json())

    def quiet(self) -> None:
        """Wait until everything on its way has arrived."""
        assert self.tell("quiet", seconds=5) == {"quiet": True}

    def sees(self, person: str, channel: str, thread: str | None = None) -> list[dict[str, Any]]:
        asked = {"person": person, "channel": channel} | ({"thread": thread} if thread else {})
        return list(self.tell("messages", **asked)["messages"])

    def modals(self, person: str) -> list[dict[str, Any]]:
        return list(self.tell("state", person=person)["modals"])


def refusal(call: Callable[..., Any], **arguments: Any) -> dict[str, Any]:
    """Slack's answer to a call that it refuses."""
    try:
        call(**arguments)
    except SlackApiError as error:
        return dict(error.response.data)
    raise AssertionError("Slack accepted this call.")


def words(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def buttons(block_id: str, *action_ids: str) -> dict[str, Any]:
    elements = [
        {"type": "button", "action_id": action_id, "value": f"{action_id}-value", "text": words(action_id)}
        for action_id in action_ids
    ]
    return {"type": "actions", "block_id": block_id, "elements": elements}


def field_for(block_id: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "input", "block_id": block_id, "label": words(block_id), "element": element, **more}


def text_input(action_id: str = "typed", **more: Any) -> dict[str, Any]:
    return {"type": "plain_text_input", "action_id": action_id, **more}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": words("A modal"), "blocks": list(blocks) or [section("Hello")], **more}


def home(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"type": "home", "blocks": list(blocks) or [section("Welcome")]}
