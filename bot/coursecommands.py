"""Console commands about courses: course files in and out."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import click
from rich.console import Console
from rich.progress import track
from sqlmodel import Session

from models import courseexports, coursefiles, courseplans
from models.coursefiles import CourseFile, CourseFileErrors
from models.courseplans import Plan, UnknownInstructor
from models.database import Database
from models.errors import DomainError

MISUSE = 2
MANY = 5
"""So many files at once get a progress bar."""


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
    """Bring course files in: all of them, or none when there is a mistake in one."""
    database = house.database()
    courses = _read_all(files)
    with database.read() as session:
        plans = _plan_all(session, courses, prefer_file)
    console = Console(highlight=False, soft_wrap=True)
    for plan in plans:
        _show(console, plan)
    if dry_run:
        return
    if not any(plan.changes for plan in plans):
        console.print("Everything is as the files say. Nothing to do.")
    elif not yes:
        if not sys.stdin.isatty():
            raise DomainError("Nobody is here to ask. Look at the changes above, then run it again with --yes.")
        click.confirm("Import this?", abort=True)
    now = datetime.now(UTC)
    steps: Iterable[Plan] = plans
    if len(plans) >= MANY and console.is_terminal:
        steps = track(plans, "Importing", console=console)
    with database.write() as session:
        for plan in steps:
            courseplans.apply(session, plan, now)
    if any(plan.changes for plan in plans):
        console.print(f"Imported {len(plans)} {'course' if len(plans) == 1 else 'courses'}.")


@click.command("export")
@click.argument("course")
@click.option("-o", "--output", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Where to.")
@click.pass_obj
def export_course(house: House, course: str, output: Path | None) -> None:
    """Write a course out as a course file; COURSE is its slug or its number."""
    with house.database().write() as session:
        written = courseexports.export(session, course)
    if output is None:
        click.echo(written, nl=False)
    else:
        output.write_text(written, encoding="utf-8")
        click.echo(f"Wrote {output}.")


def _read_all(files: tuple[Path, ...]) -> list[CourseFile]:
    courses, mistakes = [], []
    for file in files:
        try:
            courses.append(coursefiles.read(file.read_text(encoding="utf-8"), file.name))
        except UnicodeDecodeError:
            mistakes.append(f"{file.name}, line 1: this is not UTF-8 text. Save the file as UTF-8.")
        except CourseFileErrors as error:
            mistakes += error.mistakes
    slugs = [course.slug for course in courses]
    mistakes += [
        f"{course.name}, line 1: course: {course.slug} is in another of these files too. Give one of them another slug."
        for number, course in enumerate(courses)
        if course.slug in slugs[:number]
    ]
    if mistakes:
        raise DomainError("\n".join([*mistakes, "Nothing was imported."]))
    return courses


def _plan_all(session: Session, courses: list[CourseFile], prefer_file: bool) -> list[Plan]:
    plans, mistakes = [], []
    for course in courses:
        try:
            plans.append(courseplans.plan(session, course, prefer_file=prefer_file))
        except UnknownInstructor as error:
            mistakes.append(str(error))
    if mistakes:
        raise DomainError("\n".join([*mistakes, "Nothing was imported."]))
    return plans


def _show(console: Console, plan: Plan) -> None:
    console.print(f"{plan.course.title} ({plan.course.slug})", style="bold", markup=False)
    for change in plan.changes:
        console.print(f"  + {change}", style="green", markup=False)
    for kept in plan.kept:
        console.print(f"  = {kept}; kept. --prefer-file would replace it", style="yellow", markup=False)
    for meaning in plan.meaning:
        console.print(f"  {meaning}", markup=False)
    if not plan.changes:
        console.print("  nothing changes", markup=False)
