"""`/learn courses` through the whole stack.

`homeroom serve` answers signed requests over HTTP: signature, identity, link, roles, the catalog's first page with the
learner's own progress, blocks. wrk sends them over kept connections, made and signed beforehand, of 200 learners in
turn. The floor is one coroutine on uvicorn that checks the signature, runs the same SQL on raw sqlite3 and answers the
same bytes (a test holds it to that). The naive app is Bolt as its guide writes it: default mode, Bolt's Starlette
adapter, a Session and statements built for each request. The app in JavaScript is the same in Bolt for JavaScript with
better-sqlite3: what the naive one asks, statement by statement, each prepared where it is needed. Tuned, it asks what
we ask instead, by statements prepared once; it is the only one that was measured before the 28th of November, when we
were at 0.53 of it. Each has a copy of one database: 1,000 courses of 40 lessons, 20,000 learners, 800,000 lessons done.
Pinned: the server has one core to itself, and the load another. Free: the system puts both where it likes.

Where our time goes, in process, best of fifteen: of some 255 µs before uvicorn the page of the catalog takes 75, 25 of
them SQLite's, Bolt itself 75, the screen, its words and its JSON 50, who is asking 17. The naive app looks for its
answer every 10 ms and so ends at some 90 a second on any machine. The tuned app in JavaScript stays ahead of us: for a
whole answer it takes about what we do beside Bolt and SQLite. Only a page kept ready between requests could pass it,
and whatever anybody does makes one stale.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx

from tests.benchmarks import asking, contest, peers, servers
from tests.benchmarks.contest import Stood, p50s, rates, told
from tests.benchmarks.figures import Figure, at_least, at_most, ratios
from tests.benchmarks.school import Size, furnish
from tests.benchmarks.servers import Server

BOT, FLOOR, NAIVE = "Homeroom", "the floor", "naive Bolt"
SCRIPT, TUNED = "Bolt for JavaScript", "Bolt for JavaScript, tuned"


def measure() -> list[Figure]:
    """Sixteen at a time, pinned and free, and one at a time."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        furnish(f"sqlite:///{folder / 'school.db'}", Size())
        with _contestants(folder, pinned=True) as contestants:
            _agree(contestants)
            pinned = contest.held(contestants, _catalogs(folder), 16)
            alone = contest.held(contestants, _catalogs(folder), 1)
        with _contestants(folder, pinned=False) as contestants:
            free = contest.held(contestants, _catalogs(folder), 16, pinned=False)
    return [*_at_sixteen("pinned", pinned), *_at_sixteen("free", free), *_alone(alone)]


@contextmanager
def _contestants(folder: Path, *, pinned: bool) -> Iterator[dict[str, Server]]:
    with ExitStack() as running:
        paths = {name: folder / f"{number}.db" for number, name in enumerate((BOT, FLOOR, NAIVE, SCRIPT, TUNED))}
        for path in paths.values():
            for old in folder.glob(f"{path.name}*"):
                old.unlink()
            shutil.copyfile(folder / "school.db", path)
        slack = running.enter_context(servers.slack())
        yield {
            BOT: running.enter_context(servers.homeroom(f"sqlite:///{paths[BOT]}", slack.port, pinned=pinned)),
            FLOOR: running.enter_context(servers.floor(paths[FLOOR], pinned=pinned)),
            NAIVE: running.enter_context(peers.naive(paths[NAIVE], slack.port, pinned=pinned)),
            SCRIPT: running.enter_context(peers.javascript("guide", paths[SCRIPT], slack.port, pinned=pinned)),
            TUNED: running.enter_context(peers.javascript("tuned", paths[TUNED], slack.port, pinned=pinned)),
        }


def _agree(contestants: dict[str, Server]) -> None:
    """All of them answer the same, or there is nothing to compare."""
    body = asking.catalog(1)
    answers = [
        httpx.post(f"http://127.0.0.1:{one.port}/slack/events", content=body, headers=asking.signed(body)).json()
        for one in contestants.values()
    ]
    assert all(answer == answers[0] for answer in answers)


def _catalogs(folder: Path) -> Callable[[str, float], Path]:
    def written(_name: str, _seconds: float) -> Path:
        asking.write(folder / "asked", asking.catalogs())
        return folder / "asked"

    return written


def _at_sixteen(how: str, stood: dict[str, list[Stood]]) -> list[Figure]:
    mine = rates(stood[BOT])
    what = f"the catalog, 16 at a time, {how}: answers a second against"
    return [
        Figure(
            f"{what} {FLOOR}",
            ratios(mine, rates(stood[FLOOR])),
            at_least(0.35),
            f"{told(stood[BOT])}; floor {told(stood[FLOOR])}",
        ),
        Figure(f"{what} {NAIVE}", ratios(mine, rates(stood[NAIVE])), at_least(20), told(stood[NAIVE])),
        Figure(f"{what} {SCRIPT}", ratios(mine, rates(stood[SCRIPT])), at_least(1), told(stood[SCRIPT])),
        Figure(f"{what} {TUNED}", ratios(mine, rates(stood[TUNED])), None, told(stood[TUNED])),
    ]


def _alone(stood: dict[str, list[Stood]]) -> list[Figure]:
    mine = p50s(stood[BOT])
    behind = f"{median(mine):.2f} ms; floor {median(p50s(stood[FLOOR])):.2f} ms"
    naive = f"{NAIVE} {median(p50s(stood[NAIVE])):.2f} ms, {SCRIPT} {median(p50s(stood[SCRIPT])):.2f} ms"
    return [
        Figure(
            "the catalog, one at a time: p50 against the floor's",
            ratios(mine, p50s(stood[FLOOR])),
            at_most(3.5, "and no step of 10 ms"),
            f"{behind}; {naive}",
        ),
        Figure(
            "processor's time for a catalog against the floor's",
            ratios([one.cpu for one in stood[BOT]], [one.cpu for one in stood[FLOOR]]),
            None,
            f"{told(stood[BOT])}; floor {told(stood[FLOOR])}",
        ),
    ]
