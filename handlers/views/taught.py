"""Several courses somebody teaches, one of which is meant."""

from collections.abc import Callable, Sequence

from handlers.views.kit import actions, button, context, say, section, words
from handlers.views.screens import Screen
from models.teachers import Taught

MOST = 10


def which(
    title: str,
    question: str,
    typed: str,
    mine: Sequence[Taught],
    verb: str,
    way: tuple[str, str, Callable[[int], str]],
) -> Screen:
    """Several courses may be meant, or none is. ``verb`` follows /teach; ``way`` is the label of each course's button,
    its action, and what it carries."""
    if not mine:
        sentence = "You don't teach a course called *{typed}*." if typed else "You teach no course yet."
        desk = button("Open your desk", "desk.open", "0", style="primary")
        return Screen(title, (section(say(sentence, typed=typed)), actions(desk)))
    label, action, carried = way
    rows = [
        section(
            say("*{title}*\n{count}", title=one.title, count=words(one.learners, "learner")),
            button(label, action, carried(one.course_id), label=f"{label}: {one.title}"),
        )
        for one in mine[:MOST]
    ]
    more = [context(f"There are more. Name one: `/teach {verb} COURSE`.")] if len(mine) > MOST else []
    return Screen(title, (section(question), *rows, *more))
