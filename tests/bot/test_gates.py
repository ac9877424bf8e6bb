"""The gate: messages leave one behind the other."""

from datetime import UTC, datetime, timedelta

from bot.gates import Gate

NOW = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
APART = timedelta(milliseconds=20)


def test_a_message_in_time_leaves_at_its_slot() -> None:
    gate = Gate(lambda: NOW)
    assert [gate.leaves_at(NOW + number * APART, APART) for number in range(3)] == [NOW, NOW + APART, NOW + 2 * APART]


def test_those_that_were_composed_late_and_at_once_leave_as_far_apart_as_ever() -> None:
    late = NOW + 10 * APART
    gate = Gate(lambda: late)
    left = [gate.leaves_at(NOW + number * APART, APART) for number in range(4)]
    assert left == [late, late + APART, late + 2 * APART, late + 3 * APART]


def test_who_comes_after_a_pause_waits_for_nobody() -> None:
    at = [NOW]
    gate = Gate(lambda: at[0])
    gate.leaves_at(NOW, APART)
    at[0] = NOW + timedelta(hours=1)
    assert gate.leaves_at(NOW + APART, APART) == at[0]
