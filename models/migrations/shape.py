"""Whether the tables found in a database have the seed's shape: every way in which they don't, with its fix."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Boolean, Connection, DateTime, Enum, Integer, Numeric, String, Table, text
from sqlalchemy.engine import Inspector
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.types import TypeEngine

OURS = {
    "course": ("slug", "archived_at", "revised_at"),
    "module": ("key",),
    "lesson": ("key", "minutes", "body", "removed_at"),
}
"""The columns the first revision adds to the seed's tables."""

KINDS: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (String, "text"),
    (Boolean, "true or false"),
    (Integer, "a whole number"),
    (DateTime, "an instant"),
)


def names_taken(inspector: Inspector) -> Iterator[str]:
    """Tables that bear names of ours though nothing was ever migrated."""
    for name in sorted(inspector.get_table_names()):
        if name.startswith("homeroom_"):
            yield (
                f"There is a table {name}, but no record of a migration. Drop it if nothing needs it, else rename it: "
                "names that begin with homeroom_ are Homeroom's."
            )


def problems(connection: Connection, inspector: Inspector, table: Table) -> Iterator[str]:
    """What is wrong with one table."""
    if table.name in inspector.get_view_names():
        yield f"{table.name} is a view, and Homeroom needs a table. Rename the view, or make a table of it."
        return
    columns = {column["name"]: column for column in inspector.get_columns(table.name)}
    yield from _seed_columns(table, columns, is_sqlite=connection.dialect.name == "sqlite")
    yield from _other_columns(table, columns)
    found = inspector.get_pk_constraint(table.name)["constrained_columns"]
    wanted = [column.name for column in table.primary_key]
    if sorted(found) != sorted(wanted):
        yield f"{table.name} has the primary key ({', '.join(found)}) and should have ({', '.join(wanted)}). Change it."
    if connection.dialect.name == "sqlite":
        for check in inspector.get_check_constraints(table.name):
            if not check["name"]:
                yield (
                    f"{table.name} has a check without a name, CHECK ({check['sqltext']}), and would lose it when "
                    "it is rebuilt. Give the check a name, or drop it."
                )
    else:
        yield from _views_in_the_way(connection, table, columns)


def _seed_columns(table: Table, columns: dict[str, ReflectedColumn], *, is_sqlite: bool) -> Iterator[str]:
    for column in table.columns:
        kind = next(words for base, words in KINDS if isinstance(column.type, base))
        if column.name not in columns:
            fill = "" if column.nullable else " and fill it in for every row"
            yield f"{table.name} has no column {column.name} ({kind}). Add it{fill}."
        elif not _compatible(column.type, columns[column.name]["type"], is_sqlite):
            found = repr(columns[column.name]["type"])
            yield f"{table.name}.{column.name} is {found} and should be {kind}. Change its type."


def _other_columns(table: Table, columns: dict[str, ReflectedColumn]) -> Iterator[str]:
    for name in sorted(columns.keys() - table.columns.keys()):
        column = columns[name]
        is_filled = column["default"] is not None or column.get("computed") or column.get("identity")
        if name in OURS.get(table.name, ()):
            yield f"{table.name} has a column {name} already, and Homeroom needs that name. Rename yours."
        elif not column["nullable"] and not is_filled:
            yield (
                f"{table.name}.{name} must be filled in and has no default, so Homeroom could add no row. "
                "Give it a default, or let it be NULL."
            )


def _views_in_the_way(connection: Connection, table: Table, columns: dict[str, ReflectedColumn]) -> Iterator[str]:
    naive = [name for name in table.columns.keys() & columns.keys() if is_naive(columns[name])]
    views = connection.scalars(
        text(
            "SELECT DISTINCT views.relname FROM pg_depend"
            " JOIN pg_rewrite ON pg_rewrite.oid = pg_depend.objid JOIN pg_class AS views ON views.oid = ev_class"
            " JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid"
            " WHERE pg_depend.classid = 'pg_rewrite'::regclass AND refobjid = to_regclass(quote_ident(:table))"
            " AND attname = ANY(:columns) ORDER BY views.relname"
        ),
        {"table": table.name, "columns": naive},
    )
    for view in views:
        yield (
            f"The view {view} shows instants of {table.name} (timestamp), which have to become timestamptz. "
            "Drop the view and make it again afterwards."
        )


def is_naive(column: ReflectedColumn) -> bool:
    """Whether a column keeps timestamps without a zone."""
    return isinstance(column["type"], DateTime) and not column["type"].timezone


def _compatible(wanted: TypeEngine[Any], found: TypeEngine[Any], is_sqlite: bool) -> bool:
    if isinstance(wanted, String):
        return isinstance(found, String) and not isinstance(found, Enum)
    if isinstance(wanted, Boolean):
        return isinstance(found, (Boolean, Integer, Numeric) if is_sqlite else Boolean)
    if isinstance(wanted, Integer):
        return isinstance(found, Integer)
    # SQLite keeps what it is given whatever the column's type is called, so text will do.
    return isinstance(found, (DateTime, String, Integer, Numeric) if is_sqlite else DateTime)
