"""What authors and admins are told of an announcement, by DM, through the ledger."""

from datetime import datetime

from sqlmodel import Session

from models import deliveries, links
from models.announcements import Announcement
from models.deliveries import Planned
from models.switches import ACCOUNT

APPROVE, DECLINED, APPROVED = "announcement approve", "announcement declined", "announcement approved"
PROGRESS, ASKS_LATE, ASKS_POST = "announcement progress", "announcement late", "announcement post"
HELD_BACK, WAITS = "announcement held", "announcement waits"


def tell(
    session: Session,
    announcement: Announcement,
    what: str,
    now: datetime,
    real_now: datetime,
    *,
    to: str | None = None,
    by: str = "",
) -> None:
    """Tell its author, or an admin, what becomes of it. Its progress is one message, which is updated in place."""
    whom = to or announcement.slack_user_id
    key = progress_key(announcement) if what == PROGRESS else _key(announcement, what, whom, now.isoformat())
    planned = Planned(
        key=key,
        kind=ACCOUNT,
        team_id=announcement.team_id,
        slack_user_id=whom,
        user_id=links.of(session, announcement.team_id, whom),
        facts={"what": what, "announcement": announcement.id, "by": by},
    )
    deliveries.plan(session, [planned], now, real_now)


def progress_key(announcement: Announcement) -> str:
    """The key in the ledger of the message that tells an author how their announcement gets on."""
    return _key(announcement, PROGRESS, announcement.slack_user_id, "")


def _key(announcement: Announcement, what: str, slack_user_id: str, moment: str) -> str:
    return f"{ACCOUNT}:{announcement.team_id}:{slack_user_id}:{what}:{announcement.id}:{moment}"
