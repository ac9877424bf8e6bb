"""Screens that say no, and what to do next."""

from handlers.views.kit import actions, button, channel, say, section
from handlers.views.screens import Screen


def refusal(sentence: str) -> Screen:
    """A sentence that says what can't be done and what to do instead."""
    return Screen("Not this time", (section(sentence),), close="Back")


def our_fault(reference: str) -> Screen:
    """Something broke on our side; the reference finds it in the log."""
    return refusal(
        "Something went wrong on my side, and nothing was changed. Try again in a minute; "
        f"if it happens again, give an admin this reference: `{reference}`."
    )


def not_linked(portal: str, wish: str) -> Screen:
    """The one clear way on for someone who is not linked yet; the button carries what they were doing."""
    return Screen(
        "Link your account",
        (
            section(f"To do this I need to know who you are in {portal}. You can browse courses without."),
            actions(
                button("Link my account", "account.link", wish, style="primary"),
                button("Browse courses", "catalog.open"),
            ),
        ),
        close="Back",
    )


def members_only() -> Screen:
    """For guests and people from other organisations."""
    return refusal(
        "Homeroom is open to full members of this workspace. Ask whoever invited you if you need one of its courses."
    )


def outdated() -> Screen:
    """For a button whose screen is from another time."""
    return refusal("That button is from an older screen. Open Homeroom's Home, or type /learn, for a fresh one.")


def not_announced(channel_id: str) -> Screen:
    """It was done, and could not be shown where it was to be."""
    sentence = (
        "It's done, but I couldn't show it in {where}. Invite me there with `/invite @homeroom`, or say it yourself."
    )
    return refusal(say(sentence, where=channel(channel_id)))
