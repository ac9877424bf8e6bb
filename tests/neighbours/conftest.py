"""Neighbours live beside the house: on a database our migrations made, and on one they made themselves."""

import os
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
from tests.neighbours import node
from tests.neighbours.neighbour import Neighbour, next_door
from tests.neighbours.node import NodeNeighbour

CAST = (("ada", "Student"), ("mary", "Student"), ("grace", "Instructor"), ("radia", "Admin"))


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


@pytest.fixture(scope="session")
def node_program() -> Iterator[subprocess.Popen[str]]:
    """The neighbour's program in Node, started once."""
    reason = node.why_missing()
    if reason and os.environ.get("CI") == "true":
        pytest.fail(f"{reason} In CI it must be.", pytrace=False)
    if reason:
        pytest.skip(reason)
    with node.next_door() as process:
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


@dataclass(frozen=True)
class Avenue:
    """The house, and the neighbour in Node who shares its database and made Ada, Mary, Grace and Radia."""

    house: House
    neighbour: NodeNeighbour


@pytest.fixture
def node_neighbour(node_program: subprocess.Popen[str], any_url: str) -> Iterator[NodeNeighbour]:
    """The neighbour in Node on a migrated database, on SQLite and on PostgreSQL."""
    neighbour = NodeNeighbour(node_program, any_url)
    yield neighbour
    neighbour.hangs_up()


@pytest.fixture
def avenue(node_neighbour: NodeNeighbour, any_url: str) -> Iterator[Avenue]:
    """Both at work on it."""
    for name, role in CAST:
        known = {"where": {"name": role}, "create": {"name": role}}
        person = {"id": f"user_{name}", "firstName": name.capitalize(), "lastName": "Neighbour"}
        node_neighbour.asks(
            "user",
            "create",
            data={
                **person,
                "email": f"{name}@neighbours.example",
                "roles": {"create": {"role": {"connectOrCreate": known}}},
            },
        )
    database = Database(any_url)
    with database.write() as session:
        enlist(session, datetime.now(UTC))
    database.close()
    with open_house(any_url) as house:
        yield Avenue(house, node_neighbour)


def settle_in(neighbour: Neighbour) -> None:
    """The neighbour's own people, before anybody linked them."""
    for name, role in CAST:
        email = f"{name}@neighbours.example"
        neighbour.does("registers", user_id=f"user_{name}", first_name=name.capitalize(), email=email, roles=[role])
