"""Linking: who you are in the portal."""

from collections.abc import Sequence

from handlers.views.kit import Markup, actions, button, context, person, say, section
from handlers.views.screens import Screen


def linked(portal: str, name: str, email: str) -> Screen:
    """Linked, and to whom."""
    said = say("You're linked to *{name}* ({email}) in {portal}.", name=name, email=email, portal=portal)
    return Screen("Your account", (section(said), context("To end this link, type /learn unlink.")))


def sign_in(portal: str, url: str, back_to: str | None) -> Screen:
    """A link of one's own to sign in with, and what happens then."""
    sentence = say("First, sign in to *{portal}* (about a minute).", portal=portal)
    if back_to:
        sentence = say("{first} I'll bring you back to *{course}*.", first=sentence, course=back_to)
    return Screen(
        "Link your account",
        (
            section(sentence),
            actions(button(f"Sign in to {portal}", "account.sign_in", "sign in", style="primary", url=url)),
            context("The link is yours only and good for 10 minutes. Don't forward it."),
        ),
    )


def is_this_you(portal: str, name: str, email: str | None, request_id: int) -> Screen:
    """The second yes, in Slack: whether the portal's account is this person's."""
    who = say("*{name}* ({email})", name=name, email=email) if email else say("*{name}*", name=name)
    carried = str(request_id)
    return Screen(
        "Link your account",
        (
            section(
                say("Somebody signed in to {portal} as {who}, to link you to it. Was it you?", portal=portal, who=who)
            ),
            actions(
                button("Yes, that's me", "account.bind", carried, style="primary"),
                button("No, it wasn't", "account.decline", carried),
            ),
            context("Good for 10 minutes. If it wasn't you, press No: nothing is linked."),
        ),
    )


def may_be_you(portal: str, name: str, email: str | None, by_email: bool, carried: str, can_sign_in: bool) -> Screen:
    """Whether the account that matches is this person's: nothing is linked until they say so."""
    who = say("*{name}* ({email})", name=name, email=email) if email else say("*{name}*", name=name)
    why = "I found it by your e-mail address in Slack." if by_email else "It is connected to your Slack account."
    return Screen(
        "Link your account",
        (
            section(say("Is this you? {who} in *{portal}*.", who=who, portal=portal)),
            actions(
                button("Yes, link", "account.accept", carried, style="primary"),
                button(
                    "No, sign in instead" if can_sign_in else "No, that's not me", "account.sign_in_instead", carried
                ),
            ),
            context(f"{why} Nothing is linked until you say yes."),
        ),
    )


def bound(portal: str, name: str) -> Screen:
    """Linked now."""
    return Screen("Link your account", (section(say("You're in, as *{name}* of {portal}.", name=name, portal=portal)),))


def declined() -> Screen:
    """Not linked."""
    return Screen("Link your account", (section("Nothing was linked. Type /learn link whenever you want to."),))


def ask_unlink(portal: str, name: str) -> Screen:
    """Whether to end the link."""
    sentence = "End the link to *{name}* in {portal}? What you did is kept there, and reminders stop."
    return Screen(
        "Unlink",
        (
            section(say(sentence, name=name, portal=portal)),
            actions(
                button("Unlink", "account.unlink", style="danger"),
                button("Stay linked", "account.keep"),
            ),
        ),
    )


def unlinked(portal: str) -> Screen:
    """The link has ended."""
    sentence = "Unlinked. What you did stays with your account in {portal}; link again to go on."
    return Screen("Unlink", (section(say(sentence, portal=portal)), actions(button("Link my account", "account.link"))))


def kept() -> Screen:
    """Still linked."""
    return Screen("Unlink", (section("You stay linked."),))


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
