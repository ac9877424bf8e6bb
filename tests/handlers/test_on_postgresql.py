"""The same conversations on PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from models.database import Database
from tests.handlers import test_learning as learning
from tests.house import House, open_house
from tests.house_fixtures import furnish

pytestmark = pytest.mark.postgresql


@pytest.fixture
def house(postgresql_database: Database) -> Iterator[House]:
    """The house on a PostgreSQL database of the test's own."""
    with postgresql_database.write() as session:
        furnish(session, datetime.now(UTC))
    with open_house(postgresql_database.url.render_as_string(hide_password=False)) as running:
        yield running


def test_the_whole_course(house: House) -> None:
    learning.test_a_whole_course_from_first_look_to_celebration(house.person("U0ADA"), house)


def test_undo(house: House) -> None:
    learning.test_undo_takes_a_completion_back(house.person("U0ADA"), house)


def test_home_follows_the_portal(house: House) -> None:
    learning.test_home_follows_what_the_portal_writes(house.person("U0ADA"), house)


def test_searching_and_guessing(house: House) -> None:
    ada = house.person("U0ADA")
    ada.types("/learn cafe span")
    assert ada.sees("Café Spanish")
    ada.types("/learn courses pithon bascs")
    assert ada.sees("Did you mean one of these?")
    ada.types("/learn courses " + "'; DROP TABLE course; -- <!channel> " * 300)
    assert ada.sees("Try fewer or other words.")
    ada.types("/learn courses")
    assert ada.sees("Accessible Documents")
