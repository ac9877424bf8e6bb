"""Roles: who has which, and an admin's giving and taking of them, where people can see it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from sqlmodel import Session

from handlers import rolewords
from handlers.replies import After, Announce, AskOfGroups, RefreshHome, Reply
from handlers.requests import Context, Request, View
from handlers.rolewords import Wanted
from handlers.views import rolelog
from handlers.views import roles as screens
from handlers.views.kit import Markup
from handlers.views.kit import channel as channel_named
from handlers.views.roles import SHOW_IT_TO, Outcome
from handlers.views.screens import Screen
from models import accountnotes, audit, channels, grants, links, members, people
from models.errors import DomainError, Gone
from models.grants import Given, Taken, Terms, Whom
from models.members import Caller, Known

PAGE = 15


def understand(request: Request) -> Request:
    """The request named by what followed ``/roles``, its ``text`` what came after."""
    verb, _, rest = " ".join(request.text.split()).partition(" ")
    if not verb:
        return request._replace(name="roles.show", text="")
    if verb.lower() in ("grant", "revoke", "log"):
        return request._replace(name=f"roles.{verb.lower()}", text=rest)
    if rolewords.MENTION.fullmatch(verb) and not rest:
        return request._replace(name="roles.person", text=verb)
    return request._replace(name="roles.(unknown)")


def show(request: Request, caller: Caller, context: Context) -> Reply:
    """Who has which role."""
    with context.read() as session:
        held = people.holders(session, caller.team_id)
        waiting = grants.waiting_or_ending(session, caller.team_id) if caller.is_admin else ()
    return Reply(screens.roster(held, waiting, is_admin=caller.is_admin))


def unknown(request: Request, caller: Caller, context: Context) -> Reply:
    """What was said is nothing /roles knows."""
    return Reply(screens.unknown_verb(request.text))


def grant(request: Request, caller: Caller, context: Context) -> Reply:
    """A role is given, at once or after a question."""
    return _consider("grant", request, caller, context)


def revoke(request: Request, caller: Caller, context: Context) -> Reply:
    """A role is taken, at once or after a question."""
    return _consider("revoke", request, caller, context)


def _consider(verb: str, request: Request, caller: Caller, context: Context) -> Reply:
    wanted = rolewords.read(request.text, context.now, caller.tz)
    if not wanted.is_clear and (wanted.groups or request.surface != "command"):
        doubts = wanted.doubts or ("Say which role, and whom.",)
        if wanted.role is None or wanted.doubts:
            raise DomainError(f"{' '.join(doubts)} Then type the command again.")
    if wanted.groups:
        looking = screens.looking_up(len(wanted.groups))
        return Reply(looking, then=(AskOfGroups(wanted.groups, screens.groups_unknown()),))
    has_channel = not request.channel_id.startswith("D")
    if wanted.quietly and context.admin_channel is None:
        raise DomainError("There is no admins' channel yet. Set ADMIN_CHANNEL, or leave out “quietly”.")
    if not wanted.is_clear or not (has_channel or context.admin_channel):
        channel = request.channel_id if has_channel and not wanted.quietly else ""
        return Reply(_form(verb, wanted, context, channel=channel), where="modal")
    if wanted.quietly or not has_channel:
        return _act(verb, wanted, context.admin_channel or "", caller, context)
    with context.read() as session:
        there = channels.get(session, caller.team_id, request.channel_id)
        aside = _aside(session, caller, context)
    # Who was meant by a group is shown before anything is done.
    if there is not None and there.members <= SHOW_IT_TO and request.surface == "command":
        return _act(verb, wanted, "", caller, context, posted_in=request.channel_id)
    sentence = screens.how_many_see(there.name if there else "", there.members if there else None)
    summary = screens.summary(verb, wanted.people, wanted.role or "", wanted.ends_at)
    return Reply(screens.ask_where(verb, summary, sentence, wanted.packed(), aside))


def _form(verb: str, wanted: Wanted, context: Context, *, channel: str = "", seen_by: str = "") -> Screen:
    return screens.form(
        verb,
        people=wanted.people,
        role=wanted.role,
        ends_at=wanted.ends_at,
        because=wanted.because,
        doubts=wanted.doubts,
        needs_channel=context.admin_channel is None,
        chosen_channel=channel,
        seen_by=seen_by,
    )


def _aside(session: Session, caller: Caller, context: Context) -> str:
    """What the admins' channel is called on a button; empty without one."""
    if context.admin_channel is None:
        return ""
    there = channels.get(session, caller.team_id, context.admin_channel)
    return f"#{there.name}" if there else "the admins' channel"


def ask(request: Request, caller: Caller, context: Context) -> Reply:
    """A form to grant or revoke with."""
    verb = "revoke" if request.value == "revoke" else "grant"
    return Reply(_form(verb, Wanted(), context), where="modal")


def here(request: Request, caller: Caller, context: Context) -> Reply:
    """It is done, and everybody in this channel is told."""
    verb, wanted = _carried(request, context)
    return _act(verb, wanted, "", caller, context, posted_in=request.channel_id)


def aside(request: Request, caller: Caller, context: Context) -> Reply:
    """It is done, and the admins' channel is told."""
    verb, wanted = _carried(request, context)
    if context.admin_channel is None:
        raise DomainError("There is no admins' channel any more. Post it here, or set ADMIN_CHANNEL.")
    return _act(verb, wanted, context.admin_channel, caller, context)


def cancel(request: Request, caller: Caller, context: Context) -> Reply:
    """Nothing is done."""
    return Reply(screens.cancelled())


def _carried(request: Request, context: Context) -> tuple[str, Wanted]:
    verb, _, packed = request.value.partition(" ")
    wanted = rolewords.unpacked(packed)
    if verb not in screens.VERBS or wanted is None:
        raise Gone("That button is from an older screen. Type /roles for a fresh one.")
    if verb == "grant" and wanted.ends_at is not None and wanted.ends_at <= context.now:
        raise DomainError("That role would have ended already. Type /roles grant again with a later end.")
    return verb, wanted


def submit_grant(request: Request, caller: Caller, context: Context) -> Reply:
    """The form, filled in, to grant."""
    return _submit("grant", request, caller, context)


def submit_revoke(request: Request, caller: Caller, context: Context) -> Reply:
    """The form, filled in, to revoke."""
    return _submit("revoke", request, caller, context)


def _submit(verb: str, request: Request, caller: Caller, context: Context) -> Reply:
    assert request.view is not None
    wanted, errors = _filled(request.view, context.now)
    where = _value(request.view, "where")
    if not where and context.admin_channel is None:
        errors["where"] = "Choose the channel to confirm it in."
    if errors:
        return Reply(errors=errors)
    if not where:
        return _act(verb, wanted, context.admin_channel or "", caller, context)
    with context.read() as session:
        there = channels.get(session, caller.team_id, where)
    is_small = there is not None and there.members <= SHOW_IT_TO
    if not is_small and request.view.private_metadata != where:
        seen_by = screens.how_many_see(there.name if there else "", there.members if there else None)
        return Reply(_form(verb, wanted, context, channel=where, seen_by=seen_by))
    return _act(verb, wanted, "", caller, context, posted_in=where)


def _filled(view: View, now: datetime) -> tuple[Wanted, dict[str, str]]:
    errors = {}
    people_chosen = tuple(dict.fromkeys(_value(view, "who").split()))
    if not people_chosen:
        errors["who"] = "Choose at least one person."
    role = _value(view, "role")
    if role not in screens.MEANINGS:
        errors["role"] = "Choose a role."
    end = _value(view, "end")
    ends_at = datetime.fromtimestamp(int(end), UTC) if end.isdecimal() else None
    if ends_at is not None and (wrong := rolewords.end_of_term(ends_at, now)) is not None:
        errors["end"] = wrong
    return Wanted(people_chosen, role=role, ends_at=ends_at, because=_value(view, "because").strip()), errors


def _value(view: View, block: str) -> str:
    return next(iter(view.values.get(block, {}).values()), "")


def _act(
    verb: str, wanted: Wanted, announce_in: str, caller: Caller, context: Context, *, posted_in: str = ""
) -> Reply:
    """Do it, tell the people, and say it in ``announce_in``, or where it was asked for when that is empty."""
    assert wanted.role is not None
    role, place = wanted.role, announce_in or posted_in
    ends_at = wanted.ends_at if verb == "grant" else None
    terms = Terms(caller.user_id or "", ends_at, wanted.because, place or None)
    with context.write() as session:
        linked = links.of_many(session, caller.team_id, wanted.people)
        # In one order, so that two admins who act on the same people never wait for each other in a ring.
        known = members.many(session, caller.team_id, sorted(wanted.people))
        outcomes = []
        for slack_user_id in sorted(wanted.people):
            whom = Whom(caller.team_id, slack_user_id, linked.get(slack_user_id))
            outcomes.append(_change(session, verb, whom, known.get(slack_user_id), role, terms, context))
            if outcomes[-1].is_news and slack_user_id != caller.slack_user_id:
                _tell(session, whom, outcomes[-1], role, terms, caller, context)
    public = screens.announced(caller.slack_user_id, role, ends_at, outcomes)
    then: list[After] = [Announce(public, announce_in)] if public else []
    then += [RefreshHome(caller.team_id, one.slack_user_id) for one in outcomes if one.is_news]
    shown_in = channel_named(place) if place else Markup("this conversation")
    return Reply(screens.done(verb, role, ends_at, outcomes, shown_in), then=tuple(then))


def _change(
    session: Session, verb: str, whom: Whom, known: Known | None, role: str, terms: Terms, context: Context
) -> Outcome:
    name = known.name if known else whom.slack_user_id
    if verb == "grant" and (known is None or known.is_guest):
        why = "guests can't hold roles." if known else "I don't know them as a full member of this workspace."
        return Outcome(whom.slack_user_id, name, refused=why)
    change: Callable[..., Given | Taken] = grants.give if verb == "grant" else grants.take
    try:
        return Outcome(whom.slack_user_id, name, change(session, whom, role, terms, context.now))
    except DomainError as error:
        return Outcome(whom.slack_user_id, name, refused=str(error))


def _tell(
    session: Session, whom: Whom, outcome: Outcome, role: str, terms: Terms, caller: Caller, context: Context
) -> None:
    facts = {
        "role": role,
        "by": caller.slack_user_id,
        "because": terms.because,
        "ends_at": terms.ends_at.isoformat() if terms.ends_at else None,
        "waits": outcome.became in (Given.WAITING, Taken.WITHDRAWN),
    }
    is_given = isinstance(outcome.became, Given)
    what = accountnotes.ROLE_GRANTED if is_given else accountnotes.ROLE_REVOKED
    accountnotes.tell(session, whom, what, facts, context.now, context.real_now)


def log(request: Request, caller: Caller, context: Context) -> Reply:
    """What was done to roles, to everybody or to one person, newest first."""
    if request.kind == "command":
        found = rolewords.MENTION.search(request.text)
        if request.text and found is None:
            raise DomainError("Name the person with an @, as in /roles log @mary, or nobody for the whole log.")
        before, person = None, found[1] if found else ""
    else:
        told = request.value.split()
        before = int(told[0]) if told and told[0].isdecimal() else None
        person = told[1] if len(told) > 1 else ""
    with context.read() as session:
        about = _named_in_log(session, caller.team_id, person) if person else None
        entries = audit.latest(session, tuple(rolelog.SENTENCES), about=about, before_id=before, most=PAGE + 1)
        known = _slack_ids(session, caller.team_id, entries)
    older = f"{entries[PAGE - 1].id} {person}".strip() if len(entries) > PAGE else ""
    return Reply(rolelog.log(entries[:PAGE], known, older))


def _named_in_log(session: Session, team_id: str, slack_user_id: str) -> list[str]:
    linked_to = links.of(session, team_id, slack_user_id)
    return [audit.member(team_id, slack_user_id), *([linked_to] if linked_to else [])]


def _slack_ids(session: Session, team_id: str, entries: Sequence[audit.Entry]) -> dict[str, str]:
    """The Slack id of everybody the entries name who is in this workspace."""
    named = {name for entry in entries for name in (entry.actor, entry.whom) if name}
    here = {name: name.partition("/")[2] for name in named if name.startswith(f"{team_id}/")}
    return here | links.holders(session, team_id, sorted(named - set(here)))
