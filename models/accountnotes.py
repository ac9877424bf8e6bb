"""What people are told about their own account here: a role given or taken, a link that ended. Always, by DM."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from models import deliveries, links
from models.deliveries import Planned
from models.grants import Ended, Whom
from models.switches import ACCOUNT

ROLE_GRANTED, ROLE_REVOKED, ROLE_ENDED = "role granted", "role revoked", "role ended"
GRANT_ENDED = "grant ended"
"""Told to whoever granted what has ended."""
ERASURE_ASKED, ERASURE_DECLINED, ERASED = "erasure asked", "erasure declined", "erased"
LINK_ENDED, LINK_MOVED = "link ended", "link moved"


def tell(
    session: Session, whom: Whom, what: str, facts: Mapping[str, object], now: datetime, real_now: datetime
) -> None:
    """Put a note into the ledger. The same thing told of the same moment is one note."""
    about = facts.get("role") or facts.get("who") or ""
    deliveries.plan(
        session,
        [
            Planned(
                key=f"{ACCOUNT}:{whom.team_id}:{whom.slack_user_id}:{what}:{about}:{now.isoformat()}",
                kind=ACCOUNT,
                team_id=whom.team_id,
                slack_user_id=whom.slack_user_id,
                user_id=whom.user_id,
                facts={"what": what, **facts},
            )
        ],
        now,
        real_now,
    )


def tell_everywhere(
    session: Session, user_id: str, what: str, facts: Mapping[str, object], now: datetime, real_now: datetime
) -> None:
    """Put a note into the ledger for each Slack person this user is."""
    for team_id, slack_user_id in links.everywhere(session, user_id):
        tell(session, Whom(team_id, slack_user_id, user_id), what, facts, now, real_now)


def tell_of_end(session: Session, ended: Ended, now: datetime, real_now: datetime) -> None:
    """Tell both sides that a grant has ended: who had the role, and who granted it."""
    facts = {"role": ended.role}
    if ended.user_id is not None:
        tell_everywhere(session, ended.user_id, ROLE_ENDED, facts, now, real_now)
    elif ended.team_id is not None and ended.slack_user_id is not None:
        tell(session, Whom(ended.team_id, ended.slack_user_id, None), ROLE_ENDED, facts, now, real_now)
    for team_id, slack_user_id in links.everywhere(session, ended.granted_by):
        who = ended.slack_user_id if ended.user_id is None else links.holder(session, team_id, ended.user_id)
        granter = Whom(team_id, slack_user_id, ended.granted_by)
        tell(session, granter, GRANT_ENDED, {**facts, "who": who or ""}, now, real_now)
