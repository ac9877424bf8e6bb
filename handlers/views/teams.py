"""Who teaches a course, and the notes about it."""

from collections.abc import Sequence
from typing import NamedTuple

from handlers.views import taught
from handlers.views.kit import Markup, actions, asked, button, context, header, person, say, section, words
from handlers.views.screens import Block, Screen
from models.teachers import Taught


class Teacher(NamedTuple):
    """Somebody who teaches; ``slack_user_id`` is None for those not linked in this workspace."""

    user_id: str
    name: str
    slack_user_id: str | None


def team(course_id: int, title: str, owner: Teacher, beside: Sequence[Teacher], *, is_owner: bool, me: str) -> Screen:
    """The instructor, and who teaches beside them."""
    at = str(course_id)
    blocks: list[Block] = [
        header(f"Who teaches {title}"),
        section(say("{name}\nInstructor", name=_named(owner))),
    ]
    for teacher in beside:
        is_me = teacher.user_id == me
        label = "Leave" if is_me else "Remove"
        end = button(label, "team.remove", f"{at} {teacher.user_id}", label=f"{label} {teacher.name}")
        blocks.append(section(say("{name}\nTeaches beside them", name=_named(teacher)), end))
    buttons = [button("Add a co-teacher", "team.ask_add", at, style="primary")]
    if is_owner:
        buttons.append(button("Hand over", "team.ask_hand_over", at, label=f"Hand {title} over"))
    blocks.append(actions(*buttons, button("Edit the course", "draft.edit", at)))
    blocks.append(context("Co-teachers may do everything but hand the course over."))
    return Screen("Team", tuple(blocks))


def form(title: str, course_id: int, *, is_handover: bool) -> Screen:
    """Whom to choose."""
    sentence = (
        "Hand *{title}* over. You keep it only if they add you to the team again."
        if is_handover
        else "Who should teach *{title}* too?"
    )
    select: Block = {
        "type": "users_select",
        "action_id": "team.person",
        "placeholder": {"type": "plain_text", "text": "Choose an instructor"},
    }
    return Screen(
        "Hand over" if is_handover else "Add a co-teacher",
        (section(say(sentence, title=title)), asked("who", "Who?", select)),
        submit="Hand over" if is_handover else "Add",
        callback_id="team.hand_over" if is_handover else "team.add",
        metadata=str(course_id),
    )


def which(typed: str, mine: Sequence[Taught]) -> Screen:
    """Several courses may be meant, or none is."""
    return taught.which("Team", "Which course?", typed, mine, "team", ("Team", "team.show", str))


def left(title: str) -> Screen:
    """The reader left the team."""
    said = say("You've left the team of *{title}*.", title=title)
    return Screen("Team", (section(said), actions(button("Your desk", "desk.open", "0"))))


def handed_over(title: str, name: str) -> Screen:
    """The course is somebody else's."""
    said = say("*{title}* is {name}'s now. They've been told.", title=title, name=name)
    return Screen("Team", (section(said), actions(button("Your desk", "desk.open", "0"))))


def joined(title: str, by: str) -> Screen:
    """Told to who teaches a course too from now on."""
    said = say("You teach *{title}* too now: {by} added you.", title=title, by=person(by))
    return Screen("Your courses", (section(said), actions(button("Your desk", "desk.open", "0", style="primary"))))


def was_removed(title: str, by: str) -> Screen:
    """Told to who teaches a course no more."""
    return Screen(
        "Your courses", (section(say("You no longer teach *{title}*: {by} said so.", title=title, by=person(by))),)
    )


def received(title: str, by: str) -> Screen:
    """Told to whose a course is now."""
    said = say("*{title}* is yours now: {by} handed it over.", title=title, by=person(by))
    return Screen("Your courses", (section(said), actions(button("Your desk", "desk.open", "0", style="primary"))))


def owner_left(name: str, courses: int, learners: int, announcements: int) -> Screen:
    """Told to co-teachers and admins when somebody can't teach their courses any more."""
    said = say(
        "*{name}* can't teach any more. {courses}{announcements}, {learners} waiting.",
        name=name,
        courses=words(courses, "course"),
        announcements=f", {words(announcements, 'scheduled announcement')} held" if announcements else "",
        learners=words(learners, "learner"),
    )
    how = "Hand each course over from its team, or all at once: `homeroom handover FROM TO`"
    return Screen(
        "Courses without an instructor",
        (section(said), context(how), actions(button("Your desk", "desk.open", "0", style="primary"))),
    )


def _named(teacher: Teacher) -> Markup:
    return person(teacher.slack_user_id) if teacher.slack_user_id else say("*{name}*", name=teacher.name)
