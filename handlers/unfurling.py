"""Links to the portal's courses that people paste in Slack."""

import re
from urllib.parse import urlsplit

from handlers.replies import NOTHING, Reply, Unfurl
from handlers.requests import Context, Request
from handlers.views import sharing as screens
from models import catalog

MOST = 10
"""Links of one message that get a card."""


def unfurl(request: Request, context: Context) -> Reply:
    """Under each link to an open course of the portal stands a card. Everybody in the channel sees the same one."""
    wanted: dict[str, int] = {}
    for link in request.event.get("links") or ():
        course_id = _course(str(link.get("url") or ""), context)
        if course_id is not None and len(wanted) < MOST:
            wanted[str(link["url"])] = course_id
    if not wanted:
        return NOTHING
    with context.read() as session:
        cards = {card.course_id: card for card in catalog.cards(session, list(set(wanted.values())), user_id=None)}
    shown = {
        url: screens.unfurled(cards[course_id])
        for url, course_id in wanted.items()
        if course_id in cards and not cards[course_id].is_archived
    }
    if not shown:
        return NOTHING
    event = request.event
    return Reply(
        then=(
            Unfurl(
                channel_id=request.channel_id,
                message_ts=str(event.get("message_ts") or ""),
                unfurl_id=str(event.get("unfurl_id") or ""),
                source=str(event.get("source") or ""),
                screens=shown,
            ),
        )
    )


def _course(url: str, context: Context) -> int | None:
    """The course a URL of the portal is about, or None."""
    if context.portal.url is None:
        return None
    home, given = urlsplit(context.portal.url.rstrip("/")), urlsplit(url)
    match = re.fullmatch(r"/courses/(\d{1,18})/?", given.path.removeprefix(home.path))
    is_ours = given.netloc.lower() == home.netloc.lower() and given.path.startswith(home.path)
    return int(match[1]) if match and is_ours else None
