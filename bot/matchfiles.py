"""Matches at the console: pairs written as CSV for somebody to look at, and matched again before they bind."""

import csv
import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TextIO

import click
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot import settings
from bot.people import everyone
from models import links, matches, members, users
from models.database import Database
from models.errors import DomainError
from models.matches import Outcome
from models.spreadsheets import harmless

if TYPE_CHECKING:
    from bot.matching import Matching

MATCH = "match"
"""The column that tells a file of matches from pairs that somebody wrote who knows."""
COLUMNS = (
    "team_id",
    "slack_user_id",
    "clerk_id",
    "slack_name",
    "slack_email",
    "portal_name",
    "portal_email",
    MATCH,
    "why",
)
SLACK_SECONDS = 8
ORDER = (matches.ONE, matches.SEVERAL, matches.REFUSED, matches.NONE)
OFF = "Matching is off. Set CLERK_SECRET_KEY and MATCH_EMAIL_DOMAINS; docs/linking.md says what they do."
ONLY_PROPOSES = (
    "--match-email binds nobody by itself: run it with --dry-run, look through the pairs it writes, "
    "and link them with `homeroom link --file FILE`."
)


class House(Protocol):
    """What matching needs of the console."""

    env: dict[str, str]

    def database(self) -> Database:
        """The database at head."""


def propose(house: House, out: Path | None, *, dry_run: bool) -> None:
    """Write what was found for everybody who is not linked; nobody is linked by it. Raises `DomainError`."""
    if not dry_run:
        raise DomainError(ONLY_PROPOSES)
    found = _look(house)
    found.sort(key=lambda one: (ORDER.index(one.kind), one.person.name, one.person.slack_user_id))
    if out is None:
        _write(sys.stdout, found)
    else:
        try:
            with out.open("w", newline="", encoding="utf-8-sig") as file:
                _write(file, found)
        except OSError as error:
            raise DomainError(f"{out} can't be written ({error.strerror}). Give another place with --out.") from error
    single = sum(one.kind == matches.ONE for one in found)
    click.echo(f"{single} of {len(found)} who are not linked match one account. Nobody was linked.", err=True)
    if out is not None and single:
        click.echo(
            f"Look through {out}, take out who is wrong, and run `homeroom link --file {out}`.",
            err=True,
        )


def recheck(house: House, pairs: Collection[tuple[str, str, str]]) -> dict[tuple[str, str], Outcome]:
    """These pairs (workspace, Slack user id, Clerk ID) as they match now, by workspace and Slack user id; who is linked
    so already is left out.

    So a file that lay about for a week, or that somebody edited, binds nobody whom the rules would not. Raises
    `DomainError` naming the pairs that don't match.
    """
    found = {(one.person.team_id, one.person.slack_user_id): one for one in _look(house)}
    with house.database().read() as session:
        open_ones = [one for one in pairs if links.of(session, one[0], one[1]) != one[2]]
    over = [
        f"{slack_user_id} and {clerk_id}"
        for team_id, slack_user_id, clerk_id in open_ones
        if (team_id, slack_user_id) not in found or _clerk_id(found[team_id, slack_user_id]) != clerk_id
    ]
    if over:
        raise DomainError(
            f"These are no single match now: {'; '.join(over)}. Nobody was linked. Run --match-email --dry-run again; "
            "somebody you know can be linked by hand: homeroom link TEAM_ID SLACK_USER_ID CLERK_ID."
        )
    return {(team_id, slack_user_id): found[team_id, slack_user_id] for team_id, slack_user_id, _ in open_ones}


def names(outcome: Outcome) -> tuple[str, str]:
    """Both sides of a match as somebody at the console reads them."""
    person, account = outcome.person, outcome.account
    assert account is not None
    who = account.identity
    told = ", ".join(part for part in (who.email, who.clerk_id) if part)
    name = users.full_name(who.first_name, who.last_name)
    return f"{person.name} (@{person.handle}, {person.slack_user_id})", f"{name} ({told}), {outcome.by}".strip()


def _look(house: House) -> list[Outcome]:
    """What is found for everybody who is not linked, of members read anew where there is a token."""
    match = settings.match(house.env)
    if match is None:
        raise DomainError(OFF)
    database = house.database()
    with _matching(database, match) as matching:
        return [one for team_id in _teams(house, database) for one in matching.look(team_id)]


@contextmanager
def _matching(database: Database, match: settings.MatchSettings) -> Iterator["Matching"]:
    from bot.matching import Matching

    matching = Matching(database, match, lambda: datetime.now(UTC))
    try:
        yield matching
    finally:
        matching.stop()


def _teams(house: House, database: Database) -> Iterable[str]:
    """The workspaces to look in. With a token, its workspace, whose members are read anew."""
    token = house.env.get("SLACK_BOT_TOKEN")
    if not token:
        with database.read() as session:
            return matches.team_ids(session)
    url = house.env.get("SLACK_API_URL", settings.SLACK_API_URL)
    client = WebClient(token, base_url=url if url.endswith("/") else url + "/", timeout=SLACK_SECONDS)
    try:
        team_id = str(client.auth_test()["team_id"])
        for profiles in everyone(client, team_id):
            with database.write() as session:
                members.remember_many(session, profiles, datetime.now(UTC))
    except SlackApiError as error:
        raise DomainError(f"Slack did not tell who its members are ({error.response['error']}).") from error
    except OSError as error:
        raise DomainError("Slack can't be reached, so nobody was matched. Check the network and try again.") from error
    return [team_id]


def _write(file: TextIO, found: Iterable[Outcome]) -> None:
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    writer.writerows({name: harmless(value) for name, value in _row(one).items()} for one in found)


def _row(one: Outcome) -> dict[str, str]:
    who = one.account.identity if one.account else None
    return {
        "team_id": one.person.team_id,
        "slack_user_id": one.person.slack_user_id,
        "clerk_id": who.clerk_id if who else "",
        "slack_name": one.person.name,
        "slack_email": one.person.email or "",
        "portal_name": users.full_name(who.first_name, who.last_name) if who else "",
        "portal_email": (who.email or "") if who else "",
        MATCH: one.kind,
        "why": one.why,
    }


def _clerk_id(outcome: Outcome) -> str | None:
    return outcome.account.identity.clerk_id if outcome.account else None
