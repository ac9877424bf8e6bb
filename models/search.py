"""Finding courses: by words, by name, and what was probably meant."""

import unicodedata
from typing import Any, Literal

from sqlalchemy import String, bindparam, func, select, text
from sqlmodel import Session

from models.catalog import Card, CatalogPage, cards
from models.courses import SORTED_BY, Course
from models.statements import an_id, table_of

LONGEST_SEARCH = 200
"""Characters of a search that are read."""
MOST_WORDS = 12
LONGEST_NAME = 1000
"""Characters of a course's name that are read."""
DEEPEST = 10_000
"""Results after which a search has no further page."""
LIKELY = 70
"""How alike a title and a search must be, of 100, for the title to be offered."""
ALMOST_EQUAL = 85
"""How alike they must be for the title to pass for the course's name."""
MOST_NAMED = 10
"""Courses that one name may be found to mean."""

_COURSE = table_of(Course)
_SAID = bindparam("words", type_=String())
_TITLES = select(_COURSE.c.id, _COURSE.c.title)
_FIRST_TITLES = _TITLES.order_by(SORTED_BY, _COURSE.c.id).limit(bindparam("limit"))
_THESE_TITLES = _TITLES.where(_COURSE.c.id.in_(an_id("courses", expanding=True)))
_BY_SLUG = select(_COURSE.c.id).where(_COURSE.c.slug == bindparam("words"))
_BY_TITLE = (
    select(_COURSE.c.id)
    .where(
        func.lower(func.substr(_SAID, 1, 200)) == SORTED_BY,
        func.lower(_COURSE.c.title) == func.lower(_SAID),
    )
    .order_by(_COURSE.c.id)
    .limit(MOST_NAMED)
)
_BY_ID = select(_COURSE.c.id).where(_COURSE.c.id == an_id("course"))
_FOUND = {
    # `rank` weighs a title ten times and a description twice as much as a lesson's title: see models.search_index.
    "sqlite": text(
        """SELECT rowid FROM homeroom_course_search WHERE homeroom_course_search MATCH :query
        ORDER BY rank, rowid LIMIT :limit OFFSET :skipped"""
    ),
    # The query is made of whole words, so that no character of theirs is read as an operator; then its last word is
    # made a beginning, and its ANDs are made ORs where any word will do. Folding leaves neither quote nor ampersand.
    "postgresql": text(
        """WITH asked AS (
            SELECT CAST(plainto_tsquery('pg_catalog.simple', homeroom_fold(:query)) AS text) AS words
        ), query AS (
            SELECT CAST(
                NULLIF(CASE WHEN :any THEN replace(words, '&', '|') ELSE words END, '') || ':*' AS tsquery
            ) AS sought FROM asked
        )
        SELECT course_id FROM homeroom_course_search, query WHERE words @@ sought
        ORDER BY ts_rank(words, sought) DESC, course_id LIMIT :limit OFFSET :skipped"""
    ),
}


def search(
    session: Session, words: str, *, user_id: str | None, size: int = 6, after: str | None = None
) -> CatalogPage:
    """Courses that have all the words, best first, the last word being perhaps unfinished; where none has them all,
    those that have some. ``after`` is the cursor of another page; one that says nothing leads to the first."""
    terms = _terms(words)
    any_word, skipped = _place(after)
    found = _matching(session, terms, size + 1, skipped, any_word=any_word)
    if not found and skipped:
        return search(session, words, user_id=user_id, size=size)
    if not found and len(terms) > 1:
        any_word = True
        found = _matching(session, terms, size + 1, 0, any_word=True)
    return CatalogPage(
        cards=_to_be_found(cards(session, found[:size], user_id=user_id)),
        before=_cursor(any_word, max(0, skipped - size)) if skipped else None,
        after=_cursor(any_word, skipped + size) if len(found) > size and skipped + size < DEEPEST else None,
    )


def did_you_mean(session: Session, words: str) -> tuple[Card, ...]:
    """Up to three courses whose titles look like the words. It reads every title: ask when a search found nothing."""
    return _to_be_found(cards(session, _alike(session, words, "WRatio", LIKELY, 3), user_id=None))


def find(session: Session, words: str, *, user_id: str | None) -> tuple[Card, ...]:
    """The courses these words may name, ten at most: with this slug, title or id; or else whose title has all the
    words; or else whose title is almost the words. A word in a description names nothing."""
    return _to_be_found(cards(session, _named(session, words), user_id=user_id))


def _to_be_found(found: tuple[Card, ...]) -> tuple[Card, ...]:
    """Without archived courses, except for those who are enrolled in them."""
    return tuple(card for card in found if card.enrolled or not card.is_archived)


def titles(session: Session, words: str, limit: int = 20) -> tuple[tuple[int, str], ...]:
    """Ids and titles of courses that have the words, best first; without words the first courses by title."""
    terms = _terms(words)
    if not terms:
        rows = session.connection().execute(_FIRST_TITLES, {"limit": limit})
        return tuple((course_id, title) for course_id, title in rows)
    return _titled(session, _matching(session, terms, limit, 0))


def folded(words: str) -> str:
    """The words in lower case, without accents, a single space between them: what two titles are compared by."""
    if not words.isascii():
        words = "".join(one for one in unicodedata.normalize("NFKD", words) if not unicodedata.combining(one))
    return " ".join(words.casefold().split())


def _terms(words: str) -> list[str]:
    return [word for word in _sound(words[:LONGEST_SEARCH]).split() if any(one.isalnum() for one in word)][:MOST_WORDS]


def _sound(words: str) -> str:
    """What can't be stored can't be sought either: halves of characters, and NUL, which no database takes."""
    return words.encode("utf-8", "ignore").decode().replace("\0", " ")


def _matching(session: Session, terms: list[str], limit: int, skipped: int, *, any_word: bool = False) -> list[int]:
    if not terms:
        return []
    dialect = session.get_bind().dialect.name
    asked: dict[str, Any] = {"limit": limit, "skipped": skipped}
    if dialect == "sqlite":
        quoted = ['"' + term.replace('"', " ") + '"' for term in terms]
        asked["query"] = (" OR " if any_word else " AND ").join(quoted) + "*"
    else:
        asked |= {"query": " ".join(terms), "any": any_word}
    return list(session.connection().execute(_FOUND[dialect], asked).scalars())


def _named(session: Session, words: str) -> list[int]:
    name = " ".join(_sound(words[:LONGEST_NAME]).split())
    if not name:
        return []
    connection = session.connection()
    exactly = list(connection.execute(_BY_SLUG, {"words": name}).scalars())
    exactly = exactly or list(connection.execute(_BY_TITLE, {"words": name}).scalars())
    if not exactly and name.isascii() and name.isdecimal() and len(name) < 19:
        exactly = list(connection.execute(_BY_ID, {"course": int(name)}).scalars())
    if exactly:
        return exactly
    wanted = folded(name)
    found = [
        (course_id, folded(title))
        for course_id, title in _titled(session, _matching(session, _terms(name), MOST_NAMED, 0))
    ]
    same = [course_id for course_id, title in found if title == wanted]
    titled = [course_id for course_id, title in found if all(word in title for word in wanted.split())]
    return same or titled or _alike(session, name, "ratio", ALMOST_EQUAL, MOST_NAMED)


def _titled(session: Session, course_ids: list[int]) -> tuple[tuple[int, str], ...]:
    rows = session.connection().execute(_THESE_TITLES, {"courses": course_ids})
    known = {row.id: row.title for row in rows}
    return tuple((course_id, known[course_id]) for course_id in course_ids if course_id in known)


def _alike(session: Session, words: str, scorer: Literal["ratio", "WRatio"], cutoff: int, limit: int) -> list[int]:
    from rapidfuzz import fuzz, process

    wanted = folded(" ".join(_terms(words)))
    if not wanted:
        return []
    known = {row.id: folded(row.title) for row in session.connection().execute(_TITLES)}
    alike = process.extract(wanted, known, scorer=getattr(fuzz, scorer), score_cutoff=cutoff, limit=limit)
    return [course_id for _, _, course_id in alike]


def _cursor(any_word: bool, skipped: int) -> str:
    return f"{'any' if any_word else 'all'}-{skipped}"


def _place(cursor: str | None) -> tuple[bool, int]:
    """Whether any word will do, and how many results come before."""
    way, _, skipped = (cursor or "").partition("-")
    if way not in ("any", "all") or not skipped.isdecimal() or len(skipped) > 5:
        return False, 0
    return way == "any", int(skipped)
