"""The console's view of the audit log."""

import csv
import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Protocol

import click

from models import audit
from models.audit import Entry
from models.database import Database
from models.spreadsheets import harmless

COLUMNS = ("id", "at", "actor", "action", "whom", "what", "course_id", "place", "before", "after", "because")


class House(Protocol):
    """What this command needs of the console."""

    def database(self) -> Database:
        """The database at head."""


DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command("audit")
@click.option("--since", type=DAY, help="From this day on (UTC), such as 2026-11-01.")
@click.option("--until", type=DAY, help="Until the end of this day (UTC).")
@click.option("--whom", help="Only what was done to this Clerk ID.")
@click.option("--by", "actor", help="Only what was done by this Clerk ID, or by console.")
@click.option("--action", help="Only this action, such as role.granted, or a family, such as role.")
@click.option("--csv", "form", flag_value="csv", help="As CSV.")
@click.option("--json", "form", flag_value="json", help="As JSON, a line for each entry.")
@click.pass_obj
def audit_log(
    house: House,
    since: datetime | None,
    until: datetime | None,
    whom: str | None,
    actor: str | None,
    action: str | None,
    form: str | None,
) -> None:
    """Print who did what to whom, where and when, oldest first. Nothing can change it."""
    first = (since or datetime(1970, 1, 1)).replace(tzinfo=UTC)  # noqa: DTZ001 - made aware at once
    last = until.replace(tzinfo=UTC) + timedelta(days=1) if until else datetime.max.replace(tzinfo=UTC)
    writer = csv.DictWriter(sys.stdout, COLUMNS) if form == "csv" else None
    if writer is not None:
        writer.writeheader()
    with house.database().read() as session:
        for entry in audit.entries(session, first, last, whom=whom, actor=actor, action=action):
            row = {name: getattr(entry, name) for name in COLUMNS} | {"at": entry.at.isoformat()}
            if writer is not None:
                writer.writerow({name: harmless(value) for name, value in row.items()})
            elif form == "json":
                click.echo(json.dumps(row, ensure_ascii=False))
            else:
                click.echo(_line(entry))


def _line(entry: Entry) -> str:
    parts = [f"{entry.at:%Y-%m-%d %H:%M:%S}", entry.actor, entry.action]
    parts += [value for value in (entry.whom, entry.what, entry.place) if value]
    if entry.course_id is not None:
        parts.append(f"course {entry.course_id}")
    if entry.before or entry.after:
        parts.append(f"{entry.before or 'nothing'} → {entry.after or 'nothing'}" if entry.before else str(entry.after))
    if entry.because:
        parts.append(f"because {entry.because}")
    return "  ".join(parts)
