"""The roster of a course."""

from collections.abc import Mapping, Sequence

from handlers.views import taught
from handlers.views.kit import (
    Markup,
    actions,
    button,
    context,
    day,
    header,
    one_of,
    person,
    progress_bar,
    say,
    section,
    words,
)
from handlers.views.screens import Block, Screen
from models.errors import Gone
from models.rosters import (
    EVERYBODY,
    FINISHED,
    LEAST_DONE,
    LONGEST_AWAY,
    NEWEST,
    NOT_STARTED,
    UNDER_WAY,
    Learner,
    Roster,
)
from models.teachers import Taught

SHOWN = {EVERYBODY: "Everybody", NOT_STARTED: "Not started", UNDER_WAY: "Under way", FINISHED: "Finished"}
SORTS = {NEWEST: "Newest first", LEAST_DONE: "Least done first", LONGEST_AWAY: "Longest away first"}


def packed(shown: str, sort: str, course_id: int, cursor: str = "") -> str:
    """What a button of the roster carries."""
    return f"{shown} {sort} {course_id} {cursor}".rstrip()


def unpacked(carried: str) -> tuple[str, str, int, str]:
    """What a button of the roster carried: filter, sort, course, and the page's cursor. Raises `Gone`."""
    match carried.split():
        case [shown, sort, course_id, *cursor] if course_id.isdecimal() and len(course_id) < 19 and len(cursor) < 2:
            return shown, sort, int(course_id), "".join(cursor)
    raise Gone("That button is from an older screen. Type /teach for a fresh one.")


def roster(
    course_id: int,
    title: str,
    page: Roster,
    slack_ids: Mapping[str, str],
    *,
    shown: str,
    sort: str,
) -> Screen:
    """Who learns in the course, how far they are, and where they are stuck."""
    filters = one_of(
        "static_select",
        "roster.show",
        [(label, packed(value, sort, course_id)) for value, label in SHOWN.items()],
        packed(shown, sort, course_id),
    )
    sorts = one_of(
        "static_select",
        "roster.show",
        [(label, packed(shown, value, course_id)) for value, label in SORTS.items()],
        packed(shown, sort, course_id),
    )
    blocks: list[Block] = [header(title), context(words(page.count, "learner")), actions(filters, sorts)]
    blocks += [section(_line(one, page.lessons, slack_ids.get(one.user_id))) for one in page.learners]
    if not page.learners:
        blocks.append(section("Nobody here yet." if shown == EVERYBODY else "Nobody is in this part of the roster."))
    turning = []
    if page.before:
        turning.append(button("Back", "roster.show", packed(shown, sort, course_id, page.before)))
    if page.after:
        turning.append(button("More", "roster.show", packed(shown, sort, course_id, page.after)))
    blocks.append(actions(*turning, button("Send me this as CSV", "roster.send", str(course_id))))
    blocks.append(context("Only those who teach this course, and admins, see this. Learners know that you do."))
    return Screen("Roster", tuple(blocks), metadata=str(course_id))


def _line(learner: Learner, lessons: int, slack_user_id: str | None) -> Markup:
    if learner.finished:
        where = Markup("Finished")
    elif learner.stuck_at is None:
        where = Markup("Nothing left to do")
    else:
        where = say("Next: {lesson}", lesson=learner.stuck_at)
    return say(
        "{who}\n{far}\n{where} · last active {when}",
        who=person(slack_user_id) if slack_user_id else say("*{name}*", name=learner.name),
        far=progress_bar(learner.done, lessons),
        where=where,
        when=day(learner.active_at),
    )


def which(typed: str, mine: Sequence[Taught]) -> Screen:
    """Several courses may be meant, or none is."""
    way = ("Roster", "roster.show", lambda course_id: packed(EVERYBODY, NEWEST, course_id))
    return taught.which("Roster", "Whose roster?", typed, mine, "roster", way)


def on_its_way(title: str) -> Screen:
    """The file comes by DM."""
    return Screen(
        "Roster", (section(say("The roster of *{title}* is on its way to our direct messages.", title=title)),)
    )


def not_sent() -> Screen:
    """The file could not be sent."""
    return Screen("Roster", (section("Slack didn't take the file just now. Ask again with `/teach roster`."),))
