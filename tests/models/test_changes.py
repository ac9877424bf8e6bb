"""What happened in the database, whoever did it, and what follows; and what happened in Slack."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session, delete, select

from models import (
    Course,
    Enrollment,
    Lesson,
    Module,
    Progress,
    User,
    changes,
    completions,
    enrollments,
    events,
    progress,
    shares,
)
from models.changes import Change, Touched
from models.errors import Gone
from tests.school import LONG_AGO, a_course, a_lesson, a_user, completed, enrolled, lessons_of

NOW = LONG_AGO + timedelta(days=10)


@pytest.fixture
def ada(any_session: Session) -> User:
    return a_user(any_session, "ada")


@pytest.fixture
def python(any_session: Session, ada: User) -> Course:
    course = a_course(any_session, "Python", ["A", "B"])
    enrolled(any_session, ada, course)
    return course


def _id(course: Course) -> int:
    assert course.id is not None
    return course.id


def _drain(session: Session) -> tuple[Touched, ...]:
    found = changes.consume(session, NOW, NOW)
    # A course that is finished by it is a change itself.
    while changes.waiting(session):
        assert set(changes.consume(session, NOW, NOW)) <= set(found)
    return found


def test_nothing_happened_is_nothing_to_do(any_session: Session) -> None:
    assert changes.consume(any_session, NOW, NOW) == ()


def test_progress_written_by_a_neighbour_finishes_the_course(any_session: Session, ada: User, python: Course) -> None:
    for lesson in lessons_of(any_session, python):
        completed(any_session, ada, lesson)
    touched = _drain(any_session)
    assert Touched(ada.id, python.id) in touched
    assert completions.finished(any_session, ada.id) == ((_id(python), "Python", NOW),)
    assert any_session.exec(select(Change)).all() == []


def test_a_lesson_that_leaves_the_course_finishes_it_for_everybody(
    any_session: Session, ada: User, python: Course
) -> None:
    first, second = lessons_of(any_session, python)
    for name in ("mary", "linus"):
        enrolled(any_session, a_user(any_session, name), python)
    for user in (ada, a_user(any_session, "mary")):
        completed(any_session, user, first)
    _drain(any_session)
    assert completions.finished(any_session, ada.id) == ()
    second.removed_at = NOW
    any_session.flush()
    touched = _drain(any_session)
    assert {one.user_id for one in touched} == {"user_ada", "user_mary", "user_linus"}
    assert len(completions.finished(any_session, "user_mary")) == 1
    assert completions.finished(any_session, "user_linus") == ()


def test_a_module_deleted_with_its_lessons_finishes_the_course(any_session: Session, ada: User, python: Course) -> None:
    for lesson in lessons_of(any_session, python):
        completed(any_session, ada, lesson)
    module = Module(title="Extra", order=9, course_id=_id(python))
    any_session.add(module)
    any_session.flush()
    extra = a_lesson(any_session, module, "C")
    _drain(any_session)
    assert completions.finished(any_session, ada.id) == ()
    any_session.delete(extra)
    any_session.flush()
    any_session.delete(module)
    any_session.flush()
    assert Touched(ada.id, python.id) in _drain(any_session)
    assert len(completions.finished(any_session, ada.id)) == 1


def test_coming_back_to_a_course_all_done_finishes_it(any_session: Session, ada: User, python: Course) -> None:
    enrollments.withdraw(any_session, ada.id, _id(python))
    for lesson in lessons_of(any_session, python):
        completed(any_session, ada, lesson)
    _drain(any_session)
    assert completions.finished(any_session, ada.id) == ()
    enrollments.enroll(any_session, ada.id, _id(python), NOW)
    _drain(any_session)
    assert len(completions.finished(any_session, ada.id)) == 1


def test_a_lesson_added_later_leaves_the_completion(any_session: Session, ada: User, python: Course) -> None:
    lessons = lessons_of(any_session, python)
    for lesson in lessons:
        assert lesson.id is not None
        progress.complete(any_session, ada.id, lesson.id, NOW)
    a_lesson(any_session, any_session.get_one(Module, lessons[0].module_id), "C")
    assert Touched(ada.id, python.id) in _drain(any_session)
    assert len(completions.finished(any_session, ada.id)) == 1


def test_a_new_title_touches_everybody_enrolled(any_session: Session, ada: User, python: Course) -> None:
    _drain(any_session)
    python.title = "Python, again"
    any_session.add(python)
    any_session.flush()
    assert _drain(any_session) == (Touched(ada.id, python.id),)


def test_a_course_deleted_whole_is_no_trouble(any_session: Session, ada: User, python: Course) -> None:
    completed(any_session, ada, lessons_of(any_session, python)[0])
    course_id = _id(python)
    for model in (Progress, Lesson, Module, Enrollment, Course):
        any_session.execute(delete(model))
    assert Touched(ada.id, course_id) in _drain(any_session)
    assert completions.finished(any_session, ada.id) == ()


def test_changes_are_consumed_a_batch_at_a_time(any_session: Session, ada: User, python: Course) -> None:
    for lesson in lessons_of(any_session, python):
        completed(any_session, ada, lesson)
    batches = 0
    while changes.waiting(any_session):
        changes.consume(any_session, NOW, NOW, limit=2)
        batches += 1
    assert batches > 2
    assert len(completions.finished(any_session, ada.id)) == 1


def test_an_event_is_new_once_until_forgotten(any_session: Session) -> None:
    assert not events.is_known(any_session, "Ev1")
    assert events.first_time(any_session, "Ev1", NOW)
    assert not events.first_time(any_session, "Ev1", NOW)
    assert events.is_known(any_session, "Ev1")
    assert events.forget(any_session, NOW) == 0
    assert events.forget(any_session, NOW + timedelta(seconds=1)) == 1
    assert events.first_time(any_session, "Ev1", NOW)


def test_a_course_is_shared_once_a_day_and_taken_back_by_its_sharer(any_session: Session, python: Course) -> None:
    course_id, today = _id(python), date(2026, 3, 2)
    made = shares.share(any_session, course_id, "T1", "C1", "U1", today)
    assert made is not None
    assert made.id is not None
    assert shares.share(any_session, course_id, "T1", "C1", "U2", today) is None
    assert shares.share(any_session, course_id, "T1", "C2", "U1", today) is not None
    assert shares.share(any_session, course_id, "T1", "C1", "U1", today + timedelta(days=1)) is not None
    assert not shares.remove(any_session, made.id, "U2")
    assert shares.remove(any_session, made.id, "U1")
    assert not shares.remove(any_session, made.id, "U1")
    assert shares.share(any_session, course_id, "T1", "C1", "U2", today) is not None
    with pytest.raises(Gone):
        shares.share(any_session, 999, "T1", "C1", "U1", today)
