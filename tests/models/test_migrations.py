"""Migrations go up and down, agree with the models, keep every row, and share a database with one another."""

import pkgutil
from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.pool import NullPool
from sqlmodel import Session, SQLModel, select

import models
from models import Course, Enrollment, Lesson, Progress, search_index, triggers
from models.database import Database, normal_url
from models.errors import Unavailable
from models.links import Link
from models.migrations import (
    MigrationReport,
    Unfinished,
    UnknownRevision,
    downgrade,
    migrate,
    neighbours,
)
from models.revisions import HEAD, VERSION_TABLE, is_at_head
from models.workloads import Workload
from tests import seedprogram
from tests.migrating import migrate_when_told
from tests.processes import context, started
from tests.school import LONG_AGO, a_course, a_user, completed, enrolled, lessons_of


def engine_of(url: str) -> Engine:
    return create_engine(normal_url(url), poolclass=NullPool)


def is_ours_to_compare(thing: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    """Everything but the version table and the search index, which triggers.py makes."""
    return not (kind == "table" and name is not None and name.startswith((VERSION_TABLE, search_index.TABLE)))


def differences(connection: Connection) -> list[object]:
    for module in pkgutil.iter_modules(models.__path__):
        import_module(f"models.{module.name}")
    context = MigrationContext.configure(
        connection, opts={"include_object": is_ours_to_compare, "compare_server_default": True}
    )
    return list(compare_metadata(context, SQLModel.metadata))


# What SQLite can't reflect, the one index on an expression, has the test after the next.
@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_models_and_migrations_agree(any_url: str) -> None:
    with engine_of(any_url).connect() as connection:
        assert differences(connection) == []


def test_a_migrated_sqlite_file_is_ready_for_several_processes(tmp_path: Path) -> None:
    """Changing the mode takes the file alone, so of several that start together all but one would fail."""
    migrate(f"sqlite:///{tmp_path / 'homeroom.db'}")
    with engine_of(f"sqlite:///{tmp_path / 'homeroom.db'}").connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_sqlite_never_gives_an_id_twice(url: str) -> None:
    with engine_of(url).connect() as connection:
        made = {row.name: row.sql for row in connection.execute(text("SELECT name, sql FROM sqlite_master"))}
    for table in SQLModel.metadata.tables.values():
        counts_on = table.dialect_options["sqlite"]["autoincrement"]
        assert ("AUTOINCREMENT" in made[table.name]) == counts_on, table.name
        assert counts_on == ([column.name for column in table.primary_key] == ["id"] and table.name != "user")


def test_the_catalog_is_read_along_an_index(any_url: str) -> None:
    with engine_of(any_url).connect() as connection:
        source = "sqlite_master WHERE type = 'index' AND" if connection.dialect.name == "sqlite" else "pg_indexes WHERE"
        column = "sql" if connection.dialect.name == "sqlite" else "indexdef"
        name = "name" if connection.dialect.name == "sqlite" else "indexname"
        index = connection.scalar(text(f"SELECT {column} FROM {source} {name} = 'ix_course_lower_title_id'"))
        assert "lower(" in index
        assert index.rstrip(")").endswith(", id")


def test_head_is_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", "models/migrations")
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_a_new_database_comes_to_head_and_stays_there(empty_url: str) -> None:
    assert migrate(empty_url) == MigrationReport(before=None, after=HEAD, adopted=())
    assert not migrate(empty_url).changed


def _at_head(url: str) -> bool:
    with Session(engine_of(url)) as session:
        return is_at_head(session)


def test_what_is_at_head_says_so(empty_url: str) -> None:
    assert not _at_head(empty_url)
    migrate(empty_url)
    assert _at_head(empty_url)


def test_going_down_leaves_the_seeds_tables_as_the_seed_makes_them(empty_url: str) -> None:
    seedprogram.make_tables(empty_url)
    with engine_of(empty_url).connect() as connection:
        before = described(connection)
    migrate(empty_url)
    downgrade(empty_url)
    with engine_of(empty_url).connect() as connection:
        after = described(connection)
    assert after.pop("instructor")
    assert after == before


def described(connection: Connection) -> dict[str, object]:
    """Every table's columns, keys and indexes, in no order; which zone an instant keeps is said in `downgrade`."""
    inspector = inspect(connection)
    counting = neighbours.counters(connection) if connection.dialect.name == "sqlite" else set()
    return {
        table: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"]) for column in inspector.get_columns(table)
            },
            "key": inspector.get_pk_constraint(table)["constrained_columns"],
            "references": sorted(
                (key["constrained_columns"], key["referred_table"], key["referred_columns"])
                for key in inspector.get_foreign_keys(table)
            ),
            "unique": sorted(unique["column_names"] for unique in inspector.get_unique_constraints(table)),
            "indexes": sorted(str(index["name"]) for index in inspector.get_indexes(table)),
            "counts on": table in counting,
        }
        for table in inspector.get_table_names()
    }


def test_going_down_and_up_again_keeps_every_row_of_the_seed(any_url: str) -> None:
    database = Database(any_url)
    with database.write() as session:
        ada = a_user(session, "ada", "Student")
        course = a_course(session, "Loops", {"One": ["For", "While"], "Two": ["Until"]}, slug="loops")
        enrolled(session, ada, course)
        for lesson in lessons_of(session, course):
            completed(session, ada, lesson)
        session.add(Link(team_id="T1", slack_user_id="U1", user_id=ada.id, linked_at=LONG_AGO))
    database.close()
    downgrade(any_url)
    with engine_of(any_url).connect() as connection:
        assert {name for name in inspect(connection).get_table_names() if name.startswith("homeroom")} == set()
        assert triggers_of(connection) == []
    report = migrate(any_url)
    assert len(report.adopted) == 9
    with database.read() as session:
        assert len(session.exec(select(Progress)).all()) == 3
        assert [lesson.title for lesson in session.exec(select(Lesson).order_by("id"))] == ["For", "While", "Until"]
        assert [enrollment.enrolled_at for enrollment in session.exec(select(Enrollment))] == [LONG_AGO]
        assert [course.created_at for course in session.exec(select(Course))] == [LONG_AGO]
    database.close()


def triggers_of(connection: Connection) -> list[str]:
    if connection.dialect.name == "sqlite":
        return list(connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")))
    return list(connection.scalars(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")))


def test_triggers_someone_dropped_come_back(any_url: str) -> None:
    with engine_of(any_url).begin() as connection:
        on_table = "" if connection.dialect.name == "sqlite" else " ON enrollment"
        name = "homeroom_log_enrollment_update"
        connection.execute(text(f"DROP TRIGGER {name}{on_table}"))
        assert not triggers.are_installed(connection)
    migrate(any_url)
    with engine_of(any_url).connect() as connection:
        assert triggers.are_installed(connection)
        assert name in triggers_of(connection)


def test_what_was_not_heard_of_meanwhile_is_counted(any_url: str) -> None:
    with engine_of(any_url).begin() as connection:
        triggers.uninstall(connection)
    database = Database(any_url)
    with database.write() as session:
        a_course(session, "Loops", ["For", "While"])
    migrate(any_url)
    with database.read() as session:
        assert [(one.lessons, one.minutes) for one in session.exec(select(Workload))] == [(2, 2)]
    database.close()


def test_a_database_from_before_this_release_was_finished_is_named(any_url: str) -> None:
    with engine_of(any_url).begin() as connection:
        triggers.uninstall(connection)
        connection.execute(text("DROP TABLE homeroom_workload"))
    with pytest.raises(Unfinished, match="it has no homeroom_workload"):
        migrate(any_url)


def test_a_database_of_a_newer_release_is_left_alone(any_url: str) -> None:
    with engine_of(any_url).begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    with pytest.raises(UnknownRevision, match="9999"):
        migrate(any_url)
    assert not _at_head(any_url)


def test_a_neighbour_in_the_middle_of_writing_is_waited_for_and_then_left_in_peace(empty_url: str) -> None:
    seedprogram.make_tables(empty_url)
    seedprogram.fill(empty_url)
    with engine_of(empty_url).connect() as neighbour, neighbour.begin():
        neighbour.execute(text("UPDATE course SET title = 'Half written'"))
        with pytest.raises(Unavailable, match="nothing was changed"):
            migrate(empty_url, patience=0.1)
    assert not _at_head(empty_url)
    assert migrate(empty_url).changed


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        migrate("postgresql://nobody@/nowhere?host=/nonexistent", patience=0.1)


def test_of_two_processes_migrating_at_once_one_does_it(empty_url: str) -> None:
    seedprogram.make_tables(empty_url)
    counts = seedprogram.fill(empty_url, learners=50)
    start, results = context().Barrier(3), context().Queue()
    migrating = [started(migrate_when_told, empty_url, start, results) for _ in range(2)]
    start.wait(timeout=60)
    assert sorted(str(results.get(timeout=60)) for _ in migrating) == ["False", "True"]
    for process in migrating:
        process.join()
    with engine_of(empty_url).connect() as connection:
        assert triggers.are_installed(connection)
        assert counts == {table: connection.scalar(text(f'SELECT count(*) FROM "{table}"')) for table in counts}
