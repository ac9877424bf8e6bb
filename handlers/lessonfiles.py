"""Pictures and PDFs in lessons: put in, taken out, and sent to whoever reads."""

from urllib.parse import urlsplit

from handlers import draftrequests, lessonforms, lessons
from handlers.replies import PassOn, Reply
from handlers.requests import Context, Request, Upload
from handlers.views import lessonfiles as screens
from handlers.views import lessons as lesson_screens
from handlers.views import lessonwriting, slackfiles, writing
from handlers.views.courses import course as course_screen
from handlers.views.writing import PageFile
from models import drafts, instants, outlines
from models.coursefiles import LONGEST_URL
from models.drafts import SavedMeanwhile
from models.errors import Gone
from models.members import Caller

LARGEST = 10 * 1024 * 1024
"""Bytes of a file in a form (docs: file input element)."""
Wrong = dict[str, str]


def ask(request: Request, caller: Caller, context: Context) -> Reply:
    """A form that takes a picture or a PDF; what stands in the lesson's form is kept meanwhile."""
    try:
        with context.write() as session:
            draft, lesson = lessonforms.settled(request, caller, context, session)
    except SavedMeanwhile as meanwhile:
        return lessonforms.saved_meanwhile(request, caller, context, meanwhile)
    pages = len(writing.fields_of(lesson.body or ""))
    return Reply(screens.form(draft.draft_id, lesson.ref, pages))


def add(request: Request, caller: Caller, context: Context) -> Reply:
    """The picture or the PDF stands at the end of a page of the lesson."""
    draft_id, ref = request.numbers(2)
    given = draftrequests.given(request)
    uploads = request.view.uploads.get("file", ()) if request.view is not None else ()
    wrong, file = _file(given, uploads[0] if uploads else None)
    if wrong or file is None:
        return Reply(errors=wrong)
    page = int(given["page"]) if given.get("page", "").isdecimal() else 1
    with context.write() as session:
        draft = drafts.read(session, caller, draft_id, locks=True)
        lesson = draft.manuscript.lesson(ref)
        pages = writing.fields_of(lesson.body or "")
        at = min(page, len(pages)) - 1
        words, files = writing.parts_of(pages[at])
        pages[at] = writing.page_of(words, (*files, file))
        draft = drafts.save_body(session, caller, draft, ref, lesson.saves, writing.body_of(pages), context.now)
        return Reply(lessonforms.screen(session, caller, draft, draft.manuscript.lesson(ref), tells=False))


def remove(request: Request, caller: Caller, context: Context) -> Reply:
    """A picture or a file is taken out of the lesson; what stands in the form is kept."""
    _, _, page, number = request.numbers(4)
    try:
        with context.write() as session:
            draft, lesson = lessonforms.settled(request, caller, context, session, without=(page, number))
            return Reply(lessonforms.screen(session, caller, draft, lesson, tells=False))
    except SavedMeanwhile as meanwhile:
        return lessonforms.saved_meanwhile(request, caller, context, meanwhile)


def send(request: Request, caller: Caller, context: Context) -> Reply:
    """A file of a lesson is on its way to whoever reads it, by DM; the course instead while they are not enrolled."""
    lesson_id, page, opened = request.numbers(3)
    file_id = request.value.split()[-1]
    with context.read() as session:
        reading = outlines.reading(session, lesson_id, user_id=caller.user_id)
        if not reading.enrolled:
            outline = outlines.outline(session, reading.course_id, user_id=caller.user_id)
            return Reply(course_screen(outline, context.portal), where="modal" if request.can_open else "here")
        opened_at = instants.of_micros(opened)
        # In the DM, where lessons are kept, a button carries no instant: it hands out what is in the lesson now.
        shown = lessons.as_opened(session, reading, opened_at) if opened else reading
    _refuse_others(file_id, shown.body or "")
    then = (_passed_on(caller, file_id, shown.title),)
    if request.surface != "modal":
        return Reply(then=then)
    screen = lesson_screens.lesson(shown, page, context.video_domains, opened_at)
    return Reply(screen.with_notice(lesson_screens.file_on_its_way()), then=then)


def send_from_draft(request: Request, caller: Caller, context: Context) -> Reply:
    """A file of a lesson that somebody tries out comes to them as it will to learners."""
    draft_id, ref, page = request.numbers(3)
    file_id = request.value.split()[-1]
    with context.read() as session:
        draft = drafts.read(session, caller, draft_id)
    lesson = draft.manuscript.lesson(ref)
    _refuse_others(file_id, lesson.body or "")
    screen = lessonwriting.preview(draft, lesson, page, context.video_domains)
    notice = lesson_screens.file_on_its_way()
    return Reply(screen.with_notice(notice), then=(_passed_on(caller, file_id, lesson.title),))


def _refuse_others(file_id: str, body: str) -> None:
    if file_id not in slackfiles.ids_in(body):
        raise Gone("That file isn't in the lesson any more. Open the lesson again with /learn continue.")


def _passed_on(caller: Caller, file_id: str, title: str) -> PassOn:
    return PassOn(caller.slack_user_id, file_id, f"From “{title}”", lesson_screens.no_file(title))


def _file(given: dict[str, str], upload: Upload | None) -> tuple[Wrong, PageFile | None]:
    """What was put in or named; or what is wrong, by field."""
    url, words = given.get("url", "").strip(), " ".join(given.get("words", "").split())
    if (upload is None) == (not url):
        both = "Choose a file, or give an address: one of the two."
        return {"url" if url else "file": both}, None
    if upload is not None:
        is_picture = upload.filetype in slackfiles.PICTURES
        if not is_picture and upload.filetype != "pdf":
            return {"file": "Pictures (PNG, JPG, GIF) and PDFs can go into a lesson. Choose one of those."}, None
        if upload.size > LARGEST:
            return {"file": "That file is larger than 10 MB. Choose a smaller one, or give its address."}, None
        url, name = upload.url, upload.name
    else:
        if not url.startswith(("http://", "https://")) or len(url) > LONGEST_URL:
            return {"url": "Give an address that begins with https://, 3,000 characters at most."}, None
        is_picture, name = not writing.is_file(url), urlsplit(url).path.rpartition("/")[2] or "PDF"
    if is_picture and not words:
        return {"words": "Say what the picture shows, for those who can't see it."}, None
    return {}, PageFile(is_picture, words or name, url)
