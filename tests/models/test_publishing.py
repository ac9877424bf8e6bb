"""Drafts, and what publishing them does to a course people are taking."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from models import drafts, lessontexts, outlines, publishing, roles, teachers, unsaved, versions
from models.courses import Course, Lesson
from models.drafts import SavedMeanwhile, Unfit
from models.members import Caller
from models.teachers import NotTaught
from tests.school import a_course, a_user, completed, enrolled, lessons_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
GRACE = Caller("T1", "U1", "Grace", "user_grace", frozenset({roles.INSTRUCTOR}))
ALAN = Caller("T1", "U2", "Alan", "user_alan", frozenset({roles.INSTRUCTOR}))
RADIA = Caller("T1", "U3", "Radia", "user_radia", frozenset({roles.ADMIN}))
WORDS = {"title": "Bowline", "type": "text", "body": "Make a loop.", "url": "", "minutes": None}


@pytest.fixture
def session(any_session: Session) -> Session:
    for name in ("grace", "alan", "radia", "ada"):
        a_user(any_session, name)
    return any_session


def titles(session: Session, course_id: int) -> list[list[str]]:
    outline = outlines.outline(session, course_id, user_id=None)
    return [[line.title for line in module.lessons] for module in outline.modules]


def begun(session: Session, title: str = "Knots", description: str = "") -> int:
    """A draft of Grace's that has a title."""
    draft = drafts.read(session, GRACE, drafts.begin(session, "user_grace", NOW))
    return drafts.retitle(session, GRACE, draft, title, description, NOW).draft_id


def test_a_new_course_is_nowhere_until_it_is_published(session: Session) -> None:
    draft_id = begun(session, "  Knots ", "All of them.")
    draft = drafts.read(session, GRACE, draft_id)
    assert session.exec(select(Course)).all() == []
    module = draft.manuscript.modules[0]
    draft = drafts.keep(session, GRACE, draft, draft.manuscript.with_new_lesson(module.ref, title="Bowline"), NOW)
    result = publishing.publish(session, draft, "user_grace", NOW, is_small=False)
    course = session.get_one(Course, result.course_id)
    assert (course.title, course.instructor_id, course.revised_at) == ("Knots", "user_grace", None)
    assert titles(session, result.course_id) == [["Bowline"]]
    assert (result.is_new, result.number) == (True, 1)
    with pytest.raises(drafts.DraftGone):
        drafts.read(session, GRACE, draft_id)


def test_nobody_else_writes_what_was_never_published_but_an_admin(session: Session) -> None:
    draft_id = begun(session)
    with pytest.raises(drafts.NotYourDraft):
        drafts.read(session, ALAN, draft_id)
    assert drafts.read(session, RADIA, draft_id).manuscript.title == "Knots"
    former = Caller("T1", "U1", "Grace", "user_grace", frozenset())
    with pytest.raises(drafts.NotYourDraft):
        drafts.read(session, former, draft_id)


def test_a_course_without_lessons_is_not_published(session: Session) -> None:
    draft = drafts.read(session, GRACE, begun(session))
    with pytest.raises(publishing.NothingToPublish):
        publishing.publish(session, draft, "user_grace", NOW, is_small=True)


def test_only_who_teaches_a_course_begins_its_draft_and_a_co_teacher_does(session: Session) -> None:
    course = a_course(session, "Knots", ["Bowline"])
    assert course.id is not None
    with pytest.raises(NotTaught):
        drafts.open_for(session, ALAN, course.id, NOW)
    teachers.join(session, course.id, "user_alan", "user_grace", NOW)
    first = drafts.open_for(session, ALAN, course.id, NOW)
    assert drafts.open_for(session, GRACE, course.id, LATER) == first
    with pytest.raises(teachers.NotOwned):
        teachers.require(session, ALAN, course.id, owner=True)
    teachers.leave(session, course.id, "user_alan")
    with pytest.raises(NotTaught):
        drafts.read(session, ALAN, first)


def test_learners_see_nothing_of_a_draft_and_all_of_it_once_published(session: Session) -> None:
    course = a_course(session, "Knots", {"Loops": ["Bowline", "Clove hitch"], "Bends": ["Reef knot"]})
    assert course.id is not None
    draft = drafts.read(session, GRACE, drafts.open_for(session, GRACE, course.id, NOW))
    assert not draft.is_changed
    loops, bends = draft.manuscript.modules
    _bowline, clove = loops.lessons
    written = (
        draft.manuscript.with_lesson_moved(clove.ref, 1)
        .with_new_lesson(bends.ref, title="Sheet bend", body="Two ropes.")
        .with_module_titled(loops.ref, "Loops for boats")
        .with_module_moved(bends.ref, -1)
    )
    draft = drafts.keep(session, GRACE, draft, written, NOW)
    assert draft.is_changed
    assert titles(session, course.id) == [["Bowline", "Clove hitch"], ["Reef knot"]]
    publishing.publish(session, draft, "user_grace", LATER, is_small=True)
    assert titles(session, course.id) == [["Clove hitch", "Reef knot", "Sheet bend"], ["Bowline"]]
    assert session.get_one(Course, course.id).revised_at is None


def test_progress_is_kept_and_a_removed_lesson_is_hidden(session: Session) -> None:
    course = a_course(session, "Knots", ["Bowline", "Clove hitch"])
    assert course.id is not None
    ada = a_user(session, "ada")
    enrolled(session, ada, course)
    bowline = lessons_of(session, course)[0]
    completed(session, ada, bowline)
    assert bowline.id is not None
    assert publishing.touched(session, [bowline.id]) == 1
    draft = drafts.read(session, GRACE, drafts.open_for(session, GRACE, course.id, NOW))
    written = draft.manuscript.without_lesson(next(draft.manuscript.lessons).ref)
    draft = drafts.keep(session, GRACE, draft, written, NOW)
    publishing.publish(session, draft, "user_grace", LATER, is_small=False)
    assert titles(session, course.id) == [["Clove hitch"]]
    assert session.get_one(Lesson, bowline.id).removed_at == LATER
    assert publishing.touched(session, [bowline.id]) == 1
    assert session.get_one(Course, course.id).revised_at == LATER


def test_what_was_changed_elsewhere_meanwhile_stays(session: Session) -> None:
    course = a_course(session, "Knots", ["Bowline", "Clove hitch"])
    assert course.id is not None
    bowline, clove = lessons_of(session, course)
    draft = drafts.read(session, GRACE, drafts.open_for(session, GRACE, course.id, NOW))
    ref = next(draft.manuscript.lessons).ref
    draft = drafts.save_lesson(session, GRACE, draft, ref, 0, WORDS | {"title": "The bowline"}, NOW)
    clove.title, course.description = "The clove hitch", "Said in the portal."
    session.flush()
    publishing.publish(session, draft, "user_grace", LATER, is_small=True)
    assert titles(session, course.id) == [["The bowline", "The clove hitch"]]
    assert session.get_one(Course, course.id).description == "Said in the portal."
    assert session.get_one(Lesson, bowline.id).body == "Make a loop."


def test_two_who_save_one_lesson_are_told(session: Session) -> None:
    course = a_course(session, "Knots", ["Bowline"])
    assert course.id is not None
    teachers.join(session, course.id, "user_alan", "user_grace", NOW)
    draft_id = drafts.open_for(session, GRACE, course.id, NOW)
    ref = next(drafts.read(session, GRACE, draft_id).manuscript.lessons).ref
    unsaved.keep(session, GRACE, draft_id, ref, "{}", NOW)
    drafts.save_lesson(session, GRACE, drafts.read(session, GRACE, draft_id), ref, 0, WORDS, NOW)
    assert unsaved.typed(session, GRACE, draft_id, ref) is None
    with pytest.raises(SavedMeanwhile) as caught:
        drafts.save_lesson(session, ALAN, drafts.read(session, ALAN, draft_id), ref, 0, WORDS, LATER)
    assert (caught.value.lesson.saved_by, caught.value.lesson.saves) == ("user_grace", 1)


def test_what_is_typed_is_kept_for_each_who_types(session: Session) -> None:
    draft_id = begun(session)
    unsaved.keep(session, GRACE, draft_id, 1, "first", NOW)
    unsaved.keep(session, GRACE, draft_id, 1, "second", LATER)
    assert unsaved.typed(session, GRACE, draft_id, 1) == ("second", LATER)
    assert unsaved.typed(session, RADIA, draft_id, 1) is None


def test_a_course_begun_and_never_named_is_one_and_in_no_list(session: Session) -> None:
    nameless = drafts.begin(session, "user_grace", NOW)
    assert drafts.begin(session, "user_grace", LATER) == nameless
    assert drafts.begun(session, GRACE, []) == drafts.begun(session, RADIA, []) == ()
    named = begun(session)
    assert named == nameless
    assert [one.title for one in drafts.begun(session, GRACE, [])] == ["Knots"]
    assert drafts.begin(session, "user_grace", LATER) != named


def test_what_cannot_be_is_said_by_field(session: Session) -> None:
    with pytest.raises(Unfit) as caught:
        drafts.check_lesson(WORDS | {"title": " ", "type": "video"})
    assert caught.value.fields.keys() == {"title", "url"}
    with pytest.raises(Unfit):
        begun(session, "x" * 3000)


def test_versions_are_kept_compared_and_gone_back_to(session: Session) -> None:
    course = a_course(session, "Knots", ["Bowline", "Clove hitch"])
    assert course.id is not None
    draft = drafts.read(session, GRACE, drafts.open_for(session, GRACE, course.id, NOW))
    bowline, clove = draft.manuscript.lessons
    draft = drafts.save_lesson(session, GRACE, draft, bowline.ref, 0, WORDS | {"title": "Loops"}, NOW)
    draft = drafts.keep(session, GRACE, draft, draft.manuscript.without_lesson(clove.ref), NOW)
    publishing.publish(session, draft, "user_grace", LATER, is_small=False)
    assert [(one.number, one.is_small, one.by) for one in versions.listed(session, course.id)] == [
        (2, False, "Grace Tester"),
        (1, True, None),
    ]
    first, second = (versions.get(session, course.id, number) for number in (1, 2))
    assert [str(change) for change in versions.between(first, second)] == [
        "title of lesson “Bowline”: “Bowline” becomes “Loops”",
        "text of lesson “Bowline”: “Read me.” becomes “Make a loop.”",
        "lesson “Clove hitch” goes away",
    ]
    draft = drafts.read(session, GRACE, drafts.open_for(session, GRACE, course.id, LATER))
    draft = drafts.keep(session, GRACE, draft, first, LATER)
    publishing.publish(session, draft, "user_grace", LATER + timedelta(hours=1), is_small=False)
    assert titles(session, course.id) == [["Bowline", "Clove hitch"]]
    assert len(session.exec(select(Lesson)).all()) == 2


def test_whoever_has_a_lesson_open_reads_it_to_its_end(session: Session) -> None:
    course = a_course(session, "Knots", ["Bowline"])
    assert course.id is not None
    for at, body in ((NOW, "Second."), (LATER, "Third.")):
        draft = drafts.read(session, GRACE, drafts.open_for(session, GRACE, course.id, at))
        lesson = next(draft.manuscript.lessons)
        draft = drafts.save_lesson(session, GRACE, draft, lesson.ref, 0, WORDS | {"body": body}, at)
        publishing.publish(session, draft, "user_grace", at, is_small=False)
    lesson_id = lessons_of(session, course)[0].id
    assert lesson_id is not None
    earliest = lessontexts.as_opened(session, lesson_id, NOW - timedelta(minutes=1))
    between = lessontexts.as_opened(session, lesson_id, NOW + timedelta(minutes=1))
    assert earliest is not None
    assert between is not None
    assert (earliest.body, between.body) == ("Read me.", "Second.")
    assert lessontexts.as_opened(session, lesson_id, LATER) is None
