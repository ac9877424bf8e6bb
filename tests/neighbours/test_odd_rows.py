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
