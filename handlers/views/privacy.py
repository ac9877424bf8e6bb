"""Your data: having it, and being forgotten."""

from collections.abc import Sequence

from handlers.views.kit import actions, button, context, divider, person, say, section
from handlers.views.screens import Block, Screen
from models.erasures import Erasure

TITLE = "Your data"
GOES = (
    "your name, e-mail address and picture",
    "your roles and your links",
    "your courses, lessons, completions and where you left off",
    "your reminders, days away and what you asked not to hear of",
    "the words of everything I sent you",
)
STAYS = (
    "who did what in the audit log, by ids without names, so that it can be trusted",
    "that and when something was sent, by ids without words, so that nothing goes out twice",
    "what Slack says about members of this workspace, which it tells me again each day",
)


def on_its_way() -> Screen:
    """The file is being made."""
    return Screen(TITLE, (section("I'm putting it together. It arrives in our direct messages within a minute."),))


def not_sent() -> Screen:
    """The file could not be sent."""
    return Screen(
        TITLE,
        (section("Slack didn't take the file with your data. Try `/learn my-data` again later, or ask an admin."),),
    )


def ask(portal: str, *, at_once: bool) -> Screen:
    """What goes, what stays and why."""
    blocks: list[Block] = [
        section("If you ask me to forget you, this goes:\n" + "\n".join(f"• {one}" for one in GOES)),
        section("This stays:\n" + "\n".join(f"• {one}" for one in STAYS)),
        context(say("Your account in {portal} itself is not mine to delete: ask there.", portal=portal)),
    ]
    if at_once:
        way = button("Forget me…", "privacy.sure", style="danger")
        blocks.append(context("It can't be undone. Want a copy first? `/learn my-data`"))
    else:
        way = button("Ask to be forgotten", "privacy.ask", style="danger")
        blocks.append(context("An admin approves it, and you hear from me. Want a copy first? `/learn my-data`"))
    return Screen(TITLE, (*blocks, actions(way, button("Stay", "privacy.withdraw"))))


def are_you_sure() -> Screen:
    """One more question."""
    return Screen(
        TITLE,
        (
            section("This can't be undone: everything you learned here is gone afterwards. Go on?"),
            actions(
                button("Yes, forget me", "privacy.erase", style="danger"),
                button("Stay", "privacy.withdraw"),
            ),
        ),
    )


def asked() -> Screen:
    """The wish is with the admins."""
    return Screen(
        TITLE,
        (
            section("Your admins have your request. You hear from me when they have answered."),
            actions(button("I've changed my mind", "privacy.withdraw")),
        ),
    )


def is_asked() -> Screen:
    """The wish is with the admins already."""
    return Screen(
        TITLE,
        (
            section("You've asked already, and an admin has yet to answer."),
            actions(button("I've changed my mind", "privacy.withdraw")),
        ),
    )


def stays() -> Screen:
    """Nothing is erased."""
    return Screen(TITLE, (section("Good: everything stays as it is."),))


def forgotten() -> Screen:
    """You are forgotten."""
    return Screen(TITLE, (section("Done: I've forgotten you. Should you come back, `/learn` starts afresh."),))


def approved(slack_user_id: str) -> Screen:
    """An admin agreed."""
    return Screen(TITLE, (section(say("{who} is forgotten, and hears of it.", who=person(slack_user_id))),))


def declined(slack_user_id: str) -> Screen:
    """An admin did not agree."""
    sentence = "{who} stays, and hears that you said no. Tell them why: the law may want you to."
    return Screen(TITLE, (section(say(sentence, who=person(slack_user_id))),))


# What is told by direct message, and on an admin's Home


def asks_you(slack_user_id: str) -> Screen:
    """An admin is asked."""
    return Screen(TITLE, tuple(_request(slack_user_id)))


def on_home(waiting: Sequence[Erasure]) -> list[Block]:
    """The requests that wait for an admin."""
    blocks: list[Block] = []
    for one in waiting:
        blocks += [divider(), *_request(one.slack_user_id)]
    return blocks


def _request(slack_user_id: str) -> list[Block]:
    sentence = "{who} asks to be forgotten: account, courses, progress and reminders go, bare ids in the logs stay."
    return [
        section(say(sentence, who=person(slack_user_id))),
        actions(
            button("Approve", "privacy.approve", slack_user_id, style="danger", label="Approve forgetting them"),
            button("Decline", "privacy.decline", slack_user_id, label="Decline forgetting them"),
        ),
    ]


def was_erased() -> Screen:
    """An admin approved."""
    return Screen(
        TITLE,
        (section("An admin approved it: I've forgotten you. Should you come back, `/learn` starts afresh."),),
    )


def was_declined(by: str) -> Screen:
    """An admin declined."""
    sentence = "{who} declined your request to be forgotten, so everything stays as it is. Ask them why."
    return Screen(TITLE, (section(say(sentence, who=person(by))),))
