"""The cast, for conversations: the house with its courses in, and the people who live in it."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session

from bot.demo import enlist
from models import coursefiles, courseplans
from models.database import Database
from tests.house import House, copied, open_house
from tests.people import Person
from tests.school import a_course

COURSES = Path(__file__).parent / "courses"
OTHERS = (
    "Accessible Documents",
    "Baking Bread",
    "Café Spanish",
    "Data Stories",
    "Giving Feedback",
    "Meeting Well",
    "SQL",
)
"""Courses of two lessons each that make the catalog longer than a page."""


def furnish(session: Session, now: datetime) -> None:
    """The demo's people, Python Basics from its course file, and the other courses."""
    enlist(session, now)
    for file in sorted(COURSES.glob("*.yaml")):
        course = coursefiles.read(file.read_text(encoding="utf-8"), file.name)
        courseplans.apply(session, courseplans.plan(session, course), now)
    for title in OTHERS:
        a_course(session, title, [f"{title} one", f"{title} two"], instructor="grace")


@pytest.fixture(scope="session")
def furnished(sqlite_template: Path) -> Path:
    """A furnished SQLite file to copy from."""
    path = sqlite_template.with_name("furnished.db")
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    with database.write() as session:
        furnish(session, datetime.now(UTC))
    database.close()
    return path


@pytest.fixture
def house(furnished: Path, tmp_path: Path) -> Iterator[House]:
    """The house, running on a furnished SQLite database of the test's own."""
    with open_house(copied(furnished, tmp_path)) as running:
        yield running


@pytest.fixture
def ada(house: House) -> Person:
    """Ada learns."""
    return house.person("U0ADA")


@pytest.fixture
def mary(house: House) -> Person:
    """Mary learns too."""
    return house.person("U0MARY")


@pytest.fixture
def grace(house: House) -> Person:
    """Grace teaches."""
    return house.person("U0GRACE")


@pytest.fixture
def radia(house: House) -> Person:
    """Radia administers."""
    return house.person("U0RADIA")


@pytest.fixture
def linus(house: House) -> Person:
    """Linus never linked."""
    return house.person("U0LINUS")
