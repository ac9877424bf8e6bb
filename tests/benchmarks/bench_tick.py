"""The reminder tick: its cost follows what is due, and most of it is SQLite's

The floor is sqlite3 alone: it reads who is due and where they are reached, is handed what a tick decided about them,
and writes the same rows. The peers: a loop over every learner with the ORM, as tutorials write it (300 learners are
looked at, and it would look at each of a million); and APScheduler with a job per learner in its SQLAlchemy job store,
timed until the jobs that are due have run.
"""

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Event, Lock
from time import perf_counter
from typing import Any

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import event
from sqlmodel import Session, select

from models import Enrollment, Module, Progress, User, reminders
from models.database import Database
from models.deliveries import Delivery
from models.links import Link
from models.reminderrows import Reminder
from tests.benchmarks.figures import Figure, Goal, at_least, at_most, ratios, told
from tests.benchmarks.keptschools import KEPT, NOW, School, opened
from tests.benchmarks.rounds import interleave

DUE, ROUNDS = 1_000, 15
FEW = School("due-few", 10_000, courses=20, lessons=10, courses_each=3, done_each=1, due=DUE)
MANY = School("due-many", 1_000_000, courses=20, lessons=10, courses_each=3, done_each=1, due=DUE)
SAMPLE = 300
"""Learners the loop looks at; it would look at every one of them, each costing the same."""
JOBS = 10_000


def measure() -> Sequence[Figure]:
    """1,000 learners due among a million: against among ten thousand, and against other ways to do the same."""
    with opened(FEW) as few, opened(MANY) as many:
        written = _what_is_written(many)
        took = interleave(
            {
                "few": lambda: tick(few),
                "many": lambda: tick(many),
                "raw": lambda: _raw(many, written),
                "writes": lambda: _raw(many, written, reads=False),
                "loop": lambda: _loop(many) * MANY.learners / SAMPLE,
            },
            ROUNDS,
        )
        jobs = _job_store()
        later = interleave({"few": lambda: tick(few), "jobs": lambda: _run_jobs(jobs, few)}, 5)
    return (
        _figure("1,000 due among 1,000,000 learners against among 10,000", took["many"], took["few"], at_most(1.2)),
        _figure("planning them against sqlite3 reading and writing the same", took["many"], took["raw"], at_most(1.5)),
        _figure(
            "planning them against sqlite3 that knows who is due and only writes", took["many"], took["writes"], None
        ),
        _figure(
            "a loop with the ORM over 1,000,000 learners against the tick", took["loop"], took["many"], at_least(500)
        ),
        _figure(
            "an APScheduler job per learner, 1,000 of 10,000 due, against the tick", later["jobs"], later["few"], None
        ),
    )


def _figure(what: str, took: Sequence[float], against: Sequence[float], goal: Goal | None) -> Figure:
    behind = f"{told(median(took) * 1e3, 'ms')} against {told(median(against) * 1e3, 'ms')}"
    return Figure(what, ratios(took, against), goal, behind)


@contextmanager
def _undone(database: Database) -> Iterator[Session]:
    with database.writer.connect() as connection, connection.begin() as transaction, Session(connection) as session:
        session.connection()
        yield session
        transaction.rollback()


def _plan(session: Session) -> None:
    handled, count = reminders.AT_ONCE, 0
    while handled == reminders.AT_ONCE:
        planned, handled = reminders.plan(session, NOW, NOW, frozenset())
        count += len(planned)
    assert count == DUE, count


def tick(database: Database) -> float:
    """Seconds to plan everything that is due; undone afterwards."""
    with _undone(database) as session:
        started = perf_counter()
        _plan(session)
        return perf_counter() - started


Rows = Sequence[tuple[Any, ...]]


def _what_is_written(database: Database) -> tuple[list[str], Rows, Rows]:
    """The ledger's columns and the rows that a tick adds to it, and what it changes of the learners' rows."""
    with _undone(database) as session:
        raw = _driver(session)
        before = raw.execute("SELECT coalesce(max(id), 0) FROM homeroom_delivery").fetchone()[0]
        _plan(session)
        columns = [row[1] for row in raw.execute("PRAGMA table_info(homeroom_delivery)") if row[1] != "id"]
        added = raw.execute(f"SELECT {', '.join(columns)} FROM homeroom_delivery WHERE id > ? ORDER BY id", (before,))
        changed = "SELECT due_at, planned_on, planned_at, id FROM homeroom_reminder WHERE planned_on = '2027-03-05'"
        return columns, added.fetchall(), raw.execute(changed).fetchall()


WHO_IS_DUE = """SELECT * FROM homeroom_reminder WHERE due_at <= '2027-03-05 09:01:00.000000'
ORDER BY due_at, id LIMIT 1000"""


def _raw(database: Database, written: tuple[list[str], Rows, Rows], *, reads: bool = True) -> float:
    """Seconds for the driver alone to read who is due and write the same rows."""
    columns, added, changed = written
    insert = f"INSERT INTO homeroom_delivery ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    with _undone(database) as session:
        raw = _driver(session)
        started = perf_counter()
        if reads:
            assert len(raw.execute(WHO_IS_DUE).fetchall()) == DUE
        raw.executemany(f"{insert} ON CONFLICT (key) DO NOTHING", added)
        raw.executemany("UPDATE homeroom_reminder SET due_at = ?, planned_on = ?, planned_at = ? WHERE id = ?", changed)
        return perf_counter() - started


def _driver(session: Session) -> sqlite3.Connection:
    found = session.connection().connection.driver_connection
    assert isinstance(found, sqlite3.Connection)
    return found


def _loop(database: Database) -> float:
    """Seconds for the loop as tutorials write it, over so many learners: entities, and a look at each course."""
    with Session(database.reader) as session:
        session.connection()
        started = perf_counter()
        for user in session.exec(select(User).limit(SAMPLE)):
            reminder = session.exec(select(Reminder).where(Reminder.user_id == user.id)).first()
            if reminder is None or reminder.due_at is None or reminder.due_at > NOW:
                pass
            for enrollment in session.exec(select(Enrollment).where(Enrollment.user_id == user.id)):
                modules = session.exec(select(Module).where(Module.course_id == enrollment.course_id)).all()
                lessons = [lesson.id for module in modules for lesson in module.lessons]
                done = session.exec(select(Progress).where(Progress.user_id == user.id)).all()
                open_lessons = set(lessons) - {one.lesson_id for one in done if one.completed}
                assert open_lessons
            session.exec(select(Link).where(Link.user_id == user.id)).first()
        return perf_counter() - started


class _Ran:
    """Where jobs say that they ran: they are pickled, so they find it by its name."""

    def __init__(self) -> None:
        self.lock, self.all_did = Lock(), Event()
        self.count = 0
        self.database: Database | None = None


RAN = _Ran()


def remind(user_id: str) -> None:
    """The job of one learner: its message into the ledger."""
    assert RAN.database is not None
    with RAN.database.write() as session:
        session.add(
            Delivery(
                key=user_id,
                token="t",
                kind="reminder",
                team_id="T1",
                slack_user_id=user_id,
                user_id=user_id,
                state="waiting",
                planned_at=NOW,
                try_at=NOW,
            )
        )
    with RAN.lock:
        RAN.count += 1
        if RAN.count == DUE:
            RAN.all_did.set()


def _job_store() -> Path:
    """A store of one job per learner, of whom a tenth are due; made once, for making it takes longest."""
    path = KEPT / "jobs.db"
    path.unlink(missing_ok=True)
    scheduler = _scheduler(path)
    scheduler.start(paused=True)
    now = datetime.now(UTC)
    for number in range(JOBS):
        due_at = now if number % (JOBS // DUE) == 0 else now + timedelta(days=1)
        scheduler.add_job(remind, "interval", (f"user_{number}",), days=1, next_run_time=due_at)
    # A scheduler that is told to end runs what is due once more.
    scheduler.remove_jobstore("default")
    scheduler.shutdown()
    return path


def _scheduler(path: Path) -> BackgroundScheduler:
    store = SQLAlchemyJobStore(f"sqlite:///{path}")
    event.listen(store.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    defaults = {"misfire_grace_time": None, "coalesce": True}
    return BackgroundScheduler(jobstores={"default": store}, job_defaults=defaults, timezone=UTC)


def _run_jobs(made: Path, database: Database) -> float:
    """Seconds until the jobs that are due have run."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "jobs.db"
        shutil.copyfile(made, path)
        RAN.count, RAN.database = 0, database
        RAN.all_did.clear()
        with database.write() as session:
            session.connection().exec_driver_sql("DELETE FROM homeroom_delivery")
        scheduler = _scheduler(path)
        started = perf_counter()
        scheduler.start()
        assert RAN.all_did.wait(300)
        took = perf_counter() - started
        scheduler.shutdown()
        return took
