"""Carrying out a reply: the ack, the one call that may come before it, and what follows."""

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

import orjson
from slack_bolt import Ack, BoltRequest
from slack_sdk.errors import SlackApiError

from bot import files, turns
from bot.afterwards import Afterwards
from bot.channels import is_in_channel
from bot.installations import Installations
from bot.payloads import Means
from bot.telling import Teller, log_refusal, message, send
from handlers import routes
from handlers.replies import (
    After,
    AskOfChannel,
    AskOfFile,
    CheckInstallation,
    FindMatch,
    NoteActive,
    PassOn,
    Post,
    Promise,
    RefreshHome,
    Reply,
    SendFile,
)
from handlers.requests import Context, Request
from handlers.views import failures
from handlers.views.screens import Screen

log = logging.getLogger("homeroom.answers")

NO_LUCK = "Slack didn't let me open that just now. Try again in a moment."


Lane = Literal["prompt", "slow", "home"]


class FollowUp(NamedTuple):
    """Work for after the answer, in its person's order on its lane; of those with the same ``once`` one is enough.

    Homes are published at a pace of their own, and nobody's click waits for what is slow.
    """

    person: tuple[str, str]
    work: Callable[[], object]
    once: tuple[str, ...] | None = None
    lane: Lane = "prompt"


@dataclass(frozen=True, slots=True)
class Answers:
    """Gives replies to Slack. ``context_at`` makes a handler's context for a moment; ``find_match`` looks for the
    account of the portal that may be a Slack person's. What follows an answer goes to its lane; ``in_hand`` are the
    requests for which that is still to come."""

    installations: Installations
    lanes: Mapping[Lane, Afterwards]
    context_at: Callable[[datetime], Context]
    clock: Callable[[], datetime]
    find_match: Callable[[str, str], object] = lambda team_id, slack_user_id: None
    in_hand: set[BoltRequest] = field(default_factory=set)

    @property
    def _teller(self) -> Teller:
        return Teller(self.installations, self.context_at, self.clock)

    def give(self, request: Request, reply: Reply, ack: Ack, means: Means) -> tuple[FollowUp, ...]:
        """Answer the request; what is returned is to be begun once the ack is out.

        Begun earlier, an update of a modal could reach Slack before the ack that it is to come after.
        """
        if reply.asks is not None:
            reply = self._having_asked(request, reply.asks)
        person = (request.team_id, request.slack_user_id)
        following = [FollowUp(person, work) for work in self._answer(request, reply, ack, means)]
        following += [self._follow_up(request, after, means) for after in reply.then]
        return tuple(following)

    def begin(self, following: Iterable[FollowUp]) -> None:
        """Queue what follows an answer."""
        for one in following:
            self.lanes[one.lane].add(one.person, one.work, once=one.once)

    def post(self, team_id: str, slack_user_id: str, screen: Screen) -> None:
        """Write to somebody who is waiting for it, soon."""
        self.begin([FollowUp((team_id, slack_user_id), _later(self._teller.post, Post(slack_user_id, screen)))])

    def refresh_home(self, team_id: str, slack_user_id: str) -> None:
        """Publish somebody's Home again soon; asked many times meanwhile, once is enough."""
        self.begin([self._home(team_id, slack_user_id)])

    def _home(self, team_id: str, slack_user_id: str) -> FollowUp:
        person = (team_id, slack_user_id)
        return FollowUp(
            person, _later(self._teller.publish_home, team_id, slack_user_id), ("home", *person), lane="home"
        )

    def _follow_up(self, request: Request, after: After, means: Means) -> FollowUp:
        person = (request.team_id, request.slack_user_id)
        if isinstance(after, RefreshHome):
            return self._home(after.team_id, after.slack_user_id)
        if isinstance(after, CheckInstallation):
            return FollowUp(person, _later(self.installations.check, self.clock()), once=("installation",))
        if isinstance(after, NoteActive):
            return FollowUp(person, _later(self._teller.note_active, after), once=("active", *person))
        if isinstance(after, FindMatch):
            return FollowUp(person, _later(self.find_match, after.team_id, after.slack_user_id))
        work = _later(self._teller.tell, request, after, means)
        return FollowUp(person, work, lane="slow" if isinstance(after, SendFile | PassOn) else "prompt")

    def _answer(self, request: Request, reply: Reply, ack: Ack, means: Means) -> list[Callable[[], object]]:
        """Acknowledge, and return what must still be shown."""
        screen = reply.screen
        if request.kind == "event":
            ack()
            return [_later(self._say, request, screen)] if screen else []
        if request.kind == "options":
            ack(as_json({"options": list(reply.options or ())}))
            return []
        if request.kind == "submission":
            self._answer_submission(reply, ack)
            return []
        if screen is None:
            ack()
            return []
        if self._belongs_in_a_modal(request, reply) and means.trigger_id:
            trouble = self._open(screen, means.trigger_id, push=request.surface == "modal")
            if trouble is None:
                ack()
                return []
            screen = trouble
        if request.kind == "command":
            ack(as_json({"response_type": "ephemeral", **message(screen)}))
            return []
        ack()
        if request.surface == "modal" and request.view is not None:
            return [_later(self._update_view, request.view.view_id, screen)]
        return [_later(self._teller.respond, request, reply, screen, means)] if means.response_url else []

    def _answer_submission(self, reply: Reply, ack: Ack) -> None:
        errors, screen = reply.errors, reply.screen
        if reply.promise is not None:
            errors, screen = self._keep(reply.promise, screen)
        if errors:
            ack(as_json({"response_action": "errors", "errors": dict(errors)}))
        elif screen is None:
            ack()
        else:
            action = "update" if reply.where == "here" else "push"
            ack(as_json({"response_action": action, "view": screen.modal()}))

    def _keep(self, promise: Promise, kept: Screen | None) -> tuple[Mapping[str, str], Screen | None]:
        """Send what was promised: the errors or the screen that come of it."""
        try:
            send(self.installations.quick, promise.post.channel, promise.post.screen)
        except SlackApiError as error:
            log_refusal("chat.postMessage", error)
            with self.context_at(self.clock()).database.write() as session:
                promise.undo(session)
            return promise.refused, None
        except OSError as error:
            log.warning("Slack did not say in time whether it posted: %s", type(error).__name__)
            return {}, promise.unknown
        return {}, kept

    @staticmethod
    def _belongs_in_a_modal(request: Request, reply: Reply) -> bool:
        if request.surface == "home" or reply.where == "modal":
            return True
        return request.surface == "modal" and reply.where == "beside"

    def _open(self, screen: Screen, trigger_id: str, *, push: bool) -> Screen | None:
        """Open or push a modal; None when it is open, else the screen that says why not."""
        client = self.installations.quick
        method = client.views_push if push else client.views_open
        try:
            method(trigger_id=trigger_id, view=screen.modal())
        except SlackApiError as error:
            code = error.response.get("error")
            if push and code == "push_limit_reached":
                return screen
            if screen.plainer is not None and code != "expired_trigger_id":
                return self._open(screen.plainer, trigger_id, push=push)
            log_refusal("views.push" if push else "views.open", error)
            return failures.refusal(NO_LUCK)
        except OSError as error:
            log.warning("Slack did not answer in time to open a modal: %s", type(error).__name__)
            return failures.refusal(NO_LUCK)
        return None

    def _update_view(self, view_id: str, screen: Screen) -> None:
        try:
            self.installations.patient.views_update(view_id=view_id, view=screen.modal())
        except SlackApiError as error:
            if screen.plainer is not None:
                self._update_view(view_id, screen.plainer)
            else:
                log_refusal("views.update", error)

    def _say(self, request: Request, screen: Screen | None) -> None:
        assert screen is not None
        client = self.installations.patient
        if request.surface == "mention":
            try:
                client.chat_postEphemeral(
                    channel=request.channel_id,
                    user=request.slack_user_id,
                    thread_ts=request.thread_ts or None,
                    **message(screen),
                )
                return
            except SlackApiError as error:
                log_refusal("chat.postEphemeral", error)
        if request.surface in ("dm", "mention"):
            channel = request.channel_id if request.surface == "dm" else request.slack_user_id
            send(client, channel, screen, thread_ts=request.thread_ts if request.surface == "dm" else "")

    def _having_asked(self, request: Request, asks: AskOfChannel | AskOfFile) -> Reply:
        """Look at a channel or read a file, ask the same knowing what is there; the reply to that.

        It comes before the answer: an update after it could overtake it and leave an older screen standing.
        """
        now = self.clock()
        if isinstance(asks, AskOfFile):
            try:
                _, content = files.read(self.installations.quick, asks.file_id, asks.most)
            except (SlackApiError, files.Unread, OSError) as error:
                log.warning("A file could not be read: %s", type(error).__name__)
                return asks.refused
            # What is in a file takes long to read: others have their turns meanwhile.
            known = request._replace(file=content)
            return turns.wait(lambda: routes.dispatch(known, self.context_at(now)))
        person = (request.team_id, request.slack_user_id)
        database, client = self.context_at(now).database, self.installations.quick
        try:
            is_in = is_in_channel(database, client, person, asks.channel_id, now)
        except (SlackApiError, OSError) as error:
            log.warning("A channel could not be looked at: %s", type(error).__name__)
            return Reply(asks.refused)
        return routes.dispatch(request._replace(is_in_channel=is_in), self.context_at(now))

    def update(self, team_id: str, slack_user_id: str, channel_id: str, message_ts: str, screen: Screen) -> None:
        """Show a newer screen in a message of ours, soon."""
        work = _later(self._teller.update_message, channel_id, message_ts, screen)
        self.begin([FollowUp((team_id, slack_user_id), work, once=("message", channel_id, message_ts))])


def as_json(told: dict[str, object]) -> str:
    """It, as JSON."""
    # Bolt takes words that begin like this for JSON, and leaves them as they are; to make them itself, with json, takes
    # seven times as long.
    try:
        return orjson.dumps(told).decode()
    except TypeError:
        # Half of a character is no UTF-8, but can be told as JSON's escape, which is how it came.
        return json.dumps(told)


def _later(work: Callable[..., object], *args: object) -> Callable[[], object]:
    return lambda: work(*args)
