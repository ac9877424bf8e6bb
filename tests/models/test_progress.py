"""Taking lessons: enrolling, completing, taking back, going on, leaving off."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from models import (
    Course,
    Enrollment,
    Lesson,
    Module,
    Progress,
    User,
    completions,
    enrollments,
    outlines,
    places,
    progress,
)
from models.completions import Completion
from models.errors import Gone
from tests.school import LONG_AGO, a_course, a_lesson, a_module, a_user, completed, enrolled, lessons_of

NOW = LONG_AGO + timedelta(days=10)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def ada(any_session: Session) -> User:
    return a_user(any_session, "ada")


@pytest.fixture
def python(any_session: Session) -> Course:
    return a_course(any_session, "Python", {"One": ["A", "B"], "Two": ["C"]})


def _id(row: Course | Lesson | Module) -> int:
    assert row.id is not None
    return row.id


def _ids(session: Session, course: Course) -> list[int]:
    return [_id(lesson) for lesson in lessons_of(session, course)]


def test_enrolling_twice_is_enrolling_once(any_session: Session, ada: User, python: Course) -> None:
    assert enrollments.enroll(any_session, ada.id, _id(python), NOW)
    assert not enrollments.enroll(any_session, ada.id, _id(python), LATER)
    row = any_session.exec(select(Enrollment)).one()
    assert row.enrolled_at == NOW
    assert enrollments.count(any_session, ada.id) == 1


def test_nobody_enrolls_in_a_course_that_is_gone(any_session: Session, ada: User) -> None:
    with pytest.raises(Gone, match="isn't here any more"):
        enrollments.enroll(any_session, ada.id, 7, NOW)


def test_withdrawing_keeps_progress_and_coming_back_finds_it(any_session: Session, ada: User, python: Course) -> None:
    enrollments.enroll(any_session, ada.id, _id(python), NOW)
    progress.complete(any_session, ada.id, _ids(any_session, python)[0], NOW)
    assert enrollments.withdraw(any_session, ada.id, _id(python))
    assert not enrollments.withdraw(any_session, ada.id, _id(python))
    assert any_session.exec(select(Progress)).one().completed
    enrollments.enroll(any_session, ada.id, _id(python), LATER)
    assert outlines.outline(any_session, _id(python), user_id=ada.id).card.done == 1


def test_completing_says_how_far_and_what_is_next(any_session: Session, ada: User, python: Course) -> None:
    enrolled(any_session, ada, python)
    first, second, _ = _ids(any_session, python)
    done = progress.complete(any_session, ada.id, first, NOW)
    assert (done.changed, done.lesson_title, done.course_title, done.done, done.lessons) == (True, "A", "Python", 1, 3)
    assert not done.finished_course
    assert done.next_lesson is not None
    assert (done.next_lesson.lesson_id, done.next_lesson.module) == (second, "One")


def test_completing_again_changes_nothing(any_session: Session, ada: User, python: Course) -> None:
    enrolled(any_session, ada, python)
    first = _ids(any_session, python)[0]
    progress.complete(any_session, ada.id, first, NOW)
    again = progress.complete(any_session, ada.id, first, LATER)
    assert (again.changed, again.done) == (False, 1)
    assert any_session.exec(select(Progress)).one().completed_at == NOW


def test_the_last_lesson_finishes_the_course_once_and_for_good(any_session: Session, ada: User, python: Course) -> None:
    enrolled(any_session, ada, python)
    lessons = _ids(any_session, python)
    ends = [progress.complete(any_session, ada.id, lesson, NOW).finished_course for lesson in lessons]
    assert ends == [False, False, True]
    assert progress.next_lesson(any_session, ada.id, _id(python)) is None
    progress.reopen(any_session, ada.id, lessons[1])
    again = progress.complete(any_session, ada.id, lessons[1], LATER)
    assert (again.changed, again.finished_course, again.done) == (True, False, 3)
    assert completions.finished(any_session, ada.id) == ((_id(python), "Python", NOW),)
    assert any_session.exec(select(Completion)).one().lessons == 3


def test_reopening_takes_back_the_lesson_alone(any_session: Session, ada: User, python: Course) -> None:
    enrolled(any_session, ada, python)
    first, second, _ = _ids(any_session, python)
    for lesson in (first, second):
        progress.complete(any_session, ada.id, lesson, NOW)
    back = progress.reopen(any_session, ada.id, first)
    assert (back.changed, back.done) == (True, 1)
    assert back.next_lesson is not None
    assert back.next_lesson.lesson_id == first
    row = any_session.exec(select(Progress).where(Progress.lesson_id == first)).one()
    assert (row.completed, row.completed_at) == (False, None)
    assert not progress.reopen(any_session, ada.id, first).changed


def test_only_the_enrolled_complete_lessons(any_session: Session, ada: User, python: Course) -> None:
    with pytest.raises(enrollments.NotEnrolled, match="Enroll in this course first") as refused:
        progress.complete(any_session, ada.id, _ids(any_session, python)[0], NOW)
    assert (refused.value.course_id, refused.value.title) == (python.id, "Python")
    assert any_session.exec(select(Progress)).all() == []


def test_a_lesson_that_left_the_course_is_a_sentence(any_session: Session, ada: User, python: Course) -> None:
    enrolled(any_session, ada, python)
    lesson = lessons_of(any_session, python)[0]
    lesson.removed_at = NOW
    any_session.flush()
    for lesson_id in (_id(lesson), 999, 10**17):
        with pytest.raises(Gone, match="lesson isn't here any more"):
            progress.complete(any_session, ada.id, lesson_id, NOW)
        with pytest.raises(Gone, match="lesson isn't here any more"):
            progress.reopen(any_session, ada.id, lesson_id)
        with pytest.raises(Gone, match="lesson isn't here any more"):
            outlines.reading(any_session, lesson_id, user_id=ada.id)


def test_the_next_lesson_goes_by_the_outline_and_finds_what_was_added(
    any_session: Session, ada: User, python: Course
) -> None:
    enrolled(any_session, ada, python)
    first, second, third = _ids(any_session, python)
    progress.complete(any_session, ada.id, first, NOW)
    progress.complete(any_session, ada.id, third, NOW)
    following = progress.next_lesson(any_session, ada.id, _id(python))
    assert following is not None
    assert following.lesson_id == second
    progress.complete(any_session, ada.id, second, NOW)
    module = any_session.exec(select(Module).where(Module.title == "One")).one()
    added = a_lesson(any_session, module, "D")
    following = progress.next_lesson(any_session, ada.id, _id(python))
    assert following is not None
    assert (following.lesson_id, following.is_new) == (added.id, True)


def test_a_course_without_lessons_is_never_complete(any_session: Session, ada: User) -> None:
    empty = a_course(any_session, "Empty")
    enrolled(any_session, ada, empty)
    assert not completions.settle(any_session, ada.id, _id(empty), NOW)


def test_settling_asks_for_an_enrollment(any_session: Session, ada: User, python: Course) -> None:
    for lesson in lessons_of(any_session, python):
        completed(any_session, ada, lesson)
    assert not completions.settle(any_session, ada.id, _id(python), NOW)
    enrolled(any_session, ada, python)
    assert completions.settle(any_session, ada.id, _id(python), NOW)
    assert not completions.settle(any_session, ada.id, _id(python), NOW)


def test_an_outline_shows_modules_in_order_with_marks(any_session: Session, ada: User, python: Course) -> None:
    enrolled(any_session, ada, python)
    first, second, third = _ids(any_session, python)
    progress.complete(any_session, ada.id, first, NOW)
    places.keep(any_session, ada.id, second, 3, NOW)
    a_module(any_session, python, "Nothing in it yet", order=3)
    outline = outlines.outline(any_session, _id(python), user_id=ada.id)
    assert [module.title for module in outline.modules] == ["One", "Two"]
    assert [(line.lesson_id, line.done) for module in outline.modules for line in module.lessons] == [
        (first, True),
        (second, False),
        (third, False),
    ]
    assert outline.next_lesson is not None
    assert outline.next_lesson.lesson_id == second
    assert outline.place == places.Bookmark(_id(python), second, 3)
    assert outline.instructor_id == "user_grace"


def test_modules_that_claim_the_same_place_keep_their_lessons_apart(any_session: Session, ada: User) -> None:
    course = a_course(any_session, "Odd")
    twins = [a_module(any_session, course, "Same", order=5), a_module(any_session, course, "Same", order=5)]
    early = a_module(any_session, course, "Early", order=-7)
    for module, title in ((twins[1], "C"), (twins[0], "B"), (early, "A")):
        a_lesson(any_session, module, title, body=None)
    outline = outlines.outline(any_session, _id(course), user_id=ada.id)
    assert [[line.title for line in module.lessons] for module in outline.modules] == [["A"], ["B"], ["C"]]


def test_an_outline_is_there_for_anyone_and_gone_with_its_course(any_session: Session, python: Course) -> None:
    outline = outlines.outline(any_session, _id(python), user_id=None)
    assert (outline.card.lessons, outline.card.enrolled, outline.place) == (3, False, None)
    with pytest.raises(Gone, match="course isn't here any more"):
        outlines.outline(any_session, 999, user_id=None)


def test_an_outline_carries_the_very_card_of_the_catalog(any_session: Session, ada: User, python: Course) -> None:
    from models import catalog

    enrolled(any_session, ada, python)
    for lesson in _ids(any_session, python):
        progress.complete(any_session, ada.id, lesson, NOW)
    a_lesson(any_session, any_session.exec(select(Module)).first() or a_module(any_session, python, ""), "New")
    card = outlines.outline(any_session, _id(python), user_id=ada.id).card
    assert card == catalog.card(any_session, _id(python), user_id=ada.id)
    assert (card.completed, card.new_lessons) == (True, 1)


def test_reading_knows_its_neighbours(any_session: Session, ada: User, python: Course) -> None:
    first, second, third = _ids(any_session, python)
    reading = outlines.reading(any_session, second, user_id=ada.id)
    assert (reading.position, reading.count, reading.previous_id, reading.next_id) == (2, 3, first, third)
    assert (reading.body, reading.module_title, reading.enrolled, reading.done) == ("Read me.", "One", False, False)
    assert outlines.reading(any_session, first, user_id=None).previous_id is None
    assert outlines.reading(any_session, third, user_id=None).next_id is None


def test_a_lesson_of_an_unheard_of_kind_is_read_all_the_same(any_session: Session, python: Course) -> None:
    module = a_module(any_session, python, "Extra", order=9)
    lesson = a_lesson(any_session, module, "VR", body=None, content_type="hologram", content_url="https://example.org")
    reading = outlines.reading(any_session, _id(lesson), user_id=None)
    assert (reading.content_type, reading.content_url, reading.body) == ("hologram", "https://example.org", None)


def test_the_place_kept_is_the_last_one(any_session: Session, ada: User, python: Course) -> None:
    enrolled(any_session, ada, python)
    first, second, _ = _ids(any_session, python)
    places.keep(any_session, ada.id, first, 4, NOW)
    places.keep(any_session, ada.id, second, 0, LATER)
    expected = places.Bookmark(_id(python), second, 1)
    assert places.in_course(any_session, ada.id, _id(python)) == expected
    assert places.latest(any_session, ada.id) == expected


def test_the_latest_place_is_in_a_course_still_taken(any_session: Session, ada: User, python: Course) -> None:
    sql, git = a_course(any_session, "SQL", ["S"]), a_course(any_session, "Git", ["G"])
    for course, moment in ((python, NOW), (sql, LATER), (git, LONG_AGO)):
        enrolled(any_session, ada, course)
        places.keep(any_session, ada.id, _ids(any_session, course)[0], 1, moment)
    latest = places.latest(any_session, ada.id)
    assert latest is not None
    assert latest.course_id == sql.id
    enrollments.withdraw(any_session, ada.id, _id(sql))
    latest = places.latest(any_session, ada.id)
    assert latest is not None
    assert latest.course_id == python.id


def test_no_place_is_kept_in_what_is_gone(any_session: Session, ada: User, python: Course) -> None:
    lesson = lessons_of(any_session, python)[0]
    places.keep(any_session, ada.id, 999, 1, NOW)
    places.keep(any_session, "user_nobody", _id(lesson), 1, NOW)
    places.keep(any_session, ada.id, _id(lesson), 1, NOW)
    lesson.removed_at = NOW
    any_session.flush()
    assert places.in_course(any_session, ada.id, _id(python)) is None
    assert places.in_course(any_session, "user_nobody", _id(python)) is None


def test_open_lessons_are_begun_not_done_and_in_courses_taken(any_session: Session, ada: User, python: Course) -> None:
    sql, git, left = (a_course(any_session, title, ["A"]) for title in ("SQL", "Git", "Left"))
    for hours, course in enumerate((python, sql, git, left)):
        enrolled(any_session, ada, course)
        places.keep(any_session, ada.id, _ids(any_session, course)[0], 1, NOW + timedelta(hours=hours))
    progress.complete(any_session, ada.id, _ids(any_session, git)[0], NOW)
    enrollments.withdraw(any_session, ada.id, _id(left))
    found = progress.open_lessons(any_session, ada.id)
    assert [(lesson.course_title, lesson.title) for lesson in found] == [("SQL", "A"), ("Python", "A")]
