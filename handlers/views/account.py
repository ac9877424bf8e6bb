"""Linking: who you are in the portal."""

from collections.abc import Sequence

from handlers.views.kit import Markup, actions, button, context, person, say, section
from handlers.views.screens import Screen


def linked(portal: str, name: str, email: str) -> Screen:
    """Linked, and to whom."""
    said = say("You're linked to *{name}* ({email}) in {portal}.", name=name, email=email, portal=portal)
    return Screen("Your account", (section(said),))


def whom_to_ask(portal: str, admins: Sequence[str], team_id: str, slack_user_id: str) -> Screen:
    """Not linked: an admin can do it, and this is what they need."""
    people = Markup(", ".join(person(admin) for admin in admins[:5]))
    sentence = (
        "Ask {people} to link you to your account in *{portal}*."
        if people
        else "Ask whoever runs Homeroom here to link you to your account in *{portal}*."
    )
    return Screen(
        "Link your account",
        (
            section(say(sentence, people=people, portal=portal)),
            context(f"They will need this: team `{team_id}`, member `{slack_user_id}`."),
            actions(button("Browse courses", "catalog.open")),
        ),
    )
