"""Sessions that are lent again and again: whoever has one next finds nothing of what was done before."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest
from sqlalchemy import bindparam, text, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from models import User
from models.courses import CourseGone
from models.database import SQLITE_READERS, Database
from models.errors import Unavailable
from models.keptsessions import KeptSession
from models.prepared import Prepared
from models.statements import table_of
from tests.school import a_user

NAMES = text('SELECT first_name FROM "user" ORDER BY id')
RENAMED = Prepared(update(table_of(User)).values(first_name="Augusta"))
SAY = "UPDATE \"user\" SET first_name = '{name}' WHERE id = 'user_ada'"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """Where Ada is."""
    opened = Database(url, patience=0.05)
    with opened.write() as session:
        a_user(session, "ada")
    yield opened
    opened.close()


def _names(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.connection().execute(NAMES).scalars())


def _fails(begun: AbstractContextManager[Session], error: type[BaseException]) -> None:
    with begun as session:
        session.connection().execute(text(SAY.format(name="Augusta")))
        raise error


def test_the_same_session_comes_back(database: Database) -> None:
    with database.read() as one:
        pass
    with database.read() as other:
        assert other is one


def test_a_block_in_which_nothing_is_done_is_none_the_worse(database: Database) -> None:
    for begun in (database.write, database.read, database.write, database.read):
        with begun():
            pass
    assert _names(database) == ["Ada"]


def test_background_work_writes_by_the_same_connection_in_turns_and_has_readers_of_its_own(database: Database) -> None:
    workers = database.for_workers()
    assert workers.patience > database.patience
    with database.write() as one:
        pass
    with workers.write() as other:
        assert other is one
        with pytest.raises(Unavailable), database.write():
            pass
    with ExitStack() as held:
        for _ in range(SQLITE_READERS):
            held.enter_context(workers.read())
        assert _names(database) == ["Ada"]
    workers.close()
    assert _names(database) == ["Ada"]


def test_a_savepoint_of_the_session_is_one_for_its_connection_too(database: Database) -> None:
    with database.write() as session:
        savepoint = session.begin_nested()
        session.connection().execute(text(SAY.format(name="Augusta")))
        savepoint.rollback()
        a_user(session, "grace")
    assert _names(database) == ["Ada", "Grace"]


@pytest.mark.parametrize("how", ["commit", "rollback", "close"])
@pytest.mark.parametrize("prepared", [False, True])
def test_an_operation_may_not_end_the_transaction_it_was_lent(database: Database, how: str, prepared: bool) -> None:
    def ends_it() -> None:
        with database.write() as session:
            getattr(session, how)()
            if prepared:
                RENAMED.count(session)
            else:
                session.connection().execute(text(SAY.format(name="Augusta")))

    with pytest.raises(AssertionError, match="end no transaction"):
        ends_it()
    assert _names(database) == ["Ada"]


def test_within_a_block_there_is_another(database: Database) -> None:
    with database.read() as one, database.read() as other:
        assert one is not other
        assert one.connection().scalar(text("SELECT 1")) == other.connection().scalar(text("SELECT 1")) == 1


@pytest.mark.parametrize("by_the_session", [True, False])
def test_what_was_written_is_kept(database: Database, by_the_session: bool) -> None:
    with database.write() as session:
        if by_the_session:
            session.exec(select(User)).one().first_name = "Augusta"
        else:
            session.connection().execute(text(SAY.format(name="Augusta")))
    assert _names(database) == ["Augusta"]


def test_both_ways_are_one_transaction(database: Database) -> None:
    def does(error: Exception | None) -> None:
        with database.write() as session:
            session.connection().execute(text(SAY.format(name="Augusta")))
            a_user(session, "grace")
            if error:
                raise error

    with pytest.raises(CourseGone):
        does(CourseGone())
    assert _names(database) == ["Ada"]
    does(None)
    assert _names(database) == ["Augusta", "Grace"]


def test_what_a_reader_changed_is_rolled_back(database: Database) -> None:
    with database.read() as session:
        session.connection().execute(text(SAY.format(name="Augusta")))
    with database.read() as session:
        session.exec(select(User)).one().first_name = "Augusta"
        session.flush()
    assert _names(database) == ["Ada"]


def test_what_was_loaded_before_is_read_afresh(database: Database) -> None:
    with database.read() as session:
        before = session.exec(select(User)).one()
    with database.write() as session:
        session.connection().execute(text(SAY.format(name="Augusta")))
    with database.read() as session:
        assert session.exec(select(User)).one().first_name == "Augusta"
        assert before.first_name == "Ada"


def test_a_reader_sees_one_moment(database: Database) -> None:
    with database.read() as session:
        assert session.connection().execute(NAMES).scalar() == "Ada"
        with database.write() as writing:
            writing.connection().execute(text(SAY.format(name="Augusta")))
        assert session.connection().execute(NAMES).scalar() == "Ada"
    assert _names(database) == ["Augusta"]


@pytest.mark.parametrize("error", [CourseGone, KeyboardInterrupt])
def test_after_an_error_the_next_one_begins_anew(database: Database, error: type[BaseException]) -> None:
    for begun in (database.write, database.read):
        with pytest.raises(error):
            _fails(begun(), error)
    assert _names(database) == ["Ada"]
    with database.write() as session:
        session.connection().execute(text(SAY.format(name="Augusta")))
    assert _names(database) == ["Augusta"]


def test_a_refusal_costs_no_connection(database: Database) -> None:
    with pytest.raises(CourseGone):
        _fails(database.write(), CourseGone)
    with database.write() as before:
        pass
    with pytest.raises(CourseGone):
        _fails(database.write(), CourseGone)
    with database.write() as after:
        assert after is before


def test_after_a_commit_that_failed_as_well(database: Database) -> None:
    def gives_nobody_a_role() -> None:
        with database.write() as session:
            session.connection().execute(text("PRAGMA defer_foreign_keys = ON"))
            session.connection().execute(text("INSERT INTO userrole (user_id, role_id) VALUES ('user_nobody', 1)"))

    with pytest.raises(IntegrityError):
        gives_nobody_a_role()
    with database.write() as session:
        session.connection().execute(text(SAY.format(name="Augusta")))
    assert _names(database) == ["Augusta"]


def test_whoever_finds_all_of_them_lent_is_told_in_time(database: Database) -> None:
    def nested(left: int) -> None:
        with database.read():
            if left:
                nested(left - 1)

    nested(SQLITE_READERS - 1)
    with pytest.raises(Unavailable):
        nested(SQLITE_READERS)
    nested(SQLITE_READERS - 1)


def test_a_database_that_can_not_be_opened_uses_none_of_them_up(tmp_path: Path) -> None:
    folder = tmp_path / "homeroom.db"
    folder.mkdir()
    database = Database(f"sqlite:///{folder}", patience=0.05)
    for _ in range(SQLITE_READERS + 1):
        with pytest.raises(Unavailable), database.read():
            pass
    folder.rmdir()
    with database.read() as session:
        assert session.connection().scalar(text("SELECT 1")) == 1
    database.close()


def test_closed_it_holds_no_file_not_even_of_those_still_lent(database: Database, url: str) -> None:
    log = Path(url.removeprefix("sqlite:///") + "-wal")
    with database.read() as session:
        assert session.connection().execute(NAMES).scalar() == "Ada"
        database.close()
        assert log.exists(), "the last to close a file takes its log away (docs: SQLite, WAL)"
    assert not log.exists()
    assert _names(database) == ["Ada"], "it opens again for who asks"


def test_who_waits_for_a_reader_lets_others_have_their_turn(url: str) -> None:
    asked: list[object] = []

    def wait(call: Callable[[], object]) -> object:
        asked.append(call)
        held.close()
        return call()

    database = Database(url, wait=wait)
    held = ExitStack()
    for _ in range(SQLITE_READERS):
        held.enter_context(database.read())
    with database.read():
        assert len(asked) == 1
    database.close()


def test_a_database_in_memory_is_refused() -> None:
    for url in ("sqlite://", "sqlite:///:memory:"):
        with pytest.raises(ValueError, match="names no file"):
            Database(url)


def test_what_is_run_by_the_driver_is_in_the_same_transaction_as_what_is_not(database: Database) -> None:
    first_name = Prepared(select(col(User.first_name)).where(User.id == bindparam("user")))

    def name(session: Session) -> str:
        return str(first_name.rows(session, user="user_ada")[0].first_name)

    with database.read() as session:
        assert name(session) == "Ada"
        assert session.connection().in_transaction()
    with database.read() as session:
        assert isinstance(session, KeptSession)
        assert name(session) == "Ada"
        assert session.transaction is None, "SQLAlchemy need not hear of it."
        with database.write() as writing:
            assert name(writing) == "Ada"
            writing.connection().execute(text(SAY.format(name="Augusta")))
            assert name(writing) == "Augusta"
        assert name(session) == session.connection().execute(NAMES).scalar() == "Ada"
        assert session.exec(select(User)).one().first_name == name(session) == "Ada"
    with database.read() as session:
        assert name(session) == "Augusta"


def test_what_the_driver_changed_for_a_reader_is_rolled_back_and_so_after_an_error(database: Database) -> None:
    def renames(error: Exception | None) -> None:
        with database.read() as session:
            assert RENAMED.count(session) == 1
            if error:
                raise error

    renames(None)
    assert _names(database) == ["Ada"]
    with database.read() as before:
        pass
    with pytest.raises(CourseGone):
        renames(CourseGone())
    with database.read() as after:
        assert after is before
    assert _names(database) == ["Ada"]


def test_a_savepoint_holds_what_is_run_by_the_driver(database: Database) -> None:
    with database.write() as session:
        savepoint = session.begin_nested()
        assert RENAMED.count(session) == 1
        savepoint.rollback()
    assert _names(database) == ["Ada"]
    with database.read() as session:
        savepoint = session.begin_nested()
        assert RENAMED.count(session) == 1
        savepoint.rollback()
        assert session.connection().execute(NAMES).scalar() == "Ada"


def test_a_reader_that_rolls_back_looks_at_a_newer_moment(database: Database) -> None:
    first_name = Prepared(select(col(User.first_name)))
    with database.read() as session:
        assert first_name.rows(session)[0].first_name == "Ada"
        with database.write() as writing:
            assert RENAMED.count(writing) == 1
        session.rollback()
        assert first_name.rows(session)[0].first_name == "Augusta"
