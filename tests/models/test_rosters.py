"""The roster's figures, and what they cost."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from models import Course, completions, cursors, enrollments, places, progress, rosters
from models.rosters import EVERYBODY, FINISHED, LEAST_DONE, LONGEST_AWAY, NEWEST, NOT_STARTED, UNDER_WAY
from tests.school import LONG_AGO, a_course, a_user, completed, enrolled, lessons_of

NOW = LONG_AGO + timedelta(days=300)
PEOPLE = 12


def names(session: Session, course_id: int, **asked: str) -> list[str]:
    return [one.name for one in rosters.roster(session, course_id, NOW, **asked).learners]  # type: ignore[arg-type]


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
    first = rosters.roster(any_session, course.id, NOW, shown=UNDER_WAY).learners[0]
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
    (one,) = rosters.roster(any_session, course.id, NOW).learners
    assert (one.done, one.stuck_at) == (0, clove.title)


def a_full_course(session: Session) -> tuple[int, list[str]]:
    """A course of four lessons with twelve people who are at its every lesson, some through; their ids."""
    course = a_course(session, "Knots", ["Bowline", "Clove hitch", "Reef knot", "Sheet bend"])
    assert course.id is not None
    lessons = lessons_of(session, course)
    for number in range(PEOPLE):
        user = a_user(session, f"p{number:02}")
        enrolled(session, user, course, at=day(number // 2))
        for lesson in lessons[: number % 5]:
            completed(session, user, lesson, at=day(20 + number * 7 % 11))
        completions.settle(session, user.id, course.id, day(40))
    return course.id, [f"user_p{number:02}" for number in range(PEOPLE)]


def day(number: int) -> datetime:
    return LONG_AGO + timedelta(days=number)


def turned(session: Session, course_id: int, shown: str, sort: str, size: int = 2) -> list[list[str]]:
    """The pages, from the first to the last and back."""
    page = rosters.roster(session, course_id, NOW, shown=shown, sort=sort, most=size)
    pages = [[one.user_id for one in page.learners]]
    for way in ("after", "before"):
        while cursor := getattr(page, way):
            page = rosters.roster(session, course_id, NOW, shown=shown, sort=sort, most=size, cursor=cursor)
            pages.append([one.user_id for one in page.learners])
            assert len(pages) < 5 * PEOPLE
    return pages


@pytest.mark.parametrize("sort", [NEWEST, LEAST_DONE, LONGEST_AWAY])
@pytest.mark.parametrize("shown", [EVERYBODY, NOT_STARTED, UNDER_WAY, FINISHED])
def test_pages_hold_everybody_once_both_ways(any_session: Session, shown: str, sort: str) -> None:
    course_id, _ = a_full_course(any_session)
    whole = rosters.roster(any_session, course_id, NOW, shown=shown, sort=sort, most=100)
    everybody = [one.user_id for one in whole.learners]
    assert (whole.count, whole.before, whole.after) == (len(everybody), None, None)
    pages = turned(any_session, course_id, shown, sort)
    there = pages[: (len(everybody) + 1) // 2]
    assert [one for page in there for one in page] == everybody
    assert pages == there + there[-2::-1]


@pytest.mark.parametrize("sort", [NEWEST, LEAST_DONE, LONGEST_AWAY])
def test_what_happens_between_two_pages_moves_nobody_else(any_session: Session, sort: str) -> None:
    """People enroll, withdraw and complete lessons while somebody turns pages: whoever stayed is there, once."""
    course_id, everybody = a_full_course(any_session)
    lessons = lessons_of(any_session, any_session.get_one(Course, course_id))
    page = rosters.roster(any_session, course_id, NOW, sort=sort, most=3)
    seen = [one.user_id for one in page.learners]
    gone, late = seen[0], a_user(any_session, "late")
    enrollments.withdraw(any_session, gone, course_id)
    enrollments.enroll(any_session, late.id, course_id, NOW + timedelta(minutes=1))
    for user_id in everybody:
        if user_id != gone:
            progress.complete(any_session, user_id, lessons[3].id or 0, NOW + timedelta(minutes=2))
    progress.reopen(any_session, seen[1], lessons[3].id or 0)
    while page.after:
        page = rosters.roster(any_session, course_id, NOW, sort=sort, most=3, cursor=page.after)
        seen += [one.user_id for one in page.learners]
    met = [user_id for user_id in seen if user_id != late.id]
    assert sorted(met) == everybody
    assert max(one.done for one in rosters.roster(any_session, course_id, NOW, most=100).learners) == 4


def test_who_opens_a_lesson_meanwhile_is_not_missed(any_session: Session) -> None:
    course_id, everybody = a_full_course(any_session)
    lesson = lessons_of(any_session, any_session.get_one(Course, course_id))[0]
    page = rosters.roster(any_session, course_id, NOW, sort=LONGEST_AWAY, most=3)
    last = rosters.roster(any_session, course_id, NOW, sort=LONGEST_AWAY, most=100).learners[5].user_id
    places.keep(any_session, last, lesson.id or 0, 1, NOW + timedelta(minutes=1))
    seen = [one.user_id for one in page.learners]
    while page.after:
        page = rosters.roster(any_session, course_id, NOW, sort=LONGEST_AWAY, most=3, cursor=page.after)
        seen += [one.user_id for one in page.learners]
    assert sorted(seen) == everybody
    assert seen[-1] == last


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "!",
        cursors.pack(["after", "2024-01-01T00:00:00+00:00"]),
        cursors.pack(["after", "2024-01-01T00:00:00", "2024-01-01T00:00:00+00:00", 1]),
        cursors.pack(["after", "2024-01-01T00:00:00+00:00", 7, 2**63]),
        cursors.pack(["sideways", "2024-01-01T00:00:00+00:00", "2024-01-01T00:00:00+00:00", 1]),
        cursors.pack(["after", "1990-01-01T00:00:00+00:00", "1990-01-01T00:00:00+00:00", 1]),
    ],
)
def test_a_cursor_that_says_nothing_leads_to_the_first_page(any_session: Session, cursor: str) -> None:
    course_id, _ = a_full_course(any_session)
    first = rosters.roster(any_session, course_id, NOW, most=3)
    assert rosters.roster(any_session, course_id, NOW, most=3, cursor=cursor) == first
