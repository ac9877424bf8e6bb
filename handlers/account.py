"""Who you are here: linking your Slack account to the portal, and ending that."""

import json
import secrets
from typing import Any

from sqlmodel import Session

from handlers.replies import RefreshHome, Reply
from handlers.requests import Context, Request
from handlers.views import account as screens
from models import (
    accountnotes,
    audit,
    catalog,
    clerkusers,
    linkrequests,
    links,
    matches,
    members,
    proposals,
    search,
    users,
    workspaces,
)
from models.errors import DomainError, Gone
from models.grants import Whom
from models.identities import Identity
from models.members import Caller
from models.proposals import ProposalOver

LONGEST_WISH = 1500
MATCH = "match"
"""What the account that matches is called in what a button carries, beside the wish."""


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


def _wish_in(request: Request) -> str:
    """The wish a button carries; empty where there is none."""
    return request.value if request.kind == "action" and request.value.startswith("{") else ""


def _told(wish: str) -> dict[str, Any]:
    try:
        told = json.loads(wish) if wish else {}
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _again(request: Request, wish: str) -> Request | None:
    """The wish as a request of the same person, where they stand now."""
    told = _told(wish)
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
    """Who the caller is linked to, or the one account that matches them, or a link of their own to sign in with."""
    with context.read() as session:
        if caller.user_id is not None:
            user = users.get(session, caller.user_id)
            if user is not None:
                return Reply(screens.linked(context.portal.name, users.name(user), user.email))
        found = context.match_domains and proposals.offered(
            session, caller.team_id, caller.slack_user_id, context.match_domains, context.now
        )
    if not found:
        return sign_in_instead(request, caller, context)
    identity, by = found
    name = users.full_name(identity.first_name, identity.last_name) or identity.clerk_id
    carried = json.dumps(_told(_wish_in(request)) | {MATCH: identity.clerk_id})
    is_by_email, can_sign_in = by == matches.BY_EMAIL, context.link_url is not None
    screen = screens.may_be_you(context.portal.name, name, identity.email, is_by_email, carried, can_sign_in)
    return Reply(screen, where="beside")


def sign_in_instead(request: Request, caller: Caller, context: Context) -> Reply:
    """A link of the caller's own to sign in with, or whom to ask for one."""
    if context.link_url is None:
        with context.read() as session:
            admins = members.admins(session, caller.team_id)
        return Reply(screens.whom_to_ask(context.portal.name, admins, caller.team_id, caller.slack_user_id))
    wish = _wish_in(request)
    token = secrets.token_urlsafe(24)
    with context.write() as session:
        linkrequests.ask(session, caller.team_id, caller.slack_user_id, token, wish, context.now)
        back_to = _course_of(session, wish)
    return Reply(screens.sign_in(context.portal.name, f"{context.link_url}/{token}", back_to), where="beside")


def _course_of(session: Session, wish: str) -> str | None:
    """The title of the course the wish is about, or None."""
    told = _told(wish)
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
    with context.write() as session:
        identity, wish = linkrequests.bind(session, request_id, caller.team_id, caller.slack_user_id, context.now)
        name = _bind(session, caller, identity, context)
    home = RefreshHome(caller.team_id, caller.slack_user_id)
    return Reply(screens.bound(context.portal.name, name), again=_again(request, wish), then=(home,))


def accept(request: Request, caller: Caller, context: Context) -> Reply:
    """The account that matched is the caller's: they are linked, if it still matches, and what they were doing is
    done."""
    clerk_id = str(_told(request.value).get(MATCH, ""))
    me = (caller.team_id, caller.slack_user_id)
    with context.write() as session:
        try:
            identity, by = proposals.take(session, *me, clerk_id, context.match_domains, context.now)
            name = _bind(session, caller, identity, context, because=by)
        except ProposalOver:
            # Pressed twice: the first time did it.
            user = users.get(session, clerk_id)
            if user is None or links.of(session, *me) != user.id:
                raise
            name = users.name(user)
    again = _again(request, _wish_in(request))
    return Reply(screens.bound(context.portal.name, name), again=again, then=(RefreshHome(*me),))


def _bind(session: Session, caller: Caller, identity: Identity, context: Context, because: str = "") -> str:
    """Link the caller to this identity in place of whom they were linked to, and note it; their name in the portal.

    Raises `DomainError` when the account was deleted or is linked to somebody else.
    """
    me = audit.member(caller.team_id, caller.slack_user_id)
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
    audit.note(session, "link.made", actor=me, whom=user.id, what=me, because=because, now=context.now)
    return users.name(user)


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
