"""Account notes: what people are told of their own account, as it should read when it leaves."""

from datetime import datetime

from handlers.replies import Suppressed
from handlers.requests import Context
from handlers.views import accountnotes as screens
from handlers.views import privacy
from handlers.views.screens import Screen
from models import accountnotes, erasures, grants, links, members, roles
from models.deliveries import Leased


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
