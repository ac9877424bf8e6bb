"""Console commands about people: roles and links, by hand."""

import csv
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Protocol

import click
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlmodel import Session

from bot import matchfiles
from handlers.profiles import profile
from models import audit, grants, handovers, links, matches, members, users
from models.database import Database
from models.errors import DomainError
from models.grants import Given, Taken, Terms
from models.matches import Outcome
from models.members import Profile

SLACK_SECONDS = 5


class House(Protocol):
    """What these commands need of the console."""

    env: dict[str, str]

    def database(self) -> Database:
        """The database at head."""


class Pair(NamedTuple):
    """One Slack person and the user they are to be."""

    team_id: str
    slack_user_id: str
    clerk_id: str

    @property
    def person(self) -> tuple[str, str]:
        """The Slack person, by workspace and user id."""
        return self.team_id, self.slack_user_id


ROLE = click.Choice(list(grants.GRANTABLE), case_sensitive=False)


@click.command()
@click.argument("clerk_id")
@click.argument("role", type=ROLE)
@click.pass_obj
def grant(house: House, clerk_id: str, role: str) -> None:
    """Give a user a role. A user not known yet is made, and described when they first come by."""
    database = house.database()
    with database.write() as session:
        users.ensure(session, clerk_id, now=_now())
        became = grants.give_user(session, clerk_id, role, Terms(audit.CONSOLE), _now())
    click.echo(f"{clerk_id} is {_a(role)} already." if became is Given.ALREADY else f"{clerk_id} is {_a(role)} now.")


@click.command()
@click.argument("clerk_id")
@click.argument("role", type=ROLE)
@click.pass_obj
def revoke(house: House, clerk_id: str, role: str) -> None:
    """Take a role from a user. The last admin can't be removed."""
    with house.database().write() as session:
        became = grants.take_user(session, clerk_id, role, Terms(audit.CONSOLE), _now())
    is_news = became is Taken.REVOKED
    click.echo(f"{clerk_id} is no longer {_a(role)}." if is_news else f"{clerk_id} was not {_a(role)}.")


@click.command()
@click.argument("from_id", metavar="FROM")
@click.argument("to_id", metavar="TO")
@click.pass_obj
def handover(house: House, from_id: str, to_id: str) -> None:
    """Give every course and draft of one user, by Clerk ID, to another, who must be an instructor or an admin."""
    with house.database().write() as session:
        for clerk_id in (from_id, to_id):
            if users.get(session, clerk_id) is None:
                raise click.ClickException(f"The portal knows nobody as {clerk_id}. Write a Clerk ID.")
        left = handovers.hand_over_all(session, from_id, to_id, to_id, audit.CONSOLE, _now())
    courses = "1 course" if left.courses == 1 else f"{left.courses:,} courses"
    click.echo(f"{courses} of {from_id} and what they were writing are {to_id}'s now.")


@click.command()
@click.argument("pair", nargs=-1, metavar="TEAM_ID SLACK_USER_ID CLERK_ID")
@click.option("--file", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A CSV of many.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.option("--match-email", is_flag=True, help="Propose pairs by e-mail and connected accounts, with --dry-run.")
@click.option("--dry-run", is_flag=True, help="With --match-email: write the pairs as CSV, and link nobody.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to write them.")
@click.pass_obj
def link(
    house: House,
    pair: tuple[str, ...],
    file: Path | None,
    yes: bool,
    match_email: bool,
    dry_run: bool,
    out: Path | None,
) -> None:
    """Link a Slack person to a portal user by hand.

    With --file, a CSV with the columns team_id, slack_user_id, clerk_id links many, all or none. A file that
    --match-email --dry-run wrote is such a CSV: only its single matches are linked, those that still match.
    """
    if match_email:
        if pair or file:
            raise click.UsageError("--match-email takes neither people nor --file.")
        matchfiles.propose(house, out, dry_run=dry_run)
        return
    if dry_run or out:
        raise click.UsageError("--dry-run and --out go with --match-email.")
    pairs, is_matched = _pairs(pair, file)
    database = house.database()
    matched = matchfiles.recheck(house, [(*one.person, one.clerk_id) for one in pairs]) if is_matched else {}
    known = {one: None if is_matched else _profile(house, database, one) for one in pairs}
    for one in pairs:
        with database.read() as session:
            outcome = matched.get(one.person)
            names = (
                matchfiles.names(outcome)
                if outcome
                else (_slack_name(known[one], one), _user_name(session, one.clerk_id))
            )
        click.echo("  is to be  ".join(names))
    if not yes and sys.stdin.isatty():
        click.confirm("Link them?" if len(pairs) > 1 else "Are they the same person?", abort=True)
    with database.write() as session:
        for one in pairs:
            _link(session, one, known[one], matched.get(one.person))
    click.echo(f"Linked {len(pairs)}." if len(pairs) > 1 else "Linked.")


@click.command()
@click.argument("team_id")
@click.argument("slack_user_id")
@click.argument("clerk_id")
@click.pass_obj
def unlink(house: House, team_id: str, slack_user_id: str, clerk_id: str) -> None:
    """End the link between a Slack person and a portal user."""
    with house.database().write() as session:
        if links.of(session, team_id, slack_user_id) != clerk_id:
            raise DomainError(f"{slack_user_id} is not linked to {clerk_id} in {team_id}. Nothing was changed.")
        links.unlink(session, team_id, slack_user_id)
        who = audit.member(team_id, slack_user_id)
        audit.note(session, "link.ended", actor=audit.CONSOLE, whom=clerk_id, what=who, now=_now())
    click.echo("Unlinked. What they did is kept under their portal account.")


COMMANDS = (grant, revoke, handover, link, unlink)


def _link(session: Session, pair: Pair, told: Profile | None, matched: Outcome | None) -> None:
    account = matched.account if matched else None
    if account is not None:
        users.refresh(session, account.identity, _now())
    else:
        users.ensure(session, pair.clerk_id, now=_now())
    if links.of(session, *pair.person) is None:
        why = matched.by if matched else None
        who = audit.member(*pair.person)
        audit.note(session, "link.made", actor=audit.CONSOLE, whom=pair.clerk_id, what=who, because=why, now=_now())
    links.link(session, *pair.person, pair.clerk_id, _now())
    if told is not None:
        members.remember(session, told, _now())


def _pairs(pair: tuple[str, ...], file: Path | None) -> tuple[list[Pair], bool]:
    """The pairs that were given, and whether they were matched rather than written by somebody who knows."""
    if file is None:
        if len(pair) != 3:
            raise click.UsageError("Give TEAM_ID SLACK_USER_ID CLERK_ID, or --file with a CSV of them.")
        return [Pair(*pair)], False
    if pair:
        raise click.UsageError("Give either one person or --file, not both.")
    with file.open(newline="", encoding="utf-8-sig") as lines:
        reader = csv.DictReader(lines)
        pairs = list(_rows(reader, file.name))
    if not pairs:
        raise DomainError(f"{file.name}: there is nobody to link in it.")
    return pairs, matchfiles.MATCH in (reader.fieldnames or ())


def _rows(reader: "csv.DictReader[str]", name: str) -> Iterable[Pair]:
    columns = ("team_id", "slack_user_id", "clerk_id")
    missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing:
        raise DomainError(f"{name}: the first line should name the columns {', '.join(columns)}.")
    incomplete = []
    for row in reader:
        if row.get(matchfiles.MATCH, matches.ONE) != matches.ONE:
            continue
        values = [(row[column] or "").strip() for column in columns]
        if all(values):
            yield Pair(*values)
        else:
            incomplete.append(reader.line_num)
    if incomplete:
        lines = ", ".join(map(str, incomplete))
        raise DomainError(f"{name}: fill in every column on line {lines}. Nobody was linked.")


def _profile(house: House, database: Database, pair: Pair) -> Profile | None:
    """What Slack says of the person, None where it can't be reached or doesn't know them."""
    token = house.env.get("SLACK_BOT_TOKEN")
    if not token:
        return None
    url = house.env.get("SLACK_API_URL", WebClient.BASE_URL)
    client = WebClient(token, base_url=url if url.endswith("/") else url + "/", timeout=SLACK_SECONDS)
    try:
        return profile(pair.team_id, client.users_info(user=pair.slack_user_id)["user"])
    except (SlackApiError, OSError):
        return None


def _slack_name(told: Profile | None, pair: Pair) -> str:
    return f"{told.name} (@{told.handle}, {pair.slack_user_id})" if told else f"{pair.slack_user_id} in {pair.team_id}"


def _user_name(session: Session, clerk_id: str) -> str:
    user = users.get(session, clerk_id)
    if user is None or user.email.endswith(f"@{users.PLACEHOLDER_DOMAIN}"):
        return f"{clerk_id} (nobody has described them yet)"
    return f"{users.name(user)} ({user.email}, {clerk_id})"


def _a(role: str) -> str:
    return f"an {role}" if role[0] in "AEIOU" else f"a {role}"


def _now() -> datetime:
    return datetime.now(UTC)
