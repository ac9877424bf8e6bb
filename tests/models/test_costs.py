"""What a screen costs: as many statements for a thousand things as for ten, and never a table read from end to end."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event
from sqlmodel import Session, insert

from models import (
    Course,
    Enrollment,
    Lesson,
    Module,
    Progress,
    User,
    announcementqueues,
    announcements,
    audiences,
    backlogs,
    catalog,
    changes,
    completions,
    deliveries,
    destinations,
    enrollments,
    events,
    leases,
    links,
    matches,
    members,
    outlines,
    pauses,
    places,
    progress,
    proposals,
    receipts,
    reports,
    roles,
    rosters,
    search,
    sendoffs,
    shares,
    snapshots,
    stats,
    switches,
    teachers,
)
from models.announcements import ENROLLED, Announcement
from models.deliveries import Delivery, Planned
from models.members import Caller, Member, Profile
from models.places import Place
from models.proposals import Proposal
from tests.school import LONG_AGO

NOW = LONG_AGO + timedelta(days=10)
LATER = NOW + timedelta(days=1)
BIG = 1
"""The id of the course with all the lessons; its first lesson has the same id."""

GRACE = Caller("T1", "U0", "P 0", "user_0", frozenset({roles.INSTRUCTOR}))
ANNOUNCED = Announcement(
    id=1, course_id=BIG, author_id="user_0", team_id="T1", slack_user_id="U0", audience=ENROLLED, created_at=NOW
)

SCREENS: dict[str, Callable[[Session], object]] = {
    "identify": lambda session: members.identify(session, "T1", "U0"),
    "catalog": lambda session: catalog.catalog(session, user_id="user_0"),
    "a page on": lambda session: catalog.catalog(session, user_id="user_0", after=_after(session)),
    "a page back": lambda session: catalog.catalog(session, user_id="user_0", before=_after(session)),
    "card": lambda session: catalog.card(session, BIG, user_id="user_0"),
    "my cards": lambda session: catalog.my_cards(session, "user_0"),
    "outline": lambda session: outlines.outline(session, BIG, user_id="user_0"),
    "reading": lambda session: outlines.reading(session, BIG, user_id="user_0"),
    "next lesson": lambda session: progress.next_lesson(session, "user_0", BIG),
    "open lessons": lambda session: progress.open_lessons(session, "user_0"),
    "finished": lambda session: completions.finished(session, "user_0"),
    "latest place": lambda session: places.latest(session, "user_0"),
    "place in a course": lambda session: places.in_course(session, "user_0", BIG),
    "keep a place": lambda session: places.keep(session, "user_0", BIG, 2, NOW),
    "enroll": lambda session: enrollments.enroll(session, "user_1", BIG, NOW),
    "withdraw": lambda session: enrollments.withdraw(session, "user_1", BIG),
    "complete": lambda session: progress.complete(session, "user_0", BIG, NOW),
    "reopen": lambda session: progress.reopen(session, "user_0", BIG),
    "settle": lambda session: completions.settle(session, "user_0", BIG, NOW),
    "search": lambda session: search.search(session, "course", user_id="user_0"),
    "titles": lambda session: search.titles(session, "course"),
    "first titles": lambda session: search.titles(session, ""),
    "find": lambda session: search.find(session, "course 7", user_id="user_0"),
    "home opened": lambda session: members.home_opened(session, "T1", "U0", NOW),
    "recently home": lambda session: members.recently_home(session, None, ["user_0", "user_1"], NOW),
    "admins": lambda session: members.admins(session, "T1"),
    "link": lambda session: links.link(session, "T1", "U0", "user_0", NOW),
    "roles": lambda session: roles.of(session, "user_0"),
    "event": lambda session: events.first_time(session, "Ev1", NOW),
    "forget events": lambda session: events.forget(session, NOW),
    "share": lambda session: shares.share(session, BIG, "T1", "C1", "U0", NOW.date()),
    "consume": lambda session: changes.consume(session, NOW, NOW, limit=5000),
    "plan": lambda session: deliveries.plan(session, [Planned(f"new {n}", "k", "T1", "U") for n in range(3)], NOW, NOW),
    "lease": lambda session: leases.lease(session, "T1", NOW, 5),
    "discard": lambda session: deliveries.discard(session, pauses.EVERYTHING, "", NOW),
    "backlog": lambda session: backlogs.backlog(session, "T1"),
    "whole backlog": backlogs.backlog,
    "held": backlogs.held,
    "opened": backlogs.opened,
    "outstanding": lambda session: backlogs.outstanding(session, "T1", 3),
    "stuck": lambda session: backlogs.stuck(session, "T1"),
    "of message": lambda session: backlogs.of_message(session, "D1", "1.1"),
    "events open": backlogs.events_open,
    "events failed": backlogs.events_failed,
    "any due": lambda session: backlogs.any_due(session, "webhook", NOW),
    "destinations lapse": lambda session: destinations.lapse(session, NOW, LATER),
    "send again": lambda session: destinations.send_again(session, "webhook", NOW, NOW),
    "told": lambda session: backlogs.told(session, NOW, LATER, "T1"),
    "offered match": lambda session: proposals.offered(session, "T1", "U0", {"example.org"}, NOW),
    "keep a match": lambda session: proposals.keep(session, "T1", (), NOW, "U0"),
    "withdraw a match": lambda session: proposals.withdraw(session, "user_0"),
    "who may match": lambda session: matches.people(session, "T1", "U0"),
    "failures": lambda session: reports.plan_alert_failures(session, LATER, LATER),
    "weekly": lambda session: reports.weekly(session, "T1", NOW, LATER),
    "desk": lambda session: teachers.taught(session, GRACE, 10),
    "roster": lambda session: rosters.roster(session, BIG, NOW),
    "roster by what is done": lambda session: rosters.roster(session, BIG, NOW, sort=rosters.LEAST_DONE),
    "numbers": lambda session: stats.funnel(session, BIG),
    "numbers by week": lambda session: stats.weeks(session, BIG, NOW),
    "changed courses": lambda session: snapshots.due(session, NOW),
    "changed": lambda session: snapshots.stale(session, {BIG}),
    "announcements": lambda session: announcements.of_course(session, BIG, 8),
    "audience": lambda session: audiences.count(session, ANNOUNCED, NOW),
    "receipt": lambda session: receipts.receipt(session, ANNOUNCED),
    "due announcements": lambda session: announcementqueues.any_due(session, "T1", NOW),
    "let in": lambda session: sendoffs.let_people_in(session, "T1", NOW, NOW),
    "follow edits": lambda session: sendoffs.follow_edits(session, "T1", NOW, NOW),
}
"""Everything a request or a tick may ask; `did_you_mean`, which reads every title, is asked when nothing was found."""

JUST_PUT_TOGETHER = re.compile(r"SCAN (page$|candidate$|\(|CONSTANT|\d+ CONSTANT|homeroom_course_search VIRTUAL)")
"""What a statement reads whole because it made it itself, or (the full-text index) finds by words."""
OPEN_ONES = "SCAN homeroom_delivery USING INDEX ix_homeroom_delivery_team_id_try_at"
"""The index of what is not settled yet: it holds nothing else."""
THE_FIRST_FEW = {
    "first titles": "SCAN course USING INDEX ix_course_lower_title_id",
    **dict.fromkeys(("discard", "backlog", "whole backlog", "held", "opened", "stuck", "weekly"), OPEN_ONES),
    "consume": "SCAN homeroom_change",
}
"""What is read in its own order and only as far as its limit, or only what is not settled."""


def _after(session: Session) -> str:
    """A cursor with something either way."""
    cursor = catalog.catalog(session, user_id=None, size=7).after
    assert cursor is not None
    return cursor


def _fill(session: Session, start: int, end: int) -> None:
    """People, courses (one lesson each), and lessons of the one big course, numbered so; user_0 is in every course."""
    numbers = range(start, end)

    def put(model: Any, rows: list[dict[str, Any]]) -> None:
        session.connection().execute(insert(model), rows)

    put(
        User,
        [{"id": f"user_{n}", "first_name": "P", "last_name": f"{n}", "email": f"{n}@example.org"} for n in numbers],
    )
    put(
        Member,
        [{"team_id": "T1", "slack_user_id": f"U{n}", "handle": "h", "name": "P", "seen_at": NOW} for n in numbers],
    )
    put(
        Proposal,
        [
            {"team_id": "T1", "slack_user_id": f"U{n}", "clerk_id": f"user_{n}", "by": "b", "found_at": NOW}
            | {"first_name": "P", "last_name": f"{n}"}
            for n in numbers
        ],
    )
    put(
        Course,
        [{"id": n + 1, "title": f"Course {n}", "description": "d", "instructor_id": "user_0"} for n in numbers],
    )
    put(Module, [{"id": n + 1, "title": "m", "order": 1, "course_id": n + 1} for n in numbers])
    lessons = [{"id": n + 1, "title": "own", "content_type": "text", "order": 0, "module_id": n + 1} for n in numbers]
    lessons += [
        {"id": 5000 + n, "title": "more", "content_type": "text", "order": n + 1, "module_id": BIG} for n in numbers
    ]
    put(Lesson, lessons)
    put(Enrollment, [{"user_id": "user_0", "course_id": n + 1, "enrolled_at": NOW} for n in numbers])
    put(Progress, [{"user_id": "user_0", "lesson_id": 5000 + n, "completed": True} for n in numbers])
    put(
        Place,
        [{"user_id": "user_0", "course_id": n + 1, "lesson_id": n + 1, "page": 1, "opened_at": NOW} for n in numbers],
    )
    if not start:
        for name in switches.EVENTS:
            destinations.configured(session, name, "", NOW)
    same = {"token": "t", "kind": "k", "team_id": "T1", "slack_user_id": "U0", "planned_at": NOW}
    put(Delivery, [{"key": f"s{n}", **same, "state": "sent", "settled_at": NOW} for n in numbers])
    put(Delivery, [{"key": f"w{n}", **same, "state": "waiting", "try_at": NOW} for n in numbers])


@contextmanager
def statements(session: Session) -> Iterator[list[tuple[str, Any]]]:
    """What is said to the database in the block, with its parameters."""
    said: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if "SAVEPOINT" not in statement:
            said.append((statement, parameters))

    bind: Engine | Connection = session.get_bind()
    event.listen(bind, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(bind, "before_cursor_execute", note)


def _asked(session: Session) -> dict[str, list[tuple[str, Any]]]:
    """What every screen says to the database, each as if it were the only one."""
    asked = {}
    for name, screen in SCREENS.items():
        with session.begin_nested() as alone, statements(session) as said:
            screen(session)
            asked[name] = said
            alone.rollback()
    return asked


def test_a_thousand_things_cost_as_many_statements_as_ten(any_session: Session) -> None:
    _fill(any_session, 0, 10)
    of_ten = {name: len(said) for name, said in _asked(any_session).items()}
    # PostgreSQL is told the same, but takes five times as long to fill.
    _fill(any_session, 10, 1000 if any_session.get_bind().dialect.name == "sqlite" else 200)
    assert {name: len(said) for name, said in _asked(any_session).items()} == of_ten
    assert max(of_ten.values()) <= 9


@pytest.mark.parametrize("screen", SCREENS)
def test_no_table_is_read_from_end_to_end(session: Session, screen: str) -> None:
    _fill(session, 0, 10)
    for statement, parameters in _asked(session)[screen]:
        plan = [row[3] for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
        scans = {step for step in plan if step.startswith("SCAN ") and not JUST_PUT_TOGETHER.match(step)}
        assert scans <= {THE_FIRST_FEW.get(screen)}, statement


def test_no_table_is_read_first_where_somebody_had_tables_counted(session: Session) -> None:
    """SQLite makes a filter or an index of a whole table for one statement when it expects much of it."""
    _fill(session, 0, 1000)
    session.connection().exec_driver_sql("DELETE FROM enrollment WHERE course_id > 100")
    session.connection().exec_driver_sql("ANALYZE")
    made = {
        (screen, step)
        for screen, said in _asked(session).items()
        for statement, parameters in said
        for *_, step in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        if "BLOOM" in step or "AUTOMATIC" in step
    }
    assert {screen for screen, _ in made} <= {"who may match"}, "that one's index is of what it put together itself"


def test_a_name_nobody_knows_reads_titles_and_nothing_else(session: Session) -> None:
    _fill(session, 0, 10)
    with statements(session) as said:
        assert search.did_you_mean(session, "zebra") == ()
    assert [statement.split("FROM")[0].split() for statement, _ in said] == [["SELECT", "course.id,", "course.title"]]


def test_remembering_many_people_is_three_statements_however_many(any_session: Session) -> None:
    """One looks up who is linked, one keeps what Slack says, one finds users of theirs whom nobody described yet."""
    for people in (5, 500):
        with statements(any_session) as said:
            members.remember_many(any_session, [Profile("T1", f"U{n}", "h", "n") for n in range(people)], NOW)
        assert len(said) == 3
