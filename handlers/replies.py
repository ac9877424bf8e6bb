"""What a handler returns: what to show, and what may follow. Nothing here does anything."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, NamedTuple

from sqlmodel import Session

from handlers.requests import Request
from handlers.views.screens import Screen

Where = Literal["here", "beside", "modal"]
"""``here``: where the person stands, in place of what they clicked. ``beside``: next to it, leaving it as it is.
``modal``: in a modal, opened or pushed."""


class RefreshHome(NamedTuple):
    """Publish this person's Home again."""

    team_id: str
    slack_user_id: str


class Post(NamedTuple):
    """Send a message to a channel, or to a person by their Slack id."""

    channel: str
    screen: Screen


class Announce(NamedTuple):
    """Show everybody what was done: in the channel where it was asked for, or in another by its id.

    Where it can't be shown, whoever asked is told.
    """

    screen: Screen
    channel: str = ""


class SendFile(NamedTuple):
    """Send a file to a person by direct message. ``make`` writes it, in a reading session of its own. A picture has
    ``alt_text``, the words for those who can't see it.

    Where it can't be sent the person gets ``refused`` instead.
    """

    slack_user_id: str
    name: str
    title: str
    words: str
    make: Callable[[Session], str | bytes]
    refused: Screen
    alt_text: Callable[[Session], str] | None = None


class AskOfGroups(NamedTuple):
    """Read who is in these user groups, ask the same again with their members in their place, and show the answer.

    ``refused`` is shown when Slack doesn't say who is in them.
    """

    groups: tuple[str, ...]
    refused: Screen


class AskOfChannel(NamedTuple):
    """Look at a channel and whether the person is in it, and ask the same again knowing that, before the answer.

    ``refused`` is the answer when Slack doesn't say.
    """

    channel_id: str
    refused: Screen


class AskOfFile(NamedTuple):
    """Read a file that was put into a modal, ask the same again knowing what it holds, before the answer.

    ``refused`` is the answer when Slack doesn't give it in time, or it is larger than ``most`` bytes.
    """

    file_id: str
    most: int
    refused: "Reply"


class PassOn(NamedTuple):
    """Send somebody, by DM, a file that Slack holds for us; ``refused`` is what they hear when it can't be had."""

    slack_user_id: str
    file_id: str
    words: str
    refused: Screen


class Unfurl(NamedTuple):
    """Show a screen under each of the links, by URL, that somebody posted in a message, or is still composing.

    Slack's event names the place either way (docs: chat.unfurl): ``unfurl_id`` and ``source`` go before the others.
    """

    channel_id: str
    message_ts: str
    unfurl_id: str
    source: str
    screens: Mapping[str, Screen]


class Promise(NamedTuple):
    """A message that is sent before the answer, which depends on whether Slack takes it.

    When Slack refuses, ``refused`` are the errors of the modal's fields and ``undo`` runs in a writing transaction.
    When it does not say in time, ``unknown`` is shown and nothing is undone or repeated.
    """

    post: Post
    refused: Mapping[str, str]
    unknown: Screen
    undo: Callable[[Session], object]


@dataclass(frozen=True, slots=True)
class RemoveMessage:
    """Delete the message the person clicked in."""


class NoteActive(NamedTuple):
    """Remember that this person did something here just now."""

    team_id: str
    slack_user_id: str


class Suppressed(NamedTuple):
    """A delivery that should not leave any more, and why: a word the screens have a sentence for."""

    reason: str


class NotYet(NamedTuple):
    """A delivery that should leave later: ``wait`` from now on."""

    wait: timedelta


@dataclass(frozen=True, slots=True)
class TakeBack:
    """The message that was sent is to be deleted."""


class FindMatch(NamedTuple):
    """Look for the account of the portal that may be this person's."""

    team_id: str
    slack_user_id: str


@dataclass(frozen=True, slots=True)
class CheckInstallation:
    """See whether the app is still installed: Slack says that it was taken out, maybe long ago."""


Telling = Post | Announce | SendFile | PassOn | AskOfGroups | Unfurl | RemoveMessage
"""What people see of what follows an answer."""
After = NoteActive | RefreshHome | FindMatch | CheckInstallation | Telling


@dataclass(frozen=True, slots=True)
class Reply:
    """A decision. An empty reply is a plain yes, and closes the modal it answers.

    ``errors`` are sentences for fields of a submission, by block id; the modal stays open with what was typed.
    ``promise`` is kept before the answer is given; ``asks`` is asked before there is one.
    ``again`` is something the person asked before and may do now: it is asked for them, and shown below the screen.
    ``options`` answer a type-ahead. ``then`` may be lost or redone: it is never the only record of anything.
    """

    screen: Screen | None = None
    where: Where = "here"
    errors: Mapping[str, str] = field(default_factory=dict)
    options: Sequence[Mapping[str, Any]] | None = None
    promise: Promise | None = None
    asks: AskOfChannel | AskOfFile | None = None
    again: Request | None = None
    then: tuple[After, ...] = ()


NOTHING = Reply()
"""A plain yes."""
