"""Events out: what happened is written down once for each destination, whoever did it, and only while there is one."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, text
from sqlmodel import Session, col, select

from models import (
    Course,
    Enrollment,
    Progress,
    User,
    backlogs,
    changes,
    completions,
    destinations,
    enrollments,
    erasures,
    leases,
    outcomes,
    pauses,
    progress,
    reports,
)
from models.deliveries import Delivery
from models.destinations import LAPSES, RECEIVER
from models.grants import Whom
from models.pauses import COURSE, EVERYTHING, KIND
from models.switches import EVENTS, WEBHOOK, XAPI
from tests.school import LONG_AGO, a_course, a_user, completed, enrolled, lessons_of

NOW = LONG_AGO + timedelta(days=10)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ada(any_session: Session) -> User:
    return a_user(any_session, "ada")


@pytest.fixture
def knots(any_session: Session) -> Course:
    return a_course(any_session, "Knots", ["Bowline", "Hitch"])


@pytest.fixture
def told(any_session: Session, ada: User, knots: Course) -> Session:
    """A school whose events a portal is told; everything so far was noticed."""
    follow(any_session)
    destinations.configured(any_session, WEBHOOK, "here", NOW)
    return any_session


def follow(session: Session) -> None:
    """What a tick does."""
    session.flush()
    while changes.waiting(session):
        changes.consume(session, NOW, NOW)


def rows(session: Session, kind: str = WEBHOOK) -> Sequence[Delivery]:
    return session.exec(select(Delivery).where(Delivery.kind == kind).order_by(col(Delivery.id))).all()


def events(session: Session, kind: str = WEBHOOK) -> list[dict[str, Any]]:
    """The facts of every event, in order."""
    follow(session)
    return [json.loads(row.facts) for row in rows(session, kind)]


def types(session: Session, kind: str = WEBHOOK) -> list[str]:
    return [facts["type"] for facts in events(session, kind)]


def _id(course: Course) -> int:
    assert course.id is not None
    return course.id


def _lessons(session: Session, course: Course) -> list[int]:
    return [lesson.id for lesson in lessons_of(session, course) if lesson.id is not None]


def test_nothing_is_written_while_nobody_is_told(any_session: Session, ada: User, knots: Course) -> None:
    enrolled(any_session, ada, knots)
    assert events(any_session) == []


def test_what_nobody_had_noticed_by_then_counts(any_session: Session, ada: User, knots: Course) -> None:
    enrolled(any_session, ada, knots)
    destinations.configured(any_session, WEBHOOK, "here", NOW)
    assert types(any_session) == ["enrollment.created"]


def test_each_event_says_who_what_and_when(told: Session, ada: User, knots: Course) -> None:
    enrolled(told, ada, knots, at=NOW - 3 * MINUTE)
    completed(told, ada, lessons_of(told, knots)[0], at=NOW - 2 * MINUTE)
    progress.complete(told, ada.id, _lessons(told, knots)[1], NOW - MINUTE)
    course, (first, second) = {"id": knots.id, "title": "Knots"}, _lessons(told, knots)
    made = events(told)
    assert [{**facts, "id": ""} for facts in made] == [
        {"id": "", "user_id": "user_ada", "course": course, "type": kind, "timestamp": f"2024-01-11T{at}.000000Z"}
        | ({"lesson": lesson} if lesson else {})
        for kind, at, lesson in (
            ("enrollment.created", "08:57:00", None),
            ("lesson.completed", "08:58:00", {"id": first, "title": "Bowline"}),
            ("lesson.completed", "08:59:00", {"id": second, "title": "Hitch"}),
            ("course.completed", "08:59:00", None),
        )
    ]
    assert len({UUID(facts["id"]) for facts in made}) == 4
    assert {(row.team_id, row.user_id, row.course_id, row.state) for row in rows(told)} == {
        (WEBHOOK, "user_ada", None, "waiting")
    }


def test_every_destination_is_told_the_same_event_and_a_record_store_only_what_it_keeps(
    told: Session, ada: User, knots: Course
) -> None:
    destinations.configured(told, XAPI, "there", NOW)
    enrolled(told, ada, knots)
    progress.complete(told, ada.id, _lessons(told, knots)[0], NOW)
    progress.reopen(told, ada.id, _lessons(told, knots)[0])
    follow(told)
    enrollments.withdraw(told, ada.id, _id(knots))
    assert types(told) == ["enrollment.created", "lesson.completed", "lesson.reopened", "enrollment.withdrawn"]
    assert events(told, XAPI) == events(told)[:2]


def test_what_was_undone_before_anybody_looked_happened_all_the_same(told: Session, ada: User, knots: Course) -> None:
    for _ in range(2):
        enrollments.enroll(told, ada.id, _id(knots), NOW)
        enrollments.withdraw(told, ada.id, _id(knots))
    made = events(told)
    assert [facts["type"] for facts in made] == ["enrollment.created", "enrollment.withdrawn"] * 2
    assert len({facts["id"] for facts in made}) == 4


def test_a_lesson_is_completed_when_it_becomes_so_and_not_when_it_is_written_again(
    told: Session, ada: User, knots: Course
) -> None:
    row = completed(told, ada, lessons_of(told, knots)[0])
    follow(told)
    for done, at in ((True, NOW), (True, NOW + MINUTE), (False, None), (True, NOW)):
        row.completed, row.completed_at = done, at
        follow(told)
    assert types(told) == ["lesson.completed", "lesson.reopened", "lesson.completed"]


def test_a_course_finished_by_whoever_wrote_its_last_lesson_is_told_once(
    told: Session, ada: User, knots: Course
) -> None:
    for name in ("ada", "mary"):
        enrolled(told, a_user(told, name), knots)
    for lesson in lessons_of(told, knots):
        completed(told, a_user(told, "mary"), lesson)
        assert lesson.id is not None
        progress.complete(told, ada.id, lesson.id, NOW)
    for _ in range(2):
        completions.settle(told, "user_mary", _id(knots), NOW)
        follow(told)
    finished = [facts["user_id"] for facts in events(told) if facts["type"] == "course.completed"]
    assert sorted(finished) == ["user_ada", "user_mary"]


def test_people_and_courses_that_are_gone_are_not_spoken_of(told: Session, ada: User, knots: Course) -> None:
    sails = a_course(told, "Sails", ["Jib"])
    enrolled(told, ada, sails)
    enrolled(told, a_user(told, "mary"), knots)
    completed(told, a_user(told, "mary"), lessons_of(told, knots)[0])
    told.flush()
    for statement in (
        delete(Enrollment).where(col(Enrollment.course_id) == sails.id),
        text(f"DELETE FROM lesson WHERE module_id IN (SELECT id FROM module WHERE course_id = {sails.id})"),
        text(f"DELETE FROM module WHERE course_id = {sails.id}"),
        delete(Course).where(col(Course.id) == sails.id),
        delete(Progress),
        delete(Enrollment),
        delete(User).where(col(User.id) == "user_mary"),
    ):
        told.connection().execute(statement)
    assert events(told) == []


def test_an_instant_nobody_can_read_is_the_moment_it_was_noticed(session: Session) -> None:
    ada, knots = a_user(session, "ada"), a_course(session, "Knots", ["Bowline"])
    destinations.configured(session, WEBHOOK, "here", NOW)
    for user_id in (ada.id, a_user(session, "mary").id):
        written = "soon" if user_id == ada.id else "2026-11-26T10:00:00.5+01:00"
        values = {"user": user_id, "course": knots.id, "at": written}
        insert = "INSERT INTO enrollment (user_id, course_id, enrolled_at) VALUES (:user, :course, :at)"
        session.connection().execute(text(insert), values)
    assert [facts["timestamp"] for facts in events(session)] == [
        "2024-01-11T09:00:00.000000Z",
        "2026-11-26T09:00:00.500000Z",
    ]


# Destinations


def test_a_destination_nobody_was_configured_for_in_a_day_lapses_and_its_events_have_failed(
    told: Session, ada: User, knots: Course
) -> None:
    enrolled(told, ada, knots)
    follow(told)
    destinations.lapse(told, NOW, NOW + LAPSES)
    assert [row.state for row in rows(told)] == ["waiting"]
    destinations.lapse(told, NOW, NOW + LAPSES + MINUTE)
    assert [(row.state, row.reason, row.try_at) for row in rows(told)] == [("failed", "not configured", None)]
    progress.complete(told, ada.id, _lessons(told, knots)[0], NOW)
    assert types(told) == ["enrollment.created"]
    assert destinations.standings(told)[0].since is None
    destinations.configured(told, WEBHOOK, "here", NOW + 2 * LAPSES)
    assert destinations.send_again(told, WEBHOOK, NOW, NOW) == 1
    assert [(row.state, row.attempts) for row in rows(told)] == [("waiting", 0)]


def test_an_event_in_somebodys_hands_is_theirs_when_its_destination_lapses(
    told: Session, ada: User, knots: Course
) -> None:
    enrolled(told, ada, knots)
    follow(told)
    later = NOW + LAPSES + MINUTE
    (leased,) = leases.lease(told, WEBHOOK, later, 5)
    destinations.lapse(told, NOW, later)
    assert leases.sent(told, leased, None, NOW)
    assert [row.state for row in rows(told)] == ["sent"]


def test_another_address_starts_afresh(told: Session) -> None:
    destinations.fails(told, WEBHOOK, "HTTP 500", NOW)
    destinations.is_gone(told, WEBHOOK, "it answered 410", NOW)
    destinations.configured(told, WEBHOOK, "here", NOW + MINUTE)
    assert [one.failing_since for one in destinations.every(told)] == [NOW]
    assert [one.paused_by for one in pauses.in_force(told)] == [RECEIVER]
    destinations.configured(told, WEBHOOK, "elsewhere", NOW + 2 * MINUTE)
    told.expire_all()
    assert [(one.failing_since, one.since) for one in destinations.every(told)] == [(None, NOW)]
    assert pauses.in_force(told) == ()


def test_a_destination_that_lapsed_starts_afresh_at_the_same_address(told: Session) -> None:
    destinations.is_gone(told, WEBHOOK, "it answered 410", NOW)
    destinations.lapse(told, NOW, NOW + 2 * LAPSES)
    destinations.configured(told, WEBHOOK, "here", NOW + 2 * LAPSES)
    assert pauses.in_force(told) == ()


def test_an_admins_pause_outlives_another_address(told: Session) -> None:
    pauses.pause(told, KIND, WEBHOOK, by="U0RADIA", because="", now=NOW)
    destinations.configured(told, WEBHOOK, "elsewhere", NOW)
    assert len(pauses.in_force(told)) == 1


# What admins hold, and what they see


@pytest.mark.parametrize(
    ("scope", "value", "is_held"),
    [
        pytest.param(EVERYTHING, "", True, id="everything"),
        pytest.param(KIND, WEBHOOK, True, id="webhooks"),
        pytest.param(KIND, XAPI, False, id="another kind"),
        pytest.param(COURSE, "1", False, id="a course: that is about messages"),
    ],
)
def test_what_a_pause_holds(told: Session, ada: User, knots: Course, scope: str, value: str, is_held: bool) -> None:
    enrolled(told, ada, knots)
    follow(told)
    pauses.pause(told, scope, value if scope != COURSE else str(knots.id), by="console", because="", now=NOW)
    assert len(leases.lease(told, WEBHOOK, NOW, 5)) == (0 if is_held else 1)


def test_what_happened_is_only_thrown_away_by_name(told: Session, ada: User, knots: Course) -> None:
    enrolled(told, ada, knots)
    follow(told)
    assert outcomes.discarded(told, EVERYTHING, "", NOW, frozenset()) == 0
    assert outcomes.discarded(told, KIND, WEBHOOK, NOW, frozenset()) == 1
    assert [(row.state, row.reason) for row in rows(told)] == [("suppressed", "discarded")]


def test_events_are_no_messages_to_people(told: Session, ada: User, knots: Course) -> None:
    for name in ("ada", "mary", "linus", "eve", "radia", "joan"):
        enrolled(told, a_user(told, name), knots)
    follow(told)
    assert backlogs.backlog(told).count == 0
    for leased in leases.lease(told, WEBHOOK, NOW + MINUTE, 5):
        leases.failed(told, leased, "HTTP 500", NOW)
    a_user(told, "radia", "Admin")
    reports.plan_alert_failures(told, NOW, NOW)
    assert rows(told, "alert") == []
    (one,) = destinations.standings(told)
    assert (one.waiting, dict(one.failed)) == (1, {"HTTP 500": 5})


# Somebody who is forgotten


def test_who_is_forgotten_is_told_of_no_more_not_even_again(told: Session, ada: User, knots: Course) -> None:
    destinations.configured(told, XAPI, "there", NOW)
    enrolled(told, ada, knots)
    follow(told)
    (leased,) = leases.lease(told, WEBHOOK, NOW, 1)
    leases.failed(told, leased, "HTTP 500", NOW)
    erasures.erase(told, Whom("T1", "U1", ada.id), "console", NOW)
    told.expire_all()
    follow(told)
    assert [(row.kind, row.state, row.reason, row.facts) for kind in EVENTS for row in rows(told, kind)] == [
        (WEBHOOK, "failed", "HTTP 500", "{}"),
        (XAPI, "suppressed", "erased", "{}"),
    ]
    assert destinations.send_again(told, WEBHOOK, NOW, NOW) == 0
