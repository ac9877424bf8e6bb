"""Taking a lesson: opening it, turning its pages, keeping it, going on to the next."""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from handlers import catalog as catalog_handlers
from handlers.replies import Post, RefreshHome, Reply
from handlers.requests import Context, Request, learner
from handlers.views import courses as course_screens
from handlers.views import lessons as screens
from models import catalog, enrollments, instants, lessontexts, outlines, places, progress, search
from models.errors import Gone
from models.members import Caller
from models.outlines import Reading


def resume(request: Request, caller: Caller, context: Context) -> Reply:
    """The next lesson of the course the button named, or of whichever course was last open."""
    course_id = request.numbers()[0] if request.value else None
    return _resume(request, caller, context, course_id)


def start(request: Request, caller: Caller, context: Context) -> Reply:
    """The next lesson of the course the button named; who isn't enrolled is from now on."""
    (course_id,) = request.numbers()
    with context.write() as session:
        enrollments.enroll(session, learner(caller), course_id, context.now)
    return _resume(request, caller, context, course_id)


def resume_by_name(request: Request, caller: Caller, context: Context) -> Reply:
    """The next lesson of the course that was named, or of whichever course was last open."""
    if not request.text:
        return _resume(request, caller, context, None)
    with context.read() as session:
        found = search.find(session, request.text, user_id=caller.user_id)
        enrolled = tuple(card for card in found if card.enrolled)
        candidates = enrolled or found
    if not candidates:
        return catalog_handlers.search_words(request, caller, context)
    if len(candidates) == 1:
        return _resume(request, caller, context, candidates[0].course_id)
    return Reply(course_screens.which("continue", request.text, candidates, context.portal))


def open_lesson(request: Request, caller: Caller, context: Context) -> Reply:
    """The lesson, at the page where the caller left it; the course instead while they are not enrolled."""
    (lesson_id,) = request.numbers()
    user_id = learner(caller)
    with context.write() as session:
        reading = outlines.reading(session, lesson_id, user_id=user_id)
        if not reading.enrolled:
            outline = outlines.outline(session, reading.course_id, user_id=user_id)
            return Reply(course_screens.course(outline, context.portal), where="modal" if request.can_open else "here")
        return _opened(request, caller, context, session, reading)


def open_next(request: Request, caller: Caller, context: Context) -> Reply:
    """The next lesson, in place of the one just completed."""
    (lesson_id,) = request.numbers()
    user_id = learner(caller)
    with context.write() as session:
        reading = outlines.reading(session, lesson_id, user_id=user_id)
        page = _place(session, user_id, reading)
        places.keep(session, user_id, lesson_id, page, context.now)
    return Reply(screens.lesson(reading, page, context.video_domains, context.now), then=(_refresh(caller),))


def turn(request: Request, caller: Caller, context: Context) -> Reply:
    """Another page of the lesson as it was when it was opened; the place is kept."""
    lesson_id, page, opened = request.numbers(3)
    opened_at, user_id = instants.of_micros(opened), learner(caller)
    with context.write() as session:
        reading = as_opened(session, outlines.reading(session, lesson_id, user_id=user_id), opened_at)
        places.keep(session, user_id, lesson_id, page, context.now)
    return Reply(screens.lesson(reading, page, context.video_domains, opened_at), then=(_refresh(caller),))


def watch(request: Request, caller: Caller, context: Context) -> Reply:
    """Somebody opened a video or a link; Home will ask whether they finished it."""
    (lesson_id,) = request.numbers()
    with context.write() as session:
        places.keep(session, learner(caller), lesson_id, 1, context.now)
    return Reply(then=(_refresh(caller),))


def read_in_dm(request: Request, caller: Caller, context: Context) -> Reply:
    """The whole lesson as messages in the DM, to keep."""
    (lesson_id,) = request.numbers()
    with context.read() as session:
        reading = outlines.reading(session, lesson_id, user_id=caller.user_id)
        if request.surface == "modal":
            _, page, opened = request.numbers(3)
            opened_at = instants.of_micros(opened)
            reading = as_opened(session, reading, opened_at)
    messages = screens.messages(reading, context.video_domains)
    posts = tuple(Post(caller.slack_user_id, message) for message in messages)
    if request.surface == "modal":
        shown = screens.lesson(reading, page, context.video_domains, opened_at)
        return Reply(shown.with_notice(screens.sent_to_dm()), then=posts)
    return Reply(then=posts)


def as_opened(session: Session, reading: Reading, opened_at: datetime) -> Reading:
    """The lesson as it was at that instant, whatever was published since."""
    earlier = lessontexts.as_opened(session, reading.lesson_id, opened_at)
    if earlier is None:
        return reading
    return replace(reading, title=earlier.title, body=earlier.body, content_url=earlier.url)


def suggest(request: Request, caller: Caller, context: Context) -> Reply:
    """Lessons of the open course whose title matches what is being typed, for the type-ahead."""
    metadata = request.view.private_metadata if request.view else ""
    if not metadata.isdecimal():
        return Reply(options=())
    with context.read() as session:
        outline = outlines.outline(session, int(metadata), user_id=caller.user_id)
    return Reply(options=screens.lesson_options(outline, request.value))


def _resume(request: Request, caller: Caller, context: Context, course_id: int | None) -> Reply:
    user_id = learner(caller)
    with context.write() as session:
        lesson_id = _lesson_to_resume(session, user_id, course_id)
        if lesson_id is None:
            return _nothing_to_resume(session, user_id, course_id, context)
        reading = outlines.reading(session, lesson_id, user_id=user_id)
        if not reading.enrolled:
            outline = outlines.outline(session, reading.course_id, user_id=user_id)
            return Reply(course_screens.course(outline, context.portal), where="modal" if request.can_open else "here")
        return _opened(request, caller, context, session, reading)


def _lesson_to_resume(session: Session, user_id: str, course_id: int | None) -> int | None:
    """The lesson left half-read, else the next one not completed, in the one course or in any, last open first."""
    if course_id is not None:
        return _next_in(session, user_id, course_id)
    for card in catalog.my_cards(session, user_id)[:10]:
        if card.lessons > card.done and (lesson_id := _next_in(session, user_id, card.course_id)) is not None:
            return lesson_id
    return None


def _next_in(session: Session, user_id: str, course_id: int) -> int | None:
    place = places.in_course(session, user_id, course_id)
    if place is not None:
        try:
            reading = outlines.reading(session, place.lesson_id, user_id=user_id)
        except Gone:
            reading = None
        if reading is not None and not reading.done:
            return place.lesson_id
    following = progress.next_lesson(session, user_id, course_id)
    return following.lesson_id if following else None


def _nothing_to_resume(session: Session, user_id: str, course_id: int | None, context: Context) -> Reply:
    if course_id is not None:
        outline = outlines.outline(session, course_id, user_id=user_id)
        return Reply(course_screens.course(outline, context.portal), where="modal")
    mine = catalog.my_cards(session, user_id)
    page = catalog.catalog(session, user_id=user_id, size=3)
    return Reply(course_screens.nothing_open(mine, page.cards, context.portal))


def _opened(request: Request, caller: Caller, context: Context, session: Session, reading: Reading) -> Reply:
    if not request.can_open and request.surface != "modal":
        return Reply(screens.invitation(reading))
    user_id = learner(caller)
    page = _place(session, user_id, reading)
    places.keep(session, user_id, reading.lesson_id, page, context.now)
    shown = screens.lesson(reading, page, context.video_domains, context.now)
    return Reply(shown, where="modal", then=(_refresh(caller),))


def _place(session: Session, user_id: str, reading: Reading) -> int:
    place = places.in_course(session, user_id, reading.course_id)
    return place.page if place is not None and place.lesson_id == reading.lesson_id else 1


def _refresh(caller: Caller) -> RefreshHome:
    return RefreshHome(caller.team_id, caller.slack_user_id)
