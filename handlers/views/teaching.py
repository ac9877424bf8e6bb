"""The instructor's desk."""

from collections.abc import Sequence

from handlers.views.kit import (
    Markup,
    actions,
    asked,
    button,
    context,
    divider,
    field,
    header,
    moment,
    one_of,
    overflow,
    say,
    section,
    shorten,
    words,
)
from handlers.views.rosters import packed
from handlers.views.screens import Block, Screen
from models.coursefiles import LONGEST_TITLE
from models.drafts import Begun
from models.rosters import EVERYBODY, NEWEST
from models.teachers import Taught

VERBS = {
    "announce": "tell a course's learners, or its channel, something",
    "roster": "who learns in a course, and where they are stuck",
    "stats": "a course's numbers, as a table and a picture",
    "team": "who teaches a course, and handing it over",
    "channel": "the channel a course goes with",
}
"""What can follow /teach, and what it does."""
PAGE = 10
MORE = {"stats": "Numbers", "team": "Team", "channel": "Channel"}
"""What is in a course's ⋯ menu, by its way."""


def desk(courses: Sequence[Taught], begun: Sequence[Begun], *, skip: int, has_more: bool, is_admin: bool) -> Screen:
    """The courses somebody teaches, and what can be done with each."""
    blocks: list[Block] = [header("Your desk")]
    changed = {draft.course_id for draft in begun}
    if not courses and not begun:
        blocks.append(section("You don't teach a course yet. Begin one, or write one as a file."))
    for course in courses:
        line = say("*{title}*\n{numbers}", title=course.title, numbers=_numbers(course))
        carried = str(course.course_id)
        roster = packed(EVERYBODY, NEWEST, course.course_id)
        blocks.append(section(line))
        blocks.append(
            actions(
                button("Edit", "draft.edit", carried, label=f"Edit {course.title}"),
                button("Announce", "announcement.new", carried, label=f"Announce in {course.title}"),
                button("Roster", "roster.show", roster, label=f"Roster of {course.title}"),
                overflow("desk.menu", [(label, f"{way} {carried}") for way, label in MORE.items()]),
            )
        )
        if course.course_id in changed:
            blocks.append(context("Changed, and not published yet"))
    for draft in begun:
        if draft.course_id is None:
            line = say("*{title}*\nA draft: learners don't see it yet", title=draft.title)
            open_it = button("Go on", "draft.open", str(draft.draft_id), label=f"Go on with {draft.title}")
            blocks.append(section(line, open_it))
    blocks.append(
        actions(
            button("New course", "draft.new", style="primary"),
            button("Import a course", "import.ask"),
            button("About you", "bio.ask"),
        )
    )
    turning = []
    if skip:
        turning.append(button("Back", "desk.open", str(max(skip - PAGE, 0))))
    if has_more:
        turning.append(button("More", "desk.open", str(skip + PAGE)))
    if turning:
        blocks.append(actions(*turning))
    counted = [course.taken_at for course in courses if course.taken_at is not None]
    if counted:
        blocks.append(context(say("Numbers as of {when}", when=moment(min(counted)))))
    if is_admin:
        blocks.append(context("As an admin you see every course."))
    return Screen("Your desk", tuple(blocks))


def _numbers(course: Taught) -> Markup:
    """A course in numbers: its learners, who finished, where most stop."""
    parts: list[str] = [words(course.learners, "learner")]
    if course.finished:
        parts.append(f"{course.finished:,} finished")
    if course.stuck_at is not None and course.stuck:
        parts.append(say("{count} stuck before {lesson}", count=f"{course.stuck:,}", lesson=course.stuck_at))
    return Markup(" · ".join(parts))


def unknown_verb(typed: str) -> Screen:
    """What can be said instead."""
    lines = [f"`/teach {verb}`  {does}" for verb, does in VERBS.items()]
    return Screen(
        "Teach",
        (
            section(say("I don't know *{typed}*. Here is what I do know:", typed=typed)),
            section("\n".join(["`/teach`  your desk", *lines])),
            actions(button("Open your desk", "desk.open", "0", style="primary")),
        ),
    )


def bio_form(bio: str) -> Screen:
    """What an instructor says about themselves."""
    return Screen(
        "About you",
        (
            field("bio", "bio.words", "About you, in short", bio, multiline=True, optional=True, max_length=300),
            context("Learners read it on your courses."),
        ),
        submit="Save",
        callback_id="bio.save",
    )


def bio_saved() -> Screen:
    """It is kept."""
    return Screen("About you", (section("Saved. Learners read it on your courses."),))


def on_home() -> list[Block]:
    """The way to the desk, for those who teach."""
    return [divider(), section("*Teaching*", button("Your desk", "desk.open", "0"))]


def lesson_from(
    drafts: Sequence[Begun], courses: Sequence[Taught], title: str, words_: str, *, is_cut: bool = False
) -> Screen:
    """Which course a message should be a lesson of. What it says, or its beginning, is carried by the modal."""
    cut = f"The message is long: these are its first {len(words_):,} characters. " if is_cut else ""
    begun = {draft.course_id for draft in drafts}
    offered = [(draft.title, f"draft {draft.draft_id}") for draft in drafts]
    offered += [(course.title, f"course {course.course_id}") for course in courses if course.course_id not in begun]
    if not offered:
        begin = button("New course", "draft.new", style="primary")
        return Screen("Make this a lesson", (section("You don't teach a course yet."), actions(begin)))
    return Screen(
        "Make this a lesson",
        (
            field("title", "draft.lesson_title", "Title of the lesson", title, max_length=LONGEST_TITLE),
            asked("course", "Course", one_of("static_select", "draft.course", offered, offered[0][1])),
            section(say("{words}", words=shorten(words_, 500))),
            context(say("{cut}It becomes the last lesson of the draft. Learners see it when you publish.", cut=cut)),
        ),
        submit="Add the lesson",
        callback_id="draft.from_message",
        metadata=words_,
    )
