"""What a handler is given: the request as plain data, and what it may work with."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from sqlmodel import Session

from models import events
from models.database import Database
from models.errors import Gone
from models.instants import utc_now
from models.members import Caller, Profile

Kind = Literal["command", "action", "options", "submission", "closed", "shortcut", "event"]
Surface = Literal["command", "private", "channel", "modal", "home", "dm", "mention", "elsewhere"]
"""Where the person stands: a slash command, a message only they see, one that others see too, a modal, App Home, words
typed in the DM with us, words that mention us in a channel."""


class Upload(NamedTuple):
    """A file somebody put into a modal. Slack holds it: ``url`` is where, for those who may read it. ``filetype`` is
    the end of its name in small letters, ``size`` bytes."""

    file_id: str
    name: str
    filetype: str
    size: int
    url: str


@dataclass(frozen=True, slots=True)
class View:
    """The view a click or a submission came from. ``values`` is what was typed, by block id and then action id;
    ``uploads`` what was put in by block id."""

    view_id: str
    callback_id: str
    private_metadata: str
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    uploads: Mapping[str, Sequence[Upload]] = field(default_factory=dict)


class Request(NamedTuple):
    """One thing a person did, as plain data.

    ``name`` is the key of its route; ``value`` is what the button or option carried, ``text`` what was typed after a
    verb. ``can_open`` says whether Slack gave a trigger, without which no modal can be opened. ``is_in_channel`` says
    whether the person is in the channel they named, ``file`` what the file they named holds; None while nobody looked.
    """

    kind: Kind
    name: str
    team_id: str
    slack_user_id: str
    surface: Surface = "elsewhere"
    text: str = ""
    value: str = ""
    channel_id: str = ""
    message_ts: str = ""
    thread_ts: str = ""
    can_open: bool = False
    is_stranger: bool = False
    view: View | None = None
    event_id: str = ""
    event: Mapping[str, Any] = MappingProxyType({})
    is_in_channel: bool | None = None
    file: bytes | None = None

    @property
    def is_in_view(self) -> bool:
        """Whether the answer will stand in a view of its own, a modal, rather than in a message."""
        return self.surface in ("modal", "home")

    def numbers(self, count: int = 1) -> list[int]:
        """The whole numbers the button or the modal carried. Raises `Gone` when they are not there."""
        carried = self.value or (self.view.private_metadata if self.view else "")
        words = carried.split()
        if len(words) < count or not all(word.isdecimal() and len(word) < 19 for word in words[:count]):
            raise Gone("That button is from an older screen. Type /learn for a fresh one.")
        return [int(word) for word in words[:count]]


class Portal(NamedTuple):
    """The web portal beside us, as people call it; ``url`` is None where there is none."""

    name: str
    url: str | None = None

    def course_url(self, course_id: int) -> str | None:
        """The course's page in the portal, or None where there is no portal."""
        return f"{self.url.rstrip('/')}/courses/{course_id}" if self.url else None


@dataclass(frozen=True, slots=True)
class Context:
    """What a handler works with: the database, the moment of the request (aware, UTC), the portal.

    ``look_up(team_id, slack_user_id)`` asks Slack who somebody is; dispatch uses it once for a person never seen.
    Videos of ``video_domains`` may play inside Slack. Nobody is expected to learn on ``holidays``; a status with one of
    ``away_emoji`` says that somebody is on vacation. ``link_url`` is where a link to sign in begins, None where people
    can't link themselves. ``match_domains`` are the e-mail domains whose people are asked whether the account that
    matches them is theirs; empty where nobody is. ``admin_channel`` is where role changes are told to admins.
    ``erases_at_once`` lets people be forgotten without an admin. ``real_now`` is the moment on this machine's clock,
    which messages leave by; ``now`` may be the rehearsal's.
    """

    database: Database
    now: datetime
    portal: Portal
    look_up: Callable[[str, str], Profile]
    event_id: str = ""
    video_domains: frozenset[str] = frozenset()
    holidays: frozenset[date] = frozenset()
    away_emoji: frozenset[str] = frozenset()
    link_url: str | None = None
    match_domains: frozenset[str] = frozenset()
    admin_channel: str | None = None
    erases_at_once: bool = False
    real_now: datetime = field(default_factory=utc_now)

    def read(self) -> AbstractContextManager[Session]:
        """A session for reading."""
        return self.database.read()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """The request's one writing transaction, committed when the block ends.

        For an event it also remembers the event's id, and raises `AlreadyActed` when somebody acted on it before.
        """
        with self.database.write() as session:
            if self.event_id and not events.first_time(session, self.event_id, self.now):
                raise AlreadyActed
            yield session


class AlreadyActed(Exception):
    """Slack delivered an event again that was acted on before."""


def learner(caller: Caller) -> str:
    """The Clerk ID of a caller on a route that admits linked people only."""
    if caller.user_id is None:
        raise AssertionError("this route is for linked people, and its audience did not say so")
    return caller.user_id
