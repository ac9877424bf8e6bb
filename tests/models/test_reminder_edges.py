"""Where reminders meet what happened just now and nobody has followed yet."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from models import Course, links, members, preferences, progress, reminders
from models.database import Database
from models.members import Profile
from models.reminderrows import BY_YOU, UNANSWERED, Reminder
from models.reminders import LAST_STEP
from models.rhythms import DAILY, WEEKLY, Rhythm, local_day
from tests.models.test_reminder_year import a_learner
from tests.postgresql import SOMEBODY_WAITS
from tests.school import a_course, a_user, enrolled, lessons_of

MONDAY = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
NONE: frozenset[date] = frozenset()


@pytest.fixture
def session(any_session: Session) -> Session:
    return any_session


def ada_with(session: Session, rhythm: Rhythm, tz: str) -> str:
    """Ada, enrolled in a course, with her next reminder set."""
    user_id = a_learner(session, "ada", tz, rhythm, MONDAY)
    enrolled(session, a_user(session, "ada"), a_course(session, "Knots", ["One", "Two"]), at=MONDAY)
    reminders.schedule(session, [user_id], MONDAY, NONE)
    return user_id


def row_of(session: Session, user_id: str) -> Reminder:
    return session.exec(
        select(Reminder).where(Reminder.user_id == user_id).execution_options(populate_existing=True)
    ).one()


def left_at(session: Session, moments: list[datetime]) -> list[tuple[datetime, str]]:
    """The moments at which a reminder left, and the local day in its key."""
    return [
        (moment, one.key[-10:])
        for moment in moments
        for one in reminders.plan(session, moment, moment, NONE)[0]
        if one.reason is None
    ]


def quarters(start: datetime, days: int) -> list[datetime]:
    return [start + timedelta(minutes=15 * number) for number in range(days * 96)]


def test_a_zone_nobody_has_followed_yet_does_not_bring_two_for_a_day(session: Session) -> None:
    user_id = ada_with(session, Rhythm(DAILY, hour=0), "Pacific/Kiritimati")
    moments = quarters(MONDAY, 6)
    travels = moments[130]
    heard = left_at(session, [moment for moment in moments if moment < travels])
    # Midnight there is midnight in Hawaii, of the day before; the row still says when she is due at home.
    preferences.choose(session, user_id, Rhythm(DAILY, hour=0), "Pacific/Honolulu", travels)
    heard += left_at(session, [moment for moment in moments if moment >= travels])
    days = [day for _, day in heard]
    assert len(days) == len(set(days)) >= 4
    local = [local_day(moment, "Pacific/Honolulu") for moment, _ in heard]
    assert len(local) == len(set(local))


def test_a_zone_nobody_has_followed_yet_does_not_bring_one_on_another_weekday(session: Session) -> None:
    user_id = ada_with(session, Rhythm(WEEKLY, "3", hour=12), "Pacific/Kiritimati")
    due_at = row_of(session, user_id).due_at
    assert due_at is not None
    # Noon of Wednesday there is noon of Tuesday in Hawaii, to the minute.
    preferences.choose(session, user_id, Rhythm(WEEKLY, "3", hour=12), "Pacific/Honolulu", MONDAY)
    heard = left_at(session, quarters(MONDAY, 7))
    assert [moment.astimezone(UTC).isoweekday() for moment, _ in heard] == [3]
    assert due_at not in [moment for moment, _ in heard]


def test_a_lesson_nobody_has_followed_yet_keeps_the_goodbye_from_counting(session: Session) -> None:
    user_id = ada_with(session, Rhythm(DAILY), "UTC")
    for step in range(LAST_STEP - 1):
        reminders.nudged(session, user_id, MONDAY + timedelta(days=step), NONE)
    (first, _) = lessons_of(session, session.exec(select(Course).where(Course.title == "Knots")).one())
    assert first.id is not None
    progress.complete(session, user_id, first.id, MONDAY + timedelta(days=LAST_STEP))
    reminders.nudged(session, user_id, MONDAY + timedelta(days=LAST_STEP, hours=1), NONE)
    row = row_of(session, user_id)
    assert row.nudges == 1
    assert row.stopped_because is None


def test_a_stop_while_the_goodbye_is_in_flight_stays_a_stop(session: Session) -> None:
    user_id = ada_with(session, Rhythm(DAILY), "UTC")
    for step in range(LAST_STEP - 1):
        reminders.nudged(session, user_id, MONDAY + timedelta(days=step), NONE)
    preferences.stop(session, user_id, BY_YOU, MONDAY + timedelta(days=LAST_STEP))
    reminders.nudged(session, user_id, MONDAY + timedelta(days=LAST_STEP, minutes=1), NONE)
    assert row_of(session, user_id).stopped_because == BY_YOU


def test_the_last_that_goes_unanswered_ends_them(session: Session) -> None:
    user_id = ada_with(session, Rhythm(DAILY), "UTC")
    for step in range(LAST_STEP):
        reminders.nudged(session, user_id, MONDAY + timedelta(days=step), NONE)
    assert row_of(session, user_id).stopped_because == UNANSWERED


@pytest.mark.postgresql
def test_of_two_who_make_the_same_row_at_the_same_moment_the_one_who_knows_more_is_heard(
    postgresql_database: Database,
) -> None:
    with postgresql_database.write() as session:
        user_id = a_user(session, "ada").id
        members.remember(session, Profile("T1", "UADA", "ada", "Ada", tz="UTC"), MONDAY)
        links.link(session, "T1", "UADA", user_id, MONDAY)
        enrolled(session, a_user(session, "ada"), a_course(session, "Knots", ["One"]), at=MONDAY)

    def in_tokyo() -> None:
        with postgresql_database.write() as second:
            members.remember(second, Profile("T1", "UADA", "ada", "Ada", tz="Asia/Tokyo"), MONDAY)
            reminders.schedule(second, [user_id], MONDAY, NONE)

    with (
        ThreadPoolExecutor(1) as elsewhere,
        postgresql_database.write() as first,
        postgresql_database.reader.connect() as watching,
    ):
        reminders.schedule(first, [user_id], MONDAY, NONE)
        second = elsewhere.submit(in_tokyo)
        while not watching.scalar(text(SOMEBODY_WAITS)) and not second.done():
            watching.rollback()
        first.commit()
        second.result()
    with postgresql_database.read() as session:
        assert row_of(session, user_id).slack_tz == "Asia/Tokyo"
