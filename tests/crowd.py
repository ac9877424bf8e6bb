"""A crowd: the same thing asked at the same moment by many threads of several real processes."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from models.database import Database
from tests import processes

PROCESSES, THREADS = 5, 10
EVERYONE = PROCESSES * THREADS


class Crowd:
    """Processes that wait to be asked."""

    def __init__(self) -> None:
        context = processes.context()
        self._answers, self._start = context.Queue(), context.Barrier(PROCESSES)
        self._questions = [context.Queue() for _ in range(PROCESSES)]
        self._people = [
            processes.started(_listen, questions, self._answers, self._start, range(at, EVERYONE, PROCESSES))
            for at, questions in enumerate(self._questions)
        ]

    def at_once(self, url: str, ask: Callable[..., Any], *arguments: Any) -> list[Any]:
        """What `ask(session, number, *arguments)` returned, or the error it raised as text, for each of fifty numbers.

        Each asks in a writing transaction of its own. ``ask`` is a function at the top of a module.
        """
        return self._ask(url, _in_transaction, (ask, *arguments))

    def by_themselves(self, url: str, ask: Callable[..., Any], *arguments: Any) -> list[Any]:
        """What `ask(database, number, *arguments)` returned for each of fifty numbers; transactions are its own."""
        return self._ask(url, ask, arguments)

    def _ask(self, url: str, ask: Callable[..., Any], arguments: tuple[Any, ...]) -> list[Any]:
        for questions in self._questions:
            questions.put((url, ask, arguments))
        return [answer for _ in self._people for answer in self._answers.get(timeout=60)]

    def leave(self) -> None:
        """Let them go."""
        for questions, person in zip(self._questions, self._people, strict=True):
            questions.put(None)
            person.join()


@contextmanager
def gathered() -> Iterator[Crowd]:
    """A crowd until the end of the block."""
    crowd = Crowd()
    try:
        yield crowd
    finally:
        crowd.leave()


def _in_transaction(database: Database, number: int, ask: Callable[..., Any], *arguments: Any) -> Any:
    with database.write() as session:
        return ask(session, number, *arguments)


def _listen(questions: Any, answers: Any, start: Any, numbers: range) -> None:
    while (asked := questions.get()) is not None:
        answers.put(_answer(start, numbers, *asked))


def _answer(start: Any, numbers: range, url: str, ask: Callable[..., Any], arguments: tuple[Any, ...]) -> list[Any]:
    database = Database(url, patience=30)

    def one(number: int) -> Any:
        try:
            return ask(database, number, *arguments)
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    with database.read() as session:
        session.connection()
    with ThreadPoolExecutor(THREADS) as threads:
        start.wait(timeout=60)
        heard = list(threads.map(one, numbers))
    database.close()
    return heard
