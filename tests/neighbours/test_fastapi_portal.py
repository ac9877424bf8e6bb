"""A FastAPI portal in a process of its own, on the bot's database: both say the same, however many ask at once."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlmodel import col, func, select

from bot.sandbox.clerk_people import user_object
from bot.serving import listen
from models import Enrollment, Progress
from models.completions import Completion
from models.database import Database
from tests import plain
from tests.handlers.test_link_attacks import SESSIONS
from tests.house import House, open_house
from tests.house_fixtures import furnish, furnished
from tests.neighbours.neighbour import ROOT
from tests.proofs.test_crowds import enlist_crowd, press, python_basics

__all__ = ["furnished"]

ADDRESS = "https://portal.example"
PEOPLE = 18


@dataclass(frozen=True)
class Academy:
    """The bot and the portal, both at work on one database."""

    house: House
    url: str

    def page(self, user_id: str, **claims: Any) -> httpx.Client:
        """A page of the portal in the browser of somebody signed in there."""
        token = self.house.slack.rehearsal.clerk.session_token(user_id, **{"azp": ADDRESS, **claims})
        return plain.client(base_url=self.url, headers={"Authorization": f"Bearer {token}"}, timeout=30)

    def asks(self, method: str, path: str, user_id: str, **told: Any) -> httpx.Response:
        """One request of such a page."""
        with self.page(user_id) as page:
            return page.request(method, path, **told)


@pytest.fixture
def academy(any_url: str) -> Iterator[Academy]:
    """Both, on SQLite and on PostgreSQL, with the cast and their courses."""
    database = Database(any_url)
    with database.write() as session:
        furnish(session, datetime.now(UTC))
    database.close()
    with (
        open_house(any_url, portal_url=ADDRESS, with_clerk=True) as house,
        portal_on(any_url, house.slack.clerk_issuer) as url,
    ):
        yield Academy(house, url)


@contextmanager
def portal_on(database_url: str, issuer: str) -> Iterator[str]:
    """The portal as docs/portal.md starts it; its address."""
    door = listen("127.0.0.1", 0)
    command = [sys.executable, "-m", "uvicorn", "--factory", "tests.neighbours.portal:portal", "--log-level", "warning"]
    settings = {"DATABASE_URL": database_url, "CLERK_ISSUER": issuer, "PORTAL_URL": ADDRESS}
    with subprocess.Popen(
        [*command, "--fd", str(door.fileno())], cwd=ROOT, env=os.environ | settings, pass_fds=[door.fileno()]
    ) as process:
        port = door.getsockname()[1]
        door.close()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def test_what_is_done_in_the_portal_and_in_slack_is_one(academy: Academy) -> None:
    house, ada = academy.house, academy.house.person("U0ADA")
    with house.program.database.read() as session:
        course_id, (hello, video, loops, check) = python_basics(session)
    ada.opens_home()
    enrollment = academy.asks("PUT", f"/courses/{course_id}/enrollment", "user_ada").json()
    assert (enrollment["user_id"], enrollment["course_id"]) == ("user_ada", course_id)
    house.program.scheduler.follow()
    assert ada.sees("0 of 4")
    done = academy.asks("PUT", f"/lessons/{hello}/completion", "user_ada").json()
    assert (done["changed"], done["done"], done["lessons"]) == (True, 1, 4)
    assert done["next_lesson"]["lesson_id"] == video
    house.program.scheduler.follow()
    assert ada.sees("1 of 4")

    ada.clicks("Continue")
    ada.presses("Mark complete")
    rows = academy.asks("GET", "/progress", "user_ada").json()
    assert [(row["lesson_id"], row["completed"]) for row in rows] == [(hello, True), (video, True)]
    ada.closes()
    assert academy.asks("DELETE", f"/lessons/{video}/completion", "user_ada").json()["done"] == 1
    answers = [academy.asks("PUT", f"/lessons/{one}/completion", "user_ada").json() for one in (video, loops, check)]
    assert [answer["finished_course"] for answer in answers] == [False, False, True]
    ada.opens_home()
    assert ada.sees("*Finished*")
    card = cards(academy, "user_ada")["Python Basics"]
    assert (card["enrolled"], card["completed"], card["done"]) == (True, True, 4)
    assert academy.asks("DELETE", f"/courses/{course_id}/enrollment", "user_ada").status_code == 204
    assert academy.asks("PUT", f"/lessons/{hello}/completion", "user_ada").status_code == 409
    assert academy.asks("GET", "/courses/2000000000", "user_ada").status_code == 404

    told = {"title": "Sets", "description": "About sets.", "instructor_id": "user_grace"}
    published = academy.asks("POST", "/courses", "user_grace", json=told)
    assert published.status_code == 201
    assert published.json()["title"] == "Sets"
    assert academy.asks("GET", f"/courses/{published.json()['id']}", "user_ada").json() == published.json()
    ada.types("/learn courses sets")
    assert ada.sees("About sets.")
    assert academy.asks("POST", "/courses", "user_ada", json=told).status_code == 403
    for broken in ({"title": "Sets"}, told | {"title": 3}, told | {"created_at": "yesterday"}):
        assert academy.asks("POST", "/courses", "user_grace", json=broken).status_code == 422


@pytest.mark.parametrize("any_url", ["sqlite"], indirect=True)
def test_who_asks_is_who_signed_in(academy: Academy) -> None:
    assert plain.get(f"{academy.url}/me", timeout=30).status_code == 401
    for flaw, claims in SESSIONS.items():
        with academy.page("user_ada", **claims) as page:
            assert page.get("/me").status_code == 401, flaw
    me = academy.asks("GET", "/me", "user_ada").json()
    assert (me["id"], me["first_name"], me["email"]) == ("user_ada", "Ada", "ada@academy.example")

    # Somebody new is known from their first page on, and Clerk's webhook says their name and when they are gone.
    clerk = academy.house.slack.rehearsal.clerk
    assert academy.asks("GET", "/me", "user_linus").json()["first_name"] == ""
    assert clerk.send_webhook("user.updated", user_object(clerk.users["user_linus"])).status == 204
    assert academy.asks("GET", "/me", "user_linus").json()["first_name"] == "Linus"
    assert clerk.send_webhook("user.deleted", {"id": "user_linus", "deleted": True}).status == 204
    assert academy.asks("GET", "/me", "user_linus").status_code == 401


def cards(academy: Academy, user_id: str) -> dict[str, Any]:
    """The catalog in the portal, by title."""
    found: dict[str, Any] = {}
    after: str | None = ""
    with academy.page(user_id) as page:
        while after is not None:
            told = page.get("/courses", params={"after": after} if after else {}).json()
            found |= {card["title"]: card for card in told["cards"]}
            after = told["after"]
    return found


def test_many_at_both_at_once_lose_and_double_nothing(academy: Academy, any_url: str) -> None:
    """A third of the people learn in Slack, a third in the portal, and a third press everything in both at once."""
    enlist_crowd(any_url, PEOPLE)
    house = academy.house
    with house.program.database.read() as session:
        course_id, lessons = python_basics(session)
    with ExitStack() as stack:
        slack = stack.enter_context(plain.client(timeout=30))
        pages = [stack.enter_context(academy.page(f"user_crowd{number}")) for number in range(PEOPLE)]

        def in_slack(number: int, lesson: int | None) -> int:
            action, value = ("lesson.complete", lesson) if lesson else ("course.enroll", course_id)
            return press(slack, house, number, action, value)

        def in_portal(number: int, lesson: int | None) -> int:
            path = f"/lessons/{lesson}/completion" if lesson else f"/courses/{course_id}/enrollment"
            return pages[number].put(path).status_code

        def learns(number: int) -> list[int]:
            ways = ((in_slack,), (in_portal,), (in_slack, in_portal))[number % 3]
            with ThreadPoolExecutor(2) as hands:
                asked = []
                for lesson in (None, *lessons):
                    asked += [hands.submit(way, number, lesson) for way in ways]
                    wait(asked)
            return [one.result() for one in asked]

        with ThreadPoolExecutor(PEOPLE) as threads:
            answers = Counter(status for statuses in threads.map(learns, range(PEOPLE)) for status in statuses)
        shown = Counter(sum(row["completed"] for row in page.get("/progress").json()) for page in pages)
    assert answers == {200: PEOPLE // 3 * 4 * (1 + len(lessons))}
    assert shown == {len(lessons): PEOPLE}
    with house.program.database.read() as session:
        rows = [
            session.exec(select(func.count()).select_from(table).where(col(table.user_id).like("user_crowd%"))).one()
            for table in (Enrollment, Progress, Completion)
        ]
    assert rows == [PEOPLE, PEOPLE * len(lessons), PEOPLE]
