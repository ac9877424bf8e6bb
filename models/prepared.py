"""Statements of the hottest paths, compiled once and run by the driver itself.

Around one indexed lookup the engine spends several times what SQLite does: it makes an execution context, binds, and
wraps the result. What is pressed most is worth the shorter way; everything else goes through the engine.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.dialects import sqlite
from sqlmodel import Session

from models.keptsessions import KeptSession

Process = Callable[[Any], Any]
LONGEST_LIST = 16
"""Each length of a list is compiled and kept; with a longer one the engine's share of the work is small."""


class _Compiled(NamedTuple):
    """SQL for one driver and lists of certain lengths, and how values go in and come out."""

    sql: str
    constants: Mapping[str, Any]
    lists: Mapping[str, Sequence[str]]
    going_in: Mapping[str, Process]
    coming_out: Sequence[tuple[int, Process]]
    row: Callable[[Sequence[Any]], Any]


class Prepared:
    """A statement built with bind parameters, or one for each database by its name; `rows` or `count` runs it.

    Lists may be given for expanding parameters; rows asked for by a long one come through the engine after all. What is
    run is told to listeners of ``before_cursor_execute``, as the engine tells it. Not for columns of floats, whose kind
    psycopg names only in its answer.
    """

    def __init__(self, statement: Executable | Mapping[str, Executable]) -> None:
        self._statement = statement
        self._kept: dict[tuple[Any, ...], _Compiled] = {}

    def rows(self, session: Session, **asked: Any) -> list[Any]:
        """The rows found, each with its columns by name."""
        lengths = _lengths(asked)
        if lengths and max(lengths) > LONGEST_LIST:
            return list(session.connection().execute(self._of(session.connection()), asked))
        compiled, cursor = self._run(session, asked, lengths)
        found = cursor.fetchall()
        if not compiled.coming_out:
            return [compiled.row(values) for values in found]
        made = []
        for values in found:
            told = list(values)
            for place, process in compiled.coming_out:
                told[place] = process(told[place])
            made.append(compiled.row(told))
        return made

    def first(self, session: Session, **asked: Any) -> Any | None:
        """The first row, or None where there is none."""
        found = self.rows(session, **asked)
        return found[0] if found else None

    def count(self, session: Session, **asked: Any) -> int:
        """How many rows were changed."""
        return int(self._run(session, asked, _lengths(asked))[1].rowcount)

    def _of(self, connection: Connection) -> Any:
        name = connection.dialect.name
        return self._statement[name] if isinstance(self._statement, Mapping) else self._statement

    def _run(self, session: Session, asked: dict[str, Any], lengths: list[int]) -> tuple[_Compiled, Any]:
        driver: Any
        if isinstance(session, KeptSession):
            connection, driver = session.for_driver(), session.driver
        else:
            connection = session.connection()
            driver = connection.connection.driver_connection
        key = (connection.dialect.name, *lengths)
        compiled = self._kept.get(key) or self._keep(key, connection, asked)
        told = {**compiled.constants, **asked}
        for name, parts in compiled.lists.items():
            told.update(zip(parts, told.pop(name), strict=True))
        for name, process in compiled.going_in.items():
            told[name] = process(told[name])
        for listener in connection.dispatch.before_cursor_execute:
            listener(connection, None, compiled.sql, told, None, False)
        return compiled, driver.execute(compiled.sql, told)

    def _keep(self, key: tuple[Any, ...], connection: Connection, asked: dict[str, Any]) -> _Compiled:
        dialect: Dialect = connection.dialect
        if dialect.name == "sqlite":
            dialect = sqlite.dialect(paramstyle="named")
        statement = self._of(connection)
        compiled = statement.compile(dialect=dialect)
        state = compiled.construct_expanded_state(asked)
        lists = {name: parts for name, parts in state.parameter_expansion.items() if name in asked}
        # What the driver is given, each by the parameter it came of: itself, or the list it is a part of.
        given = {name: name for name in asked if name not in lists}
        given |= {part: name for name, parts in lists.items() for part in parts}
        going_in = {
            name: compiled.binds[whole].type.dialect_impl(dialect).bind_processor(dialect)
            for name, whole in given.items()
        }
        columns = list(statement.selected_columns) if statement.is_select else []
        coming_out = (column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns)
        row: Any = namedtuple("Row", [column.key for column in columns])  # type: ignore[misc]
        made = _Compiled(
            sql=state.statement,
            constants={name: value for name, value in state.parameters.items() if name not in given},
            lists=lists,
            going_in={name: process for name, process in going_in.items() if process is not None},
            coming_out=[(place, process) for place, process in enumerate(coming_out) if process is not None],
            row=row._make,
        )
        self._kept[key] = made
        return made


def _lengths(asked: Mapping[str, Any]) -> list[int]:
    return [len(value) for value in asked.values() if isinstance(value, list)]
