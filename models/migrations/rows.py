"""Whether the rows found in a database may stay: the empty, repeated, orphaned and unreadable ones, with the fix."""

# ruff: noqa: S608 -- the SQL is advice for a person, and names tables of the seed

from collections.abc import Container, Iterator

from sqlalchemy import ColumnElement, Connection, Table, and_, func, select

from models import foreign_instants

NAMED = 5
"""How many rows or values one line names; it counts the rest."""


UNIQUE = {
    "user": (("email",), "Give each user an e-mail of their own."),
    "role": (("name",), "Point the userrole rows at one of them and delete the others."),
    "enrollment": (("user_id", "course_id"), "Keep the earliest and delete the others."),
    "progress": (("user_id", "lesson_id"), "Keep the completed one, else the earliest, and delete the others."),
}
"""What a table may hold only once, and what to do where it doesn't."""


def problems(connection: Connection, table: Table, sound: Container[str], missing: Container[str]) -> Iterator[str]:
    """What is wrong with the rows of one sound table; references are followed to sound tables and to missing ones."""
    yield from _empty(connection, table)
    yield from _repeated(connection, table)
    yield from _orphaned(connection, table, sound, missing)
    if connection.dialect.name == "sqlite":
        yield from _unreadable(connection, table)


def _empty(connection: Connection, table: Table) -> Iterator[str]:
    for column in table.columns:
        if not column.nullable and (rows := _rows(connection, table, column.is_(None))):
            yield f"{table.name}.{column.name} is empty in {rows}. Fill it in, or delete what has none."


def _repeated(connection: Connection, table: Table) -> Iterator[str]:
    names, fix = UNIQUE.get(table.name, ((), ""))
    if not names:
        return
    columns = [table.c[name] for name in names]
    filled = and_(*(column.is_not(None) for column in columns))
    repeated = select(*columns).where(filled).group_by(*columns).having(func.count() > 1).order_by(*columns)
    groups = connection.execute(repeated).all()
    for group in groups[:NAMED]:
        what = ", ".join(f"{name} {value!r}" for name, value in zip(names, group, strict=True))
        same = and_(*(column == value for column, value in zip(columns, group, strict=True)))
        yield f"{table.name} has {what} in {_rows(connection, table, same)}. {fix}"
    if len(groups) > NAMED:
        yield f"{table.name} has {len(groups) - NAMED:,} more {' and '.join(names)} like that. {fix}"


def _orphaned(connection: Connection, table: Table, sound: Container[str], missing: Container[str]) -> Iterator[str]:
    quoted = connection.dialect.identifier_preparer.quote
    for reference in sorted(table.foreign_keys, key=lambda reference: reference.parent.name):
        column, target = reference.parent, reference.column
        parents = f"FROM {quoted(target.table.name)}"
        orphaned: ColumnElement[bool] = column.is_not(None)
        if target.table.name in sound:
            orphaned &= ~select(target).where(target == column).exists()
        elif target.table.name not in missing:
            continue
        if rows := _rows(connection, table, orphaned):
            yield (
                f"{table.name}.{column.name} refers to a {target.table.name} that isn't there, in {rows}. "
                f"Put it back, or delete what refers to it: DELETE FROM {quoted(table.name)} "
                f"WHERE {quoted(column.name)} NOT IN (SELECT {quoted(target.name)} {parents});"
            )


def _unreadable(connection: Connection, table: Table) -> Iterator[str]:
    for column in foreign_instants.COLUMNS.get(table.name, ()):
        if column not in table.columns:
            continue
        values = foreign_instants.unreadable(connection, table.name, column)
        if values:
            shown = ", ".join(repr(value) for value in values[:NAMED])
            more = f" and {len(values) - NAMED:,} more" if len(values) > NAMED else ""
            yield (
                f"{table.name}.{column} holds {shown}{more}, which can't be read as an instant. "
                "Write it as '2025-01-31 09:00:00.000000', in UTC."
            )


def _rows(connection: Connection, table: Table, where: ColumnElement[bool]) -> str:
    """Say how many rows and which; "" when there are none."""
    count = connection.scalar(select(func.count()).select_from(table).where(where))
    if not count:
        return ""
    key = list(table.primary_key)
    keys = connection.execute(select(*key).where(where).order_by(*key).limit(NAMED))
    shown = ", ".join("/".join(str(part) for part in row) for row in keys)
    more = ", …" if count > NAMED else ""
    return f"{count:,} {'row' if count == 1 else 'rows'} ({'/'.join(column.name for column in key)} {shown}{more})"
