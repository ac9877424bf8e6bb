"""Who you are here: linking your Slack account to the portal, and ending that."""

import json
import secrets

from sqlmodel import Session

from handlers.replies import RefreshHome, Reply
from handlers.requests import Context, Request
from handlers.views import account as screens
from models import accountnotes, audit, catalog, clerkusers, linkrequests, links, members, search, users, workspaces
from models.errors import DomainError, Gone
from models.grants import Whom
from models.members import Caller

LONGEST_WISH = 1500


def wish_of(request: Request) -> str:
    """What somebody was doing, to be kept until they are linked; empty for what can't be asked again."""
    if request.kind == "command":
        wish = {"verb": request.name, "text": request.text}
    elif request.kind == "action":
        wish = {"action": request.name, "value": request.value}
    else:
        return ""
    written = json.dumps(wish)
    return written if len(written) <= LONGEST_WISH else ""


def _again(request: Request, wish: str) -> Request | None:
    """The wish as a request of the same person, where they stand now."""
    try:
        told = json.loads(wish) if wish else {}
    except ValueError:
        return None
    if "action" in told:
        name, value = str(told["action"]), str(told.get("value", ""))
    elif "verb" in told:
        name, value = "verb.use", f"{told['verb']} {told.get('text', '')}".strip()
    else:
        return None
    return Request(
        kind="action",
        name=name,
        team_id=request.team_id,
        slack_user_id=request.slack_user_id,
        surface=request.surface,
        value=value,
        channel_id=request.channel_id,
        message_ts=request.message_ts,
        can_open=request.can_open,
    )


def link(request: Request, caller: Caller, context: Context) -> Reply:
    """Who the caller is linked to, or a link of their own to sign in with, or whom to ask for one."""
    with context.read() as session:
        if caller.user_id is not None:
            user = users.get(session, caller.user_id)
            if user is not None:
                return Reply(screens.linked(context.portal.name, users.name(user), user.email))
        if context.link_url is None:
            admins = members.admins(session, caller.team_id)
            return Reply(screens.whom_to_ask(context.portal.name, admins, caller.team_id, caller.slack_user_id))
    wish = request.value if request.kind == "action" and request.value.startswith("{") else ""
    token = secrets.token_urlsafe(24)
    with context.write() as session:
        linkrequests.ask(session, caller.team_id, caller.slack_user_id, token, wish, context.now)
        back_to = _course_of(session, wish)
    return Reply(screens.sign_in(context.portal.name, f"{context.link_url}/{token}", back_to), where="beside")


def _course_of(session: Session, wish: str) -> str | None:
    """The title of the course the wish is about, or None."""
    try:
        told = json.loads(wish) if wish else {}
    except ValueError:
        return None
    if told.get("verb") in ("enroll", "continue"):
        found = search.find(session, str(told.get("text", "")), user_id=None)
        return found[0].title if len(found) == 1 else None
    value = str(told.get("value", ""))
    if not str(told.get("action", "")).startswith("course.") or not value.isdecimal() or len(value) > 18:
        return None
    try:
        return catalog.card(session, int(value), user_id=None).title
    except Gone:
        return None


def bind(request: Request, caller: Caller, context: Context) -> Reply:
    """Both sides said yes: the caller is linked, and what they were doing is done."""
    (request_id,) = request.numbers()
    me = audit.member(caller.team_id, caller.slack_user_id)
    with context.write() as session:
        identity, wish = linkrequests.bind(session, request_id, caller.team_id, caller.slack_user_id, context.now)
        if clerkusers.is_gone(session, identity.clerk_id):
            raise DomainError(f"That account of {context.portal.name} was deleted. Sign in with another one.")
        holder = links.holder(session, caller.team_id, identity.clerk_id)
        if holder not in (None, caller.slack_user_id):
            raise DomainError(
                f"{context.portal.name} has that account linked to somebody else in this workspace. "
                "Ask an admin to unlink them first."
            )
        user = users.refresh(session, identity, context.now)
        if caller.user_id is not None and caller.user_id != user.id:
            _tell_of_move(session, caller, context)
            links.unlink(session, caller.team_id, caller.slack_user_id)
            audit.note(session, "link.ended", actor=me, whom=caller.user_id, what=me, now=context.now)
        links.link(session, caller.team_id, caller.slack_user_id, user.id, context.now)
        audit.note(session, "link.made", actor=me, whom=user.id, what=me, now=context.now)
        name = users.name(user)
    home = RefreshHome(caller.team_id, caller.slack_user_id)
    return Reply(screens.bound(context.portal.name, name), again=_again(request, wish), then=(home,))


def _tell_of_move(session: Session, caller: Caller, context: Context) -> None:
    """Both sides hear that the link has moved: the caller, and whoever else is the user it leaves."""
    old = caller.user_id or ""
    workspace = workspaces.by_team(session, caller.team_id)
    moved = {"workspace": workspace.name if workspace else caller.team_id, "by": caller.slack_user_id}
    for team_id, slack_user_id in links.everywhere(session, old):
        whom = Whom(team_id, slack_user_id, old)
        is_me = (team_id, slack_user_id) == (caller.team_id, caller.slack_user_id)
        what = accountnotes.LINK_ENDED if is_me else accountnotes.LINK_MOVED
        facts = {"why": "moved"} if is_me else moved
        accountnotes.tell(session, whom, what, facts, context.now, context.real_now)


def decline(request: Request, caller: Caller, context: Context) -> Reply:
    """It was not the caller: nothing is linked."""
    (request_id,) = request.numbers()
    me = audit.member(caller.team_id, caller.slack_user_id)
    with context.write() as session:
        if linkrequests.decline(session, request_id, caller.team_id, caller.slack_user_id):
            audit.note(session, "link.refused", actor=me, what=me, because="in Slack", now=context.now)
    return Reply(screens.declined())


def ask_unlink(request: Request, caller: Caller, context: Context) -> Reply:
    """Whether the caller really wants to end their link."""
    with context.read() as session:
        user = users.get(session, caller.user_id or "")
    name = users.name(user) if user else ""
    return Reply(screens.ask_unlink(context.portal.name, name))


def unlink(request: Request, caller: Caller, context: Context) -> Reply:
    """The link has ended; what the caller did stays with their account in the portal."""
    me = audit.member(caller.team_id, caller.slack_user_id)
    with context.write() as session:
        if links.unlink(session, caller.team_id, caller.slack_user_id):
            audit.note(session, "link.ended", actor=caller.user_id or me, whom=caller.user_id, what=me, now=context.now)
    return Reply(screens.unlinked(context.portal.name), then=(RefreshHome(caller.team_id, caller.slack_user_id),))


def keep(request: Request, caller: Caller, context: Context) -> Reply:
    """The caller stays linked."""
    return Reply(screens.kept())
