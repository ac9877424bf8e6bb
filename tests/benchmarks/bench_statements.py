"""Statements said to the database for each screen, with 10 things behind it and with 10,000

Courses in the catalog and taught by one instructor, courses one learner is in, lessons of a course and learners in it,
its announcements, deliveries, entries of the audit log, members of the workspace: 10 of each, or 10,000.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, insert
from sqlmodel import Session

from handlers import home, routes
from handlers.requests import Context, Portal, Request
from models import Enrollment, Lesson, Progress, audit, catalog, members, roles, rosters, snapshots
from models.announcements import Announcement
from models.database import Database
from models.deliveries import Delivery
from models.members import Member, Profile
from tests.benchmarks.figures import Figure, at_most, ratios
from tests.benchmarks.keptschools import NOW, School, opened

FEW, MANY = 10, 10_000
ADA, GRACE, RADIA = 5, 1, 2
"""The learner who is in every course, the instructor who teaches them, and an admin; course 1 has all the lessons."""
SCREENS: tuple[tuple[str, int, str, str], ...] = (
    ("/learn", ADA, "courses", ""),
    ("/learn", ADA, "courses", "course"),
    ("action", ADA, "catalog.turn", "after {cursor}"),
    ("options", ADA, "catalog.pick", "course"),
    ("action", ADA, "course.open", "1"),
    ("action", ADA, "lesson.open", "100001"),
    ("/learn", ADA, "continue", ""),
    ("action", ADA, "lesson.complete", "100005"),
    ("action", ADA, "lesson.reopen", "100005"),
    ("/learn", ADA, "progress", ""),
    ("/learn", ADA, "done", ""),
    ("/learn", ADA, "reminders", ""),
    ("/learn", ADA, "why", ""),
    ("/learn", ADA, "enroll", "Course 000003"),
    ("action", GRACE, "desk.open", ""),
    ("action", GRACE, "roster.show", f"{rosters.EVERYBODY} {rosters.LEAST_DONE} 1"),
    ("action", GRACE, "stats.show", "1"),
    ("action", GRACE, "team.show", "1"),
    ("action", GRACE, "announcement.list", "1 0"),
    ("action", GRACE, "channel.show", "1"),
    ("action", RADIA, "role.show", ""),
    ("action", RADIA, "role.log", ""),
    ("action", RADIA, "person.pick", "U5"),
    ("action", RADIA, "person.unlinked", ""),
    ("home", ADA, "", ""),
    ("home", GRACE, "", ""),
    ("home", RADIA, "", ""),
)


def measure() -> Sequence[Figure]:
    """How many statements each screen takes, of ten and of ten thousand things."""
    counts = {}
    for size in (FEW, MANY):
        school = School(f"statements-{size}", size, size, lessons=2, courses_each=1, done_each=1)
        with opened(school) as database:
            _stuff(database, size)
            context = Context(database, NOW, Portal("Homeroom"), _nobody)
            counts[size] = {screen: _count(context, screen) for screen in SCREENS}
    grown = ratios(list(counts[MANY].values()), list(counts[FEW].values()))
    return (
        Figure(f"statements of {len(SCREENS)} screens: with 10,000 things behind each against 10", grown, at_most(1)),
        *(Figure(_name(screen), (counts[FEW][screen], counts[MANY][screen]), unit="statements") for screen in SCREENS),
    )


def _name(screen: tuple[str, int, str, str]) -> str:
    kind, learner, name, value = screen
    who = {ADA: "a learner", GRACE: "an instructor", RADIA: "an admin"}[learner]
    if kind == "home":
        return f"Home of {who}"
    return f"{kind} {name} {value}".strip() if kind == "/learn" else f"{name}"


def _count(context: Context, screen: tuple[str, int, str, str]) -> int:
    kind, learner, name, value = screen
    with context.read() as session:
        caller = members.identify(session, "T1", f"U{learner}")
        assert caller is not None
        value = value.format(cursor=catalog.catalog(session, user_id=None, size=3).after)
    with _statements(context.database) as said:
        if kind == "home":
            assert home.render("T1", f"U{learner}", context) is not None
        else:
            asked: dict[str, Any] = {"text": value} if kind == "/learn" else {"value": value}
            table: dict[str, dict[str, routes.Route]] = {
                "/learn": routes.VERBS,
                "action": routes.ACTIONS,
                "options": routes.OPTIONS,
            }
            request = Request(
                "action" if kind == "action" else "command",
                name,
                "T1",
                caller.slack_user_id,
                surface="private",
                **asked,
            )
            reply = table[kind][name].handler(request, caller, context)
            assert reply.screen is not None or reply.options is not None
    return len(said)


def _stuff(database: Database, size: int) -> None:
    """So many of everything else."""
    numbers = range(1, size + 1)
    ada, grace = f"user_{ADA}", f"user_{GRACE}"
    own = (ADA + 0 * 7) % size + 1

    def put(session: Session, model: Any, rows: list[dict[str, Any]]) -> None:
        session.connection().execute(insert(model), rows)

    with database.write() as session:
        raw = session.connection().connection.driver_connection
        assert raw is not None
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f'DROP TRIGGER "{name}"')
        lesson = {"content_type": "text", "module_id": 1, "body": "Read me."}
        put(session, Lesson, [{"id": 100_000 + n, "title": f"More {n}", "order": 10 + n, **lesson} for n in numbers])
        at = {"enrolled_at": NOW}
        put(session, Enrollment, [{"user_id": ada, "course_id": n, **at} for n in numbers if n != own])
        put(
            session,
            Enrollment,
            [{"user_id": f"user_{n}", "course_id": 1, **at} for n in numbers if n not in (ADA, size)],
        )
        put(session, Progress, [{"user_id": ada, "lesson_id": 2 * n, "completed": True} for n in numbers])
        said = {"course_id": 1, "author_id": grace, "team_id": "T1", "slack_user_id": f"U{GRACE}", "created_at": NOW}
        put(session, Announcement, [{"words": "", "state": "sent", **said} for _ in numbers])
        to = {"token": "t", "kind": "reminder", "team_id": "T1", "slack_user_id": f"U{ADA}", "planned_at": NOW}
        put(session, Delivery, [{"key": f"s{n}", **to, "state": "sent", "settled_at": NOW} for n in numbers])
        put(session, Delivery, [{"key": f"w{n}", **to, "state": "waiting", "try_at": NOW} for n in numbers])
        told = {"at": NOW, "actor": f"user_{RADIA}", "action": "role.granted", "what": "Instructor"}
        put(session, audit.Entry, [{"whom": f"user_{n}", **told} for n in numbers])
        known = {"team_id": "T1", "handle": "h", "name": "New", "seen_at": NOW}
        put(session, Member, [{"slack_user_id": f"UNEW{n}", **known} for n in numbers])
        roles.grant(session, grace, roles.INSTRUCTOR)
        roles.grant(session, f"user_{RADIA}", roles.ADMIN)
        snapshots.keep(session, [snapshots.take(session, n, NOW) for n in range(1, FEW + 1)])


def _nobody(team_id: str, slack_user_id: str) -> Profile:
    raise AssertionError("nobody is looked up")


@contextmanager
def _statements(database: Database) -> Iterator[list[str]]:
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            said.append(statement)

    for engine in (database.reader, database.writer):
        event.listen(engine, "before_cursor_execute", note)
    yield said
    for engine in (database.reader, database.writer):
        event.remove(engine, "before_cursor_execute", note)
