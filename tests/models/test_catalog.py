"""The catalog and its cards."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from models import Instructor, Module, User, catalog, completions, enrollments, places, progress
from models.catalog import CatalogPage
from models.database import Database
from models.errors import Gone
from tests.school import LONG_AGO, a_course, a_lesson, a_module, a_user, completed, enrolled, lessons_of

NOW = LONG_AGO + timedelta(days=10)


def _titles(page: CatalogPage) -> list[str]:
    return [card.title for card in page.cards]


def _walk(session: Session, size: int) -> tuple[list[CatalogPage], list[CatalogPage]]:
    """Every page from the first to the last, and every page back again."""
    forward = [catalog.catalog(session, user_id=None, size=size)]
    while (after := forward[-1].after) is not None and len(forward) < 50:
        forward.append(catalog.catalog(session, user_id=None, after=after, size=size))
    back = [forward[-1]]
    while (before := back[-1].before) is not None and len(back) < 50:
        back.append(catalog.catalog(session, user_id=None, before=before, size=size))
    return forward, back


def test_a_card_says_what_a_course_is(any_session: Session) -> None:
    course = a_course(any_session, "Python", {"One": ["A", "B"], "Two": ["C"]}, slug="python", description="Code.")
    card = catalog.card(any_session, _id(course), user_id=None)
    assert (card.title, card.slug, card.description, card.instructor) == ("Python", "python", "Code.", "Grace Tester")
    assert (card.lessons, card.minutes, card.enrolled, card.done, card.completed) == (3, 3, False, 0, False)


def test_a_card_says_how_far_its_reader_is_and_nobody_else(any_session: Session) -> None:
    ada, mary = a_user(any_session, "ada"), a_user(any_session, "mary")
    course = a_course(any_session, "Python", ["A", "B"])
    enrolled(any_session, ada, course)
    completed(any_session, ada, lessons_of(any_session, course)[0])
    mine = catalog.card(any_session, _id(course), user_id=ada.id)
    hers = catalog.card(any_session, _id(course), user_id=mary.id)
    assert (mine.enrolled, mine.done) == (True, 1)
    assert (hers.enrolled, hers.done) == (False, 0)


def test_minutes_are_the_authors_or_come_from_the_length(any_session: Session) -> None:
    course = a_course(any_session, "Python")
    module = a_module(any_session, course, "One")
    expected = {
        "said": (a_lesson(any_session, module, "said", minutes=12, body="x" * 9000), 12),
        "short": (a_lesson(any_session, module, "short", body="x"), 1),
        "just a minute": (a_lesson(any_session, module, "just a minute", body="ж" * 1200), 1),
        "longer": (a_lesson(any_session, module, "longer", body="x" * 1201), 2),
        "video": (a_lesson(any_session, module, "video", body=None, content_type="video"), 5),
        "empty": (a_lesson(any_session, module, "empty", body=""), 5),
        "nonsense": (a_lesson(any_session, module, "nonsense", body="x", minutes=-3), 1),
    }
    card = catalog.card(any_session, _id(course), user_id=None)
    assert card.minutes == sum(minutes for _, minutes in expected.values())


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [("Grace", "Hopper", "Grace Hopper"), ("", "Hopper", "Hopper"), (" Grace ", "", "Grace"), ("", "", "")],
)
def test_an_instructor_goes_by_the_names_there_are(session: Session, first: str, last: str, shown: str) -> None:
    session.add(User(id="user_grace", first_name=first, last_name=last, email="grace@example.org"))
    card = catalog.card(session, _id(a_course(session, "Python")), user_id=None)
    assert card.instructor == shown


def test_a_course_that_is_gone_is_a_sentence(any_session: Session) -> None:
    for course_id in (1, -1, 10**17):
        with pytest.raises(Gone, match=r"isn't here any more\. Browse the others with /learn courses"):
            catalog.card(any_session, course_id, user_id=None)


def test_cards_come_in_the_order_asked_without_those_that_are_gone(any_session: Session) -> None:
    python, sql = _id(a_course(any_session, "Python")), _id(a_course(any_session, "SQL"))
    found = catalog.cards(any_session, [sql, 999, python], user_id=None)
    assert [card.course_id for card in found] == [sql, python]
    assert catalog.cards(any_session, [], user_id=None) == ()


def test_a_removed_lesson_leaves_the_count_and_comes_back_done(any_session: Session) -> None:
    ada, course = a_user(any_session, "ada"), a_course(any_session, "Python", ["A", "B"])
    enrolled(any_session, ada, course)
    lesson = lessons_of(any_session, course)[0]
    completed(any_session, ada, lesson)
    lesson.removed_at = NOW
    any_session.add(lesson)
    any_session.flush()
    card = catalog.card(any_session, _id(course), user_id=ada.id)
    assert (card.lessons, card.done) == (1, 0)
    lesson.removed_at = None
    any_session.flush()
    card = catalog.card(any_session, _id(course), user_id=ada.id)
    assert (card.lessons, card.done) == (2, 1)


def test_a_lesson_added_to_a_finished_course_is_one_new_lesson(any_session: Session) -> None:
    ada, course = a_user(any_session, "ada"), a_course(any_session, "Python", ["A"])
    enrolled(any_session, ada, course)
    first = _id(lessons_of(any_session, course)[0])
    assert progress.complete(any_session, ada.id, first, NOW).finished_course
    module = any_session.get_one(Module, lessons_of(any_session, course)[0].module_id)
    added = a_lesson(any_session, module, "B")
    card = catalog.card(any_session, _id(course), user_id=ada.id)
    assert (card.completed, card.done, card.lessons, card.new_lessons) == (True, 1, 2, 1)
    assert not progress.complete(any_session, ada.id, _id(added), NOW).finished_course
    assert catalog.card(any_session, _id(course), user_id=ada.id).new_lessons == 0


def test_a_lesson_taken_back_in_a_finished_course_is_not_new(any_session: Session) -> None:
    ada, course = a_user(any_session, "ada"), a_course(any_session, "Python", ["A"])
    enrolled(any_session, ada, course)
    lesson_id = _id(lessons_of(any_session, course)[0])
    progress.complete(any_session, ada.id, lesson_id, NOW)
    progress.reopen(any_session, ada.id, lesson_id)
    card = catalog.card(any_session, _id(course), user_id=ada.id)
    assert (card.completed, card.done, card.new_lessons) == (True, 0, 0)


def test_rows_of_a_neighbour_are_read_as_they_are_meant(any_session: Session) -> None:
    ada, course = a_user(any_session, "ada"), a_course(any_session, "Python", ["A"])
    enrolled(any_session, ada, course)
    done = completed(any_session, ada, lessons_of(any_session, course)[0])
    done.completed_at = None
    any_session.add(done)
    any_session.flush()
    assert catalog.card(any_session, _id(course), user_id=ada.id).done == 1
    empty = a_course(any_session, "No modules at all")
    card = catalog.card(any_session, _id(empty), user_id=ada.id)
    assert (card.lessons, card.minutes, card.completed) == (0, 0, False)


def test_no_courses_is_an_empty_page(any_session: Session) -> None:
    assert catalog.catalog(any_session, user_id=None) == CatalogPage((), None, None)


def test_pages_go_by_title_whatever_its_case(any_session: Session) -> None:
    for title in ("banana", "Apple", "cherry", "apple", "BANANA"):
        a_course(any_session, title)
    forward, back = _walk(any_session, 2)
    titles = [title for page in forward for title in _titles(page)]
    assert [title.lower() for title in titles] == ["apple", "apple", "banana", "banana", "cherry"]
    assert titles[:2] == ["Apple", "apple"]  # of two of one name the older comes first
    assert [_titles(page) for page in back] == [["cherry"], titles[2:4], titles[:2]]


@pytest.fixture(
    scope="module", params=["sqlite_shared", pytest.param("postgresql_shared", marks=pytest.mark.postgresql)]
)
def walked(request: pytest.FixtureRequest) -> Database:
    database: Database = request.getfixturevalue(request.param)
    return database


@settings(max_examples=25, deadline=None)
@given(
    titles=st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
        | st.sampled_from(["Python", "python", "x" * 300, "x" * 301, "é", "É", "ß", "日本語", "עברית"]),
        max_size=14,
    ),
    size=st.integers(1, 5),
)
def test_every_course_is_met_once_on_the_way_there_and_once_on_the_way_back(
    walked: Database, titles: list[str], size: int
) -> None:
    with walked.write() as session:
        made = {_id(a_course(session, title)) for title in titles}
        forward, back = _walk(session, size)
        met = [card.course_id for page in forward for card in page.cards]
        assert len(met) == len(set(met))
        assert set(met) == made
        returned = [card.course_id for page in reversed(back) for card in page.cards]
        assert returned == met
        session.rollback()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "nonsense",
        "!!",
        "bnVsbA",
        "W10",
        "WyJhIiwgMV0",
        "é",
        "a" * 5000,
        "WzEsIDJd",
        "Wy05OTk5OTk5OTk5OTk5OTk5OTk5OTld",
    ],
)
def test_a_cursor_that_says_nothing_leads_to_the_first_page(any_session: Session, cursor: str) -> None:
    for title in "abc":
        a_course(any_session, title)
    first = catalog.catalog(any_session, user_id=None, size=2)
    assert catalog.catalog(any_session, user_id=None, after=cursor, size=2) == first
    assert catalog.catalog(any_session, user_id=None, before=cursor, size=2) == first


def test_a_cursor_outlives_its_course(any_session: Session) -> None:
    courses = [a_course(any_session, title) for title in "abcd"]
    first = catalog.catalog(any_session, user_id=None, size=2)
    any_session.delete(courses[1])
    any_session.flush()
    assert _titles(catalog.catalog(any_session, user_id=None, after=first.after, size=2)) == ["c", "d"]


def test_my_courses_begin_with_the_one_last_open(any_session: Session) -> None:
    ada = a_user(any_session, "ada")
    courses = [a_course(any_session, title, ["A"]) for title in ("Old", "Fresh", "Open", "Other")]
    for day, course in enumerate(courses[:3]):
        enrolled(any_session, ada, course, at=LONG_AGO + timedelta(days=day))
    lesson = lessons_of(any_session, courses[0])[0]
    assert [card.title for card in catalog.my_cards(any_session, ada.id)] == ["Open", "Fresh", "Old"]
    places.keep(any_session, ada.id, _id(lesson), 1, NOW)
    assert [card.title for card in catalog.my_cards(any_session, ada.id)] == ["Old", "Open", "Fresh"]
    assert catalog.my_cards(any_session, ada.id)[0] == catalog.card(any_session, _id(courses[0]), user_id=ada.id)


def test_what_was_done_in_a_course_that_is_not_theirs_is_not_counted(any_session: Session) -> None:
    ada, course = a_user(any_session, "ada"), a_course(any_session, "Python", ["A", "B"])
    enrolled(any_session, ada, course)
    progress.complete(any_session, ada.id, _id(lessons_of(any_session, course)[0]), NOW)
    enrollments.withdraw(any_session, ada.id, _id(course))
    assert catalog.card(any_session, _id(course), user_id=ada.id).done == 0
    enrolled(any_session, ada, course)
    assert catalog.card(any_session, _id(course), user_id=ada.id).done == 1


def test_a_finished_course_stays_finished_for_somebody_who_left(any_session: Session) -> None:
    ada, course = a_user(any_session, "ada"), a_course(any_session, "Python", ["A"])
    enrolled(any_session, ada, course)
    progress.complete(any_session, ada.id, _id(lessons_of(any_session, course)[0]), NOW)
    enrollments.withdraw(any_session, ada.id, _id(course))
    card = catalog.card(any_session, _id(course), user_id=ada.id)
    assert (card.enrolled, card.completed, card.done) == (False, True, 1)
    assert catalog.my_cards(any_session, ada.id) == ()
    assert completions.finished(any_session, ada.id) == ((course.id, "Python", NOW),)


def test_an_instructor_may_have_written_nothing_about_themselves(session: Session) -> None:
    course = a_course(session, "Python")
    session.add(Instructor(user_id=course.instructor_id, bio=None))
    session.flush()
    assert catalog.card(session, _id(course), user_id=None).instructor == "Grace Tester"


def _id(row: object) -> int:
    found = getattr(row, "id", None)
    assert isinstance(found, int)
    return found
