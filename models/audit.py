"""The audit log: who did what to whom, where and when. Rows are added and never changed: the database refuses.

It holds ids only, never names or addresses, so it can be kept when a person's data goes.
"""

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import Index, String, bindparam, insert, or_, select
from sqlmodel import Field, Session

from models.statements import an_id, table_of
from models.tablemodels import TableModel

CONSOLE = "console"
HOMEROOM = "homeroom"
"""The actor of what follows by itself."""
"""The actor of what was done at the console, by whoever has the machine."""
AT_ONCE = 500
_NO_ID = 2**62


class Entry(TableModel, table=True):
    """One thing that was done. ``actor`` and ``whom`` are a Clerk ID, ``TEAM/MEMBER`` of Slack, or "console".

    ``what`` is what it was done with: a role, a kind of message, a course file's slug. ``place`` is a channel.
    """

    __tablename__ = "homeroom_audit"
    __table_args__ = (
        Index("ix_homeroom_audit_at", "at"),
        Index("ix_homeroom_audit_whom", "whom"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    actor: str
    action: str
    whom: str | None = None
    what: str | None = None
    course_id: int | None = None
    place: str | None = None
    before: str | None = None
    after: str | None = None
    because: str | None = None


_ENTRY = table_of(Entry)
_NOTE = insert(_ENTRY)
_MATCHES = (
    or_(bindparam("about", type_=String()).is_(None), _ENTRY.c.whom == bindparam("about", type_=String())),
    or_(bindparam("doer", type_=String()).is_(None), _ENTRY.c.actor == bindparam("doer", type_=String())),
    or_(
        bindparam("doing", type_=String()).is_(None),
        _ENTRY.c.action == bindparam("doing", type_=String()),
        _ENTRY.c.action.startswith(bindparam("family", type_=String())),
    ),
)
_PAGE = (
    select(Entry)
    .where(
        _ENTRY.c.id > bindparam("past"),
        _ENTRY.c.at >= bindparam("since", type_=_ENTRY.c.at.type),
        _ENTRY.c.at < bindparam("until", type_=_ENTRY.c.at.type),
        *_MATCHES,
    )
    .order_by(_ENTRY.c.id)
    .limit(AT_ONCE)
)


_LATEST = (
    select(Entry)
    .where(
        _ENTRY.c.id < an_id("before_id"),
        _ENTRY.c.action.in_(bindparam("actions", expanding=True)),
        or_(bindparam("anybody"), _ENTRY.c.whom.in_(bindparam("about", expanding=True))),
    )
    .order_by(_ENTRY.c.id.desc())
    .limit(bindparam("most"))
)


def member(team_id: str, slack_user_id: str) -> str:
    """How a Slack person is named in the log."""
    return f"{team_id}/{slack_user_id}"


def note(
    session: Session,
    action: str,
    *,
    actor: str,
    now: datetime,
    whom: str | None = None,
    what: str | None = None,
    course_id: int | None = None,
    place: str | None = None,
    before: str | None = None,
    after: str | None = None,
    because: str | None = None,
) -> None:
    """Add an entry, in the transaction of what it is about. ``action`` is ``noun.verb``, such as ``role.granted``."""
    session.connection().execute(
        _NOTE,
        {
            "at": now,
            "actor": actor,
            "action": action,
            "whom": whom,
            "what": what,
            "course_id": course_id,
            "place": place,
            "before": before,
            "after": after,
            "because": because or None,
        },
    )


def entries(
    session: Session,
    since: datetime,
    until: datetime,
    *,
    whom: str | None = None,
    actor: str | None = None,
    action: str | None = None,
) -> Iterator[Entry]:
    """Entries between two instants, oldest first, read in pages. ``action`` may be a whole family, such as ``role``."""
    past = 0
    asked = {"since": since, "until": until, "about": whom, "doer": actor, "doing": action, "family": f"{action}."}
    while True:
        page = session.execute(_PAGE, {**asked, "past": past}).scalars().all()
        yield from page
        if len(page) < AT_ONCE:
            return
        past = page[-1].id or 0


def latest(
    session: Session, actions: Collection[str], *, about: Collection[str] | None, before_id: int | None, most: int
) -> tuple[Entry, ...]:
    """The newest entries of these actions, older than ``before_id``; ``about`` names whom, in any of these ways."""
    asked = {
        "before_id": before_id or _NO_ID,
        "actions": list(actions),
        "anybody": about is None,
        "about": list(about or ()),
        "most": most,
    }
    return tuple(session.execute(_LATEST, asked).scalars())
