"""People, as admins look after them: finding one, who is not linked, and ending a link."""

from sqlmodel import Session

from handlers.replies import RefreshHome, Reply
from handlers.requests import Context, Request
from handlers.rolewords import MENTION
from handlers.views import people as screens
from handlers.views.people import Card, Overview
from models import accountnotes, audit, backlogs, catalog, erasures, grants, links, members, people, roles, users
from models.errors import DomainError
from models.members import Caller

PAGE = 20
MOST_SENT = 5


def overview(session: Session, caller: Caller) -> Overview:
    """How people stand, for this admin's Home."""
    return Overview(
        unlinked=people.count_unlinked(session, caller.team_id),
        grants=grants.waiting_or_ending(session, caller.team_id),
        slack_ids=_slack_ids(session, caller.team_id),
        erasures=erasures.waiting(session, caller.team_id),
    )


def _slack_ids(session: Session, team_id: str) -> dict[str, str]:
    named = [one.user_id for one in grants.waiting_or_ending(session, team_id) if one.user_id]
    return links.holders(session, team_id, named)


def find(request: Request, caller: Caller, context: Context) -> Reply:
    """Whom to look for."""
    return Reply(screens.find(), where="modal")


def show(request: Request, caller: Caller, context: Context) -> Reply:
    """Everything about one person: link, roles, courses, what they were sent."""
    found = MENTION.search(request.text)
    slack_user_id = found[1] if found else request.value
    with context.read() as session:
        known = members.many(session, caller.team_id, [slack_user_id]).get(slack_user_id)
        if known is None:
            raise DomainError("I don't know that person: they may have left, or be of another organization.")
        card = _card(session, caller.team_id, known)
    return Reply(screens.person_card(card, context.portal.name))


def _card(session: Session, team_id: str, known: members.Known) -> Card:
    user_id = links.of(session, team_id, known.slack_user_id)
    user = users.get(session, user_id) if user_id else None
    if user is None:
        waiting = tuple(
            one
            for one in grants.waiting_or_ending(session, team_id)
            if one.slack_user_id == known.slack_user_id and one.user_id is None
        )
        return Card(known.slack_user_id, known.name, is_guest=known.is_guest, waiting=waiting)
    return Card(
        known.slack_user_id,
        known.name,
        is_guest=known.is_guest,
        account=(users.name(user), user.email),
        roles=tuple(sorted(roles.of(session, user.id) - {roles.STUDENT})),
        ends=grants.ends_of(session, user.id),
        courses=catalog.my_cards(session, user.id),
        sent=backlogs.latest_to(session, team_id, known.slack_user_id, user.id, MOST_SENT),
    )


def unlinked(request: Request, caller: Caller, context: Context) -> Reply:
    """Who is not linked, a page of them."""
    with context.read() as session:
        page = people.unlinked(session, caller.team_id, request.value, PAGE + 1)
    return Reply(screens.unlinked(page[:PAGE], more_after=page[PAGE - 1].slack_user_id if len(page) > PAGE else ""))


def ask_unlink(request: Request, caller: Caller, context: Context) -> Reply:
    """Whether the link should end, and whether it was a mistake."""
    with context.read() as session:
        user_id, name = _linked_to(session, caller.team_id, request.value)
        done = people.done_since_linked(session, caller.team_id, request.value, user_id)
    return Reply(screens.ask_unlink(request.value, name, screens.lines_of(done), context.portal.name), where="modal")


def unlink(request: Request, caller: Caller, context: Context) -> Reply:
    """The link has ended, and both sides are told; after a mistake also what was done through it."""
    assert request.view is not None
    slack_user_id = request.view.private_metadata
    why = next(iter(request.view.values.get("why", {}).values()), "")
    if why not in screens.WHY:
        return Reply(errors={"why": "Choose why."})
    with context.write() as session:
        user_id, name = _linked_to(session, caller.team_id, slack_user_id)
        done = people.done_since_linked(session, caller.team_id, slack_user_id, user_id)
        did = screens.lines_of(done) if why == "mistake" else ()
        facts = {"why": why, "who": slack_user_id, "did": did}
        accountnotes.tell_everywhere(session, user_id, accountnotes.LINK_ENDED, facts, context.now, context.real_now)
        links.unlink(session, caller.team_id, slack_user_id)
        who = audit.member(caller.team_id, slack_user_id)
        audit.note(
            session, "link.ended", actor=caller.user_id or "", whom=user_id, what=who, because=why, now=context.now
        )
    home = RefreshHome(caller.team_id, slack_user_id)
    mine = RefreshHome(caller.team_id, caller.slack_user_id)
    return Reply(screens.was_unlinked(slack_user_id, name, did, context.portal.name), then=(home, mine))


def _linked_to(session: Session, team_id: str, slack_user_id: str) -> tuple[str, str]:
    """The user this Slack person is linked to, and their name. Raises `DomainError` when there is none any more."""
    user_id = links.of(session, team_id, slack_user_id)
    user = users.get(session, user_id) if user_id else None
    if user is None:
        raise DomainError("They aren't linked any more, so there is nothing to end.")
    return user.id, users.name(user)
