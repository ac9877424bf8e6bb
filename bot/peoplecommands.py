"""Console commands about people: roles and links, by hand."""

import csv
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import click
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlmodel import Session

from handlers.profiles import profile
from models import audit, grants, links, members, users
from models.database import Database
from models.errors import DomainError
from models.grants import Given, Taken, Terms
from models.members import Profile

SLACK_SECONDS = 5


class House(Protocol):
    """What these commands need of the console."""

    env: dict[str, str]

    def database(self) -> Database:
        """The database at head."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One Slack person and the user they are to be."""

    team_id: str
    slack_user_id: str
    clerk_id: str


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
@click.argument("pair", nargs=-1, metavar="TEAM_ID SLACK_USER_ID CLERK_ID")
@click.option("--file", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A CSV of many.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.pass_obj
def link(house: House, pair: tuple[str, ...], file: Path | None, yes: bool) -> None:
    """Link a Slack person to a portal user by hand.

    With --file, a CSV with the columns team_id, slack_user_id, clerk_id links many, all or none.
    """
    pairs = _pairs(pair, file)
    database = house.database()
    known = {one: _profile(house, database, one) for one in pairs}
    for one in pairs:
        with database.read() as session:
            click.echo(f"{_slack_name(known[one], one)}  is to be  {_user_name(session, one.clerk_id)}")
    if not yes and sys.stdin.isatty():
        click.confirm("Link them?" if len(pairs) > 1 else "Are they the same person?", abort=True)
    with database.write() as session:
        for one in pairs:
            told = known[one]
            users.ensure(session, one.clerk_id, now=_now())
            who = audit.member(one.team_id, one.slack_user_id)
            if links.of(session, one.team_id, one.slack_user_id) is None:
                audit.note(session, "link.made", actor=audit.CONSOLE, whom=one.clerk_id, what=who, now=_now())
            links.link(session, one.team_id, one.slack_user_id, one.clerk_id, _now())
            if told is not None:
                members.remember(session, told, _now())
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


COMMANDS = (grant, revoke, link, unlink)


def _pairs(pair: tuple[str, ...], file: Path | None) -> list[Pair]:
    if file is None:
        if len(pair) != 3:
            raise click.UsageError("Give TEAM_ID SLACK_USER_ID CLERK_ID, or --file with a CSV of them.")
        return [Pair(*pair)]
    if pair:
        raise click.UsageError("Give either one person or --file, not both.")
    with file.open(newline="", encoding="utf-8-sig") as lines:
        return list(_rows(csv.DictReader(lines), file.name))


def _rows(reader: "csv.DictReader[str]", name: str) -> Iterable[Pair]:
    columns = ("team_id", "slack_user_id", "clerk_id")
    missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing:
        raise DomainError(f"{name}: the first line should name the columns {', '.join(columns)}.")
    incomplete = []
    for row in reader:
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
