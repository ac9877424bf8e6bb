"""Statements of the hottest paths, compiled once and run by the driver itself.

Around one indexed lookup the engine spends several times what SQLite does: it makes an execution context, binds, and
wraps the result. What is pressed most is worth the shorter way; everything else goes through the engine.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.dialects import sqlite
from sqlmodel import Session

Process = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """SQL for one driver and lists of certain lengths, and how values go in and come out."""

    sql: str
    constants: Mapping[str, Any]
    lists: Mapping[str, Sequence[str]]
    going_in: Mapping[str, Process]
    coming_out: Sequence[tuple[int, Process]]
    row: Callable[[Sequence[Any]], Any]


class Prepared:
    """A statement built with bind parameters, or one for each database by its name; `rows` or `count` runs it.

    Lists may be given for expanding parameters where they are short: each length is compiled and kept. What is run is
    told to listeners of ``before_cursor_execute``, as the engine tells it.
    """

    def __init__(self, statement: Executable | Mapping[str, Executable]) -> None:
        self._statement = statement
        self._kept: dict[tuple[Any, ...], _Compiled] = {}

    def rows(self, session: Session, **asked: Any) -> list[Any]:
        """The rows found, each with its columns by name."""
        compiled, cursor = self._run(session, asked)
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
        return int(self._run(session, asked)[1].rowcount)

    def _run(self, session: Session, asked: dict[str, Any]) -> tuple[_Compiled, Any]:
        connection = session.connection()
        lengths = tuple(len(value) for value in asked.values() if isinstance(value, list))
        key = (connection.dialect.name, *lengths)
        compiled = self._kept.get(key) or self._keep(key, connection, asked)
        told = {**compiled.constants, **asked}
        for name, parts in compiled.lists.items():
            told.update(zip(parts, told.pop(name), strict=True))
        for name, process in compiled.going_in.items():
            told[name] = process(told[name])
        driver = connection.connection.driver_connection
        assert driver is not None
        for listener in connection.dispatch.before_cursor_execute:
            listener(connection, None, compiled.sql, told, None, False)
        return compiled, driver.execute(compiled.sql, told)

    def _keep(self, key: tuple[Any, ...], connection: Connection, asked: dict[str, Any]) -> _Compiled:
        dialect: Dialect = connection.dialect
        if dialect.name == "sqlite":
            dialect = sqlite.dialect(paramstyle="named")
        statement: Any = self._statement[dialect.name] if isinstance(self._statement, Mapping) else self._statement
        state = statement.compile(dialect=dialect).construct_expanded_state(asked)
        lists = {name: parts for name, parts in state.parameter_expansion.items() if name in asked}
        given = {*asked, *(part for parts in lists.values() for part in parts)}
        columns = list(statement.selected_columns) if statement.is_select else []
        names = [column.key for column in columns]
        processes = (column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns)
        row: Any = namedtuple("Row", names)  # type: ignore[misc]
        processors: Mapping[str, Any] = state.processors
        made = _Compiled(
            sql=state.statement,
            constants={name: value for name, value in state.parameters.items() if name not in given},
            lists=lists,
            going_in={name: process for name, process in processors.items() if name in given},
            coming_out=[(place, process) for place, process in enumerate(processes) if process is not None],
            row=row._make,
        )
        self._kept[key] = made
        return made
