"""People who join, change or leave the workspace, as Slack's events tell it."""

from collections.abc import Collection

from sqlmodel import Session

from handlers.profiles import profile
from handlers.replies import NOTHING, CheckInstallation, FindMatch, Reply
from handlers.requests import Context, Request
from models import absences, changes, departures, links, members
from models.absences import STATUS
from models.members import Profile
from models.rhythms import local_day


def remember(request: Request, context: Context) -> Reply:
    """What Slack says of this person is remembered, and a vacation status followed; who joined may have a match."""
    user = request.event.get("user")
    if not isinstance(user, dict):
        return NOTHING
    told = profile(request.team_id, user)
    with context.write() as session:
        take_in(session, [told], context)
    if request.name == "team_join" and context.match_domains:
        return Reply(then=(FindMatch(told.team_id, told.slack_user_id),))
    return NOTHING


def uninstalled(request: Request, context: Context) -> Reply:
    """Slack says that the app was taken out, or that its token was revoked. The word may be late or said again after
    somebody put the app back, so Slack is asked before anything ends (docs/decisions/0007)."""
    if request.name == "tokens_revoked" and not (request.event.get("tokens") or {}).get("bot"):
        return NOTHING
    return Reply(then=(CheckInstallation(),))


def take_in(session: Session, profiles: Collection[Profile], context: Context) -> None:
    """Remember what Slack says of these people of one workspace; links of those who left end, statuses are followed."""
    if not profiles:
        return
    members.remember_many(session, profiles, context.now)
    gone = [told.slack_user_id for told in profiles if told.is_deleted]
    if gone:
        departures.of_members(session, next(iter(profiles)).team_id, gone, context.now)
    _follow_status(session, profiles, context)


def _follow_status(session: Session, profiles: Collection[Profile], context: Context) -> None:
    """Who has a vacation status with an end is away until then and one working day more; who cleared it is back.

    All profiles are of one workspace. A status that ended by itself leaves that working day as it is.
    """
    linked = links.of_many(session, next(iter(profiles)).team_id, [told.slack_user_id for told in profiles])
    away = absences.by_status(session, linked.values(), context.now)
    changed = []
    for told in profiles:
        user_id = linked.get(told.slack_user_id)
        ends_at = told.status_ends_at if told.status_emoji in context.away_emoji else None
        ends_at = ends_at if ends_at is not None and ends_at > context.now else None
        if user_id is None or ends_at == away.get(user_id):
            continue
        zone = told.tz or "UTC"
        today = local_day(context.now, zone)
        if ends_at is None:
            absences.set_back(session, user_id, STATUS, today)
        else:
            back_on = absences.back_after_status(ends_at, zone, context.holidays)
            absences.set_away(session, user_id, STATUS, today, back_on, ends_at)
        changed.append(user_id)
    changes.note(session, "homeroom_absence", changed)
