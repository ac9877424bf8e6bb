"""Everything a rehearsal consists of, in one place for those who act on it."""

import asyncio
import copy
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.activity import Activity
from bot.sandbox.clerk import Clerk, ClerkSetup
from bot.sandbox.clock import Clock
from bot.sandbox.deliveries import Deliveries
from bot.sandbox.faults import Faults
from bot.sandbox.files import Uploads
from bot.sandbox.ids import Ids
from bot.sandbox.installed_app import InstalledApp
from bot.sandbox.limits import Limits
from bot.sandbox.news import News
from bot.sandbox.people import Person
from bot.sandbox.refusals import NotThere
from bot.sandbox.response_urls import ResponseUrl, ResponseUrls
from bot.sandbox.sockets import Sockets
from bot.sandbox.traffic import Traffic
from bot.sandbox.triggers import Triggers
from bot.sandbox.workspace import Channel, Workspace

Surface = tuple[str, ...]
"""Where someone is looking: ("T0HOME:U0ADA", channel, ts) or ("T0HOME:U0ADA", view id)."""


@dataclass
class Screens:
    """What only the clients of people know: chosen values, offered options, warnings beside messages."""

    chosen: dict[Surface, dict[str, dict[str, Any]]] = field(default_factory=dict)
    offered: dict[tuple[str, ...], dict[str, dict[str, Any]]] = field(default_factory=dict)
    notices: dict[Surface, str] = field(default_factory=dict)


class Stage:
    """The state of a rehearsal and the means to act in it. Everything here belongs to one event loop."""

    def __init__(
        self,
        app: InstalledApp,
        *,
        signing_secret: str,
        bot_token: str,
        app_token: str | None,
        workspaces: Sequence[Workspace],
        ack_limit: float,
        event_retries: Sequence[float],
        clerk: ClerkSetup | None = None,
    ) -> None:
        self.app = app
        self.app_token = app_token
        self.event_retries = tuple(event_retries)
        self.address = "http://127.0.0.1"
        self._start = copy.deepcopy(tuple(workspaces))
        self.tokens = {
            bot_token if n == 0 else f"{bot_token}-{workspace.id}": workspace.id
            for n, workspace in enumerate(self._start)
        }
        self.clock = Clock()
        self.ids = Ids()
        self.news = News()
        self.faults = Faults()
        self.limits = Limits()
        self.activity = Activity()
        self.traffic = Traffic(self.news)
        self.triggers = Triggers(self.ids)
        self.response_urls = ResponseUrls(self.ids)
        self.uploads = Uploads()
        self.sockets = Sockets(offered=app_token is not None)
        self.deliveries = Deliveries(
            self.clock, self.activity, self.faults, self.traffic, self.sockets, signing_secret, ack_limit
        )
        self.clerk = None if clerk is None else Clerk(clerk, self.clock, self.activity, self.traffic)
        self.screens = Screens()
        self.workspaces: dict[str, Workspace] = {}
        self.taken_out: dict[str, str] = {}
        """What Slack answers with to the app's token, by the workspaces it is not installed in now."""
        self.over = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._set_the_scene()

    def _set_the_scene(self) -> None:
        self.workspaces = {workspace.id: copy.deepcopy(workspace) for workspace in self._start}

    def back_to_start(self) -> None:
        """Forget everything that happened: messages, modals, faults, the moved clock, traffic."""
        self._set_the_scene()
        self.screens = Screens()
        self.clock.back_to_start()
        self.faults.clear()
        self.limits.clear()
        self.triggers.clear()
        self.response_urls.issued.clear()
        self.uploads.clear()
        self.taken_out.clear()
        self.traffic.clear()
        if self.clerk is not None:
            self.clerk.back_to_start()
        self.news.tell("state")

    def person(self, key: str) -> Person:
        """The person with this key ("T0HOME:U0ADA"). Raises NotThere."""
        team, _, user = key.partition(":")
        workspace = self.workspaces.get(team)
        if workspace is None or user not in workspace.people:
            raise NotThere(f"There is nobody called {key!r} in this rehearsal.")
        return workspace.people[user]

    def member(self, workspace: Workspace, user: str) -> Person | None:
        """A user as this workspace knows them: its own people, and those it shares a channel with."""
        own = workspace.people.get(user)
        if own is not None:
            return own
        if not any(channel.is_ext_shared and user in channel.members for channel in workspace.channels.values()):
            return None
        for other in self.workspaces.values():
            if user in other.people:
                return other.people[user]
        return None

    def channel_for(self, person: Person, channel_id: str) -> tuple[Workspace, Channel]:
        """A channel on this person's screen, and the workspace it belongs to. Raises NotThere."""
        for workspace in self.workspaces.values():
            channel = workspace.channels.get(channel_id)
            if channel is not None and person.id in channel.members:
                return workspace, channel
        raise NotThere(f"{person.name} is not in a channel {channel_id!r}.")

    def keys_of(self, workspace: Workspace, users: Sequence[str]) -> set[str]:
        """The person keys of users as this workspace knows them."""
        found = (self.member(workspace, user) for user in users)
        return {person.key for person in found if person is not None}

    def tell_channel(self, workspace: Workspace, channel: Channel, only_for: str | None = None) -> None:
        """Say that messages changed to those who may see it."""
        members = channel.members if only_for is None else [only_for]
        only = self.keys_of(workspace, members) if self.news.watched else ()
        self.news.tell("messages", channel=channel.id, only=only)

    def response_url(self, url: ResponseUrl) -> str:
        """The address of a new response URL."""
        return f"{self.address}/respond/{self.response_urls.issue(url)}"

    def in_background(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something go on by itself until it is done or the rehearsal is over."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Let go of everyone who waits. Nothing is delivered afterwards."""
        self.over.set()
        self.news.close()
        for task in list(self._tasks):
            task.cancel()
        await self.sockets.close()
        await self.deliveries.close()
        if self.clerk is not None:
            await self.clerk.webhooks.close()
