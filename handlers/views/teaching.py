"""The instructor's desk."""

from collections.abc import Sequence

from handlers.views.kit import actions, button, context, header, say, section, words
from handlers.views.screens import Block, Screen
from models.teachers import Taught

VERBS: dict[str, str] = {}
"""What can follow /teach, and what it does."""
PAGE = 10


def desk(courses: Sequence[Taught], *, skip: int, has_more: bool, is_admin: bool) -> Screen:
    """The courses somebody teaches, and what can be done with each."""
    blocks: list[Block] = [header("Your desk")]
    if not courses:
        blocks.append(section("You don't teach a course yet."))
    for course in courses:
        line = say("*{title}*\n{learners}", title=course.title, learners=words(course.learners, "learner"))
        blocks.append(section(line))
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
