"""What somebody may ask about their own data: to have it, and to be forgotten."""

import json
from functools import partial

from sqlmodel import Session

from handlers.replies import RefreshHome, Reply, SendFile
from handlers.requests import Context, Request
from handlers.views import privacy as screens
from models import accountnotes, audit, erasures, links, members, mydata
from models.errors import DomainError
from models.grants import Whom
from models.members import Caller


def my_data(request: Request, caller: Caller, context: Context) -> Reply:
    """Everything stored about the caller is on its way to them, as a file."""
    file = SendFile(
        caller.slack_user_id,
        f"my-data-{context.now:%Y-%m-%d}.json",
        "Everything stored about you",
        "Here is everything I have about you. Nobody else gets this file.",
        partial(_written, team_id=caller.team_id, slack_user_id=caller.slack_user_id),
        screens.not_sent(),
    )
    return Reply(screens.on_its_way(), then=(file,))


def _written(session: Session, *, team_id: str, slack_user_id: str) -> str:
    return json.dumps(mydata.everything(session, team_id, slack_user_id), indent=2, ensure_ascii=False)


def forget_me(request: Request, caller: Caller, context: Context) -> Reply:
    """What would go and what would stay, and the way to ask for it."""
    with context.read() as session:
        hindrance = erasures.hindrance(session, caller.user_id) if caller.user_id else None
        is_asked = erasures.is_asked(session, caller.team_id, caller.slack_user_id)
    if is_asked:
        return Reply(screens.is_asked())
    if hindrance is not None:
        raise DomainError(hindrance.replace("They teach", "You teach", 1))
    return Reply(screens.ask(context.portal.name, at_once=context.erases_at_once))


def ask(request: Request, caller: Caller, context: Context) -> Reply:
    """The wish is with the admins now."""
    me = audit.member(caller.team_id, caller.slack_user_id)
    with context.write() as session:
        if erasures.ask(session, caller.team_id, caller.slack_user_id, context.now):
            audit.note(session, "erasure.asked", actor=caller.user_id or me, whom=me, now=context.now)
            for admin in members.admins(session, caller.team_id):
                whom = Whom(caller.team_id, admin, links.of(session, caller.team_id, admin))
                facts = {"who": caller.slack_user_id}
                accountnotes.tell(session, whom, accountnotes.ERASURE_ASKED, facts, context.now, context.real_now)
        admins = tuple(RefreshHome(caller.team_id, admin) for admin in members.admins(session, caller.team_id))
    return Reply(screens.asked(), then=admins)


def withdraw(request: Request, caller: Caller, context: Context) -> Reply:
    """The caller stays."""
    me = audit.member(caller.team_id, caller.slack_user_id)
    with context.write() as session:
        if erasures.withdraw(session, caller.team_id, caller.slack_user_id):
            audit.note(session, "erasure.withdrawn", actor=caller.user_id or me, whom=me, now=context.now)
    return Reply(screens.stays())


def are_you_sure(request: Request, caller: Caller, context: Context) -> Reply:
    """One more question before it is done."""
    _only_where_people_decide(context)
    return Reply(screens.are_you_sure())


def erase(request: Request, caller: Caller, context: Context) -> Reply:
    """The caller is forgotten, at once and by their own hand."""
    _only_where_people_decide(context)
    whom = Whom(caller.team_id, caller.slack_user_id, caller.user_id)
    with context.write() as session:
        me = caller.user_id or audit.member(caller.team_id, caller.slack_user_id)
        gone = erasures.erase(session, whom, me, context.now)
    return Reply(screens.forgotten(), then=_homes(gone))


def _only_where_people_decide(context: Context) -> None:
    if not context.erases_at_once:
        raise DomainError("An admin decides about that here. Type /learn forget-me to ask.")


def approve(request: Request, caller: Caller, context: Context) -> Reply:
    """Somebody is forgotten, as they asked; they hear of it."""
    slack_user_id = request.value
    with context.write() as session:
        _still_asked(session, caller, slack_user_id)
        user_id = links.of(session, caller.team_id, slack_user_id)
        whom = Whom(caller.team_id, slack_user_id, user_id)
        gone = erasures.erase(session, whom, caller.user_id or "", context.now)
        unlinked = Whom(caller.team_id, slack_user_id, None)
        accountnotes.tell(session, unlinked, accountnotes.ERASED, {}, context.now, context.real_now)
    mine = RefreshHome(caller.team_id, caller.slack_user_id)
    return Reply(screens.approved(slack_user_id), then=(mine, *_homes(gone)))


def decline(request: Request, caller: Caller, context: Context) -> Reply:
    """Somebody is not forgotten, and hears whom to ask."""
    slack_user_id = request.value
    who = audit.member(caller.team_id, slack_user_id)
    with context.write() as session:
        _still_asked(session, caller, slack_user_id)
        erasures.withdraw(session, caller.team_id, slack_user_id)
        audit.note(session, "erasure.declined", actor=caller.user_id or "", whom=who, now=context.now)
        whom = Whom(caller.team_id, slack_user_id, links.of(session, caller.team_id, slack_user_id))
        facts = {"by": caller.slack_user_id}
        accountnotes.tell(session, whom, accountnotes.ERASURE_DECLINED, facts, context.now, context.real_now)
    return Reply(screens.declined(slack_user_id), then=(RefreshHome(caller.team_id, caller.slack_user_id),))


def _still_asked(session: Session, caller: Caller, slack_user_id: str) -> None:
    if not erasures.is_asked(session, caller.team_id, slack_user_id):
        raise DomainError("That is settled already: they took it back, or an admin answered.")


def _homes(gone: tuple[tuple[str, str], ...]) -> tuple[RefreshHome, ...]:
    return tuple(RefreshHome(team_id, slack_user_id) for team_id, slack_user_id in gone)
