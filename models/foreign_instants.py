"""Instants in foreign text: on SQLite a neighbour may write one in its own form, and it becomes SQLAlchemy's.

SQLAlchemy keeps an instant on SQLite as ``YYYY-MM-DD HH:MM:SS.ffffff``, in UTC, and compares that text. Prisma, Node
and people at a prompt write ISO 8601 with ``T``, ``Z`` or an offset, fewer digits or none, and older Prisma writes
milliseconds since 1970 as an integer. All of these are rewritten; text that is no instant is left as it is.
"""

# ruff: noqa: S608 -- the SQL is put together from the names of our own columns

from sqlalchemy import Connection

COLUMNS = {
    "user": ("created_at", "updated_at"),
    "course": ("created_at", "updated_at", "archived_at", "revised_at"),
    "lesson": ("removed_at",),
    "enrollment": ("enrolled_at",),
    "progress": ("completed_at",),
}
"""The instants in the seed's tables, ours among them, by table: a neighbour may write every column."""

_OURS = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]"


def is_foreign(value: str) -> str:
    """SQL: whether ``value`` (an SQL expression) is there and not in SQLAlchemy's own form."""
    return f"({value} IS NOT NULL AND {value} NOT GLOB '{_OURS}')"


def rewritten(value: str) -> str:
    """SQL: ``value`` (an SQL expression) in SQLAlchemy's own form and in UTC, or NULL when it is no instant.

    The fraction is carried over as text, because SQLite's own clock knows only milliseconds and rounds.
    """
    zone = "upper(trim(ltrim(tail, '.0123456789')))"
    return f"""CASE typeof({value})
    WHEN 'integer' THEN
        strftime('%Y-%m-%d %H:%M:%S', ({value} - ({value} % 1000 + 1000) % 1000) / 1000, 'unixepoch')
        || printf('.%03d000', ({value} % 1000 + 1000) % 1000)
    WHEN 'text' THEN (
        SELECT strftime('%Y-%m-%d %H:%M:%S', moment || shift) || '.' || substr(substr(fraction, 2) || '000000', 1, 6)
        FROM (
            SELECT moment, fraction, CASE
                WHEN fraction <> '' AND (fraction NOT GLOB '.[0-9]*' OR fraction GLOB '.*.*') THEN NULL
                WHEN zone IN ('', 'Z', 'UTC') THEN ''
                WHEN zone GLOB '[-+][0-9][0-9]:[0-9][0-9]' THEN zone
                WHEN zone GLOB '[-+][0-9][0-9][0-9][0-9]' THEN substr(zone, 1, 3) || ':' || substr(zone, 4)
                WHEN zone GLOB '[-+][0-9][0-9]' THEN zone || ':00'
            END AS shift
            FROM (
                SELECT moment, {zone} AS zone,
                    substr(tail, 1, length(tail) - length(ltrim(tail, '.0123456789'))) AS fraction
                FROM (
                    SELECT replace(upper(substr(full, 1, 19)), 'T', ' ') AS moment, substr(full, 20) AS tail
                    FROM (
                        SELECT CASE
                            WHEN {value} GLOB '????-??-??' THEN {value} || ' 00:00:00'
                            WHEN {value} GLOB '????-??-???[0-9][0-9]:[0-9][0-9]*' AND substr({value}, 17, 1) <> ':'
                                THEN substr({value}, 1, 16) || ':00' || substr({value}, 17)
                            ELSE {value}
                        END AS full
                    )
                )
            )
        )
    )
END"""


def triggers() -> dict[str, str]:
    """The SQLite triggers that rewrite what is inserted or updated, by name.

    The rewriting update fires its own trigger once more where ``recursive_triggers`` is on; by then nothing is foreign.
    """
    return {
        f"homeroom_instant_{table}_{column}_{operation}": f"""
CREATE TRIGGER homeroom_instant_{table}_{column}_{operation} AFTER {event} ON "{table}"
WHEN {is_foreign(f"NEW.{column}")}
BEGIN
    UPDATE "{table}" SET {column} = utc.instant FROM (SELECT {rewritten(f"NEW.{column}")} AS instant) AS utc
    WHERE "{table}".rowid = NEW.rowid AND utc.instant IS NOT NULL;
END""".strip()
        for table, columns in COLUMNS.items()
        for column in columns
        for operation, event in (("insert", "INSERT"), ("update", f"UPDATE OF {column}"))
    }


def unreadable(connection: Connection, table: str, column: str) -> list[str]:
    """The values in one column which are no instants in any form we read, each once. SQLite only."""
    value = f'"{column}"'
    rows = connection.exec_driver_sql(
        f'SELECT DISTINCT {value} FROM "{table}" WHERE {is_foreign(value)} AND {rewritten(value)} IS NULL'
    )
    return [str(row[0]) for row in rows]


def rewrite(connection: Connection, table: str, column: str) -> int:
    """Rewrite what is stored in one column and return how many values were foreign. SQLite only."""
    value = f'"{column}"'
    return connection.exec_driver_sql(
        f'UPDATE "{table}" SET {value} = coalesce({rewritten(value)}, {value}) WHERE {is_foreign(value)}'
    ).rowcount
