"""Clerk's Backend API, as far as matching needs it: finding users by address, or by the Slack account they connected.

What it answers is never logged: it holds private metadata.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Event
from typing import Any

import httpx

from bot.certificates import trusted
from bot.webhooks import identity
from models.errors import DomainError
from models.matches import Account, Connected

log = logging.getLogger("homeroom.clerk")

SECONDS = 10.0
VALUES = 100
"""Addresses or ids one call may ask for (docs: list users)."""
PAGE = 100
TRIES = 4
LONGEST_WAIT = 30.0
"""Seconds to wait at most before another try, whatever Clerk asks for."""
SLACK = "oauth_slack"
TEAM_NAMES = ("https://slack.com/team_id", "team_id")
"""What Slack calls the workspace when somebody signs in with it (docs: openid.connect.userInfo), and its short form."""


class CantAsk(DomainError):
    """Clerk can't be asked, or refuses to answer; ``str`` is a sentence for whoever runs the bot."""


class NotTaken(CantAsk):
    """Clerk does not take this question."""


class ClerkBackend:
    """One Clerk instance's users.

    ``pause`` waits so many seconds before another try and returns whether to give up: by default when `close` is
    called from another thread.
    """

    def __init__(self, api_url: str, secret_key: str, pause: Callable[[float], bool | None] | None = None) -> None:
        self._url = f"{api_url}/users"
        self._http = httpx.Client(
            timeout=SECONDS,
            follow_redirects=False,
            verify=trusted(),
            headers={"Authorization": f"Bearer {secret_key}"},
        )
        self._closed = Event()
        self._pause = self._closed.wait if pause is None else pause

    def __repr__(self) -> str:
        return f"ClerkBackend({self._url})"

    def by_address(self, addresses: Sequence[str]) -> list[Account]:
        """Every user who has one of these addresses, verified or not. Raises `CantAsk`."""
        return [user for some in _batches(addresses) for user in self._all({"email_address": some})]

    def by_slack(self, slack_user_ids: Sequence[str]) -> list[Account]:
        """Every user who connected a Slack account with one of these user ids, of whatever workspace. Raises `CantAsk`.

        An instance that takes no Slack sign-ins may refuse the question: then there are none.
        """
        try:
            return [
                user
                for some in _batches(slack_user_ids)
                for user in self._all({"provider": [SLACK], "provider_user_id": some})
            ]
        except NotTaken:
            log.warning("Clerk takes no question for connected Slack accounts; people are matched by e-mail only")
            return []

    def answers(self) -> None:
        """Return when Clerk takes our key. Raises `CantAsk`."""
        self._page({"limit": ["1"]})

    def close(self) -> None:
        """Let go of the connections; whoever waits for another try gives up."""
        self._closed.set()
        self._http.close()

    def _all(self, asked: Mapping[str, list[str]]) -> Iterable[Account]:
        offset = 0
        while True:
            page = self._page({**asked, "limit": [str(PAGE)], "offset": [str(offset)]})
            yield from page
            if len(page) < PAGE:
                return
            offset += PAGE

    def _page(self, asked: Mapping[str, list[str]]) -> list[Account]:
        # A list is the parameter given several times (docs: list users); with brackets, Clerk would pass over it.
        params = httpx.QueryParams([(name, value) for name, values in asked.items() for value in values])
        for number in range(TRIES):
            wait = 0.5 * 2**number
            try:
                answer = self._http.get(self._url, params=params)
            except (httpx.TransportError, RuntimeError) as error:
                if self._closed.is_set():
                    break
                log.warning("Clerk's Backend API could not be reached: %s", type(error).__name__)
            else:
                if answer.status_code == httpx.codes.OK:
                    return _accounts(answer)
                _refuse(answer.status_code)
                wait = _asked_wait(answer) or wait
            if number + 1 < TRIES and self._pause(min(wait, LONGEST_WAIT)):
                break
        raise CantAsk("Clerk's Backend API gives no answer just now. Nothing was matched; try again in a few minutes.")


def _refuse(status: int) -> None:
    """Raise for an answer that another try would not change."""
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise CantAsk("Clerk refused CLERK_SECRET_KEY. Copy the secret key again from the API keys page in Clerk.")
    if status in (httpx.codes.BAD_REQUEST, httpx.codes.UNPROCESSABLE_ENTITY):
        raise NotTaken(f"Clerk's Backend API did not take the question (http {status}).")
    if status < httpx.codes.INTERNAL_SERVER_ERROR and status != httpx.codes.TOO_MANY_REQUESTS:
        raise CantAsk(f"Clerk's Backend API answered http {status}. See that CLERK_API_URL is right, or leave it out.")


def _asked_wait(answer: httpx.Response) -> float:
    """Seconds Clerk asks us to wait; 0 where it doesn't."""
    asked = answer.headers.get("Retry-After", "")
    return float(asked) if asked.isdecimal() else 0.0


def _batches(values: Sequence[str]) -> Iterable[list[str]]:
    return (list(values[at : at + VALUES]) for at in range(0, len(values), VALUES))


def _accounts(answer: httpx.Response) -> list[Account]:
    try:
        return [_account(user) for user in answer.json()]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CantAsk("Clerk's Backend API answered something else than users. See that CLERK_API_URL is right.") from (
            error
        )


def _account(user: Mapping[str, Any]) -> Account:
    return Account(
        identity(user),
        frozenset(str(one["email_address"]).lower() for one in user.get("email_addresses") or ()),
        tuple(_connected(one) for one in user.get("external_accounts") or () if one.get("provider") == SLACK),
        is_shut=any(user.get(name) for name in ("banned", "locked", "deprovisioned")),
    )


def _connected(account: Mapping[str, Any]) -> Connected:
    told = account.get("public_metadata") or {}
    team_id = next((str(told[name]) for name in TEAM_NAMES if told.get(name)), None)
    is_verified = (account.get("verification") or {}).get("status") == "verified"
    return Connected(str(account.get("provider_user_id") or ""), team_id, is_verified)
