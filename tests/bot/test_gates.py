"""The gate: messages leave one behind the other."""

from datetime import UTC, datetime, timedelta

from bot.gates import CLOSEST, SECOND, Gate

NOW = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
APART = timedelta(milliseconds=20)


def test_a_message_in_time_leaves_at_its_slot() -> None:
    gate = Gate(lambda: NOW)
    assert [gate.next(NOW + number * APART, APART).at for number in range(3)] == [NOW, NOW + APART, NOW + 2 * APART]


def test_those_that_were_composed_late_and_at_once_leave_apart_and_catch_up() -> None:
    late = NOW + 10 * APART
    gate = Gate(lambda: late)
    left = [gate.next(NOW + number * APART, APART).at for number in range(50)]
    assert [at - late for at in left[:4]] == [number * CLOSEST * APART for number in range(4)]
    assert left[-1] == NOW + 49 * APART, "by then the slots are ahead again"


def test_who_comes_after_a_pause_waits_for_nobody() -> None:
    at = [NOW]
    gate = Gate(lambda: at[0])
    gate.next(NOW, APART)
    at[0] = NOW + timedelta(hours=1)
    assert gate.next(NOW + APART, APART).at == at[0]


def test_behind_one_that_left_late_no_more_leave_within_a_second_than_ever() -> None:
    at = [NOW]
    gate = Gate(lambda: at[0])
    first, *others = [gate.next(NOW + number * APART, APART) for number in range(50)]
    at[0] = NOW + APART / 2
    gate.let_out(first)
    assert [leaving.at for leaving in others] == [NOW + number * APART for number in range(1, 50)]
    assert gate.next(NOW + 50 * APART, APART).at == NOW + APART / 2 + SECOND
    assert gate.next(NOW + 51 * APART, APART).at == NOW + 51 * APART + CLOSEST * APART - APART / 2
