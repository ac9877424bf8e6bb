"""Bringing a course file in: what it would change is shown, and done when somebody says so."""

from handlers.replies import AskOfFile, Reply
from handlers.requests import Context, Request, learner
from handlers.views import courseimports as screens
from handlers.views.screens import Screen
from models import coursefiles, courseimports, courseplans
from models.coursefiles import LARGEST, CourseFile, CourseFileErrors
from models.courseplans import Outdated
from models.errors import Gone
from models.members import Caller

AGAIN = "Slack didn't give me the file just now. Choose it again, and press Look."
FIELD = "file"


def ask(request: Request, caller: Caller, context: Context) -> Reply:
    """A form that takes a course file."""
    return Reply(screens.form(), where="modal")


def look(request: Request, caller: Caller, context: Context) -> Reply:
    """What the file would change, or what is wrong with it. Nothing is written."""
    uploads = request.view.uploads.get(FIELD, ()) if request.view is not None else ()
    if not uploads:
        return Reply(errors={FIELD: "Choose a course file: one that ends in .yaml."})
    upload = uploads[0]
    if upload.size > LARGEST:
        return Reply(errors={FIELD: "That file is larger than 2 MB. Split the course, or link large material."})
    if request.file is None:
        return Reply(asks=AskOfFile(upload.file_id, LARGEST, Reply(errors={FIELD: AGAIN})))
    return Reply(_looked(request.file, upload.file_id, upload.name, caller, context, prefers_file=False))


def carry_out(request: Request, caller: Caller, context: Context) -> Reply:
    """The file's course is what it says, unless the course changed since somebody looked."""
    file_id, way, ground, name = _carried(request)
    prefers_file = way == "file"
    if request.file is None:
        return Reply(asks=AskOfFile(file_id, LARGEST, Reply(screens.not_read())))
    file = coursefiles.read_bytes(request.file, name)
    try:
        with context.write() as session:
            plan = courseplans.plan(session, file, prefer_file=prefers_file)
            courseimports.require(session, caller, plan)
            if plan.ground != ground:
                raise Outdated(file.title)
            applied = courseimports.carry_out(session, plan, learner(caller), context.now)
    except Outdated:
        looked = _looked(request.file, file_id, name, caller, context, prefers_file=prefers_file)
        return Reply(looked.with_notice(screens.changed_meanwhile()))
    return Reply(screens.imported(applied.course_id, applied.title))


def prefer(request: Request, caller: Caller, context: Context) -> Reply:
    """The same file looked at anew, with the file winning over what was changed in Slack or the portal; or not."""
    file_id, way, _, name = _carried(request)
    if request.file is None:
        return Reply(asks=AskOfFile(file_id, LARGEST, Reply(screens.not_read())))
    return Reply(_looked(request.file, file_id, name, caller, context, prefers_file=way == "file"))


def _looked(written: bytes, file_id: str, name: str, caller: Caller, context: Context, *, prefers_file: bool) -> Screen:
    try:
        file: CourseFile = coursefiles.read_bytes(written, name)
        with context.read() as session:
            plan = courseplans.plan(session, file, prefer_file=prefers_file)
            courseimports.require(session, caller, plan)
    except CourseFileErrors as error:
        return screens.mistakes(name, error.mistakes)
    return screens.plan(plan, file_id, name)


def _carried(request: Request) -> tuple[str, str, str, str]:
    """The file's id, whether it wins, what the course stood like, and the file's name."""
    words = request.value.split(" ", 3)
    if len(words) != 4:
        raise Gone("That button is from an older screen. Type /teach for a fresh one.")
    return words[0], words[1], words[2], words[3]
