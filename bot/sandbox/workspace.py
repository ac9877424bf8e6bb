"""What a workspace holds: people, channels, messages and views."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.sandbox.files import File
from bot.sandbox.people import Person

Kind = Literal["channel", "private", "dm"]


@dataclass
class Message:
    """A message as posted. `only_for` is the one user who sees an ephemeral message, else None; `unfurled` the blocks
    the app put under a link, by URL."""

    ts: str
    user: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    bot_id: str | None = None
    team: str = ""
    thread_ts: str | None = None
    only_for: str | None = None
    broadcast: bool = False
    edited: dict[str, str] | None = None
    metadata: dict[str, Any] | None = None
    link_names: bool = False
    client_msg_id: str | None = None
    files: list[dict[str, Any]] = field(default_factory=list)
    unfurled: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def all_blocks(self) -> list[dict[str, Any]]:
        """Its own blocks, and those under its links."""
        return [*self.blocks, *(block for blocks in self.unfurled.values() for block in blocks)]

    def seen_by(self, user: str) -> bool:
        return self.only_for is None or self.only_for == user


@dataclass
class Channel:
    """A place to talk. Messages stand in the order they came; `threads` holds the replies' ts of each thread;
    `read` the last ts each user has read. `crowd` counts members nobody plays."""

    id: str
    name: str
    kind: Kind
    members: list[str] = field(default_factory=list)
    topic: str = ""
    is_archived: bool = False
    is_ext_shared: bool = False
    crowd: int = 0
    created: int = 0
    messages: dict[str, Message] = field(default_factory=dict)
    threads: dict[str, list[str]] = field(default_factory=dict)
    read: dict[str, str] = field(default_factory=dict)

    def add(self, message: Message) -> None:
        """Put a message at the end. A reply joins its thread; an ephemeral one stays outside of it."""
        self.messages[message.ts] = message
        if message.thread_ts and message.is_reply and not message.only_for:
            self.threads.setdefault(message.thread_ts, []).append(message.ts)

    def remove(self, message: Message) -> None:
        del self.messages[message.ts]
        thread = self.threads.get(message.thread_ts or "", [])
        if message.ts in thread:
            thread.remove(message.ts)

    def replies(self, thread_ts: str) -> list[Message]:
        """The answers in a thread that everyone sees, oldest first."""
        return [self.messages[ts] for ts in self.threads.get(thread_ts, [])]


@dataclass
class UserGroup:
    """A user group, mentioned by its handle."""

    id: str
    handle: str
    name: str
    members: list[str]


@dataclass
class View:
    """A modal or an App Home: whose it is, and the body as Slack sends it."""

    user: str
    body: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.body["id"])

    @property
    def blocks(self) -> list[dict[str, Any]]:
        blocks: list[dict[str, Any]] = self.body["blocks"]
        return blocks


@dataclass
class Workspace:
    """One Slack workspace with our app installed. Modals are stacked per user, the lowest first."""

    id: str
    name: str
    domain: str
    bot_user: str
    bot_id: str
    people: dict[str, Person] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    groups: dict[str, UserGroup] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    stacks: dict[str, list[str]] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)

    @property
    def bot(self) -> Person:
        return self.people[self.bot_user]

    def add(self, person: Person) -> None:
        """Let someone in: they get a DM with the bot."""
        self.people[person.id] = person
        if not person.is_bot:
            self.dm_with(person)

    def dm_with(self, person: Person) -> Channel:
        """The DM between the bot and someone, opened on first use: "D0ADA" for "U0ADA".

        Someone of another workspace gets an id that holds both workspaces, since they have a DM with the bot
        of their own under the short one.
        """
        own = person.team == self.id
        channel_id = f"D{person.id[1:]}" if own else f"D{self.id[1:]}{person.id[1:]}"
        if channel_id not in self.channels:
            self.channels[channel_id] = Channel(channel_id, "", "dm", [person.id, self.bot_user])
        return self.channels[channel_id]

    def stack(self, user: str) -> list[View]:
        """The modals someone has open, bottom to top."""
        return [self.views[view_id] for view_id in self.stacks.get(user, [])]

    def home(self, user: str) -> View | None:
        view_id = self.homes.get(user)
        return self.views[view_id] if view_id else None

    def channels_of(self, user: str) -> Iterator[Channel]:
        return (channel for channel in self.channels.values() if user in channel.members)
