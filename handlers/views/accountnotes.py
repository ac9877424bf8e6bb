"""Account notes: a role given or taken, a link that ended."""

from collections.abc import Sequence
from datetime import datetime

from handlers.views.kit import Markup, actions, button, context, moment, person, say, section
from handlers.views.roles import a
from handlers.views.screens import Block, Screen
from models.roles import INSTRUCTOR

MAY_DO = {INSTRUCTOR: "write and teach courses"}
"""What a role lets somebody do here; every other: look after the portal."""


def granted(role: str, by: str, ends_at: datetime | None, because: str, portal: str, *, waits: bool) -> Screen:
    """You hold a role now, or will as soon as you link."""
    end = say(", until {end}", end=moment(ends_at)) if ends_at else Markup("")
    may = MAY_DO.get(role, "grant roles and look after the portal")
    if waits:
        sentence = "You'll be {held}{end} as soon as you link your {portal} account: {by} wants you to."
    else:
        sentence = "You're {held} now{end}. You may {may}; {by} gave you the role."
    said = say(sentence, by=_admin(by), held=a(role), end=end, may=may, portal=portal)
    blocks: list[Block] = [section(said), *_because(because)]
    if waits:
        blocks.append(actions(button("Link my account", "account.link", style="primary")))
    return Screen("Your role", tuple(blocks))


def revoked(role: str, by: str, because: str) -> Screen:
    """You no longer hold a role, by somebody's hand."""
    sentence = "You're no longer {held}: {by} took the role back. Your own courses go on."
    said = say(sentence, held=a(role), by=_admin(by))
    return Screen("Your role", (section(said), *_because(because)))


def ended(role: str) -> Screen:
    """A role came to its end."""
    said = say("Your time as {held} is over, as it was set to be. Your own courses go on.", held=a(role))
    return Screen("Your role", (section(said), context("Need it for longer? Ask an admin.")))


def grant_ended(role: str, who: str) -> Screen:
    """A role the reader granted came to its end."""
    whom = person(who) if who else Markup("Somebody who left")
    said = say("{whom} is no longer {held}: the time you set is over.", whom=whom, held=a(role))
    again = say("To give it again: `/roles grant @person {role} for 14d`", role=role.lower())
    return Screen("A role ended", (section(said), context(again)))


def link_ended(portal: str, why: str, did: Sequence[str], *, is_linked: bool) -> Screen:
    """The link between this Slack account and the portal has ended, and what was done through it."""
    reasons = {
        "mistake": "An admin ended your link to {portal}: it went to somebody else's account by mistake.",
        "admin": "An admin ended your link to {portal}.",
        "banned": "Your account in {portal} was suspended, so your link to it ended.",
        "deleted": "Your account in {portal} was deleted, so your link to it ended.",
        "moved": "You are linked to another account in {portal} now; the link to the one before has ended.",
    }
    blocks: list[Block] = [section(say(reasons[why], portal=portal))]
    if did:
        listed = Markup("\n".join(say("• {line}", line=line) for line in did))
        blocks.append(section(say("*Done while it was linked*\n{listed}", listed=listed)))
        blocks.append(context("It stays with that account."))
    if not is_linked and why in ("mistake", "admin"):
        blocks.append(actions(button("Link my account", "account.link", style="primary")))
    return Screen("Your account", tuple(blocks))


def link_moved(portal: str, workspace: str, by: str) -> Screen:
    """Somebody else's Slack account was linked to the reader's account in the portal, or took its place."""
    sentence = "Your account in {portal} is no longer linked to {who} in {workspace}, who is linked to another one now."
    blocks = (
        section(say(sentence, portal=portal, who=person(by), workspace=workspace)),
        context("Was that not you? Tell an admin."),
    )
    return Screen("Your account", blocks)


def _because(because: str) -> list[Block]:
    return [context(say("Because {why}", why=because))] if because else []


def _admin(slack_user_id: str) -> Markup:
    return person(slack_user_id) if slack_user_id else Markup("an admin")
