"""What statements are made of: tables, and inserts that may race.

Building a statement costs more than running it, so hot paths build theirs once, when the module is imported, over these
tables, and run them on ``session.connection()`` with parameters.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Column,
    ColumnElement,
    Dialect,
    Executable,
    Index,
    String,
    Table,
    bindparam,
    text,
    type_coerce,
)
from sqlalchemy.types import TypeEngine
from sqlmodel import Session, SQLModel


class ByDatabase(dict[str, Executable]):
    """A statement with each database's own INSERT, by the database's name: built when it is first asked for, so that a
    process loads and builds for the one it speaks to."""

    def __init__(self, build: Callable[[Callable[[Table], Any]], Executable]) -> None:
        super().__init__()
        self._build = build

    def __missing__(self, name: str) -> Executable:
        dialect = import_module(f"sqlalchemy.dialects.{name}")
        made = self[name] = self._build(dialect.insert).execution_options(preserve_rowcount=True)
        return made


def table_of(model: type[SQLModel]) -> Table:
    """The table behind a model."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


def index_of_some(name: str, *columns: str, where: str) -> Index:
    """An index of those rows of a model that fulfil a condition.

    It is said in SQLite's words only: PostgreSQL's would have each process load all that SQLAlchemy knows of it, 3 MB.
    What makes the tables, the migrations, says both.
    """
    return Index(name, *columns, sqlite_where=text(where))


def an_id(name: str, *, expanding: bool = False) -> BindParameter[int]:
    """A parameter for an id. It may be larger than the column holds, as from an old button: then nothing is found."""
    return bindparam(name, type_=BigInteger, expanding=expanding)


def for_each_database(build: Callable[[Callable[[Table], Any]], Executable]) -> Mapping[str, Executable]:
    """A statement built with each database's own INSERT, by the database's name; `own` picks."""
    return ByDatabase(build)


def own(session: Session, statements: Mapping[str, Executable]) -> Executable:
    """The statement for the database the session speaks to."""
    return statements[session.get_bind().dialect.name]


def insert_unless_there(session: Session, model: type[SQLModel], **values: Any) -> bool:
    """Insert a row and return whether it was made now: one that is there by any unique key stays as it is."""
    statement = own(session, _inserts_unless_there(table_of(model)))
    return session.connection().execute(statement, values).rowcount == 1


def insert_or_update(session: Session, model: type[SQLModel], rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows, or update those that are there by their primary key. All rows name the same columns."""
    rows = list(rows)
    if rows:
        statements = _inserts_or_updates(table_of(model), tuple(rows[0]))
        session.connection().execute(own(session, statements), rows)


@cache
def _inserts_unless_there(table: Table) -> Mapping[str, Executable]:
    return for_each_database(lambda insert: insert(table).on_conflict_do_nothing().inline())


@cache
def _inserts_or_updates(table: Table, columns: tuple[str, ...]) -> Mapping[str, Executable]:
    keys = [column.name for column in table.primary_key]

    def build(insert: Callable[[Table], Any]) -> Executable:
        made = insert(table)
        told = {column: made.excluded[column] for column in columns if column not in keys}
        statement: Executable = made.on_conflict_do_update(index_elements=keys, set_=told).inline()
        return statement

    return for_each_database(build)


class ForMany:
    """A statement to be run once for each of many rows, which are tuples in the order of ``names``.

    SQLAlchemy looks at every parameter of every row, which costs half as much again as SQLite takes to write the row.
    Here the driver gets the rows as they are, so each value must be what the driver takes: `driver_value` makes it so,
    once for all rows that share it.
    """

    def __init__(self, statements: Mapping[str, Executable], names: Sequence[str]) -> None:
        self._statements, self._names = statements, tuple(names)
        self._compiled: dict[str, tuple[str, bool]] = {}

    def run(self, session: Session, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run it for each row; for none nothing is said to the database."""
        if not rows:
            return
        dialect = session.get_bind().dialect
        if dialect.name not in self._compiled:
            self._compiled[dialect.name] = self._compile(dialect)
        sql, is_positional = self._compiled[dialect.name]
        told = rows if is_positional else [dict(zip(self._names, row, strict=True)) for row in rows]
        session.connection().exec_driver_sql(sql, list(told))

    def _compile(self, dialect: Dialect) -> tuple[str, bool]:
        compiled: Any = self._statements[dialect.name].compile(dialect=dialect, column_keys=list(self._names))  # type: ignore[attr-defined]
        if compiled.positional and tuple(compiled.positiontup) != self._names:
            raise AssertionError(f"the statement takes {compiled.positiontup}, not {self._names}")
        return str(compiled), bool(compiled.positional)


def driver_value(session: Session, column: Column[Any], value: object) -> object:
    """The value as the driver takes it for this column."""
    process = _to_driver(column.type, session.get_bind().dialect)
    return process(value) if process else value


def as_driver_gives(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column in a SELECT without a look at each value of each row; `python_value` makes of one what it stands
    for, once for all rows that share it."""
    return type_coerce(column, String)


def python_value(session: Session, column: Column[Any], value: Any) -> Any:
    """What a value stands for that the driver gave for this column."""
    process = _from_driver(column.type, session.get_bind().dialect)
    return process(value) if process else value


@lru_cache(64)
def _to_driver(type_: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    return type_.dialect_impl(dialect).bind_processor(dialect)


@lru_cache(64)
def _from_driver(type_: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    return type_.dialect_impl(dialect).result_processor(dialect, None)
