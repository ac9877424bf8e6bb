"""The roster's figures, and what they cost."""

from datetime import timedelta

from sqlmodel import Session

from models import rosters
from models.rosters import FINISHED, LEAST_DONE, LONGEST_AWAY, NOT_STARTED, UNDER_WAY
from tests.school import LONG_AGO, a_course, a_user, completed, enrolled, lessons_of


def names(session: Session, course_id: int, **asked: str) -> list[str]:
    return [one.name for one in rosters.roster(session, course_id, **asked).learners]  # type: ignore[arg-type]


def test_filters_and_sorts(any_session: Session) -> None:
    course = a_course(any_session, "Knots", ["Bowline", "Clove hitch"])
    other = a_course(any_session, "Bends", ["Reef knot"])
    assert course.id is not None
    ada, mary, linus = (a_user(any_session, name) for name in ("ada", "mary", "linus"))
    for days, user in enumerate((ada, mary, linus)):
        enrolled(any_session, user, course, at=LONG_AGO + timedelta(days=days))
        enrolled(any_session, user, other)
    bowline, clove = lessons_of(any_session, course)
    completed(any_session, ada, clove, at=LONG_AGO + timedelta(days=9))
    completed(any_session, mary, lessons_of(any_session, other)[0])
    clove.removed_at = None
    assert names(any_session, course.id) == ["Linus Tester", "Mary Tester", "Ada Tester"]
    assert names(any_session, course.id, shown=NOT_STARTED) == ["Linus Tester", "Mary Tester"]
    assert names(any_session, course.id, shown=UNDER_WAY) == ["Ada Tester"]
    assert names(any_session, course.id, shown=FINISHED) == []
    assert names(any_session, course.id, sort=LEAST_DONE) == ["Mary Tester", "Linus Tester", "Ada Tester"]
    assert names(any_session, course.id, sort=LONGEST_AWAY) == ["Mary Tester", "Linus Tester", "Ada Tester"]
    assert names(any_session, course.id, shown="nonsense", sort="nonsense") == names(any_session, course.id)
    first = rosters.roster(any_session, course.id, shown=UNDER_WAY).learners[0]
    assert (first.done, first.stuck_at, first.active_at) == (1, bowline.title, LONG_AGO + timedelta(days=9))


def test_a_removed_lesson_does_not_count(any_session: Session) -> None:
    course = a_course(any_session, "Knots", ["Bowline", "Clove hitch"])
    assert course.id is not None
    ada = a_user(any_session, "ada")
    enrolled(any_session, ada, course)
    bowline, clove = lessons_of(any_session, course)
    completed(any_session, ada, bowline)
    bowline.removed_at = LONG_AGO
    any_session.flush()
    (one,) = rosters.roster(any_session, course.id).learners
    assert (one.done, one.stuck_at) == (0, clove.title)
