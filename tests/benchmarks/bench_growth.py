"""What a learner notices of everybody else: the same school with 100,000 rows of progress and with 10,000,000

Through the handlers, screens included, each time as another learner. Marking complete includes the commit and the
triggers.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from statistics import median
from time import perf_counter

from handlers import courses, home, progress
from handlers.requests import Context, Portal, Request
from models.database import Database
from models.members import Caller, Profile
from tests.benchmarks.figures import Figure, at_most, ratios, told
from tests.benchmarks.keptschools import NOW, School, opened
from tests.benchmarks.rounds import interleave

ROUNDS, TIMES = 25, 20
FEW = School("progress-few", learners=1_000, courses=200, lessons=12, courses_each=10, done_each=10)
MANY = School("progress-many", learners=100_000, courses=200, lessons=12, courses_each=10, done_each=10)


def measure() -> Sequence[Figure]:
    """A course opened, a lesson marked complete and Home drawn, among few and among many."""
    with opened(FEW) as few, opened(MANY) as many:
        asks = {
            name: _Asks(school, _context(database))
            for name, school, database in (("few", FEW, few), ("many", MANY, many))
        }
        figures = []
        for what, ask in (
            ("open a course", _Asks.open_course),
            ("mark a lesson complete", _Asks.complete),
            ("draw Home", _Asks.home),
        ):
            took = interleave({name: _timed(ask, one) for name, one in asks.items()}, ROUNDS)
            behind = f"{told(median(took['many']) * 1e3, 'ms')} against {told(median(took['few']) * 1e3, 'ms')}"
            figures.append(
                Figure(
                    f"{what}: among 10,000,000 rows of progress against 100,000",
                    ratios(took["many"], took["few"]),
                    at_most(1.3),
                    behind,
                )
            )
        return figures


def _timed(ask: Callable[["_Asks"], object], asks: "_Asks") -> Callable[[], float]:
    def once() -> float:
        """Seconds for one person, the median of some."""
        took = []
        for _ in range(TIMES):
            started = perf_counter()
            ask(asks)
            took.append(perf_counter() - started)
        return median(took)

    return once


class _Asks:
    """People of a school who ask one after the other, spread over all of them."""

    def __init__(self, school: School, context: Context) -> None:
        self._school, self._context = school, context
        self._learners = self._spread()

    def _spread(self) -> Iterator[int]:
        for turn in count():
            yield (turn * 7_919 + turn // self._school.learners) % self._school.learners + 1

    def _who(self) -> tuple[Caller, int]:
        """Somebody, and a course of theirs."""
        learner = next(self._learners)
        caller = Caller("T1", f"U{learner}", "Ada Learner", f"user_{learner}", frozenset({"Student"}), active_at=NOW)
        return caller, learner % self._school.courses + 1

    def open_course(self) -> None:
        """The course's screen."""
        caller, course = self._who()
        reply = courses.open_course(_press("course.open", caller, course), caller, self._context)
        assert reply.screen is not None

    def complete(self) -> None:
        """The eleventh lesson of twelve."""
        caller, course = self._who()
        lesson = (course - 1) * self._school.lessons + 11
        reply = progress.complete(_press("lesson.complete", caller, lesson), caller, self._context)
        assert reply.screen is not None

    def home(self) -> None:
        """Home, with ten courses on it."""
        caller, _ = self._who()
        assert home.render(caller.team_id, caller.slack_user_id, self._context) is not None


def _press(name: str, caller: Caller, number: int) -> Request:
    return Request("action", name, caller.team_id, caller.slack_user_id, surface="private", value=str(number))


def _context(database: Database) -> Context:
    return Context(database, NOW, Portal("Homeroom"), _nobody)


def _nobody(team_id: str, slack_user_id: str) -> Profile:
    raise AssertionError("nobody is looked up")
