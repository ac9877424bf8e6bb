"""Neighbours live beside the house: on a database our migrations made, and on one they made themselves."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from bot.cli import homeroom
from bot.demo import enlist
from models.database import Database
from tests.house import House, open_house
from tests.neighbours.neighbour import Neighbour, next_door


@dataclass(frozen=True)
class Street:
    """The house, and the neighbour who shares its database and knows Ada, Mary, Grace and Radia by their Clerk IDs."""

    house: House
    neighbour: Neighbour


@pytest.fixture(scope="session")
def program() -> Iterator[subprocess.Popen[str]]:
    """The neighbour's program, started once."""
    with next_door() as process:
        yield process


@pytest.fixture(params=["migrated", "adopted"])
def street(request: pytest.FixtureRequest, program: subprocess.Popen[str], empty_url: str) -> Iterator[Street]:
    """A database that `homeroom migrate` made, or adopted from the neighbour, and both at work on it."""
    neighbour = Neighbour(program, empty_url)
    if request.param == "adopted":
        neighbour.does("make_tables")
        settle_in(neighbour)
    done = CliRunner().invoke(homeroom, ["migrate"], env={"DATABASE_URL": empty_url})
    assert done.exit_code == 0, done.output
    assert ("Adopted" in done.output) == (request.param == "adopted")
    if request.param == "migrated":
        settle_in(neighbour)
    database = Database(empty_url)
    with database.write() as session:
        enlist(session, datetime.now(UTC))
    database.close()
    with open_house(empty_url) as house:
        yield Street(house, neighbour)


def settle_in(neighbour: Neighbour) -> None:
    """The neighbour's own people, before anybody linked them."""
    for name, role in (("ada", "Student"), ("mary", "Student"), ("grace", "Instructor"), ("radia", "Admin")):
        email = f"{name}@neighbours.example"
        neighbour.does("registers", user_id=f"user_{name}", first_name=name.capitalize(), email=email, roles=[role])
