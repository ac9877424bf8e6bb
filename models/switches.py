"""Which kinds of message may be sent unasked: almost none, until somebody turns it on."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlmodel import Field, Session

from models.prepared import Prepared
from models.statements import insert_unless_there, table_of
from models.tablemodels import TableModel

REMINDER, REPORT, ALERT, ACCOUNT = "reminder", "report", "alert", "account"
ANNOUNCEMENT, POST, EDIT, NUDGE = "announcement", "channel post", "correction", "nudge"
KINDS = (REMINDER, REPORT, ALERT)
"""Kinds that are off until an admin turns them on, those that come with an upgrade too."""
ALWAYS = (ACCOUNT, ANNOUNCEMENT, POST, NUDGE)
"""Kinds that need no switch: somebody did something to the reader's own account, or has something to say themselves.
A correction of what was sent needs none either, and no pause holds it."""
WEBHOOK, XAPI = "webhook", "xapi"
EVENTS = (WEBHOOK, XAPI)
"""Kinds that go to other programs and not to people; their settings are their switch."""
OPT_OUT = {
    REMINDER: "nudges",
    REPORT: "account",
    ALERT: "account",
    ACCOUNT: "account",
    ANNOUNCEMENT: "announcements",
    POST: "announcements",
    EDIT: "announcements",
    NUDGE: "announcements",
}
"""What each kind belongs to when somebody wants less: nudges, announcements or account."""


class Switch(TableModel, table=True):
    """A kind that was turned on, when and by whom: a Slack user id, or "console"."""

    __tablename__ = "homeroom_switch"

    kind: str = Field(primary_key=True)
    turned_on_at: datetime
    turned_on_by: str


_SWITCH = table_of(Switch)
_ON = Prepared(select(_SWITCH.c.kind))
_OFF = delete(_SWITCH).where(_SWITCH.c.kind == bindparam("which"))


def turn_on(session: Session, kinds: Collection[str], by: str, now: datetime) -> tuple[str, ...]:
    """Let these kinds be sent; those which were off before."""
    return tuple(
        kind for kind in kinds if insert_unless_there(session, Switch, kind=kind, turned_on_at=now, turned_on_by=by)
    )


def turn_off(session: Session, kind: str) -> bool:
    """Send no more of this kind; whether it was on."""
    return session.connection().execute(_OFF, {"which": kind}).rowcount > 0


def on(session: Session) -> frozenset[str]:
    """The kinds that are on."""
    return frozenset(row.kind for row in _ON.rows(session))
