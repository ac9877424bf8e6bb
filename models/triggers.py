"""Triggers: what the database does by itself, whoever writes.

Every change of a seed table, and every course finished, is appended to ``homeroom_change``; on SQLite instants in
foreign forms are rewritten; the search index and the workloads are kept right; and the audit log takes new rows only.
On SQLite they use only what any SQLite since 3.33 with FTS5 can run, no function or extension of ours. On PostgreSQL
they run as their owner, so a neighbour needs no rights on our tables.
"""

from sqlalchemy import Connection, text
from sqlmodel import SQLModel

from models import (
    Course,
    Enrollment,
    Instructor,
    Lesson,
    Module,
    Progress,
    Role,
    User,
    UserRole,
    foreign_instants,
    search_index,
    workloads,
)
from models.completions import Completion
from models.triggersql import Functions

WATCHED: dict[type[SQLModel], dict[str, str]] = {
    User: {"user_id": "id"},
    Role: {},
    UserRole: {"user_id": "user_id"},
    Instructor: {"user_id": "user_id"},
    Course: {"course_id": "id"},
    Module: {"course_id": "course_id", "module_id": "id"},
    Lesson: {"module_id": "module_id", "lesson_id": "id"},
    Enrollment: {"user_id": "user_id", "course_id": "course_id"},
    Progress: {"user_id": "user_id", "lesson_id": "lesson_id"},
    Completion: {"user_id": "user_id", "course_id": "course_id"},
}
"""The seed's tables and that of completions, and which of their columns are the ids of a change."""
KEPT = "the audit log is kept as it is"


def install(connection: Connection) -> None:
    """Put every trigger and the search index in place afresh, and count the workloads. May be asked any number of
    times."""
    uninstall(connection)
    if connection.dialect.name == "sqlite":
        for statement in [*workloads.fill(), *search_index.sqlite_table(), *_sqlite_triggers().values()]:
            connection.exec_driver_sql(statement)
        return
    search_index.allow_unaccent(connection)
    schema = connection.scalar(text("SELECT quote_ident(current_schema())"))
    for name, (signature, attributes, body) in _postgresql_functions(connection).items():
        owner = f"SECURITY DEFINER SET search_path = {schema}, pg_temp" if "RETURNS trigger" in signature else ""
        _run(connection, f"CREATE FUNCTION {name}{signature} {attributes} {owner} AS $body${body}$body$")
    for statement in [*workloads.fill(), *search_index.postgresql_table(), *_postgresql_triggers().values()]:
        _run(connection, statement)


def uninstall(connection: Connection) -> None:
    """Take every trigger of ours and the search index away; what is not there is not missed."""
    if connection.dialect.name == "sqlite":
        for name in _found_on_sqlite(connection):
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {search_index.TABLE}")
        return
    for signature in connection.scalars(
        text(
            "SELECT oid::regprocedure::text FROM pg_proc"
            " WHERE pronamespace = current_schema()::regnamespace AND proname LIKE 'homeroom\\_%'"
        )
    ).all():
        _run(connection, f"DROP FUNCTION IF EXISTS {signature} CASCADE")
    _run(connection, f"DROP TABLE IF EXISTS {search_index.TABLE}")


def are_installed(connection: Connection) -> bool:
    """Whether the triggers and functions in the database are exactly those of this release, and the index is there."""
    if connection.dialect.name == "sqlite":
        table = connection.exec_driver_sql(f"SELECT 1 FROM sqlite_master WHERE name = '{search_index.TABLE}'").scalar()  # noqa: S608
        return bool(table) and _found_on_sqlite(connection) == _sqlite_triggers()
    bodies = {name: body for name, (_, _, body) in _postgresql_functions(connection).items()}
    return (
        connection.scalar(text(f"SELECT to_regclass('{search_index.TABLE}')")) is not None
        and _functions_on_postgresql(connection) == bodies
        and _found_on_postgresql(connection) == _postgresql_triggers().keys()
    )


def _run(connection: Connection, statement: str) -> None:
    # The driver reads % as a place for a parameter, even where none is given.
    connection.exec_driver_sql(statement.replace("%", "%%"))


def _found_on_sqlite(connection: Connection) -> dict[str, str]:
    rows = connection.exec_driver_sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'homeroom_*'"
    )
    return {row.name: row.sql for row in rows}


def _functions_on_postgresql(connection: Connection) -> dict[str, str]:
    rows = connection.execute(
        text(
            "SELECT proname, prosrc FROM pg_proc"
            " WHERE pronamespace = current_schema()::regnamespace AND proname LIKE 'homeroom\\_%'"
        )
    )
    return {row.proname: row.prosrc for row in rows}


def _found_on_postgresql(connection: Connection) -> set[str]:
    return set(
        connection.scalars(
            text(
                "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal"
                " AND relnamespace = current_schema()::regnamespace AND tgname LIKE 'homeroom\\_%'"
            )
        )
    )


def _sqlite_triggers() -> dict[str, str]:
    following = search_index.sqlite_triggers() | workloads.sqlite_triggers()
    return _sqlite_log() | _sqlite_audit() | foreign_instants.triggers() | following


def _sqlite_audit() -> dict[str, str]:
    return {
        f"homeroom_keep_audit_{operation}": f"""CREATE TRIGGER homeroom_keep_audit_{operation}
BEFORE {operation.upper()} ON homeroom_audit
BEGIN
    SELECT RAISE(ABORT, '{KEPT}');
END"""
        for operation in ("update", "delete")
    }


def _postgresql_functions(connection: Connection) -> Functions:
    following = search_index.postgresql_functions(connection) | workloads.postgresql_functions()
    return _postgresql_log_functions() | _postgresql_audit_function() | following


def _postgresql_triggers() -> dict[str, str]:
    following = search_index.postgresql_triggers() | workloads.postgresql_triggers()
    return _postgresql_log() | _postgresql_audit() | following


def _postgresql_audit_function() -> Functions:
    body = f"""BEGIN
    RAISE EXCEPTION '{KEPT}';
END"""
    return {"homeroom_keep_audit": ("() RETURNS trigger", "LANGUAGE plpgsql", body)}


def _postgresql_audit() -> dict[str, str]:
    return {
        f"homeroom_keep_audit_{name}": f"CREATE TRIGGER homeroom_keep_audit_{name} BEFORE {operation}"
        " ON homeroom_audit FOR EACH STATEMENT EXECUTE FUNCTION homeroom_keep_audit()"
        for name, operation in (("change", "UPDATE OR DELETE"), ("truncate", "TRUNCATE"))
    }


def _name(model: type[SQLModel]) -> str:
    return str(model.__tablename__)


def _entry(table: str, ids: dict[str, str], operation: str, row: str) -> str:
    columns = "".join(f", {column}" for column in ids)
    values = "".join(f", {row}.{source}" for source in ids.values())
    return f"INSERT INTO homeroom_change (table_name, operation{columns}) SELECT '{table}', {operation}{values}"


def _became(model: type[SQLModel], otherwise: str, before: str = "OLD.completed") -> str:
    """SQL: what writing a row is called in the log: ``otherwise``, unless a lesson was completed or reopened."""
    if model is not Progress:
        return otherwise
    return (
        f"CASE WHEN NEW.completed AND {before} IS NOT TRUE THEN 'complete'"
        f" WHEN {before} AND NEW.completed IS NOT TRUE THEN 'reopen' ELSE {otherwise} END"
    )


def _sqlite_log() -> dict[str, str]:
    triggers = {}
    for model, ids in WATCHED.items():
        table = _name(model)
        # Rewriting a foreign instant in our own form is no change.
        changes = [
            f'OLD."{column}" IS NOT NEW."{column}"'
            + (
                f" AND NOT ({foreign_instants.is_foreign(f'OLD.{column}')}"
                f" AND NOT {foreign_instants.is_foreign(f'NEW.{column}')})"
                if column in foreign_instants.COLUMNS.get(table, ())
                else ""
            )
            for column in model.model_fields
        ]
        moved = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in ids.values())
        updates = [_entry(table, ids, _became(model, "'update'"), "NEW")]
        if moved:
            updates.append(_entry(table, ids, "'update'", "OLD") + f" WHERE {moved}")
        for operation, condition, entries in (
            ("insert", "", [_entry(table, ids, _became(model, "'insert'", "false"), "NEW")]),
            ("update", f"WHEN {' OR '.join(changes)}", updates),
            ("delete", "", [_entry(table, ids, "'delete'", "OLD")]),
        ):
            name = f"homeroom_log_{table}_{operation}"
            body = ";\n    ".join(entries)
            triggers[name] = f"""CREATE TRIGGER {name} AFTER {operation.upper()} ON "{table}"
{condition}
BEGIN
    {body};
END"""
    return triggers


def _postgresql_log_functions() -> Functions:
    functions = {}
    for model, ids in WATCHED.items():
        table = _name(model)
        moved = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in ids.values()) or "false"
        inserted, deleted, updated = (
            _entry(table, ids, operation, row)
            for operation, row in ((_became(model, "lower(TG_OP)"), "NEW"), ("'delete'", "OLD"), ("'update'", "OLD"))
        )
        functions[f"homeroom_log_{table}"] = (
            "() RETURNS trigger",
            "LANGUAGE plpgsql",
            f"""BEGIN
    IF TG_OP = 'DELETE' THEN
        {deleted};
    ELSE
        {inserted};
    END IF;
    IF TG_OP = 'UPDATE' THEN
        {updated} WHERE {moved};
    END IF;
    RETURN NULL;
END""",
        )
    return functions


def _postgresql_log() -> dict[str, str]:
    triggers = {}
    for model in WATCHED:
        table = _name(model)
        for event, operation, condition in (
            ("INSERT OR DELETE", "", ""),
            ("UPDATE", "_update", "WHEN (OLD.* IS DISTINCT FROM NEW.*)"),
        ):
            name = f"homeroom_log_{table}{operation}"
            triggers[name] = (
                f'CREATE TRIGGER {name} AFTER {event} ON "{table}" FOR EACH ROW {condition}'
                f" EXECUTE FUNCTION homeroom_log_{table}()"
            )
    return triggers
