"""Answers to words that were not a verb."""

from handlers.views.kit import actions, button, context, say, section, shorten
from handlers.views.screens import Block, Screen
from models.catalog import Card


def guess(said: str, verb: str, rest: str, course: Card | None) -> Screen:
    """What was probably meant, offered and never run."""
    sentence = say("I don't know *{words}*.", words=shorten(said, 100))
    if course is not None:
        label, action = {
            "enroll": ("Enroll in {}", "course.enroll"),
            "continue": ("Continue {}", "course.continue"),
            "withdraw": ("Leave {}", "course.withdraw"),
        }[verb]
        offered = button(shorten(label.format(course.title), 75), action, str(course.course_id))
    else:
        words = f"{verb} {rest}".strip()
        offered = button(shorten(words.capitalize(), 75), "verb.use", shorten(words, 400))
    looked_for = rest if course is not None and rest else said
    search = button(f"Search “{shorten(looked_for, 50)}”", "verb.use", f"(search) {shorten(looked_for, 200)}".strip())
    return Screen("Did you mean?", (section(sentence), actions(offered, search)))


def small_talk(kind: str, name: str) -> Screen:
    """A brief, friendly answer, and a way on."""
    browse = button("Browse courses", "catalog.open")
    go_on = button("Continue", "course.continue", style="primary")
    answers: dict[str, tuple[str, list[Block]]] = {
        "greeting": (say("Hello {name}. Ready for a lesson?", name=name), [go_on, browse]),
        "thanks": ("You're welcome.", [go_on]),
        "who": (
            "I'm Homeroom. I bring your courses into Slack: browse, enroll, take lessons, see how far you are.",
            [browse, button("Help", "help.show")],
        ),
    }
    sentence, buttons = answers[kind]
    return Screen("Homeroom", (section(sentence), *([actions(*buttons)] if buttons else [])))


def hint() -> Screen:
    """One line for somebody who mentioned us in passing."""
    return Screen(
        "Homeroom",
        (context("Mention me with `courses`, `continue` or `done` and I'll answer, only to you."),),
    )
