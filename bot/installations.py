"""Which workspace, which token: learned from Slack once, then known without the network."""

import hashlib
import logging
from datetime import datetime
from typing import Any

from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.web import SlackResponse

from bot import turns
from handlers.profiles import profile
from models import departures, workspaces
from models.database import Database
from models.errors import DomainError
from models.members import Profile
from models.workspaces import Workspace

log = logging.getLogger("homeroom.installations")

QUICK_SECONDS = 2
"""A trigger lives three seconds (docs: handling user interaction), so what opens a modal waits no longer than this."""
PATIENT_SECONDS = 8
TAKEN_OUT = ("account_inactive", "token_revoked")
"""What auth.test answers once the app is out (docs: auth.test). Not invalid_auth, which an allow list of addresses
answers, too."""


class NotInstalled(Exception):
    """Slack could not tell who we are; ``str`` says what to do."""


class _QuickClient(WebClient):
    """A client whose calls are waited for aside where the caller is one of many on a thread."""

    def api_call(self, api_method: str, **how: Any) -> SlackResponse:
        made = super().api_call
        return turns.wait(lambda: made(api_method, **how))


class Installations:
    """The workspace this bot token belongs to, and Slack clients that act in it."""

    def __init__(self, database: Database, bot_token: str, api_url: str) -> None:
        self._database = database
        self._token = bot_token
        self._digest = hashlib.sha256(bot_token.encode()).hexdigest()
        self._workspace: Workspace | None = None
        self._we: AuthorizeResult | None = None
        self.quick = _QuickClient(bot_token, base_url=api_url, timeout=QUICK_SECONDS, retry_handlers=[])
        """For the one call that may come before an answer."""
        self.patient = WebClient(bot_token, base_url=api_url, timeout=PATIENT_SECONDS, retry_handlers=[])
        """For what follows an answer."""
        self.pacing = WebClient(
            bot_token, base_url=api_url, timeout=PATIENT_SECONDS, retry_handlers=[RateLimitErrorRetryHandler()]
        )
        """For Homes: where Slack asks for a pause it pauses, and tries again once."""
        self.sending = WebClient(bot_token, base_url=api_url, timeout=PATIENT_SECONDS, retry_handlers=[])
        """For the ledger's sender, which alone decides when something is tried again."""

    def learn(self, now: datetime) -> Workspace:
        """Our workspace: from the database when this token was used before, else from Slack (auth.test), and kept.
        A token that was refused since is asked about again.

        Raises `NotInstalled` when Slack refuses the token, or can't be reached the first time.
        """
        with self._database.read() as session:
            known = workspaces.by_token(session, self._digest)
            if known is not None:
                session.expunge(known)
        return self._are_in(known if known is not None and known.uninstalled_at is None else self._ask(now))

    def check(self, now: datetime) -> bool:
        """Ask Slack whether the app is still installed; where it was taken out, links and sending end.

        False where it is out. No answer, or another refusal, changes nothing: the next check asks again.
        """
        workspace = self._workspace
        assert workspace is not None
        try:
            self.patient.auth_test()
        except SlackApiError as error:
            code = str(error.response.get("error"))
            if code not in TAKEN_OUT:
                log.warning("Slack refused to say whether the app is installed: %s", code)
                return True
            with self._database.write() as session:
                if departures.of_workspace(session, workspace.team_id, code, now):
                    log.warning("The app was taken out of %s (%s); links and sending ended", workspace.team_id, code)
            return False
        except OSError as error:
            log.warning("Slack could not be asked whether the app is installed: %s", type(error).__name__)
            return True
        with self._database.read() as session:
            known = workspaces.by_team(session, workspace.team_id)
            is_in = known is not None and known.uninstalled_at is None
        if not is_in:
            self._are_in(self._ask(now))
            log.warning("The app is back in %s", workspace.team_id)
        return True

    def _ask(self, now: datetime) -> Workspace:
        try:
            told = self.patient.auth_test()
        except SlackApiError as error:
            raise NotInstalled(
                f"Slack refused SLACK_BOT_TOKEN ({error.response['error']}). Copy it again from OAuth & Permissions."
            ) from error
        except OSError as error:
            raise NotInstalled(
                "Slack can't be reached, and this token was never used before. Check the network and start again."
            ) from error
        workspace = Workspace(
            team_id=str(told["team_id"]),
            name=str(told.get("team") or ""),
            url=str(told.get("url") or ""),
            bot_user_id=str(told["user_id"]),
            bot_id=str(told.get("bot_id") or ""),
            token_digest=self._digest,
            learned_at=now,
        )
        with self._database.write() as session:
            workspaces.learn(session, workspace)
        return workspace

    def _are_in(self, workspace: Workspace) -> Workspace:
        self._workspace = workspace
        self._we = AuthorizeResult(
            enterprise_id=None,
            team_id=workspace.team_id,
            bot_token=self._token,
            bot_id=workspace.bot_id,
            bot_user_id=workspace.bot_user_id,
        )
        return workspace

    def authorize(self, team_id: str | None) -> AuthorizeResult | None:
        """Who we are in this workspace, as learned at the start: no network, and no database that could be away.

        None where we are not installed.
        """
        return self._we if self._we is not None and self._we.team_id == team_id else None

    def look_up(self, team_id: str, slack_user_id: str) -> Profile:
        """Who somebody is, from Slack's users.info. Raises `DomainError` when Slack can't say."""
        try:
            return profile(team_id, self.quick.users_info(user=slack_user_id, include_locale=True)["user"])
        except (SlackApiError, OSError) as error:
            log.warning("users.info gave no answer: %s", type(error).__name__)
            raise DomainError("I couldn't look you up in Slack just now. Try again in a minute.") from error
