"""Fifty people, five processes, one moment: what must be true whoever comes first."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlmodel import Session, delete, select

from models import Course, Enrollment, Progress, UserRole, changes, completions, enrollments, events, progress, roles
from models.changes import Change
from models.completions import Completion
from models.courses import hold
from models.database import Database
from models.errors import Unavailable
from tests.crowd import EVERYONE, Crowd, gathered
from tests.school import a_course, a_user, completed, enrolled, lessons_of

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def crowd() -> Iterator[Crowd]:
    with gathered() as crowd:
        yield crowd


def _enroll(session: Session, number: int, user_id: str, course_id: int) -> bool:
    return enrollments.enroll(session, user_id, course_id, NOW)


def _complete(session: Session, number: int, user_id: str, lesson_ids: list[int]) -> tuple[bool, bool]:
    done = progress.complete(session, user_id, lesson_ids[number % len(lesson_ids)], NOW)
    return done.changed, done.finished_course


def _give_up(session: Session, number: int) -> bool:
    return roles.revoke(session, f"user_admin{number}", roles.ADMIN)


def _consume(session: Session, number: int) -> int:
    return len(changes.consume(session, NOW, NOW, limit=20))


def _hear(session: Session, number: int) -> bool:
    return events.first_time(session, "Ev1", NOW)


def test_fifty_enrolls_at_once_make_one_row(crowd: Crowd, any_url: str, any_database: Database) -> None:
    with any_database.write() as session:
        ada, course_id = a_user(session, "ada").id, a_course(session, "Python", ["A"]).id
    answers = crowd.at_once(any_url, _enroll, ada, course_id)
    assert sorted(answers) == [False] * (EVERYONE - 1) + [True]
    with any_database.read() as session:
        assert len(session.exec(select(Enrollment)).all()) == 1


def test_fifty_completions_of_one_lesson_make_one_row(crowd: Crowd, any_url: str, any_database: Database) -> None:
    with any_database.write() as session:
        ada, course = a_user(session, "ada"), a_course(session, "Python", ["A"])
        enrolled(session, ada, course)
        user_id, lesson_ids = ada.id, [lesson.id for lesson in lessons_of(session, course)]
    answers = crowd.at_once(any_url, _complete, user_id, lesson_ids)
    assert sorted(answers) == [(False, False)] * (EVERYONE - 1) + [(True, True)]
    with any_database.read() as session:
        assert len(session.exec(select(Progress)).all()) == 1
        assert len(session.exec(select(Completion)).all()) == 1


def test_fifty_different_lessons_completed_at_once_finish_the_course_once(
    crowd: Crowd, any_url: str, any_database: Database
) -> None:
    with any_database.write() as session:
        ada, course = a_user(session, "ada"), a_course(session, "Python", [f"Lesson {n}" for n in range(EVERYONE)])
        enrolled(session, ada, course)
        user_id, lesson_ids = ada.id, [lesson.id for lesson in lessons_of(session, course)]
    answers = crowd.at_once(any_url, _complete, user_id, lesson_ids)
    assert sorted(answers) == [(True, False)] * (EVERYONE - 1) + [(True, True)]


def test_fifty_admins_stepping_down_at_once_leave_one(crowd: Crowd, any_url: str, any_database: Database) -> None:
    with any_database.write() as session:
        for number in range(EVERYONE):
            a_user(session, f"admin{number}", roles.ADMIN)
    answers = crowd.at_once(any_url, _give_up)
    refused = [answer for answer in answers if answer is not True]
    assert len(refused) == 1
    assert refused[0].startswith("DomainError: Somebody has to be an admin")
    with any_database.read() as session:
        assert len(session.exec(select(UserRole)).all()) == 1


def test_changes_consumed_by_many_at_once_are_consumed_once(crowd: Crowd, any_url: str, any_database: Database) -> None:
    with any_database.write() as session:
        course = a_course(session, "Python", ["A", "B"])
        for number in range(60):
            user = a_user(session, f"learner{number}")
            enrolled(session, user, course)
            for lesson in lessons_of(session, course):
                completed(session, user, lesson)
    while True:
        answers = crowd.at_once(any_url, _consume)
        assert all(isinstance(answer, int) for answer in answers), answers
        with any_database.read() as session:
            if not changes.waiting(session):
                break
    with any_database.read() as session:
        assert len(session.exec(select(Change)).all()) == 0
        assert len(session.exec(select(Completion)).all()) == 60
        assert len(completions.finished(session, "user_learner7")) == 1


@pytest.fixture
def impatient(any_url: str) -> Iterator[Database]:
    """The same database for somebody who waits a tenth of a second."""
    database = Database(any_url, patience=0.1)
    yield database
    database.close()


def _school(session: Session) -> tuple[str, int, list[int]]:
    ada, course = a_user(session, "ada"), a_course(session, "Python", ["A", "B"])
    enrolled(session, ada, course)
    assert course.id is not None
    return ada.id, course.id, [lesson.id for lesson in lessons_of(session, course) if lesson.id is not None]


def test_who_completes_waits_for_who_completes_in_the_same_course(any_database: Database, impatient: Database) -> None:
    with any_database.write() as session:
        ada, _, (first, second) = _school(session)
    with any_database.write() as session:
        progress.complete(session, ada, first, NOW)
        with pytest.raises(Unavailable), impatient.write() as other:
            progress.complete(other, ada, second, NOW)
    with impatient.write() as other:
        assert progress.complete(other, ada, second, NOW).finished_course


def test_a_course_somebody_enrolls_in_is_not_deleted_under_them(any_database: Database, impatient: Database) -> None:
    with any_database.write() as session:
        course_id = a_course(session, "Python").id
        assert course_id is not None
    with any_database.write() as session:
        hold(session, course_id)
        with pytest.raises(Unavailable), impatient.write() as other:
            other.execute(delete(Course))


def test_who_consumes_does_not_wait_for_who_consumes(any_database: Database, impatient: Database) -> None:
    with any_database.write() as session:
        _school(session)
    with any_database.write() as session:
        assert changes.consume(session, NOW, NOW)
        if any_database.is_sqlite:
            with pytest.raises(Unavailable), impatient.write() as other:
                changes.consume(other, NOW, NOW)
        else:
            with impatient.write() as other:
                assert changes.consume(other, NOW, NOW) == ()


def test_an_event_delivered_fifty_times_is_new_once(crowd: Crowd, any_url: str) -> None:
    assert sorted(crowd.at_once(any_url, _hear)) == [False] * (EVERYONE - 1) + [True]
