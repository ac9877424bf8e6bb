"""What neighbours keep on the seed's tables, kept over a migration.

Rebuilding a SQLite table drops its triggers, can't copy an index on an expression, and forgets how far AUTOINCREMENT
had counted once the last rows are gone. PostgreSQL alters tables in place and needs none of this.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

OUR_EXPRESSION_INDEXES = ("ix_course_lower_title_id",)


@contextmanager
def kept(connection: Connection) -> Iterator[None]:
    """Take neighbours' triggers and expression indexes off while the block runs, and put them back after it."""
    if connection.dialect.name != "sqlite":
        yield
        return
    definitions = _definitions(connection)
    counted = _counted(connection)
    for kind, name, _ in definitions:
        connection.exec_driver_sql(f'DROP {kind} "{name}"')
    yield
    for _, _, sql in definitions:
        connection.exec_driver_sql(sql)
    for table in counters(connection) & counted.keys():
        connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = ? AND seq < ?", (table, counted[table]))
        connection.exec_driver_sql(
            "INSERT INTO sqlite_sequence (name, seq) SELECT ?, ?"
            " WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?)",
            (table, counted[table], table),
        )


def _definitions(connection: Connection) -> list[tuple[str, str, str]]:
    rows = connection.exec_driver_sql(
        "SELECT type, name, sql FROM sqlite_master AS made WHERE sql IS NOT NULL AND (type = 'trigger'"
        " OR type = 'index' AND EXISTS (SELECT 1 FROM pragma_index_xinfo(made.name) WHERE cid = -2))"
    ).all()
    return [
        (kind, name, sql)
        for kind, name, sql in rows
        if not name.startswith("homeroom_") and name not in OUR_EXPRESSION_INDEXES
    ]


def counters(connection: Connection) -> set[str]:
    """The SQLite tables that count on with AUTOINCREMENT."""
    rows = connection.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'"
    )
    return {name for (name,) in rows}


def _counted(connection: Connection) -> dict[str, int]:
    if not counters(connection):
        return {}
    rows = connection.exec_driver_sql("SELECT name, seq FROM sqlite_sequence")
    return {row.name: row.seq for row in rows}
