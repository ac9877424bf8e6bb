"""Account notes: what people are told of their own account, as it should read when it leaves."""

from datetime import datetime

from handlers import announced
from handlers import coursechannels as coursechannelhandlers
from handlers.replies import Suppressed
from handlers.requests import Context
from handlers.views import accountnotes as screens
from handlers.views import privacy, teams
from handlers.views.screens import Screen
from models import accountnotes, coursechannels, erasures, grants, handovers, links, members, roles, users
from models.leases import Leased
from models.members import Caller

TEAM_NOTES = {
    handovers.TEAM_JOINED: teams.joined,
    handovers.TEAM_LEFT: teams.was_removed,
    handovers.COURSE_RECEIVED: teams.received,
}
"""What is told of a course's team: its title, and by whom."""


def compose(leased: Leased, context: Context) -> Screen | Suppressed:
    """The note, or why it should not leave: what it says is no longer so."""
    facts = leased.facts
    what, role = str(facts["what"]), str(facts.get("role", ""))
    with context.read() as session:
        user_id = links.of(session, leased.team_id, leased.slack_user_id)
        held = roles.of(session, user_id) if user_id else frozenset()
        is_waiting = any(
            one.slack_user_id == leased.slack_user_id and one.role == role
            for one in grants.waiting_or_ending(session, leased.team_id)
        )
        is_asked = erasures.is_asked(session, leased.team_id, str(facts.get("who")))
        caller = members.identify(session, leased.team_id, leased.slack_user_id)
    if caller is None:
        return Suppressed("deactivated")
    if what.startswith("announcement "):
        return announced.note(leased, context)
    if what in (coursechannels.OFFERED, coursechannels.WAS_ENROLLED):
        return coursechannelhandlers.note(leased, context)
    if what in TEAM_NOTES:
        return TEAM_NOTES[what](facts["who"], facts["by"])
    if what == handovers.OWNER_LEFT:
        return _owner_left(str(facts["who"]), context)
    return _of_account(leased, context, caller, held, is_waiting=is_waiting, is_asked=is_asked)


def _of_account(
    leased: Leased, context: Context, caller: Caller, held: frozenset[str], *, is_waiting: bool, is_asked: bool
) -> Screen | Suppressed:
    facts, user_id = leased.facts, caller.user_id
    what, role = str(facts["what"]), str(facts.get("role", ""))
    ends_at = datetime.fromisoformat(facts["ends_at"]) if facts.get("ends_at") else None
    if what == accountnotes.ROLE_GRANTED:
        if role not in held and not is_waiting:
            return Suppressed("outdated")
        waits = user_id is None
        return screens.granted(
            role, facts.get("by", ""), ends_at, facts.get("because", ""), context.portal.name, waits=waits
        )
    if what == accountnotes.GRANT_ENDED:
        return screens.grant_ended(role, facts["who"])
    if what in (accountnotes.ROLE_REVOKED, accountnotes.ROLE_ENDED):
        if role in held:
            return Suppressed("outdated")
        if what == accountnotes.ROLE_ENDED:
            return screens.ended(role)
        return screens.revoked(role, facts.get("by", ""), facts.get("because", ""))
    if what == accountnotes.ERASURE_ASKED:
        return privacy.asks_you(facts["who"]) if is_asked and caller.is_admin else Suppressed("outdated")
    if what == accountnotes.ERASURE_DECLINED:
        return privacy.was_declined(facts["by"])
    if what == accountnotes.ERASED:
        return privacy.was_erased()
    if what == accountnotes.LINK_MOVED:
        return screens.link_moved(context.portal.name, facts["workspace"], facts["by"])
    return screens.link_ended(context.portal.name, facts["why"], tuple(facts.get("did", ())), is_linked=bool(user_id))


def _owner_left(user_id: str, context: Context) -> Screen | Suppressed:
    """What somebody left behind, as it is now; nothing once it was handed over or they teach again."""
    with context.read() as session:
        left, user = handovers.left_by(session, user_id), users.get(session, user_id)
        is_back = handovers.can_teach(session, user_id) and bool(links.everywhere(session, user_id))
    if not left.courses or user is None or is_back:
        return Suppressed("outdated")
    return teams.owner_left(users.name(user), left.courses, left.learners, left.announcements)
