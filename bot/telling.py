"""What follows an answer: messages and files, here or elsewhere, and Homes."""

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.webhook import WebhookClient

from bot import files
from bot.installations import PATIENT_SECONDS, Installations
from bot.payloads import Means
from handlers import home, routes
from handlers.lessonfiles import LARGEST
from handlers.replies import Announce, AskOfGroups, NoteActive, PassOn, Post, Reply, SendFile, Telling, Unfurl
from handlers.requests import Context, Request
from handlers.views import failures
from handlers.views.screens import Screen
from models import members

log = logging.getLogger("homeroom.telling")


class Teller(NamedTuple):
    """Tells what follows an answer. What Slack refuses is logged, and said to whoever waits for it."""

    installations: Installations
    context_at: Callable[[datetime], Context]
    clock: Callable[[], datetime]

    def tell(self, request: Request, after: Telling, means: Means) -> None:
        """Say what follows the answer, here or elsewhere."""
        if isinstance(after, Post):
            self.post(after)
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

    def post(self, post: Post) -> None:
        """Write to somebody."""
        try:
            send(self.installations.patient, post.channel, post.screen)
        except SlackApiError as error:
            log_refusal("chat.postMessage", error)

    def _announce(self, request: Request, after: Announce, means: Means) -> None:
        """Show everybody; a response URL does so where we are no member, too (docs: interactivity, responses)."""
        try:
            if after.channel:
                send(self.installations.patient, after.channel, after.screen)
                return
            url = WebhookClient(means.response_url, timeout=PATIENT_SECONDS)
            told = url.send(**message(after.screen), response_type="in_channel", replace_original=False)
            if told.status_code == 200:
                return
            log.warning("Slack refused to show what was done: %s", told.status_code)
        except SlackApiError as error:
            log_refusal("chat.postMessage", error)
        except OSError as error:
            log.warning("Slack did not say whether it showed what was done: %s", type(error).__name__)
        self.post(Post(request.slack_user_id, failures.not_announced(after.channel or request.channel_id)))

    def _send_file(self, team_id: str, after: SendFile | PassOn) -> None:
        client = self.installations.patient
        try:
            with self.context_at(self.clock()).read() as session:
                channel = members.dm_channel(session, team_id, after.slack_user_id)
            files.send(client, channel, after, self._file(client, after))
        except (SlackApiError, SlackRequestError, files.Unread, OSError) as error:
            if isinstance(error, SlackApiError):
                log_refusal("a file", error)
            else:
                log.warning("A file could not be sent: %s", type(error).__name__)
            self.post(Post(after.slack_user_id, after.refused))

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
                log_refusal("usergroups.users.list", error)
                self.respond(request, Reply(where="beside"), after.refused, means)
                return
            mentions = " ".join(f"<@{slack_user_id}>" for slack_user_id in people)
            text = re.sub(rf"<!subteam\^{re.escape(group)}(\|[^>]*)?>", mentions, text)
        asked = request._replace(text=text, surface="private", can_open=False)
        now = self.clock()
        reply = replace(routes.dispatch(asked, self.context_at(now)), where="beside")
        if reply.screen is not None:
            self.respond(asked, reply, reply.screen, means)

    def _unfurl(self, after: Unfurl) -> None:
        unfurls = {url: {"blocks": screen.message_blocks()} for url, screen in after.screens.items()}
        client = self.installations.patient
        try:
            if after.unfurl_id:
                client.chat_unfurl(unfurl_id=after.unfurl_id, source=after.source, unfurls=unfurls)
            else:
                client.chat_unfurl(channel=after.channel_id, ts=after.message_ts, unfurls=unfurls)
        except SlackApiError as error:
            log_refusal("chat.unfurl", error)

    def respond(self, request: Request, reply: Reply, screen: Screen, means: Means) -> None:
        """Show the screen to whoever asked, by the response URL."""
        replaces = reply.where == "here" and request.surface == "private"
        for candidate in (screen, screen.plainer):
            if candidate is None:
                return
            answer = WebhookClient(means.response_url, timeout=PATIENT_SECONDS).send(
                **message(candidate), response_type="ephemeral", replace_original=replaces
            )
            if answer.status_code == 200:
                return
            log.warning("Slack refused an answer by response URL: %s", answer.status_code)

    def update_message(self, channel_id: str, message_ts: str, screen: Screen) -> None:
        """Show a newer screen in a message of ours."""
        try:
            self.installations.patient.chat_update(channel=channel_id, ts=message_ts, **message(screen))
        except SlackApiError as error:
            log_refusal("chat.update", error)

    def note_active(self, after: NoteActive) -> None:
        """Keep that somebody is there."""
        now = self.clock()
        with self.context_at(now).database.write() as session:
            members.was_active(session, after.team_id, after.slack_user_id, now)

    def publish_home(self, team_id: str, slack_user_id: str) -> None:
        """Publish somebody's Home as it is now."""
        screen = home.render(team_id, slack_user_id, self.context_at(self.clock()))
        if screen is None:
            return
        try:
            self.installations.pacing.views_publish(user_id=slack_user_id, view=screen.home())
        except SlackApiError as error:
            log_refusal("views.publish", error)
        except OSError as error:
            log.warning("Slack did not take a Home in time: %s", type(error).__name__)


def send(client: WebClient, channel: str, screen: Screen, *, thread_ts: str = "") -> None:
    """Post a screen, plainer where Slack refuses its blocks. Raises `SlackApiError`, and `OSError` where Slack is
    silent."""
    try:
        client.chat_postMessage(
            channel=channel, thread_ts=thread_ts or None, unfurl_links=False, unfurl_media=False, **message(screen)
        )
    except SlackApiError as error:
        if screen.plainer is None or error.response.get("error") != "invalid_blocks":
            raise
        send(client, channel, screen.plainer, thread_ts=thread_ts)


def message(screen: Screen) -> dict[str, Any]:
    """The screen as Slack's methods take a message."""
    return {"text": screen.text, "blocks": screen.message_blocks()}


def log_refusal(method: str, error: SlackApiError) -> None:
    """Log why Slack refused a call; what was said stays out of it."""
    told = error.response
    reasons = (told.get("response_metadata") or {}).get("messages", []) if isinstance(told.data, dict) else []
    log.warning("%s was refused: %s %s", method, told.get("error"), reasons)
