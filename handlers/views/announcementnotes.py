"""What authors, those who teach beside them, and admins are told of an announcement."""

from handlers.views.announcements import WHY_HELD, Told, addressed, ways_on
from handlers.views.kit import Markup, actions, button, channel, context, moment, person, say, section
from handlers.views.screens import Screen


def asks_admin(told: Told, members: int | None) -> Screen:
    """An admin is asked to let it go. ``members`` are in its channel, None where it has none or nobody knows."""
    one = told.announcement
    at = f"{one.id} {one.revision}"
    said = say(
        "{author} wants to announce this in {title}, to {whom}{when}.",
        author=person(one.slack_user_id),
        title=told.course_title,
        whom=addressed(one),
        when=Markup(f", {moment(one.leaves_at)}") if one.leaves_at else "",
    )
    reached = [f"{_many(members)} in the channel."] if members is not None else []
    reached += [f"{_many(one.recipients)} by DM."] if one.audience else []
    return Screen(
        "Approve",
        (
            section(said),
            told.words,
            actions(
                button("Approve", "announcement.approve", at, style="primary"),
                button("Decline", "announcement.decline", at),
            ),
            context(*reached, "More than 200 people, or a channel of more than 500, wait for an admin."),
        ),
    )


def _many(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"


def approved(told: Told, by: str) -> Screen:
    """An admin let it go."""
    one = told.announcement
    said = say("{by} approved your announcement in *{title}*.", by=person(by), title=told.course_title)
    when = say("It leaves {when}.", when=moment(one.leaves_at)) if one.leaves_at else "It is on its way."
    again = button("Look again", "announcement.receipt", str(one.id))
    return Screen("Approved", (section(said), context(when), actions(again)))


def declined(told: Told, by: str) -> Screen:
    """An admin did not."""
    said = say(
        "{by} didn't approve your announcement in *{title}*. Ask them why; nothing was sent.",
        by=person(by),
        title=told.course_title,
    )
    return Screen("Declined", (section(said), told.words, actions(*ways_on(told.announcement))))


def late(told: Told) -> Screen:
    """It would go more than an hour late."""
    one = told.announcement
    said = say(
        "Your announcement in *{title}* should have left {when}, and I was asleep. Send it all the same?",
        title=told.course_title,
        when=moment(one.leaves_at) if one.leaves_at else "",
    )
    return Screen("Late", (section(said), told.words, actions(*ways_on(one))))


def asks_post(told: Told) -> Screen:
    """Nobody knows whether the post is in its channel."""
    one = told.announcement
    at = f"{one.id} {one.posts}"
    said = say(
        "Slack didn't say whether your announcement reached {channel}. Look there, and tell me.",
        channel=channel(one.channel_id or ""),
    )
    return Screen(
        "Is it there?",
        (
            section(said),
            told.words,
            actions(
                button("It's there", "announcement.is_there", at, style="primary"),
                button("Post again", "announcement.post_again", at),
            ),
        ),
    )


def asks_late_post(told: Told) -> Screen:
    """The post was held up for so long that it was not made."""
    one = told.announcement
    said = say(
        "Your announcement didn't reach {channel} within an hour: sending was paused, or I was asleep.",
        channel=channel(one.channel_id or ""),
    )
    again = button("Post it now", "announcement.post_again", f"{one.id} {one.posts}", style="primary")
    return Screen("Late", (section(said), told.words, actions(again)))


def held(told: Told, *, is_yours: bool) -> Screen:
    """It does not go, and why; whoever else teaches the course may send it in their own name."""
    one = told.announcement
    why = WHY_HELD.get(one.because or "", "something changed")
    whose = Markup("Your announcement") if is_yours else say("{author}'s announcement", author=told.author)
    said = say("{whose} in *{title}* is held: {why}.", whose=whose, title=told.course_title, why=why)
    ways = ways_on(one) if one.because != "author" or not is_yours else []
    return Screen("Held", (section(said), told.words, *([actions(*ways)] if ways else [])))


def waits(told: Told) -> Screen:
    """More people would get it now than when it was confirmed, and an admin is asked first."""
    one = told.announcement
    said = say(
        "Your announcement in *{title}* waits for an admin: {count} would get it now.",
        title=told.course_title,
        count=_many(one.recipients),
    )
    return Screen("Waits", (section(said), told.words, actions(*ways_on(one))))
