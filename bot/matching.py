"""Matching Slack people with accounts of the portal: who is looked for, asked of Clerk, and what is proposed."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime

from bot.clerkbackend import ClerkBackend
from bot.settings import MatchSettings
from models import clerkusers, matches, proposals
from models.database import Database
from models.errors import DomainError
from models.matches import Outcome

log = logging.getLogger("homeroom.matching")


class Matching:
    """Looks people up in Clerk, one look at a time, and never while somebody waits for an answer."""

    def __init__(self, database: Database, settings: MatchSettings, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock
        self._domains = settings.domains
        self._backend = ClerkBackend(settings.api_url, settings.secret_key)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="matching")

    def look(self, team_id: str, slack_user_id: str | None = None) -> tuple[Outcome, ...]:
        """What is found for a workspace's full members who are not linked, or for one of them. Raises `CantAsk`.

        Clerk is told Slack user ids, and those addresses only that could match.
        """
        with self._database.read() as session:
            people = matches.people(session, team_id, slack_user_id)
        if not people:
            return ()
        accounts = self._backend.by_address(matches.addresses(people, self._domains))
        accounts += self._backend.by_slack([person.slack_user_id for person in people])
        with self._database.read() as session:
            gone = clerkusers.gone(session, [account.identity.clerk_id for account in accounts])
            standing = matches.standing(session, team_id, accounts, gone)
        return matches.propose(people, accounts, domains=self._domains, standing=standing)

    def propose(self, team_id: str, slack_user_id: str | None = None) -> int:
        """Look, and keep what may be proposed in place of what was; how many. Clerk out of reach is logged, and leaves
        what was proposed before until it is too old."""
        now = self._clock()
        try:
            outcomes = self.look(team_id, slack_user_id)
            with self._database.write() as session:
                return proposals.keep(session, team_id, outcomes, now, slack_user_id)
        except DomainError as error:
            log.warning("Nobody was matched: %s", error)
            return 0

    def soon(self, team_id: str, slack_user_id: str | None = None) -> None:
        """`propose` from a thread of its own, after what was asked for before."""
        with suppress(RuntimeError):  # on the way out nothing more is looked for
            self._pool.submit(self._logged, team_id, slack_user_id)

    def settle(self) -> None:
        """Return when everything asked for so far is done."""
        self._pool.submit(int).result()

    def stop(self) -> None:
        """Give up what is under way and let go of the connections."""
        self._backend.close()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _logged(self, team_id: str, slack_user_id: str | None) -> None:
        try:
            self.propose(team_id, slack_user_id)
        except Exception:
            log.exception("Matching failed")
