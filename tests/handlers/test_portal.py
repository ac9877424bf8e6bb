"""What an operator can set beside the bot: a portal, videos that play inside Slack; and a database that goes away."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from models.database import Database
from tests.house import House, copied, open_house
from tests.house_fixtures import furnish


@pytest.fixture
def house(furnished: Path, tmp_path: Path) -> Iterator[House]:
    """The house of a school that has a web portal."""
    with open_house(copied(furnished, tmp_path), portal_url="https://portal.example") as running:
        yield running


def test_every_course_opens_in_the_portal_too(house: House) -> None:
    ada = house.person("U0ADA")
    ada.types("/learn courses python")
    assert ada.clicks("Open in Homeroom Academy").startswith("https://portal.example/courses/")
    ada.clicks("Details")
    assert "Open in Homeroom Academy" in ada.buttons()


def test_a_video_plays_inside_slack_where_that_is_allowed(furnished: Path, tmp_path: Path) -> None:
    with open_house(copied(furnished, tmp_path), video_domains=frozenset({"youtube.com"})) as house:
        ada = house.person("U0ADA")
        ada.types("/learn enroll python basics")
        ada.clicks("Start lesson 1")
        ada.presses("Mark complete")
        ada.clicks("Next lesson")
        (block,) = [block for block in ada.modal()["blocks"] if block["type"] == "video"]
        assert block["video_url"] == "https://www.youtube.com/embed/abcdefghijk"
        assert ada.sees("Watch the video")


@pytest.mark.postgresql
def test_a_stopped_database_is_a_sentence_and_a_started_one_goes_on(postgresql_database: Database) -> None:
    with postgresql_database.write() as session:
        furnish(session, datetime.now(UTC))
    url = postgresql_database.url
    admin = url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    postgresql_database.close()
    with open_house(url.render_as_string(hide_password=False)) as house, psycopg.connect(admin, autocommit=True) as sql:
        ada = house.person("U0ADA")
        ada.types("/learn courses python")
        name = url.database
        sql.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        sql.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'".encode())
        ada.clicks("Enroll")
        assert ada.sees("I can't reach my records just now, and nothing was changed.")
        sql.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())
        ada.clicks("Enroll")
        assert ada.sees("You're enrolled in *Python Basics*")
