"""Databases lent from test to test: whoever comes next finds them as they were made."""

from pathlib import Path

import psycopg
import pytest

from models.migrations import migrate
from tests import postgresql

pytestmark = pytest.mark.postgresql
ADA = (
    'INSERT INTO "user" (id, first_name, last_name, email, created_at, updated_at)'
    " VALUES ('user_ada', 'Ada', 'Tester', 'ada@example.org', now(), now())"
)
KNOTS = (
    "INSERT INTO course (title, description, instructor_id, slug, created_at, updated_at)"
    " VALUES ('Knots', '', 'user_ada', 'knots', now(), now()) RETURNING id"
)
NOTED = "INSERT INTO homeroom_audit (at, actor, action, what) VALUES (now(), 'user_ada', 'a', '') RETURNING id"


@pytest.fixture
def server(postgresql_server: Path) -> Path:
    """The server, with a database that holds a row and has given a number."""
    name = "homeroom_lending"
    with postgresql.locked(postgresql_server):
        if not (postgresql_server / name).exists():
            postgresql.say(postgresql_server, f"CREATE DATABASE {name}")
            migrate(postgresql.url(postgresql_server, name))
            _does(postgresql.url(postgresql_server, name), ADA, KNOTS)
            (postgresql_server / name).touch()
    return postgresql_server


def _does(url: str, *statements: str) -> list[int]:
    """What each of these answers: its number, or of how many rows."""
    with psycopg.connect(url) as connection:
        done = [connection.execute(statement.encode()) for statement in statements]
        return [one.rowcount if one.description is None else next(iter(one))[0] for one in done]


def test_what_was_written_is_gone_and_numbers_begin_again(server: Path) -> None:
    found = []
    for _ in range(2):
        with postgresql.lent(server, "homeroom_lending") as url:
            asked = ("SELECT count(*) FROM course", "SELECT count(*) FROM homeroom_audit")
            found.append((url, _does(url, *asked, KNOTS.replace("knots", "more"), NOTED)))
            _does(url, "DELETE FROM course WHERE slug = 'knots'")
    (first, said), (second, again) = found
    assert second == first, "it is the same one"
    assert said == again == [1, 0, 2, 1]


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE visits (id integer)",
        "ALTER TABLE course ALTER COLUMN title DROP NOT NULL",
        "ALTER TABLE course DISABLE TRIGGER ALL",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = 5', current_database()); END $$",
    ],
)
def test_what_was_made_otherwise_is_lent_to_nobody(server: Path, change: str) -> None:
    with postgresql.lent(server, "homeroom_lending") as url:
        _does(url, change)
    with postgresql.lent(server, "homeroom_lending") as another:
        assert another != url


def test_what_grew_large_is_lent_to_nobody(server: Path) -> None:
    with postgresql.lent(server, "homeroom_lending") as url:
        words = "(SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 40) WHERE n > 0)"
        _does(url, f"INSERT INTO homeroom_event SELECT {words}, now() FROM generate_series(1, 7500) n")
    with postgresql.lent(server, "homeroom_lending") as another:
        assert another != url
