"""What a neighbour may leave behind that we never would: people see the rest, and nothing breaks."""

import sqlite3

import pytest

from tests.neighbours.conftest import Street
from tests.neighbours.test_seed_client import a_course, followed_sees

pytestmark = pytest.mark.parametrize(("street", "empty_url"), [("adopted", "sqlite")], indirect=True)


def test_a_course_deleted_at_a_prompt_leaves_home_though_its_lessons_stay(street: Street, empty_url: str) -> None:
    house, ada = street.house, street.house.person("U0ADA")
    for title in ("Sails", "Knots"):
        a_course(street.neighbour, title)
        ada.types(f"/learn enroll {title}")
        ada.types(f"/learn continue {title}")
        ada.closes()
    ada.opens_home()
    assert ada.sees("Knots · First")
    # A prompt has foreign keys off (docs: PRAGMA foreign_keys), so what hangs on the course stays.
    with sqlite3.connect(empty_url.removeprefix("sqlite:///")) as prompt:
        prompt.execute("DELETE FROM course WHERE title = 'Knots'")
    prompt.close()
    assert followed_sees(house, ada, "Sails · First")
    assert "Knots" not in ada.screen()


ADDRESSES = ("javascript:alert(1)", "not an address", "https://[half", "https://", "https://x.example/" + "y" * 4000)


def test_a_lesson_whose_address_slack_would_refuse_opens_without_it(street: Street) -> None:
    neighbour, ada = street.neighbour, street.house.person("U0ADA")
    _course_id, lessons = neighbour.does(
        "publishes", title="Knots", instructor_id="user_grace", modules={"First": [*ADDRESSES, "The last"]}
    )
    for lesson, address in zip(lessons, ADDRESSES, strict=False):
        neighbour.changes("lesson", {"id": lesson}, content_type="video", content_url=address)
    ada.types("/learn enroll knots")
    ada.clicks("Start lesson 1")
    for number in range(1, len(ADDRESSES) + 1):
        assert ada.sees(f"Lesson {number} of 6")
        assert ada.sees("There is nothing to read here yet.")
        ada.presses("Mark complete")
        ada.clicks("Next lesson")
    assert ada.sees("The last")
