"""Erasing a person: the request, an admin's answer, and what goes and what stays."""

from datetime import datetime

from sqlalchemy import and_, bindparam, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session

from models import audit, links, members, proposals, roles
from models.clerkusers import ClerkUser
from models.courses import Course
from models.deliveries import OPEN, SUPPRESSED, Delivery
from models.enrollments import Enrollment
from models.errors import DomainError
from models.grants import Grant, Whom
from models.hints import Hint
from models.linkrequests import LinkRequest
from models.progressrows import Progress
from models.proposals import Proposal
from models.roles import UserRole
from models.shares import Share
from models.statements import insert_unless_there, table_of
from models.tablemodels import TableModel
from models.users import Instructor, User

ERASED = "erased"


class Erasure(TableModel, table=True):
    """Somebody's wish to be forgotten, waiting for an admin. It ends with the answer."""

    __tablename__ = "homeroom_erasure"
    __table_args__ = ({"sqlite_with_rowid": False},)

    team_id: str = Field(primary_key=True)
    slack_user_id: str = Field(primary_key=True)
    asked_at: datetime


_ERASURE, _COURSE, _USER = table_of(Erasure), table_of(Course), table_of(User)
_THIS = (_ERASURE.c.team_id == bindparam("team")) & (_ERASURE.c.slack_user_id == bindparam("person"))
_WITHDRAW = delete(_ERASURE).where(_THIS)
_IS_ASKED = select(_ERASURE.c.asked_at).where(_THIS)
_WAITING = select(Erasure).where(_ERASURE.c.team_id == bindparam("team")).order_by(_ERASURE.c.asked_at).limit(20)
_TAUGHT = select(_COURSE.c.title).where(_COURSE.c.instructor_id == bindparam("user")).order_by(_COURSE.c.id).limit(5)


def ask(session: Session, team_id: str, slack_user_id: str, now: datetime) -> bool:
    """Ask to be forgotten; whether it was not asked yet."""
    return insert_unless_there(session, Erasure, team_id=team_id, slack_user_id=slack_user_id, asked_at=now)


def withdraw(session: Session, team_id: str, slack_user_id: str) -> bool:
    """End a request without erasing anything; whether there was one."""
    return session.connection().execute(_WITHDRAW, {"team": team_id, "person": slack_user_id}).rowcount > 0


def is_asked(session: Session, team_id: str, slack_user_id: str) -> bool:
    """Whether this person's request waits for an answer."""
    return session.connection().execute(_IS_ASKED, {"team": team_id, "person": slack_user_id}).first() is not None


def waiting(session: Session, team_id: str) -> tuple[Erasure, ...]:
    """The requests of a workspace, oldest first; twenty at most."""
    return tuple(session.execute(_WAITING, {"team": team_id}).scalars())


def hindrance(session: Session, user_id: str) -> str | None:
    """Why this user can't be erased yet, as a sentence with what to do first; None when they can."""
    taught = list(session.connection().execute(_TAUGHT, {"user": user_id}).scalars())
    if taught:
        return f"They teach {', '.join(taught)}. Hand these courses over first."
    return None


def erase(session: Session, whom: Whom, by: str, now: datetime) -> tuple[tuple[str, str], ...]:
    """Erase a person: account, roles, links, enrollments, progress, reminders, and the words of what was sent.

    What stays are rows of ids alone: the audit log and the ledger. Returns every Slack person who was this user. Raises
    `DomainError` when they teach a course, are the last admin, or another program keeps rows about them.
    """
    everybody = {(whom.team_id, whom.slack_user_id)}
    if whom.user_id is not None:
        if (why := hindrance(session, whom.user_id)) is not None:
            raise DomainError(why)
        roles.revoke(session, whom.user_id, roles.ADMIN)
        everybody |= set(links.everywhere(session, whom.user_id))
    for team_id, slack_user_id in sorted(everybody):
        links.unlink(session, team_id, slack_user_id)
        withdraw(session, team_id, slack_user_id)
        _forget_in_slack(session, team_id, slack_user_id, now)
    if whom.user_id is not None:
        _forget_user(session, whom.user_id, now)
    audit.note(
        session,
        "person.erased",
        actor=by,
        whom=whom.user_id or audit.member(whom.team_id, whom.slack_user_id),
        what=audit.member(whom.team_id, whom.slack_user_id),
        now=now,
    )
    return tuple(sorted(everybody))


def _forget_in_slack(session: Session, team_id: str, slack_user_id: str, now: datetime) -> None:
    members.forget_use(session, team_id, slack_user_id)
    for model in (LinkRequest, Proposal, Hint, Share, Grant):
        table = table_of(model)
        mine = (table.c.team_id == team_id) & (table.c.slack_user_id == slack_user_id)
        session.connection().execute(delete(table).where(mine))
    _empty_ledger(session, now, team_id=team_id, slack_user_id=slack_user_id)


def _forget_user(session: Session, user_id: str, now: datetime) -> None:
    _empty_ledger(session, now, user_id=user_id)
    for model in (UserRole, Instructor, Progress, Enrollment, ClerkUser):
        table = table_of(model)
        session.connection().execute(delete(table).where(table.c.user_id == user_id))
    proposals.withdraw(session, user_id)
    requests = table_of(LinkRequest)
    session.connection().execute(delete(requests).where(requests.c.clerk_id == user_id))
    try:
        session.connection().execute(delete(_USER).where(_USER.c.id == user_id))
    except IntegrityError as error:
        raise DomainError(
            "Another program keeps rows about them in this database. Ask whoever runs the portal to erase those first."
        ) from error


def _empty_ledger(session: Session, now: datetime, **whose: str) -> None:
    """What was sent keeps its ids, state and time, and loses its words; what was still to be sent isn't."""
    ledger = table_of(Delivery)
    mine = and_(*(ledger.c[name] == value for name, value in whose.items()))
    ended = {"state": SUPPRESSED, "reason": ERASED, "try_at": None, "settled_at": now}
    session.connection().execute(update(ledger).where(OPEN, mine).values(**ended))
    session.connection().execute(update(ledger).where(mine).values(facts="{}", history=""))
