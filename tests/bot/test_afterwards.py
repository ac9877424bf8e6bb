"""What follows an answer: in order for each person, once where once is enough, and never in the way."""

from threading import Event

from bot.afterwards import Afterwards


def test_one_persons_work_is_done_in_order() -> None:
    afterwards = Afterwards(threads=4)
    done: list[int] = []
    for number in range(200):
        afterwards.add("ada", lambda number=number: done.append(number))  # type: ignore[misc]
    afterwards.stop(5)
    assert done == list(range(200))


def test_what_is_waiting_already_is_not_queued_twice() -> None:
    afterwards = Afterwards(threads=1)
    gate, done = Event(), []
    afterwards.add("ada", lambda: gate.wait(5))
    for _ in range(5):
        assert afterwards.add("ada", lambda: done.append("home"), once="home")
    gate.set()
    afterwards.stop(5)
    assert done == ["home"]


def test_what_is_asked_while_it_runs_is_done_again() -> None:
    afterwards = Afterwards(threads=1)
    running, gate, done = Event(), Event(), []

    def publish() -> None:
        done.append("home")
        running.set()
        gate.wait(5)

    afterwards.add("ada", publish, once="home")
    running.wait(5)
    afterwards.add("ada", publish, once="home")
    gate.set()
    afterwards.stop(5)
    assert done == ["home", "home"]


def test_a_failure_stops_nothing() -> None:
    afterwards = Afterwards(threads=1)
    done = []

    def fail() -> None:
        raise RuntimeError("Slack is down")

    afterwards.add("ada", fail)
    afterwards.add("ada", lambda: done.append(1))
    afterwards.stop(5)
    assert done == [1]


def test_it_holds_so_much_and_no_more() -> None:
    afterwards = Afterwards(threads=1, waiting=2)
    gate, started = Event(), Event()

    def hold() -> None:
        started.set()
        gate.wait(5)

    afterwards.add("ada", hold)
    started.wait(5)
    assert [afterwards.add("ada", lambda: None) for _ in range(3)] == [True, True, False]
    gate.set()
    afterwards.stop(5)


def test_what_is_paced_rests_after_each_and_not_on_the_way_out() -> None:
    paced = Afterwards(threads=1, every=60)
    first, done = Event(), []
    paced.add("ada", first.set)
    paced.add("ada", lambda: done.append(1))
    assert first.wait(5)
    assert done == []
    paced.stop(5)
    assert done == [1]
