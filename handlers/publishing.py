"""Publishing a draft, throwing it away, and going back to an earlier version."""

from handlers import draftrequests
from handlers.replies import Reply, SendFile
from handlers.requests import Context, Request, learner
from handlers.views import authoring as outlines
from handlers.views import publishing as screens
from handlers.views.kit import context as small_print
from models import audit, coursedeletions, courseexports, courses, drafts, publishing, teachers, versions
from models.drafts import Open
from models.errors import Gone
from models.manuscripts import Manuscript
from models.members import Caller


def ask_publish(request: Request, caller: Caller, context: Context) -> Reply:
    """What would change, and whether it is a small fix."""
    (draft_id,) = request.numbers()
    with context.read() as session:
        draft = drafts.read(session, caller, draft_id)
        changes = versions.between(draft.ground or Manuscript("", ""), draft.manuscript)
        learners = teachers.learners(session, draft.course_id) if draft.course_id is not None else 0
    return Reply(screens.ask_publish(draft, changes if draft.ground else (), learners))


def publish(request: Request, caller: Caller, context: Context) -> Reply:
    """The draft is what learners see from now on."""
    (draft_id,) = request.numbers()
    with context.write() as session:
        draft = drafts.read(session, caller, draft_id, locks=True)
        is_small = request.value.endswith("small")
        result = publishing.publish(session, draft, learner(caller), context.now, is_small=is_small)
    return Reply(screens.published(result.title, result.course_id, result.number, is_new=result.is_new))


def use_menu(request: Request, caller: Caller, context: Context) -> Reply:
    """What was chosen in the course's ⋯ menu."""
    way, _, draft_id = request.value.partition(" ")
    ways = {
        "versions": show_versions,
        "export": export,
        "archive": ask_archive,
        "unarchive": unarchive,
        "throw": ask_throw,
        "delete": ask_delete,
    }
    if way not in ways:
        raise Gone("That menu is from an older screen. Type /teach for a fresh one.")
    return ways[way](request._replace(value=draft_id), caller, context)


def ask_archive(request: Request, caller: Caller, context: Context) -> Reply:
    """Whether the course should take nobody new."""
    draft = draftrequests.draft(request, caller, context)
    with context.read() as session:
        return Reply(screens.ask_archive(draft, teachers.learners(session, _course(draft))))


def archive(request: Request, caller: Caller, context: Context) -> Reply:
    """The course takes nobody new and reminds nobody; whoever is enrolled keeps it."""
    return _archived(request, caller, context, is_archived=True)


def unarchive(request: Request, caller: Caller, context: Context) -> Reply:
    """The course is open again."""
    return _archived(request, caller, context, is_archived=False)


def _archived(request: Request, caller: Caller, context: Context, *, is_archived: bool) -> Reply:
    (draft_id,) = request.numbers()
    with context.write() as session:
        course_id = _course(drafts.read(session, caller, draft_id, locks=True))
        if courses.archive(session, course_id, context.now if is_archived else None):
            action = "course.archived" if is_archived else "course.opened"
            audit.note(session, action, actor=learner(caller), course_id=course_id, now=context.now)
        draft = drafts.read(session, caller, draft_id)
    return Reply(outlines.outline(draft))


def ask_delete(request: Request, caller: Caller, context: Context) -> Reply:
    """Whether the course should go for good; who learned in it says that it can't."""
    draft = draftrequests.draft(request, caller, context)
    with context.read() as session:
        teachers.require(session, caller, _course(draft), owner=True)
        return Reply(screens.ask_delete(draft, coursedeletions.learned(session, _course(draft))))


def delete(request: Request, caller: Caller, context: Context) -> Reply:
    """The course is gone for good."""
    (draft_id,) = request.numbers()
    with context.write() as session:
        course_id = _course(drafts.read(session, caller, draft_id))
        title = coursedeletions.delete(session, caller, course_id, context.now)
    return Reply(screens.deleted(title))


def ask_throw(request: Request, caller: Caller, context: Context) -> Reply:
    """Whether what was not published should go."""
    return Reply(screens.ask_throw(draftrequests.draft(request, caller, context)))


def throw(request: Request, caller: Caller, context: Context) -> Reply:
    """What was not published is gone."""
    (draft_id,) = request.numbers()
    with context.write() as session:
        draft = drafts.read(session, caller, draft_id, locks=True)
        drafts.throw_away(session, draft)
    return Reply(screens.thrown(draft.manuscript.title))


def export(request: Request, caller: Caller, context: Context) -> Reply:
    """The published course is on its way to the caller as a course file, by DM."""
    draft = draftrequests.draft(request, caller, context)
    course_id = _course(draft)
    with context.write() as session:
        teachers.require(session, caller, course_id)
        made = courseexports.export_by_id(session, course_id, context.now)
    file = SendFile(
        caller.slack_user_id,
        f"{made.slug}.yaml",
        draft.manuscript.title,
        "Here is the course as a file. `homeroom import` takes it back, and changes nothing if nobody changed it.",
        lambda session: made.text,
        screens.not_exported(),
    )
    return Reply(screens.exported(draft), then=(file,))


def show_versions(request: Request, caller: Caller, context: Context) -> Reply:
    """What was published before."""
    (draft_id,) = request.numbers()
    with context.read() as session:
        draft = drafts.read(session, caller, draft_id)
        listed = versions.listed(session, draft.course_id) if draft.course_id is not None else ()
    return Reply(screens.versions(draft, listed))


def compare(request: Request, caller: Caller, context: Context) -> Reply:
    """What differs between a version and what is written now."""
    draft_id, number = request.numbers(2)
    with context.read() as session:
        draft = drafts.read(session, caller, draft_id)
        before = versions.get(session, _course(draft), number)
    return Reply(screens.compared(draft, number, versions.between(before, draft.manuscript)))


def restore(request: Request, caller: Caller, context: Context) -> Reply:
    """A version is what is written now; learners see it once it is published."""
    draft_id, number = request.numbers(2)
    with context.write() as session:
        draft = drafts.read(session, caller, draft_id, locks=True)
        before = versions.get(session, _course(draft), number)
        draft = drafts.keep(session, caller, draft, before, context.now)
    notice = [small_print(f"This is version {number} again. Publish it, and learners see it.")]
    return Reply(outlines.outline(draft, notice=notice))


def _course(draft: Open) -> int:
    if draft.course_id is None:
        raise Gone("This course has no versions yet: they begin when it is published.")
    return draft.course_id
