"""What a learner takes in the database, measured on 100,000 learners who did 100 lessons each

Bytes of pages, indexes included, as SQLite's ``dbstat`` counts them, and of the ledger's rows for a thousand reminders.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from models import reminders
from tests.benchmarks import bench_growth, bench_tick
from tests.benchmarks.figures import Figure
from tests.benchmarks.keptschools import NOW, kept, opened

TABLES = "SELECT tbl_name, sum(pgsize) FROM dbstat JOIN sqlite_master USING (name) GROUP BY tbl_name"
PERSON = ("user", "userrole", "homeroom_member", "homeroom_link", "homeroom_reminder")


def measure() -> Sequence[Figure]:
    """Bytes for each learner, each lesson done, and each message sent; and the whole."""
    school = bench_growth.MANY
    sizes = of_tables(kept(school))
    learners = school.learners
    each = school.courses_each
    message = of_a_message()
    return (
        Figure("a learner: user, role, member, link, reminder", (per(sizes, PERSON, learners),), unit="bytes"),
        Figure(
            "an enrollment, with the place in the course",
            (per(sizes, ("enrollment", "homeroom_place"), learners * each),),
            unit="bytes",
        ),
        Figure("a lesson done", (per(sizes, ("progress",), school.progress_rows),), unit="bytes"),
        Figure("a message in the ledger", (message,), unit="bytes"),
        Figure("100,000 learners in ten courses each, 100 lessons done each", (sum(sizes.values()) / 1e6,), unit="MB"),
        Figure(
            "a year of a reminder a week for each of them",
            (message * 52 * learners / 1e6,),
            behind="the ledger's rows are kept",
            unit="MB",
        ),
    )


def of_tables(path: Path) -> dict[str, int]:
    """Bytes of each table with its indexes."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as raw:
        return dict(raw.execute(TABLES))


def per(sizes: Mapping[str, int], tables: Sequence[str], count: int) -> float:
    """Bytes of these tables for each of so many."""
    return sum(sizes[name] for name in tables) / count


def of_a_message() -> float:
    """Bytes a reminder adds to the ledger, with its indexes."""
    with opened(bench_tick.FEW) as database:
        path = Path(str(database.url.database))
        before = of_tables(path)["homeroom_delivery"]
        count = 0
        with database.write() as session:
            handled = reminders.AT_ONCE
            while handled == reminders.AT_ONCE:
                planned, handled = reminders.plan(session, NOW, NOW, frozenset())
                count += len(planned)
        return (of_tables(path)["homeroom_delivery"] - before) / count
