"""Finding courses: by words, by name, and what was probably meant."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from models import search
from tests.school import a_course


@pytest.fixture
def shelf(any_session: Session) -> Session:
    a_course(any_session, "Python Basics", ["Loops", "Functions"], slug="python-basics", description="Learn to code.")
    a_course(any_session, "Advanced Python", ["Decorators"], description="For those who code.")
    a_course(any_session, "Café au lait", ["Milk"], description="Coffee, the French way.")
    a_course(any_session, "Node.js", ["Streams"], description="Not python, but loops all the same.")
    a_course(any_session, "Питон", ["Циклы"], description="По-русски.")
    return any_session


def _found(session: Session, words: str) -> list[str]:
    return [card.title for card in search.search(session, words, user_id=None).cards]


def _named(session: Session, words: str) -> list[str]:
    return [card.title for card in search.find(session, words, user_id=None)]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("basics", ["Python Basics"]),
        ("BASICS python", ["Python Basics"]),
        ("python bas", ["Python Basics"]),
        ("cafe", ["Café au lait"]),
        ("CAFÉ", ["Café au lait"]),
        ("cafe\u0301", ["Café au lait"]),
        ("decorators", ["Advanced Python"]),
        ("french", ["Café au lait"]),
        ("node.js", ["Node.js"]),
        ("ПИТОН", ["Питон"]),
        ("цик", ["Питон"]),
        ("zebra", []),
        ("", []),
        ("   ", []),
        ("🐍 !?", []),
    ],
)
def test_words_find_courses(shelf: Session, words: str, found: list[str]) -> None:
    assert _found(shelf, words) == found


def test_a_title_counts_more_than_a_description_and_that_more_than_a_lesson(any_session: Session) -> None:
    a_course(any_session, "Third", ["Rust"])
    a_course(any_session, "Second", description="Rust for all.")
    a_course(any_session, "Rust")
    assert _found(any_session, "rust") == ["Rust", "Second", "Third"]


def test_all_words_come_before_some_words(shelf: Session) -> None:
    assert _found(shelf, "advanced python") == ["Advanced Python"]
    assert set(_found(shelf, "milk python")) == {"Café au lait", "Python Basics", "Advanced Python", "Node.js"}


def test_a_search_is_read_page_by_page_and_back(any_session: Session) -> None:
    for number in range(7):
        a_course(any_session, f"Course {number}")
    page = search.search(any_session, "course nowhere", user_id=None, size=3)
    met, pages = [card.title for card in page.cards], 1
    while page.after is not None:
        page = search.search(any_session, "course nowhere", user_id=None, size=3, after=page.after)
        met += [card.title for card in page.cards]
        pages += 1
    assert (pages, sorted(met)) == (3, [f"Course {number}" for number in range(7)])
    assert page.before is not None
    back = search.search(any_session, "course nowhere", user_id=None, size=3, after=page.before)
    assert [card.title for card in back.cards] == met[3:6]
    first = search.search(any_session, "course nowhere", user_id=None, size=3, after=back.before)
    assert ([card.title for card in first.cards], first.before) == (met[:3], None)


@pytest.mark.parametrize("cursor", ["", "nonsense", "any-", "any-x", "all--1", "any-99999999999", "all-٣", "all-600"])
def test_a_search_cursor_that_says_nothing_leads_to_the_first_page(shelf: Session, cursor: str) -> None:
    assert search.search(shelf, "python", user_id=None, after=cursor) == search.search(shelf, "python", user_id=None)


@pytest.mark.parametrize(
    "words",
    [
        '"',
        "'",
        "' OR 1=1 --",
        "* AND (",
        "NEAR(python, 2)",
        "title:python",
        "-python",
        "C++",
        "a:b:*",
        "^x",
        "& | !",
        "<->",
        "\0",
        "python\0",
        "\ud800",
        "(((((",
        "%s %(x)s",
        ":query",
        "a" * 10_000,
        "word " * 5_000,
        "\\",
        "x'y",
        "{title}: a",
        "AND",
        "NOT",
    ],
)
def test_no_words_are_a_mistake(shelf: Session, words: str) -> None:
    search.search(shelf, words, user_id=None)
    search.find(shelf, words, user_id=None)
    search.did_you_mean(shelf, words)
    search.titles(shelf, words)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text(st.characters(), max_size=60) | st.text("\"*()^:+-&|!<>' aé", max_size=20))
def test_no_words_at_all_are_a_mistake(shelf: Session, words: str) -> None:
    search.search(shelf, words, user_id=None)
    search.find(shelf, words, user_id=None)


def test_a_name_is_a_slug_a_title_or_an_id(shelf: Session) -> None:
    course_id = search.find(shelf, "python-basics", user_id=None)[0].course_id
    assert _named(shelf, "python basics") == ["Python Basics"]
    assert _named(shelf, "  PYTHON   Basics ") == ["Python Basics"]
    assert _named(shelf, str(course_id)) == ["Python Basics"]
    assert _named(shelf, "cafe au lait") == ["Café au lait"]


def test_a_whole_title_is_meant_even_where_others_hold_it(any_session: Session) -> None:
    for title in ("Python", "Python for Poets", "Árbol", "Arbol dos"):
        a_course(any_session, title)
    assert _named(any_session, "python") == ["Python"]
    assert _named(any_session, "ARBOL") == ["Árbol"]
    assert sorted(_named(any_session, "pyth")) == ["Python", "Python for Poets"]


def test_a_name_is_forgiven_a_slip_but_never_guessed_from_a_description(shelf: Session) -> None:
    assert _named(shelf, "pyton basics") == ["Python Basics"]
    assert _named(shelf, "coffee") == []
    assert _named(shelf, "zebra") == []
    assert _named(shelf, "") == []


def test_two_courses_of_one_name_are_both_meant(any_session: Session) -> None:
    for _ in range(2):
        a_course(any_session, "Python")
    assert _named(any_session, "python") == ["Python", "Python"]


def test_a_title_longer_than_any_search_is_still_a_name(any_session: Session) -> None:
    title = " ".join(f"word{number}" for number in range(60))
    a_course(any_session, title)
    assert _named(any_session, title) == [title]


def test_did_you_mean_offers_three_titles_at_most(any_session: Session) -> None:
    for number in range(5):
        a_course(any_session, f"Negotiation {number}")
    a_course(any_session, "Sewing")
    assert len(search.did_you_mean(any_session, "ngotiaton")) == 3
    assert search.did_you_mean(any_session, "quantum field theory") == ()
    assert search.did_you_mean(any_session, " ") == ()


def test_titles_for_the_type_ahead(shelf: Session) -> None:
    assert [title for _, title in search.titles(shelf, "", limit=2)] == ["Advanced Python", "Café au lait"]
    assert {title for _, title in search.titles(shelf, "pyth")} >= {"Python Basics", "Advanced Python"}
    assert len(search.titles(shelf, "pyth", limit=1)) == 1
