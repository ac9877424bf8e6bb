"""The catalog: what reading it costs, at its first page and at its last, and finding one course in 100,000

The first pair is processor time: the page's own SQL, captured from the bot, is run by sqlite3 alone. The second is of
courses of 40 lessons each, 6,000 characters long with nothing said of how long they take, or a few words. For
searching, the other side looks for the word with LIKE where the index does: in titles, descriptions and the titles of
lessons.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import median
from time import perf_counter, thread_time
from typing import Any

from sqlalchemy import event
from sqlmodel import Session

from models import catalog, cursors, search
from models.database import Database
from tests.benchmarks.figures import Figure, at_least, at_most, ratios, told
from tests.benchmarks.keptschools import School, opened
from tests.benchmarks.rounds import interleave

ROUNDS, TIMES = 15, 100
SCHOOL = School("catalog", learners=1_000, courses=100_000, lessons=5, courses_each=5, done_each=3)
FEW_WORDS = School("few-words", learners=1_000, courses=100, lessons=40, courses_each=5, done_each=3)
LONG_TEXTS = replace(FEW_WORDS, name="long-texts", characters=6_000)
LEARNER, RARE = "user_500", "050000"
LIKE = """SELECT id FROM course WHERE title LIKE :word OR description LIKE :word OR EXISTS (
    SELECT 1 FROM module JOIN lesson ON lesson.module_id = module.id
    WHERE module.course_id = course.id AND lesson.removed_at IS NULL AND lesson.title LIKE :word) LIMIT 7"""


def measure() -> Sequence[Figure]:
    """The catalog's page against its SQL alone, of long lessons against short ones, the last against the first, and
    finding against looking."""
    with opened(FEW_WORDS) as few, opened(LONG_TEXTS) as many:
        texts = interleave({"long": lambda: _reading(many, _six), "short": lambda: _reading(few, _six)}, ROUNDS)
    with opened(SCHOOL) as database:
        said = _said(database)
        cpu = interleave({"page": lambda: _page(database), "sql": lambda: _alone(database, said)}, ROUNDS)
        last = cursors.pack([SCHOOL.courses - 10, f"course {SCHOOL.courses - 10:06}"])
        pages = interleave(
            {
                "last": lambda: _reading(database, lambda session: _six(session, after=last)),
                "first": lambda: _reading(database, _six),
            },
            ROUNDS,
        )
        searches = interleave(
            {
                "like": lambda: _reading(database, _look, 1),
                "index": lambda: _reading(database, lambda session: _find(session, RARE)),
                "nothing": lambda: _reading(database, lambda session: search.search(session, "zebra", user_id=LEARNER)),
            },
            ROUNDS,
        )
    return (
        Figure(
            "the catalog's page: processor time against sqlite3 doing the same SQL",
            ratios(cpu["page"], cpu["sql"]),
            at_most(4),
            _behind(cpu["page"], cpu["sql"]),
        ),
        Figure(
            "the catalog's page: lessons of 6,000 characters against lessons of a few words",
            ratios(texts["long"], texts["short"]),
            at_most(1.2),
            _behind(texts["long"], texts["short"]),
        ),
        Figure(
            "catalog of 100,000 courses: the deepest page against the first",
            ratios(pages["last"], pages["first"]),
            at_most(1.2),
            _behind(pages["last"], pages["first"]),
        ),
        Figure(
            "LIKE against searching a rare word in 100,000 courses",
            ratios(searches["like"], searches["index"]),
            at_least(100),
            _behind(searches["like"], searches["index"]),
        ),
        Figure(
            "LIKE against searching a word that is nowhere",
            ratios(searches["like"], searches["nothing"]),
            at_least(100),
            _behind(searches["like"], searches["nothing"]),
        ),
    )


def _behind(one: Sequence[float], other: Sequence[float]) -> str:
    return f"{told(median(one) * 1e6, 'µs')} against {told(median(other) * 1e6, 'µs')}"


def _six(session: Session, after: str | None = None) -> None:
    assert len(catalog.catalog(session, user_id=LEARNER, after=after).cards) == 6


def _find(session: Session, word: str) -> None:
    assert [card.course_id for card in search.search(session, word, user_id=LEARNER).cards] == [int(word)]


def _look(session: Session) -> None:
    found = session.connection().exec_driver_sql(LIKE, {"word": f"%{RARE}%"}).scalars().all()
    assert [card.course_id for card in catalog.cards(session, found, user_id=LEARNER)] == [int(RARE)]


def _reading(database: Database, ask: Callable[[Session], object], times: int = TIMES) -> float:
    """Seconds to ask once, each time in a session of its own."""
    started = perf_counter()
    for _ in range(times):
        with database.read() as session:
            ask(session)
    return (perf_counter() - started) / times


def _said(database: Database) -> list[tuple[str, Any]]:
    """The statements of a page, and their parameters."""
    said: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        said.append((statement, parameters))

    event.listen(database.reader, "before_cursor_execute", note)
    with database.read() as session:
        _six(session)
    event.remove(database.reader, "before_cursor_execute", note)
    return [one for one in said if one[0] != "BEGIN"]


def _page(database: Database) -> float:
    """Seconds of processor to read a page as the bot does."""
    started = thread_time()
    for _ in range(TIMES):
        with database.read() as session:
            _six(session)
    return (thread_time() - started) / TIMES


def _alone(database: Database, said: Sequence[tuple[str, Any]]) -> float:
    """Seconds of processor for the driver alone, on a connection as the bot opens it."""
    with database.reader.connect() as connection:
        raw: Any = connection.connection.driver_connection
        started = thread_time()
        for _ in range(TIMES):
            raw.execute("BEGIN")
            for statement, parameters in said:
                raw.execute(statement, parameters).fetchall()
            raw.execute("ROLLBACK")
        return (thread_time() - started) / TIMES
