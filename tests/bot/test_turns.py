"""Turns: requests share the loop's thread, and who waits holds up nobody."""

import asyncio
import gc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from threading import Barrier, Event, current_thread
from time import monotonic
from typing import Any
from weakref import ReferenceType, ref

import pytest
from greenlet import getcurrent, greenlet

from bot import turns
from models.database import Database
from models.errors import Unavailable
from tests.house import copied
from tests.loops import awaited

LONG = 10
"""Seconds after which a test has failed rather than waited."""


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Threads that wait for others."""
    with ThreadPoolExecutor(2, thread_name_prefix="aside") as made:
        yield made


def all_of(pool: ThreadPoolExecutor, *works: Callable[[], Any]) -> list[Any]:
    """What each returns, begun in this order on one loop."""

    async def begun() -> list[Any]:
        return await asyncio.gather(*(turns.take(work, pool=pool) for work in works))

    return awaited(begun())


def test_who_waits_lets_others_have_their_turn(pool: ThreadPoolExecutor) -> None:
    opened = Event()
    assert all_of(pool, lambda: turns.wait(lambda: opened.wait(LONG)), opened.set) == [True, None]


def test_work_stays_on_one_thread_and_only_waiting_leaves_it(pool: ThreadPoolExecutor) -> None:
    def work() -> tuple[str, str, str]:
        before = current_thread().name
        aside = turns.wait(lambda: current_thread().name)
        return before, aside.rpartition("_")[0], current_thread().name

    (before, aside, after), loops = all_of(pool, work, lambda: current_thread().name)
    assert (before, aside, after) == (loops, "aside", loops)


def test_what_goes_wrong_while_waiting_is_raised_where_it_was_waited_for(pool: ThreadPoolExecutor) -> None:
    def refuse() -> None:
        raise ValueError("no")

    def work() -> str:
        try:
            turns.wait(refuse)
        except ValueError as error:
            return str(error)
        return "nothing"

    assert all_of(pool, work) == ["no"]


def test_one_has_the_turn_of_another_that_is_done(pool: ThreadPoolExecutor) -> None:
    async def one_after_the_other() -> list[greenlet]:
        return [await turns.take(getcurrent, pool=pool) for _ in range(2)]

    first, second = awaited(one_after_the_other())
    assert first is second
    opened = Event()
    waiting, other, _ = all_of(
        pool, lambda: (turns.wait(lambda: opened.wait(LONG)), getcurrent())[-1], getcurrent, opened.set
    )
    assert waiting is not other


def test_each_thread_has_turns_of_its_own(pool: ThreadPoolExecutor) -> None:
    async def work() -> greenlet:
        return await turns.take(getcurrent, pool=pool)

    with ThreadPoolExecutor(1) as elsewhere:
        here, there = awaited(work()), elsewhere.submit(asyncio.run, work()).result()
    assert here is not there


def test_a_call_outside_any_turn_is_just_made() -> None:
    assert turns.wait(lambda: current_thread().name) == current_thread().name


def test_cancelled_while_it_waits_it_gives_back_what_it_gets(
    sqlite_template: Path, tmp_path: Path, pool: ThreadPoolExecutor
) -> None:
    begun = Event()

    def wait(call: Callable[[], Any]) -> Any:
        def noted() -> Any:
            begun.set()
            return call()

        return turns.wait(noted)

    database = Database(copied(sqlite_template, tmp_path), patience=LONG, wait=wait)
    done: list[str] = []

    def write() -> None:
        with database.write():
            done.append("wrote")

    async def cancelled_while_somebody_writes() -> None:
        with database.write():
            asked = asyncio.ensure_future(turns.take(write, pool=pool))
            await asyncio.sleep(0)
            assert begun.wait(LONG)
            asked.cancel()
            # Only now can the thread have its turn, and the cancellation finds it there.
        with pytest.raises(asyncio.CancelledError):
            await asked

    awaited(cancelled_while_somebody_writes())
    assert done == ["wrote"]
    write()
    database.close()


def test_where_no_thread_is_left_to_wait_in_it_is_told() -> None:
    closed = ThreadPoolExecutor(1)
    closed.shutdown()

    def work() -> str:
        try:
            turns.wait(lambda: None)
        except RuntimeError:
            return "told"
        return "nothing"

    assert all_of(closed, work) == ["told"]


def test_somebody_reads_while_somebody_else_waits_to_write(
    sqlite_template: Path, tmp_path: Path, pool: ThreadPoolExecutor
) -> None:
    url = copied(sqlite_template, tmp_path)
    portal, bot = Database(url, patience=LONG), Database(url, patience=LONG, wait=turns.wait)
    done: list[str] = []
    has_read = Event()

    def write() -> None:
        with bot.write():
            done.append("wrote")

    def read() -> None:
        with bot.read() as session:
            session.connection()
        done.append("read")
        has_read.set()

    def work_for_the_portal() -> bool:
        with portal.write():
            writing.set()
            return has_read.wait(LONG)

    writing = Event()
    with ThreadPoolExecutor(1) as elsewhere:
        held = elsewhere.submit(work_for_the_portal)
        assert writing.wait(LONG)
        all_of(pool, write, write, read)
        assert held.result()
    assert done == ["read", "wrote", "wrote"]
    bot.close()
    portal.close()


def write_by(database: Database) -> str:
    """How it went to write nothing."""
    try:
        with database.write():
            return "wrote"
    except Unavailable:
        return "gave up"


def test_a_writer_gives_up_in_time_to_answer(sqlite_template: Path, tmp_path: Path, pool: ThreadPoolExecutor) -> None:
    url = copied(sqlite_template, tmp_path)
    portal, bot = Database(url), Database(url, patience=0.05, wait=turns.wait)

    with portal.write():
        assert all_of(pool, *[partial(write_by, bot)] * 2) == ["gave up", "gave up"]
    assert all_of(pool, partial(write_by, bot)) == ["wrote"]
    bot.close()
    portal.close()


def test_who_finds_every_thread_waiting_gives_up_with_the_others(sqlite_template: Path, tmp_path: Path) -> None:
    url = copied(sqlite_template, tmp_path)
    portal, bot = Database(url), Database(url, patience=0.5, wait=turns.wait)

    with ThreadPoolExecutor(1) as thread, portal.write():
        began = monotonic()
        assert all_of(thread, *[partial(write_by, bot)] * 8) == ["gave up"] * 8
        assert monotonic() - began < 0.5 * 4, "Slack gives up after three seconds."
    bot.close()
    portal.close()


def test_more_than_there_are_threads_for_may_wait_to_write_while_another_process_writes(
    sqlite_template: Path, tmp_path: Path
) -> None:
    url = copied(sqlite_template, tmp_path)
    everybody_waits = Barrier(3)

    def a_process() -> list[str]:
        bot = Database(url, patience=LONG / 4, wait=turns.wait)
        with closing(bot), ThreadPoolExecutor(2) as threads:
            *wrote, _ = all_of(threads, *[partial(write_by, bot)] * 40, everybody_waits.wait)
            return wrote

    with closing(Database(url)) as portal, ThreadPoolExecutor(2) as processes:
        with portal.write():
            one, other = processes.submit(a_process), processes.submit(a_process)
            everybody_waits.wait(LONG)
        assert [*one.result(), *other.result()] == ["wrote"] * 80


def test_a_turn_that_was_had_holds_nothing_of_whoever_had_it(pool: ThreadPoolExecutor) -> None:
    class Asked:
        pass

    seen: list[ReferenceType[Asked]] = []

    def asks() -> Asked:
        asked = Asked()
        seen.append(ref(asked))
        turns.wait(lambda: None)
        return asked

    def fails() -> None:
        asked = asks()
        raise ValueError(type(asked).__name__)

    async def one_after_the_other() -> list[str]:
        for work in (fails, asks) * 2:
            with suppress(ValueError):
                await turns.take(work, pool=pool)
        return ["gone" if one() is None else "there" for one in seen]

    gc.disable()
    try:
        assert awaited(one_after_the_other()) == ["gone"] * 4
    finally:
        gc.enable()


def test_what_one_sets_aside_the_next_does_not_find(pool: ThreadPoolExecutor) -> None:
    asked_by = ContextVar("asked_by", default="nobody")

    def work() -> str:
        before = asked_by.get()
        asked_by.set("ada")
        return before

    async def one_after_the_other() -> list[str]:
        asked_by.set("slack")
        return [await turns.take(work, pool=pool) for _ in range(2)]

    assert awaited(one_after_the_other()) == ["slack", "slack"]
