"""Showing a course to a channel."""

from functools import partial

from handlers.replies import Post, Promise, RemoveMessage, Reply
from handlers.requests import Context, Request
from handlers.views import sharing as screens
from models import catalog, shares
from models.errors import DomainError
from models.members import Caller


def ask_where(request: Request, caller: Caller, context: Context) -> Reply:
    """Which channel to show the course in."""
    (course_id,) = request.numbers()
    with context.read() as session:
        card = catalog.card(session, course_id, user_id=caller.user_id)
    return Reply(screens.where_to(card), where="modal")


def share(request: Request, caller: Caller, context: Context) -> Reply:
    """The course is in the channel; once a day for each course and channel."""
    assert request.view is not None
    (course_id,) = request.numbers()
    channel = request.view.values.get("channel", {}).get("share.channel", "")
    if not channel:
        return Reply(errors={"channel": "Choose a channel to share it in."})
    with context.write() as session:
        card = catalog.card(session, course_id, user_id=caller.user_id)
        # A channel is in no zone: people in two of them would each have a day of their own in it.
        made = shares.share(session, course_id, caller.team_id, channel, caller.slack_user_id, context.now.date())
    if made is None:
        return Reply(errors={"channel": "It was shared there today already. Choose another channel, or try tomorrow."})
    assert made.id is not None
    promise = Promise(
        Post(channel, screens.shared(card, caller.slack_user_id, made.id)),
        refused={"channel": "I'm not in that channel. Invite me there with /invite @homeroom, then share again."},
        unknown=screens.perhaps_shared(channel),
        undo=partial(shares.remove, share_id=made.id, slack_user_id=caller.slack_user_id),
    )
    return Reply(screens.was_shared(card, channel), promise=promise)


def remove(request: Request, caller: Caller, context: Context) -> Reply:
    """The message is taken back, by whoever shared it and nobody else."""
    (share_id,) = request.numbers()
    with context.write() as session:
        is_gone = shares.remove(session, share_id=share_id, slack_user_id=caller.slack_user_id)
    if not is_gone:
        raise DomainError("Only the person who shared this can remove it. Ask them, or an admin of this workspace.")
    return Reply(then=(RemoveMessage(),))
