"""Publishing: what changes, what was published before, and what is thrown away."""

from collections.abc import Sequence

from handlers.views.kit import (
    actions,
    button,
    context,
    header,
    moment,
    say,
    section,
    words,
)
from handlers.views.screens import Block, Screen
from models.coursechanges import Change
from models.drafts import Open
from models.versions import Published


def exported(draft: Open) -> Screen:
    """The file comes by DM."""
    said = say("*{title}*, as it is published, is on its way to our messages as a file.", title=draft.manuscript.title)
    return Screen("Export", (section(said), actions(_back(draft))))


def not_exported() -> Screen:
    """The file could not be sent."""
    return Screen("Export", (section("Slack didn't take the file just now. Ask again from the course's editor."),))


def ask_publish(draft: Open, changes: Sequence[Change], learners: int) -> Screen:
    """What would change, and whether it is a small fix."""
    at = str(draft.draft_id)
    blocks: list[Block] = [header(f"Publish {draft.manuscript.title}")]
    blocks += _changes(changes)
    if draft.course_id is None:
        blocks.append(section("Everybody in the workspace can find it and enroll from then on."))
        blocks.append(actions(button("Publish", "draft.publish", f"{at} new", style="primary"), _back(draft)))
    else:
        blocks.append(context(f"{words(learners, 'learner')} enrolled. Whoever has a lesson open reads it to its end."))
        blocks.append(section("How much changes?"))
        blocks.append(
            actions(
                button("Small fix", "draft.publish", f"{at} small", label="Small fix: nobody is told"),
                button("Changed meaning", "draft.publish", f"{at} changed", style="primary"),
                _back(draft),
            )
        )
        blocks.append(context("Small fix: nobody is told. Changed meaning: those who finished see “updated”."))
    return Screen("Publish", tuple(blocks))


def _back(draft: Open) -> Block:
    return button("Not yet", "draft.open", str(draft.draft_id))


def _changes(changes: Sequence[Change]) -> list[Block]:
    shown = [say("{mark} {text}", mark={"-": "–"}.get(one.mark, one.mark), text=one.text) for one in changes[:30]]
    if len(changes) > len(shown):
        shown.append(say("… and {more} more", more=str(len(changes) - len(shown))))
    return [section("\n".join(shown))] if shown else []


def published(title: str, course_id: int, number: int, *, is_new: bool) -> Screen:
    """It is out."""
    sentence = "*{title}* is open. Everybody can find it and enroll." if is_new else "*{title}* is published."
    return Screen(
        "Published",
        (
            section(say(sentence, title=title)),
            context(f"Version {number}"),
            actions(
                button("See it as learners do", "course.open", str(course_id), style="primary"),
                button("Go on editing", "draft.edit", str(course_id)),
            ),
        ),
    )


def ask_archive(draft: Open, learners: int) -> Screen:
    """Whether the course should take nobody new."""
    return Screen(
        "Archive",
        (
            section(say("Archive *{title}*?", title=draft.manuscript.title)),
            section(
                f"It takes nobody new and reminds nobody. {words(learners, 'learner')} enrolled: they keep it, and all "
                "they did. You can open it again whenever you like."
            ),
            actions(button("Archive", "draft.archive", str(draft.draft_id), style="primary"), _back(draft)),
        ),
    )


def ask_delete(draft: Open, learned: int) -> Screen:
    """Whether a course that nobody learned in should go; another is archived."""
    at, title = str(draft.draft_id), draft.manuscript.title
    if learned:
        people = "1 person" if learned == 1 else f"{learned:,} people"
        stays = "{people} learned in *{title}*, and what they did would go with it. Archive it instead."
        archive = [] if draft.is_archived else [button("Archive", "draft.ask_archive", at, style="primary")]
        return Screen("Delete", (section(say(stays, people=people, title=title)), actions(*archive, _back(draft))))
    return Screen(
        "Delete",
        (
            section(say("Delete *{title}* for good?", title=title)),
            section("Nobody has learned in it. Its draft and its versions go with it."),
            actions(button("Delete", "draft.delete", at, style="danger"), _back(draft)),
        ),
    )


def deleted(title: str) -> Screen:
    """It is gone for good."""
    return Screen(
        "Delete", (section(say("Deleted: *{title}*.", title=title)), actions(button("Your desk", "desk.open", "0")))
    )


def ask_throw(draft: Open) -> Screen:
    """Whether what was not published should go."""
    stays = "What is published stays." if draft.course_id is not None else "The course was never published: it is gone."
    return Screen(
        "Throw away",
        (
            section(say("Throw away what isn't published of *{title}*?", title=draft.manuscript.title)),
            section(stays),
            actions(button("Throw away", "draft.throw", str(draft.draft_id), style="danger"), _back(draft)),
        ),
    )


def thrown(title: str) -> Screen:
    """It is gone."""
    return Screen(
        "Edit course",
        (
            section(say("Thrown away: the draft of *{title}*.", title=title)),
            actions(button("Your desk", "desk.open", "0")),
        ),
    )


def versions(draft: Open, listed: Sequence[Published]) -> Screen:
    """What was published before, newest first."""
    blocks: list[Block] = [header("Versions")]
    for version in listed:
        kind = "as it stood before" if version.by is None else "small fix" if version.is_small else "changed meaning"
        line = say(
            "*Version {number}* · {when}\n{by}{kind}",
            number=str(version.number),
            when=moment(version.published_at),
            by=f"{version.by} · " if version.by else "",
            kind=kind,
        )
        at = f"{draft.draft_id} {version.number}"
        blocks.append(section(line, button("Compare", "draft.compare", at, label=f"Compare version {version.number}")))
    if not listed:
        blocks.append(section("It was not published from here yet: versions begin with the first time."))
    return Screen("Versions", (*blocks, actions(_return(draft))))


def compared(draft: Open, number: int, changes: Sequence[Change]) -> Screen:
    """What differs between a version and what is written now."""
    at = f"{draft.draft_id} {number}"
    blocks: list[Block] = [header(f"Version {number} and now")]
    blocks += _changes(changes) or [section("Nothing differs: this is what is written now.")]
    buttons = [button("Go back to it", "draft.restore", at, label=f"Go back to version {number}")] if changes else []
    return Screen("Versions", (*blocks, actions(*buttons, _return(draft))))


def _return(draft: Open) -> Block:
    return button("Back to the course", "draft.open", str(draft.draft_id))
