"""The receipt's numbers: no group of fewer than five people can be counted, nor worked out from the others."""

import re
from datetime import UTC, datetime

import pytest

from handlers.views import receipts as screens
from handlers.views.announcements import Told
from handlers.views.richwords import of_words
from models.announcements import ENROLLED, SENT, Announcement
from models.receipts import Receipt

NOW = datetime(2027, 3, 3, tzinfo=UTC)


def shown(receipt: Receipt, *, audience: str | None = ENROLLED, channel_id: str | None = None) -> str:
    one = Announcement(
        id=1,
        course_id=1,
        author_id="user_grace",
        team_id="T1",
        slack_user_id="UGRACE",
        audience=audience,
        channel_id=channel_id,
        state=SENT,
        created_at=NOW,
    )
    told = Told(one, "Knots", None, "Grace", "instructor", of_words("Hi"))
    return screens.receipt(told, receipt, "posted" if channel_id else None).text


def became(
    delivered: int, failed: tuple[int, ...] = (), left_out: tuple[int, ...] = (), opened: int = 0, completed: int = 0
) -> Receipt:
    return Receipt(
        delivered=delivered,
        failed=tuple((f"code_{n}", count) for n, count in enumerate(failed)),
        left_out=tuple((f"why_{n}", count) for n, count in enumerate(left_out)),
        waiting=0,
        next_at=None,
        opened=opened,
        completed=completed,
    )


def test_all_of_it_is_said_where_nobody_can_be_picked_out() -> None:
    said = shown(became(12, failed=(5,), opened=12, completed=7))
    assert "Delivered: 12\nFailed: 5, Slack said code_0\nOpened the lesson: 10 or more" in said
    assert "Completed the course since: 5 or more" in said


def test_a_few_are_not_counted() -> None:
    said = shown(became(3, opened=2))
    assert "By DM: fewer than 5 people\nOpened the lesson: fewer than 5" in said


def test_with_one_left_out_the_others_are_not_counted_either() -> None:
    said = shown(became(199, left_out=(1,)))
    assert "Delivered: almost everybody\nLeft out: fewer than 5, Slack said why_0" in said
    assert "199" not in said


@pytest.mark.parametrize("delivered", [0, 3, 5, 12, 100])
@pytest.mark.parametrize("failed", [(), (1,), (5,), (4, 6), (2, 2)])
@pytest.mark.parametrize("left_out", [(), (1,), (9,), (3, 20)])
def test_nothing_can_be_worked_out(delivered: int, failed: tuple[int, ...], left_out: tuple[int, ...]) -> None:
    """How many it was for is known. What isn't counted is then at least two groups, or none."""
    counts = (delivered, *failed, *left_out)
    said = [line for line in shown(became(delivered, failed, left_out)).splitlines() if ":" in line]
    groups = [line for line in said if line.startswith(("Delivered", "Failed", "Left out", "By DM"))]
    counted = [line for line in groups if re.search(r": [\d,]+($|, )", line)]
    hidden = len(groups) - len(counted)
    few = [count for count in counts if 0 < count < 5]
    if sum(counts) < 5:
        assert groups == ["By DM: fewer than 5 people"]
    elif few:
        assert hidden >= 2
    for line in counted:
        assert int(re.search(r": (\d+)", line)[1]) >= 5  # type: ignore[index]


def test_a_channel_post_says_who_opened_too() -> None:
    said = shown(became(0, opened=6), audience=None, channel_id="C1")
    assert "<#C1>: posted\nOpened the lesson: 5 or more" in said
    assert "Delivered" not in said
