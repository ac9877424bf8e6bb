"""What can be said, on one screen."""

from handlers.views.kit import actions, button, context, header, say, section
from handlers.views.screens import Screen

VERBS = {
    "courses [words]": "browse the catalog, or search it",
    "enroll COURSE": "join a course",
    "continue [COURSE]": "open your next lesson",
    "progress": "see how far you are",
    "done": "mark the open lesson complete",
    "withdraw COURSE": "leave a course; what you did is kept",
    "reminders": "choose when I write, and when I don't",
    "why": "see when the next reminder comes, and why",
    "link": "link your Slack account",
    "unlink": "end that link; what you did is kept",
    "my-data": "get everything I have about you, as a file",
    "forget-me": "be forgotten",
    "help": "see this again",
}
"""Each verb as it is typed, and what it does."""


def help(portal: str, *, is_linked: bool) -> Screen:
    """Every verb, and where else they work."""
    lines = "\n".join(f"`/learn {typed}`  {does}" for typed, does in VERBS.items())
    first = (
        button("Continue", "course.continue", style="primary")
        if is_linked
        else button("Link my account", "account.link", style="primary")
    )
    return Screen(
        "Help",
        (
            header("Learn without leaving Slack"),
            section(say("I bring the courses of *{portal}* into Slack.", portal=portal)),
            section(lines),
            context("Who has which role: `/roles`. For instructors: `/teach`"),
            context(
                "The same words work in our direct messages without /learn, and in a thread when you mention me. "
                "Anything else you type after /learn is a search."
            ),
            actions(first, button("Browse courses", "catalog.open")),
        ),
    )
