"""The console's view of events that go to other programs."""

from datetime import UTC, datetime
from typing import Protocol

import click

from models import audit, destinations
from models.database import Database
from models.switches import EVENTS


class House(Protocol):
    """What this command needs of the console."""

    def database(self) -> Database:
        """The database at head."""


@click.command()
@click.option("--resend", is_flag=True, help="Send again what was given up.")
@click.option("--kind", type=click.Choice(EVENTS), help="Only this kind.")
@click.pass_obj
def events(house: House, resend: bool, kind: str | None) -> None:
    """Say how webhooks and xAPI statements stand, or send again those that were given up."""
    from bot.checks import standing

    database, now = house.database(), datetime.now(UTC)
    if resend:
        for name in (kind,) if kind else EVENTS:
            with database.write() as session:
                count = destinations.send_again(session, name, now, now)
                if count:
                    audit.note(session, "events.resent", actor=audit.CONSOLE, what=name, after=str(count), now=now)
            if count:
                click.echo(f"{name}: {count:,} on the way again.")
    with database.read() as session:
        told = [one for one in destinations.standings(session) if kind in (None, one.name)]
    for one in told:
        click.echo(standing(one, now))
    if not told:
        click.echo("Nobody is told: set WEBHOOK_URL or LRS_URL, and start `homeroom serve`.")
