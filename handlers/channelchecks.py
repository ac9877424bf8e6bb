"""Whether somebody may have something posted to a channel: they are in it, and so are we."""

from sqlmodel import Session

from handlers.requests import Request
from models import channels

UNSEEN = "I can't see that channel. Invite me there with /invite @homeroom, then try again."


def trouble(session: Session, request: Request, channel_id: str) -> str:
    """Why this person can't have that posted, once Slack said who is in the channel; nothing when they can."""
    if not request.is_in_channel:
        return "You aren't in that channel yourself. Join it, or choose another."
    channel = channels.get(session, request.team_id, channel_id)
    if channel is None or not channel.has_us:
        return "I'm not in that channel. Invite me there with /invite @homeroom, then try again."
    return ""
