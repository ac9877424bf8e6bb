"""Adoption: taking over a database that already has the seed's tables, full or empty, without losing a row."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, inspect, text

from models import foreign_instants
from models.errors import DomainError
from models.migrations import rows, shape
from models.migrations.seed import SEED


class Unadoptable(DomainError):
    """The database can't be adopted yet; nothing was changed. ``problems`` is all that is wrong, each with its fix."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"- {problem}" for problem in self.problems)
        super().__init__(
            f"This database can't be adopted yet, and nothing was changed. Fix this and try again:\n{lines}"
        )


def prepare(connection: Connection) -> tuple[str, ...]:
    """Check what is there, put SQLite's instants into SQLAlchemy's own form, and return the seed's tables found.

    Raises `Unadoptable` with everything that is wrong at once.
    """
    inspector = inspect(connection)
    found = tuple(table.name for table in SEED.sorted_tables if inspector.has_table(table.name))
    problems = [*shape.names_taken(inspector), *_problems(connection, found)]
    if problems:
        raise Unadoptable(problems)
    if connection.dialect.name == "sqlite":
        for table, columns in foreign_instants.COLUMNS.items():
            for column in columns if table in found else ():
                if column in SEED.tables[table].columns:
                    foreign_instants.rewrite(connection, table, column)
    return found


def announce(connection: Connection) -> None:
    """Log every enrollment found, so that courses finished before we came are settled like any other."""
    connection.execute(
        text(
            "INSERT INTO homeroom_change (table_name, operation, user_id, course_id)"
            " SELECT 'enrollment', 'update', user_id, course_id FROM enrollment ORDER BY id"
        )
    )


def _problems(connection: Connection, found: Sequence[str]) -> Iterator[str]:
    inspector = inspect(connection)
    by_table = {name: list(shape.problems(connection, inspector, SEED.tables[name])) for name in found}
    sound = [name for name, problems in by_table.items() if not problems]
    missing = SEED.tables.keys() - set(found)
    for name, problems in by_table.items():
        yield from problems
        if not problems:
            yield from rows.problems(connection, SEED.tables[name], sound, missing)
