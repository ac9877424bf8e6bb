"""A course file from Slack: the form that takes it, what it would change, and what is wrong with it."""

from collections.abc import Sequence

from handlers.views.kit import (
    actions,
    asked,
    button,
    context,
    divider,
    header,
    say,
    section,
    shorten,
)
from handlers.views.screens import Block, Screen
from models.coursechanges import Change
from models.coursefiles import Mistake
from models.courseplans import Plan

MOST_CHANGES = 30
MOST_LINES = 8
"""Lines shown of one longer text that changes."""
MOST_MISTAKES = 20
LONGEST_NAME = 100
_MARKS = {"-": "–", "=": "•", "~": "•"}


def form() -> Screen:
    """The form that takes a course file."""
    element: Block = {
        "type": "file_input",
        "action_id": "import.file",
        "filetypes": ["yaml", "yml"],
        "max_files": 1,
    }
    return Screen(
        "Import a course",
        (
            section("Choose a course file, such as one that *Export* sent you."),
            asked("file", "Course file", element, hint="It ends in .yaml or .yml, and holds 2 MB at most."),
            context("You see what would change before anything does."),
        ),
        submit="Look",
        callback_id="import.look",
    )


def plan(plan: Plan, file_id: str, name: str) -> Screen:
    """What importing the file would change, and for whom."""
    blocks: list[Block] = [header(plan.course.title)]
    if plan.changes:
        blocks += _changes(plan.changes)
    else:
        blocks.append(section("Nothing changes: the course is what the file says."))
    if plan.meaning:
        blocks += [divider(), section("\n".join(say("{one}", one=one) for one in plan.meaning))]
    if plan.kept:
        blocks += [divider(), section("*Kept*, since it was changed in Slack or the portal:"), *_changes(plan.kept)]
    blocks += [context(say("{note}", note=note)) for note in plan.notes]
    way = "file" if plan.prefer_file else "merge"
    shown = shorten(name, LONGEST_NAME)
    row = []
    if plan.changes:
        row.append(button("Import", "import.carry_out", f"{file_id} {way} {plan.ground} {shown}", style="primary"))
    if plan.kept and not plan.prefer_file:
        row.append(button("Let the file win", "import.prefer", f"{file_id} file {plan.ground} {shown}"))
    if plan.prefer_file and not plan.is_new:
        row.append(button("Keep what was changed here", "import.prefer", f"{file_id} merge {plan.ground} {shown}"))
    row.append(button("Not now", "desk.open", "0"))
    return Screen("Import a course", (*blocks, actions(*row)))


def mistakes(name: str, found: Sequence[Mistake]) -> Screen:
    """What is wrong with the file, by line."""
    lines = [say("Line {line}: {what}", line=str(one.line), what=shorten(one.what, 300)) for one in found]
    blocks: list[Block] = [
        section(say("I can't take *{name}* as it is. Nothing was changed.", name=shorten(name, LONGEST_NAME)))
    ]
    blocks += [section(line) for line in lines[:MOST_MISTAKES]]
    if len(lines) > MOST_MISTAKES:
        blocks.append(context(say("… and {more} more", more=f"{len(lines) - MOST_MISTAKES:,}")))
    blocks.append(actions(button("Choose the file again", "import.ask", style="primary")))
    return Screen("Import a course", tuple(blocks))


def changed_meanwhile() -> list[Block]:
    """The course is another than it was when somebody looked."""
    return [context("The course was changed while you looked, and nothing was imported. Here is how it is now.")]


def not_read() -> Screen:
    """Slack did not give the file."""
    return Screen(
        "Import a course",
        (
            section("Slack didn't give me the file just now, and nothing was changed."),
            actions(button("Choose the file again", "import.ask", style="primary")),
        ),
    )


def imported(course_id: int, title: str) -> Screen:
    """It is done."""
    return Screen(
        "Imported",
        (
            section(say("*{title}* is what the file says.", title=title)),
            actions(
                button("See the course", "draft.edit", str(course_id)),
                button("Your desk", "desk.open", "0"),
            ),
        ),
    )


def _changes(changes: Sequence[Change]) -> list[Block]:
    blocks = []
    for one in changes[:MOST_CHANGES]:
        lines = [say("{mark} {text}", mark=_MARKS.get(one.mark, one.mark), text=one.text)]
        lines += [say("> {line}", line=shorten(line, 200)) for line in one.lines[:MOST_LINES]]
        if len(one.lines) > MOST_LINES:
            lines.append(say("> … and {more} more lines", more=f"{len(one.lines) - MOST_LINES:,}"))
        blocks.append(section("\n".join(lines)))
    if len(changes) > MOST_CHANGES:
        blocks.append(context(say("… and {more} more", more=f"{len(changes) - MOST_CHANGES:,}")))
    return blocks
