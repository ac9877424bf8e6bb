"""Roles: who has which, giving and taking them, and what the channel is told."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from handlers.views.kit import (
    Markup,
    actions,
    asked,
    button,
    context,
    field,
    header,
    moment,
    one_of,
    person,
    say,
    section,
)
from handlers.views.screens import Block, Screen
from models.grants import Given, Grant, Taken
from models.people import Holder
from models.roles import ADMIN, INSTRUCTOR

VERBS = {"grant": "Grant a role", "revoke": "Revoke a role"}
MEANINGS = {INSTRUCTOR: "Instructor: writes and teaches courses", ADMIN: "Admin: grants roles, sees everything sent"}
SHOW_IT_TO = 50
"""Up to so many members a channel is told without asking first."""


class Outcome(NamedTuple):
    """What became of one person's role. ``refused`` says why nothing did."""

    slack_user_id: str
    name: str
    became: Given | Taken | None = None
    refused: str = ""

    @property
    def is_news(self) -> bool:
        """Whether anything changed."""
        return self.became not in (None, Given.ALREADY, Taken.NOT_HELD)


def a(role: str) -> str:
    """A role with its article, as learners read it."""
    return f"an {role.lower()}"


def roster(held: Sequence[Holder], waiting: Sequence[Grant], *, is_admin: bool) -> Screen:
    """Who has which role; admins also see what waits, and the ways to change it."""
    blocks: list[Block] = [header("Who has which role")]
    for role in (ADMIN, INSTRUCTOR):
        lines = [_holder(one) for one in held if one.role == role]
        listed = Markup("\n".join(lines)) if lines else Markup("Nobody yet.")
        blocks.append(section(say("*{role}s*\n{listed}", role=role, listed=listed)))
    blocks.append(context("Everybody who links is a learner."))
    if is_admin:
        pending = [one for one in waiting if one.user_id is None]
        if pending:
            blocks += [section(say("*Waiting for them to link*\n{listed}", listed=waiting_lines(pending)))]
        blocks.append(
            actions(
                button("Grant a role", "role.ask", "grant", style="primary"),
                button("Revoke a role", "role.ask", "revoke"),
                button("See the log", "role.log"),
            )
        )
        blocks.append(context("Or type `/roles grant @person instructor for 14d because …`"))
    return Screen("Roles", tuple(blocks))


def _holder(one: Holder) -> Markup:
    who = person(one.slack_user_id) if one.slack_user_id else say("{name} (not in this workspace)", name=one.name)
    return say("• {who}, until {end}", who=who, end=moment(one.ends_at)) if one.ends_at else say("• {who}", who=who)


def waiting_lines(waiting: Sequence[Grant]) -> Markup:
    """Grants of people who aren't linked, a line each."""
    return Markup(
        "\n".join(
            say(
                "• {who}: {role}{end}",
                who=person(one.slack_user_id or ""),
                role=one.role.lower(),
                end=_until(one.ends_at),
            )
            for one in waiting
        )
    )


def _until(ends_at: datetime | None) -> Markup:
    return say(", until {end}", end=moment(ends_at)) if ends_at else Markup("")


def form(
    verb: str,
    *,
    people: Sequence[str] = (),
    role: str | None = None,
    ends_at: datetime | None = None,
    because: str = "",
    doubts: Sequence[str] = (),
    needs_channel: bool,
    chosen_channel: str = "",
    seen_by: str = "",
) -> Screen:
    """Everything a grant or a revocation needs, filled in as far as it was understood.

    ``seen_by`` says how many would see it in the channel that was chosen: submitted again, it is posted there.
    """
    who: Block = {"type": "multi_users_select", "action_id": "role.who", "max_selected_items": 50}
    if people:
        who["initial_users"] = list(people)
    where: Block = {
        "type": "conversations_select",
        "action_id": "role.where",
        "response_url_enabled": True,
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    if chosen_channel:
        where["initial_conversation"] = chosen_channel
    blocks: list[Block] = [section(say("{line}", line=line)) for line in (*doubts, seen_by) if line]
    blocks.append(asked("who", "Who?", who))
    blocks.append(asked("role", "Which role?", one_of("radio_buttons", "role.which", _flipped(), role or INSTRUCTOR)))
    if verb == "grant":
        end: Block = {"type": "datetimepicker", "action_id": "role.end"}
        if ends_at is not None:
            end["initial_date_time"] = int(ends_at.timestamp())
        blocks.append(asked("end", "Ends by itself at", end, optional=True, hint="Leave it empty for good."))
    blocks.append(
        _filled(
            field("because", "role.because", "Because", optional=True, max_length=300)
            | {"hint": {"type": "plain_text", "text": "For the log and the person. The channel doesn't see it."}},
            because,
        )
    )
    hint = "Everybody there sees it." if needs_channel else "Leave it empty to tell only the admins' channel."
    blocks.append(asked("where", "Confirm it in", where, optional=not needs_channel, hint=hint))
    submit = {"grant": "Grant", "revoke": "Revoke"}[verb]
    return Screen(
        VERBS[verb],
        tuple(blocks),
        submit=f"{submit} and post" if seen_by else submit,
        close="Cancel",
        callback_id={"grant": "role.grant", "revoke": "role.revoke"}[verb],
        metadata=chosen_channel if seen_by else "",
    )


def _flipped() -> list[tuple[str, str]]:
    return [(meaning, role) for role, meaning in MEANINGS.items()]


def _filled(block: Block, value: str) -> Block:
    return block | {"element": block["element"] | {"initial_value": value}} if value else block


def how_many_see(channel_name: str, members: int | None) -> str:
    """How many people would see it, as a sentence."""
    where = f"#{channel_name}" if channel_name else "this conversation"
    if members is None:
        return f"I can't tell how many people are in {where}: I'm not in it."
    return f"This will be seen by {members:,} people in {where}."


def ask_where(verb: str, summary: Markup, seen_by: str, packed: str, aside: str) -> Screen:
    """Whether to confirm it here, before a channel of many sees it. ``aside`` is the admins' channel's name, if any."""
    value = f"{verb} {packed}"
    ways = [button("Post here", "role.here", value, style="primary")]
    if aside:
        ways.append(button(f"Post in {aside}", "role.aside", value))
    ways.append(button("Cancel", "role.cancel"))
    return Screen(VERBS[verb], (section(summary), section(say("{seen_by}", seen_by=seen_by)), actions(*ways)))


def summary(verb: str, people: Sequence[str], role: str, ends_at: datetime | None) -> Markup:
    """What was asked for."""
    who = Markup(", ".join(person(one) for one in people))
    if verb == "grant":
        return say("Make {who} {role}{end}?", who=who, role=a(role), end=_until(ends_at))
    return say("Take the role {role} from {who}?", who=who, role=role.lower())


def looking_up(groups: int) -> Screen:
    """The members of user groups are on their way."""
    return Screen("Roles", (section(f"Looking up who is in {'that group' if groups == 1 else 'those groups'}…"),))


def groups_unknown() -> Screen:
    """Slack did not say who is in a user group."""
    return Screen(
        "Roles",
        (
            section(
                "Slack didn't tell me who is in that group. Name the people one by one, or try again in a minute. "
                "Groups need a paid plan of Slack."
            ),
        ),
    )


def cancelled() -> Screen:
    """Nothing was done."""
    return Screen("Roles", (section("Nothing was changed."),))


def done(
    verb: str, role: str, ends_at: datetime | None, outcomes: Sequence[Outcome], posted_in: Markup | None
) -> Screen:
    """What became of each, for the admin who asked."""
    lines = Markup("\n".join(_outcome(one, role, ends_at) for one in outcomes))
    blocks = [section(lines)]
    if any(one.is_news for one in outcomes):
        told = "Each of them is told by direct message" if len(outcomes) > 1 else "They are told by direct message"
        where = say(", and {place} sees it.", place=posted_in) if posted_in else Markup(".")
        blocks.append(context(say("{told}{where}", told=told, where=where)))
    return Screen(VERBS[verb], tuple(blocks))


def _outcome(one: Outcome, role: str, ends_at: datetime | None) -> Markup:
    who, held = person(one.slack_user_id), a(role)
    until = _until(ends_at)
    sentences: Mapping[Given | Taken | None, str] = {
        Given.GRANTED: "{who} is {held} now{until}.",
        Given.CHANGED: "{who} stays {held}{until}." if ends_at else "{who} stays {held}, for good now.",
        Given.WAITING: "{who} isn't linked yet: they become {held} as soon as they link{until}.",
        Given.ALREADY: "{who} was {held} already; nothing changed.",
        Taken.REVOKED: "{who} is no longer {held}.",
        Taken.WITHDRAWN: "{who} isn't linked, and won't become {held} any more.",
        Taken.NOT_HELD: "{who} was not {held}; nothing changed.",
        None: "{who}: {refused}",
    }
    return say(sentences[one.became], who=who, held=held, until=until, refused=one.refused)


def announced(admin: str, role: str, ends_at: datetime | None, outcomes: Sequence[Outcome]) -> Screen | None:
    """What everybody sees: who, whom, what and until when of a grant, the bare fact of a revocation; never why."""
    held, until = a(role), _until(ends_at)
    now = [person(one.slack_user_id) for one in outcomes if one.became in (Given.GRANTED, Given.CHANGED)]
    later = [person(one.slack_user_id) for one in outcomes if one.became is Given.WAITING]
    lines = []
    if now:
        sentence = "{admin} made {who} {held}{until}."
        lines.append(say(sentence, admin=person(admin), who=_joined(now), held=_many(now, held), until=until))
    if later:
        sentence = "{admin} made {who} {held}{until}, from when they link their account."
        lines.append(say(sentence, admin=person(admin), who=_joined(later), held=_many(later, held), until=until))
    lines += [
        say("{name} is no longer {held}.", name=one.name, held=held)
        for one in outcomes
        if one.became in (Taken.REVOKED, Taken.WITHDRAWN)
    ]
    return Screen("Roles", (section(Markup("\n".join(lines))),)) if lines else None


def _joined(people: Sequence[Markup]) -> Markup:
    return people[0] if len(people) == 1 else Markup(f"{', '.join(people[:-1])} and {people[-1]}")


def _many(people: Sequence[Markup], held: str) -> str:
    return held if len(people) == 1 else f"{held.removeprefix('an ')}s"


def unknown_verb(words: str) -> Screen:
    """What was said after /roles is none of its verbs."""
    return Screen(
        "Roles",
        (
            section(say("I don't know *{words}*. Try one of these:", words=words)),
            section(
                "`/roles`  who has which role\n"
                "`/roles grant @person instructor for 14d because …`  give a role, for good or for a while\n"
                "`/roles revoke @person instructor`  take it\n"
                "`/roles log [@person]`  what was done\n"
                "`/roles @person`  everything about one person"
            ),
            actions(button("Grant a role", "role.ask", "grant"), button("Who has which role", "role.show")),
        ),
    )
