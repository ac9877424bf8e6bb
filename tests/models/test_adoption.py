"""A database the portal made itself is taken over whole, or refused with everything that is in the way."""

from datetime import UTC
from pathlib import Path

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateTable
from sqlmodel import Session, SQLModel, col, select

from models import Course, Enrollment, Progress, User
from models.changes import Change
from models.database import Database, normal_url
from models.migrations import migrate, neighbours, shape
from models.migrations.adoption import Unadoptable
from models.migrations.seed import SEED
from tests import seedprogram
from tests.seedprogram import NOON

SEED_PROGRAMS_TABLES = ("course", "enrollment", "lesson", "module", "progress", "role", "user", "userrole")


def engine_of(url: str) -> Engine:
    return create_engine(normal_url(url), poolclass=NullPool)


def run(url: str, *statements: str) -> None:
    """What a neighbour says at a prompt, foreign keys off on SQLite as it is there by default."""
    with engine_of(url).begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def counts(url: str) -> dict[str, int]:
    with engine_of(url).connect() as connection:
        tables = inspect(connection).get_table_names()
        return {table: connection.scalar(text(f'SELECT count(*) FROM "{table}"')) or 0 for table in tables}


def refusal(url: str) -> list[str]:
    """Why the database at ``url`` can't be adopted; that nothing was changed is checked."""
    before = everything(url)
    with pytest.raises(Unadoptable) as refused:
        migrate(url)
    assert everything(url) == before
    assert all(problem in str(refused.value) for problem in refused.value.problems)
    assert "nothing was changed" in str(refused.value)
    return list(refused.value.problems)


def everything(url: str) -> dict[str, object]:
    with engine_of(url).connect() as connection:
        inspector = inspect(connection)
        return {
            table: (
                sorted(map(repr, connection.execute(text(f'SELECT * FROM "{table}"')))),
                [(column["name"], str(column["type"])) for column in inspector.get_columns(table)],
            )
            for table in inspector.get_table_names()
        }


def test_a_full_database_is_adopted_without_losing_a_row(empty_url: str) -> None:
    seedprogram.make_tables(empty_url)
    before = seedprogram.fill(empty_url, learners=20)
    report = migrate(empty_url)
    assert sorted(report.adopted) == list(SEED_PROGRAMS_TABLES)
    after = counts(empty_url)
    assert {table: after[table] for table in before} == before
    database = Database(empty_url)
    with database.read() as session:
        assert {user.created_at for user in session.exec(select(User))} == {NOON.replace(tzinfo=UTC)}
        assert {course.updated_at for course in session.exec(select(Course))} == {NOON.replace(tzinfo=UTC)}
        assert {row.completed_at for row in session.exec(select(Progress))} == {NOON.replace(tzinfo=UTC)}
    database.close()


def test_courses_finished_before_adoption_are_settled_like_any_other(empty_url: str) -> None:
    seedprogram.make_tables(empty_url)
    seedprogram.fill(empty_url, learners=2)
    migrate(empty_url)
    with Session(engine_of(empty_url)) as session:
        changes = session.exec(select(Change).order_by(col(Change.id))).all()
        enrollments = session.exec(select(Enrollment).order_by(col(Enrollment.id))).all()
    assert [(change.table_name, change.user_id, change.course_id) for change in changes] == [
        ("enrollment", enrollment.user_id, enrollment.course_id) for enrollment in enrollments
    ]


def test_an_empty_database_of_the_portal_is_adopted(empty_url: str) -> None:
    seedprogram.make_tables(empty_url)
    assert sorted(migrate(empty_url).adopted) == list(SEED_PROGRAMS_TABLES)


def test_tables_the_portal_has_not_made_yet_are_made(empty_url: str) -> None:
    run(empty_url, *as_in_the_seed(empty_url, "user", "role"))
    assert set(migrate(empty_url).adopted) == {"role", "user"}
    assert counts(empty_url).keys() >= set(SEED.tables)


def as_in_the_seed(url: str, *tables: str) -> list[str]:
    """The statements that make single tables of the seed."""
    dialect = engine_of(url).dialect
    return [str(CreateTable(SEED.tables[table]).compile(dialect=dialect)) for table in tables]


def test_the_portal_goes_on_writing_after_adoption(empty_url: str) -> None:
    seedprogram.make_tables(empty_url)
    seedprogram.fill(empty_url)
    migrate(empty_url)
    with Session(engine_of(empty_url)) as session:
        course = seedprogram.Course(title="Sets", description="About sets.", instructor_id="user_grace")
        session.add(course)
        session.flush()
        assert course.id == 3
        session.add(seedprogram.Enrollment(user_id="user_0", course_id=course.id))
        session.commit()
        assert session.exec(select(Course.title).where(Course.id == 3)).one() == "Sets"


@pytest.mark.parametrize(
    ("broken_by", "says"),
    [
        (
            "UPDATE enrollment SET course_id = 1",
            "enrollment has user_id 'user_0', course_id 1 in 2 rows (id 1, 2). Keep",
        ),
        (
            "INSERT INTO progress (user_id, lesson_id, completed) SELECT user_id, lesson_id, completed FROM progress",
            "progress has user_id 'user_0', lesson_id 1 in 2 rows (id 1, 5). Keep the completed one",
        ),
    ],
)
def test_what_is_there_twice_is_refused(empty_url: str, broken_by: str, says: str) -> None:
    seedprogram.make_tables(empty_url)
    seedprogram.fill(empty_url, learners=1)
    run(empty_url, broken_by)
    assert any(problem.startswith(says) for problem in refusal(empty_url))


def test_everything_wrong_is_said_at_once_with_its_fix(url_of_a_neglected_portal: str) -> None:
    problems = "\n".join(refusal(url_of_a_neglected_portal))
    for says in (
        "user has no column image_url (text). Add it.",
        "user has no column updated_at (an instant). Add it and fill it in for every row.",
        "role has name 'Student' in 2 rows (id 1, 2). Point the userrole rows at one of them",
        "course has a column slug already, and Homeroom needs that name. Rename yours.",
        "course.price must be filled in and has no default",
        "and should be a whole number. Change its type.",
        "enrollment.course_id is empty in 1 row (id 3). Fill it in, or delete what has none.",
        "enrollment has user_id 'user_ada', course_id 7 in 2 rows (id 1, 2). Keep the earliest and delete the others.",
        "There is a table homeroom_link, but no record of a migration.",
    ):
        assert says in problems, says


def test_every_name_of_ours_is_kept_free() -> None:
    ours = {
        name: tuple(column for column in SQLModel.metadata.tables[name].columns.keys() if column not in table.columns)  # noqa: SIM118
        for name, table in SEED.tables.items()
    }
    assert {name: columns for name, columns in ours.items() if columns} == shape.OURS


@pytest.fixture
def url_of_a_neglected_portal(empty_url: str) -> str:
    run(
        empty_url,
        'CREATE TABLE "user" (id VARCHAR PRIMARY KEY, first_name VARCHAR NOT NULL, last_name VARCHAR NOT NULL,'
        " email VARCHAR NOT NULL, created_at TIMESTAMP NOT NULL)",
        "CREATE TABLE role (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL, description VARCHAR)",
        "INSERT INTO role VALUES (1, 'Student', NULL), (2, 'Student', 'again')",
        "CREATE TABLE course (id INTEGER PRIMARY KEY, title VARCHAR NOT NULL, description VARCHAR NOT NULL,"
        " instructor_id VARCHAR NOT NULL, created_at TIMESTAMP NOT NULL, updated_at TIMESTAMP NOT NULL,"
        " slug VARCHAR, price INTEGER NOT NULL)",
        "CREATE TABLE lesson (id INTEGER PRIMARY KEY, title VARCHAR NOT NULL, content_type VARCHAR NOT NULL,"
        ' content_url VARCHAR, "order" FLOAT NOT NULL, module_id INTEGER NOT NULL)',
        "CREATE TABLE enrollment (id INTEGER PRIMARY KEY, user_id VARCHAR NOT NULL, course_id INTEGER,"
        " enrolled_at TIMESTAMP NOT NULL)",
        "INSERT INTO enrollment VALUES (1, 'user_ada', 7, '2024-05-01 12:00:00'), (2, 'user_ada', 7,"
        " '2024-05-01 12:00:00'), (3, 'user_ada', NULL, '2024-05-01 12:00:00')",
        "CREATE TABLE homeroom_link (id INTEGER PRIMARY KEY)",
    )
    return empty_url


def test_rows_that_refer_to_nothing_are_refused(empty_url: str) -> None:
    seedprogram.make_tables(empty_url)
    seedprogram.fill(empty_url, learners=2)
    unguarded(empty_url, "DELETE FROM lesson WHERE id > 2", "DELETE FROM \"user\" WHERE id = 'user_grace'")
    user = '"user"' if empty_url.startswith("postgresql") else "user"
    assert sorted(refusal(empty_url)) == [
        "course.instructor_id refers to a user that isn't there, in 2 rows (id 1, 2). Put it back, or "
        f"delete what refers to it: DELETE FROM course WHERE instructor_id NOT IN (SELECT id FROM {user});",
        "progress.lesson_id refers to a lesson that isn't there, in 4 rows (id 3, 4, 7, 8). Put it back, or "
        "delete what refers to it: DELETE FROM progress WHERE lesson_id NOT IN (SELECT id FROM lesson);",
        "userrole.user_id refers to a user that isn't there, in 1 row (user_id/role_id user_grace/2). Put it back, or "
        f"delete what refers to it: DELETE FROM userrole WHERE user_id NOT IN (SELECT id FROM {user});",
    ]


def test_rows_that_refer_to_a_table_that_is_not_there_are_refused(empty_url: str) -> None:
    seedprogram.make_tables(empty_url)
    seedprogram.fill(empty_url, learners=2)
    cascade = " CASCADE" if empty_url.startswith("postgresql") else ""
    run(empty_url, f"DROP TABLE lesson{cascade}")
    (problem,) = refusal(empty_url)
    assert problem.startswith("progress.lesson_id refers to a lesson that isn't there, in 8 rows (id 1, 2, 3, 4, 5, …)")


def test_the_fix_in_a_refusal_is_one(empty_url: str) -> None:
    seedprogram.make_tables(empty_url)
    seedprogram.fill(empty_url, learners=2)
    unguarded(empty_url, "DELETE FROM lesson WHERE id > 2")
    (problem,) = refusal(empty_url)
    run(empty_url, problem.split("delete what refers to it: ")[1])
    assert migrate(empty_url).changed
    assert counts(empty_url)["progress"] == 4


def unguarded(url: str, *statements: str) -> None:
    """What happened to this database while nobody held its foreign keys."""
    off = ["SET session_replication_role = replica"] if url.startswith("postgresql") else []
    run(url, *off, *statements)


def test_instants_nobody_can_read_are_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'portal.db'}"
    seedprogram.make_tables(url)
    seedprogram.fill(url)
    run(url, "UPDATE course SET created_at = 'last spring' WHERE id = 2")
    assert refusal(url) == [
        "course.created_at holds 'last spring', which can't be read as an instant. "
        "Write it as '2025-01-31 09:00:00.000000', in UTC."
    ]


def test_a_title_of_any_length_is_adopted(empty_url: str) -> None:
    seedprogram.make_tables(empty_url)
    seedprogram.fill(empty_url)
    run(empty_url, f"UPDATE course SET title = '{'Loops ' * 5000}' WHERE id = 2")
    assert migrate(empty_url).changed


def test_stored_instants_take_our_form(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'portal.db'}"
    seedprogram.make_tables(url)
    seedprogram.fill(url, learners=1)
    run(
        url,
        "UPDATE course SET created_at = '2024-05-01T14:00:00+02:00', updated_at = 1714564800250",
        "UPDATE progress SET completed_at = '2024-05-01T12:00:00.25Z'",
    )
    migrate(url)
    with engine_of(url).connect() as connection:
        assert connection.execute(text("SELECT DISTINCT created_at, updated_at FROM course")).all() == [
            ("2024-05-01 12:00:00.000000", "2024-05-01 12:00:00.250000")
        ]
        assert connection.scalars(text("SELECT DISTINCT completed_at FROM progress")).all() == [
            "2024-05-01 12:00:00.250000"
        ]


def test_timestamps_without_a_zone_become_utc_whatever_the_servers_zone(empty_url: str) -> None:
    seedprogram.make_tables(empty_url)
    seedprogram.fill(empty_url)
    migrate(empty_url)
    database = Database(empty_url)
    with database.read() as session:
        wanted = select(Enrollment).where(Enrollment.enrolled_at == NOON.replace(tzinfo=UTC))
        assert len(session.exec(wanted).all()) == 6
    database.close()


def test_a_neighbours_own_triggers_and_indexes_outlive_adoption(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'portal.db'}"
    seedprogram.make_tables(url)
    seedprogram.fill(url)
    run(
        url,
        "CREATE TABLE visits (course_id INTEGER)",
        "CREATE TRIGGER noted AFTER INSERT ON course BEGIN INSERT INTO visits VALUES (NEW.id); END",
        "CREATE INDEX by_shout ON course (upper(title))",
        "CREATE INDEX by_day ON enrollment (enrolled_at)",
        "CREATE VIEW titles AS SELECT title FROM course",
        "CREATE UNIQUE INDEX enrollment_pair ON enrollment (user_id, course_id)",
        "ALTER TABLE course ADD COLUMN price INTEGER NOT NULL DEFAULT 7",
    )
    migrate(url)
    with engine_of(url).connect() as connection:
        names = set(connection.scalars(text("SELECT name FROM sqlite_master")))
        assert {"noted", "by_shout", "by_day", "titles", "enrollment_pair"} <= names
        assert connection.scalars(text("SELECT price FROM course")).all() == [7, 7]
        assert connection.scalars(text("SELECT title FROM titles")).all() == ["Loops", "Graphs"]
        assert connection.scalar(text("SELECT count(*) FROM visits")) == 0


def test_ids_are_never_given_twice_even_over_a_rebuild(database: Database) -> None:
    with database.writer.begin() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        connection.exec_driver_sql("INSERT INTO role (id, name) VALUES (40, 'Auditor')")
        connection.exec_driver_sql("DELETE FROM role")
        operations = Operations(MigrationContext.configure(connection))
        with (
            neighbours.kept(connection),
            operations.batch_alter_table("role", recreate="always", table_kwargs={"sqlite_autoincrement": True}),
        ):
            pass
        connection.exec_driver_sql("INSERT INTO role (name) VALUES ('Student')")
        assert connection.exec_driver_sql("SELECT id FROM role").scalar() == 41


def test_a_neighbour_can_no_longer_enroll_someone_twice(empty_url: str) -> None:
    seedprogram.make_tables(empty_url)
    seedprogram.fill(empty_url)
    migrate(empty_url)
    with pytest.raises(DBAPIError, match=r"(?i)unique"):
        run(
            empty_url,
            "INSERT INTO enrollment (user_id, course_id, enrolled_at)"
            " SELECT user_id, course_id, enrolled_at FROM enrollment",
        )
