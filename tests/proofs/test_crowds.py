"""Many people at once, through the real program: nobody's row is doubled, nobody's is lost, nobody gets no answer."""

import json
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from sqlmodel import Session, col, func, select

from models import Course, Enrollment, Lesson, Module, Progress, catalog, changes, links, members
from models.completions import Completion
from models.database import Database
from models.errors import Unavailable
from tests import plain
from tests.bot.receivers import Receiver, running
from tests.bot.test_web import signed
from tests.house import House, copied, open_house
from tests.house_fixtures import furnish
from tests.school import LONG_AGO, a_course, a_user

Say = Callable[[str, str, str], None]


class ResponseUrls(Receiver):
    """Where answers are shown."""

    def judged(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str, Any]:
        """200, whatever it is."""
        return 200, path, None


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def crowded(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A furnished database on SQLite and on PostgreSQL; its URL."""
    if request.param == "sqlite":
        return copied(request.getfixturevalue("furnished"), tmp_path)
    database: Database = request.getfixturevalue("postgresql_database")
    with database.write() as session:
        furnish(session, datetime.now(UTC))
    return database.url.render_as_string(hide_password=False)


def test_a_crowd_finishes_a_course_in_two_processes_worth_of_house(crowded: str, is_full: bool, figures: Say) -> None:
    people = 200 if is_full else 24
    enlist_crowd(crowded, people)
    with open_house(crowded) as one, open_house(crowded) as two, running(ResponseUrls) as answers:
        with one.program.database.read() as session:
            course_id, lessons = python_basics(session)
        presses = [("course.enroll", course_id), *(("lesson.complete", lesson) for lesson in lessons)]
        started = time.monotonic()
        with ThreadPoolExecutor(24) as threads:
            statuses = Counter(
                status
                for answered in threads.map(lambda n: take((one, two), n, presses, answers.url), range(people))
                for status in answered
            )
        seconds = time.monotonic() - started
        for house in (one, two):
            house.quiet()
        while waiting(one):
            one.program.scheduler.follow()
        with one.program.database.read() as session:
            rows = {
                "enrollments": count(session, Enrollment.course_id, course_id),
                "progress": session.exec(select(func.count()).select_from(Progress)).one(),
                "completions": count(session, Completion.course_id, course_id),
            }
    assert set(statuses) == {200}
    assert len(answers.bodies) == sum(statuses.values())
    shown = [json.loads(said)["text"] for said in answers.bodies]
    assert [text for text in shown if str(Unavailable()) in text or "went wrong" in text] == []
    assert rows == {"enrollments": people, "progress": people * len(lessons), "completions": people}
    dialect = crowded.partition(":")[0].partition("+")[0]
    figures(
        f"Nothing doubled, nothing lost, no request unanswered ({dialect})",
        f"{people} people each press Enroll and every Mark complete twice, at two programs on one database at once",
        f"{sum(statuses.values()):,} presses answered in {seconds:.1f} s, all 200 and none refused; "
        f"{rows['enrollments']} enrollments, {rows['progress']} progress rows, {rows['completions']} completions",
    )


def test_the_catalog_shows_every_course_once_however_many(url: str, is_full: bool, figures: Say) -> None:
    courses = 100_000 if is_full else 300
    database = Database(url, patience=60)
    with database.write() as session:
        a_course(session, "First", [])
        rows = [
            {
                "title": f"Course {n * 7919 % courses:06}",
                "description": "",
                "instructor_id": "user_grace",
                "created_at": LONG_AGO,
                "updated_at": LONG_AGO,
            }
            for n in range(courses - 1)
        ]
        session.connection().execute(Course.__table__.insert(), rows)  # type: ignore[attr-defined]
    seen: list[int] = []
    cursor: str | None = None
    first = last = 0.0
    with database.read() as session:
        while True:
            began = time.perf_counter()
            page = catalog.catalog(session, user_id=None, after=cursor, size=50)
            last = time.perf_counter() - began
            first = first or last
            seen += [card.course_id for card in page.cards]
            cursor = page.after
            if cursor is None:
                break
    database.close()
    assert len(seen) == len(set(seen)) == courses
    figures(
        "Paging through the catalog shows every course exactly once",
        f"{courses:,} courses, 50 a page, SQLite",
        f"{len(seen):,} seen, none twice; first page {first * 1000:.1f} ms, last page {last * 1000:.1f} ms",
    )


def enlist_crowd(url: str, people: int) -> None:
    """So many linked people."""
    database = Database(url, patience=30)
    now = datetime.now(UTC)
    with database.write() as session:
        for number in range(people):
            user = a_user(session, f"crowd{number}")
            profile = members.Profile("T0HOME", f"U0C{number}", f"c{number}", f"Crowd {number}")
            members.remember(session, profile, now)
            links.link(session, "T0HOME", f"U0C{number}", user.id, now)
    database.close()


def python_basics(session: Session) -> tuple[int, list[int]]:
    course = session.exec(select(Course).where(Course.slug == "python-basics")).one()
    assert course.id is not None
    lessons = session.exec(select(Lesson.id).join(Module).where(Module.course_id == course.id)).all()
    return course.id, [one for one in lessons if one is not None]


def take(houses: tuple[House, House], number: int, presses: list[tuple[str, int]], answers: str) -> list[int]:
    """Somebody presses each of these at both programs at once."""
    with plain.client(timeout=30) as client, ThreadPoolExecutor(2) as hands:
        return [
            status
            for action, value in presses
            for status in hands.map(lambda h: press(client, h, number, action, value, answers), houses)  # noqa: B023
        ]


def press(client: httpx.Client, house: House, number: int, action: str, value: int, answers: str = "") -> int:
    """The status a press of somebody's is answered with; what they are shown goes to the URL for answers."""
    payload = {
        "type": "block_actions",
        "user": {"id": f"U0C{number}", "team_id": "T0HOME"},
        "team": {"id": "T0HOME"},
        "container": {"type": "message", "message_ts": "1.1", "channel_id": "D1", "is_ephemeral": True},
        "channel": {"id": "D1", "name": "directmessage"},
        "actions": [{"type": "button", "action_id": action, "block_id": "b", "value": str(value)}],
        "trigger_id": "",
        "response_url": answers,
    }
    body = urlencode({"payload": json.dumps(payload)})
    return client.post(f"{house.bot_url}/slack/events", content=body, headers=signed(body)).status_code


def waiting(house: House) -> bool:
    with house.program.database.read() as session:
        return changes.waiting(session)


def count(session: Session, column: object, value: int) -> int:
    return session.exec(select(func.count()).where(col(column) == value)).one()
