"""What statements are made of: tables, and inserts that may race.

Building a statement costs more than running it, so hot paths build theirs once, when the module is imported, over these
tables, and run them on ``session.connection()`` with parameters.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, BindParameter, Executable, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

_INSERTS: dict[str, Callable[[Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def table_of(model: type[SQLModel]) -> Table:
    """The table behind a model."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


def an_id(name: str, *, expanding: bool = False) -> BindParameter[int]:
    """A parameter for an id. It may be larger than the column holds, as from an old button: then nothing is found."""
    return bindparam(name, type_=BigInteger, expanding=expanding)


def for_each_database(build: Callable[[Callable[[Table], Any]], Executable]) -> Mapping[str, Executable]:
    """A statement built with each database's own INSERT, by the database's name; `own` picks."""
    return {name: build(insert).execution_options(preserve_rowcount=True) for name, insert in _INSERTS.items()}


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
