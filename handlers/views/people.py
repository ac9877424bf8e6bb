"""People, as admins see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from handlers.views import privacy
from handlers.views.deliveries import NAMES, reason
from handlers.views.kit import (
    Markup,
    actions,
    asked,
    button,
    context,
    divider,
    header,
    moment,
    one_of,
    person,
    progress_bar,
    say,
    section,
    shorten,
    words,
)
from handlers.views.roles import waiting_lines
from handlers.views.screens import Block, Screen
from models.catalog import Card as CourseCard
from models.deliveries import Delivery
from models.erasures import Erasure
from models.grants import Grant
from models.people import MOST_COUNTED, Done, Unlinked

WHY = {
    "mistake": "It was a mistake: this is somebody else's account",
    "admin": "The link should just end",
}
MOST_COURSES = 10


class Overview(NamedTuple):
    """How people stand: how many aren't linked, which grants wait or end and whose they are here, who asks to be
    forgotten."""

    unlinked: int
    grants: tuple[Grant, ...]
    slack_ids: Mapping[str, str]
    erasures: tuple[Erasure, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """One person. ``account`` is name and e-mail in the portal, None for those not linked; newest deliveries first."""

    slack_user_id: str
    name: str
    is_guest: bool = False
    account: tuple[str, str] | None = None
    roles: tuple[str, ...] = ()
    ends: Mapping[str, datetime] = field(default_factory=dict)
    waiting: tuple[Grant, ...] = ()
    courses: tuple[CourseCard, ...] = ()
    sent: tuple[Delivery, ...] = ()


def on_home(told: Overview) -> list[Block]:
    """What an admin's Home says about people."""
    many = f"More than {MOST_COUNTED:,} people aren't" if told.unlinked > MOST_COUNTED else ""
    few = f"{told.unlinked:,} people aren't" if told.unlinked > 1 else "One person isn't"
    blocks: list[Block] = [divider(), section("*People*")]
    blocks.append(section(f"{many or few} linked yet." if told.unlinked else "Everybody is linked."))
    pending = [one for one in told.grants if one.user_id is None]
    ending = [one for one in told.grants if one.user_id is not None and one.ends_at is not None]
    if pending:
        blocks.append(section(say("*Roles that wait for them to link*\n{lines}", lines=waiting_lines(pending))))
    if ending:
        lines = Markup("\n".join(_ending(one, told.slack_ids) for one in ending))
        blocks.append(section(say("*Roles that end*\n{lines}", lines=lines)))
    ways = [button("Find a person", "person.find"), button("Roles", "role.show")]
    if told.unlinked:
        ways.append(button("Who isn't linked", "person.unlinked"))
    return [*blocks, actions(*ways), *privacy.on_home(told.erasures)]


def _ending(one: Grant, slack_ids: Mapping[str, str]) -> Markup:
    known = slack_ids.get(one.user_id or "")
    who = person(known) if known else Markup("Somebody of another workspace")
    assert one.ends_at is not None
    return say("• {who}: {role}, until {end}", who=who, role=one.role.lower(), end=moment(one.ends_at))


def find() -> Screen:
    """Whom to look for."""
    select: Block = {
        "type": "users_select",
        "action_id": "person.pick",
        "placeholder": {"type": "plain_text", "text": "Choose a person"},
    }
    return Screen("Find a person", (section("Whom are you looking for?"), actions(select)))


def person_card(card: Card, portal: str) -> Screen:
    """Everything about one person."""
    blocks: list[Block] = [header(card.name)]
    carried = card.slack_user_id
    if card.account is None:
        why = "They are a guest, and guests can't link." if card.is_guest else "They aren't linked yet."
        blocks.append(section(say("{who}: {why}", who=person(carried), why=why)))
        if card.waiting:
            blocks.append(section(say("*Waiting for them to link*\n{lines}", lines=waiting_lines(card.waiting))))
        return Screen("Find a person", tuple(blocks))
    name, email = card.account
    linked = say("{who} is *{name}* ({email}) in {portal}.", who=person(carried), name=name, email=email, portal=portal)
    blocks.append(section(linked, accessory=button("Unlink", "person.unlink", carried, label=f"Unlink {card.name}")))
    blocks.append(section(say("*Roles*\n{roles}", roles=_roles(card))))
    blocks += [section(say("*Courses*\n{lines}", lines=_courses(card.courses)))]
    if card.sent:
        lines = Markup("\n".join(_sent(one) for one in card.sent))
        blocks.append(section(say("*What I sent them*\n{lines}", lines=lines)))
    else:
        blocks.append(context("I haven't sent them anything unasked."))
    return Screen("Find a person", tuple(blocks))


def _roles(card: Card) -> Markup:
    held = [
        say("{role}, until {end}", role=role, end=moment(card.ends[role])) if role in card.ends else say("{r}", r=role)
        for role in card.roles
    ]
    return Markup(", ".join(held)) if held else Markup("Learner")


def _courses(courses: Sequence[CourseCard]) -> Markup:
    if not courses:
        return Markup("None so far.")
    lines = [
        say("• {title}: {bar}", title=shorten(one.title, 100), bar=progress_bar(one.done, one.lessons))
        for one in courses[:MOST_COURSES]
    ]
    if len(courses) > MOST_COURSES:
        lines.append(Markup(f"And {words(len(courses) - MOST_COURSES, 'more course')}."))
    return Markup("\n".join(lines))


def _sent(one: Delivery) -> Markup:
    became = {"sent": "sent", "failed": "did not get through", "suppressed": "not sent"}.get(one.state, "on its way")
    why = f", {reason(one.reason)}" if one.reason and one.state in ("failed", "suppressed") else ""
    kind = NAMES.get(one.kind, one.kind)
    return say("• {at}: {kind}, {became}{why}", at=moment(one.planned_at), kind=kind, became=became, why=why)


def unlinked(page: Sequence[Unlinked], *, more_after: str) -> Screen:
    """Who isn't linked."""
    if not page:
        return Screen("Who isn't linked", (section("Everybody is linked."),))
    lines = Markup("\n".join(say("• {who} ({name})", who=person(one.slack_user_id), name=one.name) for one in page))
    blocks: list[Block] = [section(lines), context("They see how to link on Home and with `/learn link`.")]
    if more_after:
        blocks.append(actions(button("See more", "person.unlinked", more_after)))
    return Screen("Who isn't linked", tuple(blocks))


def lines_of(done: Done) -> tuple[str, ...]:
    """What was done while it was linked, a line for each kind of thing."""
    lines = []
    if done.enrolled:
        lines.append(f"Enrolled in {', '.join(shorten(title, 80) for title in done.enrolled)}")
    if done.lessons:
        lines.append(f"Completed {words(done.lessons, 'lesson')}")
    if done.finished:
        lines.append(f"Finished {', '.join(shorten(title, 80) for title in done.finished)}")
    return tuple(lines)


def ask_unlink(slack_user_id: str, name: str, did: Sequence[str], portal: str) -> Screen:
    """Whether the link should end, with what was done through it."""
    blocks: list[Block] = [
        section(
            say("End the link of {who} to *{name}* in {portal}?", who=person(slack_user_id), name=name, portal=portal)
        )
    ]
    blocks.append(section(_did(did)))
    blocks.append(context("It stays with that account. Both sides are told."))
    blocks.append(
        asked("why", "Why?", one_of("radio_buttons", "person.why", [(v, k) for k, v in WHY.items()], "admin"))
    )
    return Screen(
        "Unlink",
        tuple(blocks),
        submit="Unlink",
        close="Cancel",
        callback_id="person.unlink",
        metadata=slack_user_id,
    )


def _did(did: Sequence[str]) -> Markup:
    if not did:
        return Markup("Nothing was done while it was linked.")
    return say("*Done while it was linked*\n{lines}", lines=Markup("\n".join(say("• {line}", line=one) for one in did)))


def was_unlinked(slack_user_id: str, name: str, did: Sequence[str], portal: str) -> Screen:
    """The link has ended."""
    sentence = "{who} is no longer linked to *{name}* in {portal}. Both sides are told."
    blocks = [section(say(sentence, who=person(slack_user_id), name=name, portal=portal))]
    return Screen("Unlink", (*blocks, section(_did(did))) if did else tuple(blocks))
