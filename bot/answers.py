"""Carrying out a reply: the ack, the one call that may come before it, and what follows."""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from slack_bolt import Ack
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.webhook import WebhookClient

from bot import files, turns
from bot.afterwards import Afterwards
from bot.channels import is_in_channel
from bot.installations import PATIENT_SECONDS, Installations
from bot.payloads import Means
from handlers import home, routes
from handlers.lessonfiles import LARGEST
from handlers.replies import (
    After,
    Announce,
    AskOfChannel,
    AskOfFile,
    AskOfGroups,
    CheckInstallation,
    FindMatch,
    NoteActive,
    PassOn,
    Post,
    Promise,
    RefreshHome,
    Reply,
    SendFile,
    Telling,
    Unfurl,
)
from handlers.requests import Context, Request
from handlers.views import failures
from handlers.views.screens import Screen
from models import members

log = logging.getLogger("homeroom.answers")

NO_LUCK = "Slack didn't let me open that just now. Try again in a moment."


Lane = Literal["prompt", "slow", "home"]


@dataclass(frozen=True, slots=True)
class FollowUp:
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
    account of the portal that may be a Slack person's. What follows an answer goes to its lane."""

    installations: Installations
    lanes: Mapping[Lane, Afterwards]
    context_at: Callable[[datetime], Context]
    clock: Callable[[], datetime]
    find_match: Callable[[str, str], object] = lambda team_id, slack_user_id: None

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
        self.begin([FollowUp((team_id, slack_user_id), _later(self._post, Post(slack_user_id, screen)))])

    def refresh_home(self, team_id: str, slack_user_id: str) -> None:
        """Publish somebody's Home again soon; asked many times meanwhile, once is enough."""
        self.begin([self._home(team_id, slack_user_id)])

    def _home(self, team_id: str, slack_user_id: str) -> FollowUp:
        person = (team_id, slack_user_id)
        return FollowUp(person, _later(self._publish_home, team_id, slack_user_id), ("home", *person), lane="home")

    def _follow_up(self, request: Request, after: After, means: Means) -> FollowUp:
        person = (request.team_id, request.slack_user_id)
        if isinstance(after, RefreshHome):
            return self._home(after.team_id, after.slack_user_id)
        if isinstance(after, CheckInstallation):
            return FollowUp(person, _later(self.installations.check, self.clock()), once=("installation",))
        if isinstance(after, NoteActive):
            return FollowUp(person, _later(self._note_active, after), once=("active", *person))
        if isinstance(after, FindMatch):
            return FollowUp(person, _later(self.find_match, after.team_id, after.slack_user_id))
        work = _later(self._tell, request, after, means)
        return FollowUp(person, work, lane="slow" if isinstance(after, SendFile | PassOn) else "prompt")

    def _tell(self, request: Request, after: Telling, means: Means) -> None:
        """Say what follows the answer, here or elsewhere."""
        if isinstance(after, Post):
            self._post(after)
        elif isinstance(after, Announce):
            self._announce(request, after, means)
        elif isinstance(after, SendFile | PassOn):
            self._send_file(request.team_id, after)
        elif isinstance(after, AskOfGroups):
            self._ask_of_groups(request, after, means)
        elif isinstance(after, Unfurl):
            self._unfurl(after)
        else:
            WebhookClient(means.response_url, timeout=PATIENT_SECONDS).send(delete_original=True)

    def _answer(self, request: Request, reply: Reply, ack: Ack, means: Means) -> list[Callable[[], object]]:
        """Acknowledge, and return what must still be shown."""
        screen = reply.screen
        if request.kind == "event":
            ack()
            return [_later(self._say, request, screen)] if screen else []
        if request.kind == "options":
            ack({"options": list(reply.options or ())})
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
            ack({"response_type": "ephemeral", **_message(screen)})
            return []
        ack()
        if request.surface == "modal" and request.view is not None:
            return [_later(self._update_view, request.view.view_id, screen)]
        return [_later(self._respond, request, reply, screen, means)] if means.response_url else []

    def _answer_submission(self, reply: Reply, ack: Ack) -> None:
        errors, screen = reply.errors, reply.screen
        if reply.promise is not None:
            errors, screen = self._keep(reply.promise, screen)
        if errors:
            ack({"response_action": "errors", "errors": dict(errors)})
        elif screen is None:
            ack()
        else:
            ack({"response_action": "update" if reply.where == "here" else "push", "view": screen.modal()})

    def _keep(self, promise: Promise, kept: Screen | None) -> tuple[Mapping[str, str], Screen | None]:
        """Send what was promised: the errors or the screen that come of it."""
        try:
            self._send(self.installations.quick, promise.post.channel, promise.post.screen)
        except SlackApiError as error:
            _log_refusal("chat.postMessage", error)
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
            _log_refusal("views.push" if push else "views.open", error)
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
                _log_refusal("views.update", error)

    def _respond(self, request: Request, reply: Reply, screen: Screen, means: Means) -> None:
        replaces = reply.where == "here" and request.surface == "private"
        for candidate in (screen, screen.plainer):
            if candidate is None:
                return
            answer = WebhookClient(means.response_url, timeout=PATIENT_SECONDS).send(
                **_message(candidate), response_type="ephemeral", replace_original=replaces
            )
            if answer.status_code == 200:
                return
            log.warning("Slack refused an answer by response URL: %s", answer.status_code)

    def _say(self, request: Request, screen: Screen | None) -> None:
        assert screen is not None
        client = self.installations.patient
        if request.surface == "mention":
            try:
                client.chat_postEphemeral(
                    channel=request.channel_id,
                    user=request.slack_user_id,
                    thread_ts=request.thread_ts or None,
                    **_message(screen),
                )
                return
            except SlackApiError as error:
                _log_refusal("chat.postEphemeral", error)
        if request.surface in ("dm", "mention"):
            channel = request.channel_id if request.surface == "dm" else request.slack_user_id
            self._send(client, channel, screen, thread_ts=request.thread_ts if request.surface == "dm" else "")

    def _post(self, post: Post) -> None:
        try:
            self._send(self.installations.patient, post.channel, post.screen)
        except SlackApiError as error:
            _log_refusal("chat.postMessage", error)

    def _announce(self, request: Request, after: Announce, means: Means) -> None:
        """Show everybody; a response URL does so where we are no member, too (docs: interactivity, responses)."""
        try:
            if after.channel:
                self._send(self.installations.patient, after.channel, after.screen)
                return
            url = WebhookClient(means.response_url, timeout=PATIENT_SECONDS)
            told = url.send(**_message(after.screen), response_type="in_channel", replace_original=False)
            if told.status_code == 200:
                return
            log.warning("Slack refused to show what was done: %s", told.status_code)
        except SlackApiError as error:
            _log_refusal("chat.postMessage", error)
        except OSError as error:
            log.warning("Slack did not say whether it showed what was done: %s", type(error).__name__)
        self._post(Post(request.slack_user_id, failures.not_announced(after.channel or request.channel_id)))

    def _send_file(self, team_id: str, after: SendFile | PassOn) -> None:
        client = self.installations.patient
        try:
            with self.context_at(self.clock()).read() as session:
                channel = members.dm_channel(session, team_id, after.slack_user_id)
            files.send(client, channel, after, self._file(client, after))
        except (SlackApiError, SlackRequestError, files.Unread, OSError) as error:
            if isinstance(error, SlackApiError):
                _log_refusal("a file", error)
            else:
                log.warning("A file could not be sent: %s", type(error).__name__)
            self._post(Post(after.slack_user_id, after.refused))

    def _file(self, client: WebClient, after: SendFile | PassOn) -> files.File:
        if isinstance(after, PassOn):
            return files.kept(client, after, LARGEST)
        with self.context_at(self.clock()).read() as session:
            return files.made(session, after)

    def _ask_of_groups(self, request: Request, after: AskOfGroups, means: Means) -> None:
        """Ask the same of the members of user groups, and show the answer beside."""
        text = request.text
        for group in after.groups:
            try:
                people = self.installations.patient.usergroups_users_list(usergroup=group)["users"]
            except SlackApiError as error:
                _log_refusal("usergroups.users.list", error)
                self._respond(request, Reply(where="beside"), after.refused, means)
                return
            mentions = " ".join(f"<@{slack_user_id}>" for slack_user_id in people)
            text = re.sub(rf"<!subteam\^{re.escape(group)}(\|[^>]*)?>", mentions, text)
        asked = replace(request, text=text, surface="private", can_open=False)
        now = self.clock()
        reply = replace(routes.dispatch(asked, self.context_at(now)), where="beside")
        if reply.screen is not None:
            self._respond(asked, reply, reply.screen, means)

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
            known = replace(request, file=content)
            return turns.wait(lambda: routes.dispatch(known, self.context_at(now)))
        person = (request.team_id, request.slack_user_id)
        database, client = self.context_at(now).database, self.installations.quick
        try:
            is_in = is_in_channel(database, client, person, asks.channel_id, now)
        except (SlackApiError, OSError) as error:
            log.warning("A channel could not be looked at: %s", type(error).__name__)
            return Reply(asks.refused)
        return routes.dispatch(replace(request, is_in_channel=is_in), self.context_at(now))

    def _unfurl(self, after: Unfurl) -> None:
        unfurls = {url: {"blocks": screen.message_blocks()} for url, screen in after.screens.items()}
        client = self.installations.patient
        try:
            if after.unfurl_id:
                client.chat_unfurl(unfurl_id=after.unfurl_id, source=after.source, unfurls=unfurls)
            else:
                client.chat_unfurl(channel=after.channel_id, ts=after.message_ts, unfurls=unfurls)
        except SlackApiError as error:
            _log_refusal("chat.unfurl", error)

    def update(self, team_id: str, slack_user_id: str, channel_id: str, message_ts: str, screen: Screen) -> None:
        """Show a newer screen in a message of ours, soon."""
        work = _later(self._update_message, channel_id, message_ts, screen)
        self.begin([FollowUp((team_id, slack_user_id), work, once=("message", channel_id, message_ts))])

    def _update_message(self, channel_id: str, message_ts: str, screen: Screen) -> None:
        try:
            self.installations.patient.chat_update(channel=channel_id, ts=message_ts, **_message(screen))
        except SlackApiError as error:
            _log_refusal("chat.update", error)

    def _send(self, client: WebClient, channel: str, screen: Screen, *, thread_ts: str = "") -> None:
        try:
            client.chat_postMessage(
                channel=channel, thread_ts=thread_ts or None, unfurl_links=False, unfurl_media=False, **_message(screen)
            )
        except SlackApiError as error:
            if screen.plainer is None or error.response.get("error") != "invalid_blocks":
                raise
            self._send(client, channel, screen.plainer, thread_ts=thread_ts)

    def _note_active(self, after: NoteActive) -> None:
        now = self.clock()
        with self.context_at(now).database.write() as session:
            members.was_active(session, after.team_id, after.slack_user_id, now)

    def _publish_home(self, team_id: str, slack_user_id: str) -> None:
        screen = home.render(team_id, slack_user_id, self.context_at(self.clock()))
        if screen is None:
            return
        try:
            self.installations.pacing.views_publish(user_id=slack_user_id, view=screen.home())
        except SlackApiError as error:
            _log_refusal("views.publish", error)
        except OSError as error:
            log.warning("Slack did not take a Home in time: %s", type(error).__name__)


def _message(screen: Screen) -> dict[str, Any]:
    return {"text": screen.text, "blocks": screen.message_blocks()}


def _later(work: Callable[..., object], *args: object) -> Callable[[], object]:
    return lambda: work(*args)


def _log_refusal(method: str, error: SlackApiError) -> None:
    told = error.response
    reasons = (told.get("response_metadata") or {}).get("messages", []) if isinstance(told.data, dict) else []
    log.warning("%s was refused: %s %s", method, told.get("error"), reasons)
