"""Console commands about courses: course files in and out."""

import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import click

from models import audit, courseexports, coursefiles, courseimports, courseplans
from models.coursechanges import Change
from models.coursefiles import LARGEST, CourseFile, CourseFileErrors, Mistake
from models.courseplans import Plan
from models.database import Database
from models.errors import DomainError

if TYPE_CHECKING:
    from rich.console import Console

MANY = 5
"""So many files at once get a progress bar."""
MOST_LINES = 12
"""Lines shown of one longer text that changes."""
STYLES = {"+": "green", "-": "red", "~": "cyan", "=": "yellow", "@": "dim", " ": "dim"}

Thing = TypeVar("Thing")


class House(Protocol):
    """What these commands need of the console."""

    def database(self) -> Database:
        """The database at head."""


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.option("--prefer-file", is_flag=True, help="Let the file win over what was changed in Slack or the portal.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and stop.")
@click.pass_obj
def import_courses(house: House, files: tuple[Path, ...], yes: bool, prefer_file: bool, dry_run: bool) -> None:
    """Bring course files in: all of them, or none when there is a mistake in one.

    Shows what would change and what that means for learners, and asks. Nobody's progress is ever lost.
    """
    database = house.database()
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    plans = _plan_all(console, database, files, prefer_file)
    for plan in plans:
        _show(console, plan)
    has_changes = any(plan.changes for plan in plans)
    if not has_changes:
        console.print("Nothing to do.")
    if dry_run:
        return
    if has_changes and not yes:
        if not sys.stdin.isatty():
            raise DomainError("Nobody is here to ask. Look at the changes above, then run it again with --yes.")
        click.confirm("Import this?", abort=True)
    _apply_all(console, database, plans)
    if has_changes:
        console.print(f"Imported {len(plans)} {'course' if len(plans) == 1 else 'courses'}.")


@click.command("export")
@click.argument("course")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Where to; else it is printed.")
@click.pass_obj
def export_course(house: House, course: str, output: Path | None) -> None:
    """Write a course out as a course file; COURSE is its slug or its number.

    Importing that file changes nothing. A course made in the portal gets its slug and keys by this, and keeps them.
    """
    with house.database().write() as session:
        made = courseexports.export(session, course, datetime.now(UTC))
    written = made.text.encode()
    if output is None:
        click.echo(written, nl=False)
    else:
        try:
            output.write_bytes(written)
        except OSError as error:
            raise DomainError(f"I can't write {output}: {error.strerror}. Name another place with -o.") from error
        click.echo(f"Wrote {output}.")
    if made.gave_names:
        told = f"What had none got its slug and keys, so that the file finds it again: the course is {made.slug} now."
        click.echo(told, err=True)


def _plan_all(console: "Console", database: Database, files: Sequence[Path], prefer_file: bool) -> list[Plan]:
    """A plan for each file. Raises `DomainError` with every mistake of every file."""
    plans: list[Plan] = []
    mistakes: list[Mistake] = []
    first: dict[str, CourseFile] = {}
    with database.read() as session:
        for path in _watched(console, files, "Reading"):
            try:
                course = coursefiles.read_bytes(_written(path), str(path))
                other = first.setdefault(course.slug, course)
                if other is not course:
                    reason = f"course: {course.slug} is the course of {other.name} too. Give one of them another slug."
                    mistakes.append(Mistake(course.name, course.slug_line, reason))
                plans.append(courseplans.plan(session, course, prefer_file=prefer_file))
            except CourseFileErrors as error:
                mistakes += error.mistakes
    if mistakes:
        raise DomainError("\n".join([*(_printable(str(mistake)) for mistake in mistakes), "Nothing was imported."]))
    return plans


def _written(path: Path) -> bytes:
    """What is in the file, up to a little more than it may hold. Raises `CourseFileErrors`."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise CourseFileErrors([Mistake(str(path), 1, f"it can't be read ({error.strerror}).")]) from error


def _apply_all(console: "Console", database: Database, plans: Sequence[Plan]) -> None:
    now = datetime.now(UTC)
    with database.write() as session:
        for plan in _watched(console, plans, "Importing"):
            courseimports.carry_out(session, plan, audit.CONSOLE, now)


def _watched(console: "Console", things: Sequence[Thing], doing: str) -> Iterable[Thing]:
    if len(things) < MANY or not console.is_terminal:
        return things
    from rich.progress import track

    return track(things, doing, console=console, transient=True)


def _show(console: "Console", plan: Plan) -> None:
    def say(text: str, style: str = "") -> None:
        console.print(_printable(text), style=style)

    say(f"{plan.course.title} ({plan.course.slug})", "bold")
    if not plan.changes:
        say("  Nothing changes.")
    for change in plan.changes:
        _show_change(say, change)
    for sentence in plan.meaning:
        say(f"  {sentence}")
    if plan.kept:
        say("  Kept, since it was changed in Slack or the portal (--prefer-file takes the file's instead):")
    for kept in plan.kept:
        _show_change(say, kept)
    for sentence in plan.notes:
        say(f"  Note: {sentence}", "yellow")


def _show_change(say: Callable[[str, str], None], change: Change) -> None:
    say(f"  {change.mark} {change.text}", STYLES[change.mark])
    for line in change.lines[:MOST_LINES]:
        say(f"      {line}".rstrip(), STYLES[line[0]])
    more = len(change.lines) - MOST_LINES
    if more > 0:
        say(f"      and {more:,} more {'line' if more == 1 else 'lines'}", "dim")


def _printable(text: str) -> str:
    """The text without what a terminal would take as an order."""
    return "".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in text)
