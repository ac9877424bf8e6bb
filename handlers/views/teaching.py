"""The instructor's desk."""

from collections.abc import Sequence

from handlers.views.kit import actions, button, context, header, say, section, words
from handlers.views.rosters import packed
from handlers.views.screens import Block, Screen
from models.drafts import Begun
from models.rosters import EVERYBODY, NEWEST
from models.teachers import Taught

VERBS = {
    "roster": "who learns in a course, and where they are stuck",
    "team": "who teaches a course, and handing it over",
}
"""What can follow /teach, and what it does."""
PAGE = 10


def desk(courses: Sequence[Taught], begun: Sequence[Begun], *, skip: int, has_more: bool, is_admin: bool) -> Screen:
    """The courses somebody teaches, and what can be done with each."""
    blocks: list[Block] = [header("Your desk")]
    changed = {draft.course_id for draft in begun}
    if not courses and not begun:
        blocks.append(section("You don't teach a course yet. Begin one, or write one as a file."))
    for course in courses:
        line = say("*{title}*\n{learners}", title=course.title, learners=words(course.learners, "learner"))
        carried = str(course.course_id)
        roster = packed(EVERYBODY, NEWEST, course.course_id, 0)
        blocks.append(section(line))
        blocks.append(
            actions(
                button("Edit", "draft.edit", carried, label=f"Edit {course.title}"),
                button("Roster", "roster.show", roster, label=f"Roster of {course.title}"),
                button("Team", "team.show", carried, label=f"Team of {course.title}"),
            )
        )
        if course.course_id in changed:
            blocks.append(context("Changed, and not published yet"))
    for draft in begun:
        if draft.course_id is None:
            line = say("*{title}*\nA draft: learners don't see it yet", title=draft.title)
            open_it = button("Go on", "draft.open", str(draft.draft_id), label=f"Go on with {draft.title}")
            blocks.append(section(line, open_it))
    blocks.append(actions(button("New course", "draft.new", style="primary")))
    turning = []
    if skip:
        turning.append(button("Back", "desk.open", str(max(skip - PAGE, 0))))
    if has_more:
        turning.append(button("More", "desk.open", str(skip + PAGE)))
    if turning:
        blocks.append(actions(*turning))
    if is_admin:
        blocks.append(context("As an admin you see every course."))
    return Screen("Your desk", tuple(blocks))


def unknown_verb(typed: str) -> Screen:
    """What can be said instead."""
    lines = [f"`/teach {verb}`  {does}" for verb, does in VERBS.items()]
    return Screen(
        "Teach",
        (
            section(say("I don't know *{typed}*. Here is what I do know:", typed=typed)),
            section("\n".join(["`/teach`  your desk", *lines])),
            actions(button("Open your desk", "desk.open", "0", style="primary")),
        ),
    )
