"""Bad input and bad luck: each leaves the person with a sentence and the data whole."""

import json
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlencode

import httpx
import pytest
from sqlmodel import Session, col, delete, select

from models import Course, Enrollment, Lesson, Module, links
from tests import plain
from tests.bot.test_web import signed
from tests.house import House
from tests.people import Person
from tests.school import a_course

UGLY = [
    "<!channel> Free pizza",
    "<@U0RADIA> <https://evil.example|click>",
    "*bold* _and_ `code` ~gone~",
    "مقدمة في البرمجة",
    "👩‍👩‍👧‍👦 Families & friends",
    "T" * 3000,
    "{braces} {title}",
    "%s %d",
]


@pytest.mark.parametrize("title", UGLY, ids=[title[:12] for title in UGLY])
def test_an_ugly_title_does_no_harm_on_any_screen(house: House, ada: Person, title: str) -> None:
    with house.program.database.write() as session:
        course_id = a_course(session, title, [title]).id
    ada.types(f"/learn enroll {course_id}")
    assert ada.sees("You're enrolled in")
    ada.clicks("Start lesson 1")
    ada.presses("Mark complete")
    assert ada.sees("Completed *")
    ada.closes()
    for said in ("progress", "courses", f"continue {course_id}"):
        ada.types(f"/learn {said}")
    ada.opens_home()
    for entry in house.traffic():
        said = entry["request"] if entry["direction"] == "from_bot" else entry["response"]
        for words in spoken(said):
            assert not any(shout in words for shout in ("<!channel>", "<@U0RADIA>", "<https://evil"))
    assert refused(house) == []


def test_a_course_of_two_hundred_lessons_opens(house: House, ada: Person) -> None:
    with house.program.database.write() as session:
        modules = {f"Module {m}": [f"Lesson {m}.{n}" for n in range(20)] for m in range(10)}
        a_course(session, "Everything", modules)
    ada.types("/learn enroll Everything")
    ada.types("/learn courses Everything")
    ada.clicks("Details")
    assert ada.sees("Lesson 9.19")
    ada.chooses("lesson 7.3", "Lesson 7.3")
    assert ada.sees("Lesson 144 of 200")
    assert refused(house) == []


def test_a_deleted_course_behind_a_button_is_a_sentence(house: House, ada: Person) -> None:
    ada.types("/learn courses baking")
    with house.program.database.write() as session:
        remove_course(session, "Baking Bread")
    ada.clicks("Enroll")
    assert ada.sees("That course isn't here any more.")
    ada.clicks("Details")
    assert ada.sees("That course isn't here any more.")


def test_a_deleted_lesson_in_an_open_modal_is_a_sentence(house: House, ada: Person) -> None:
    ada.types("/learn enroll baking bread")
    ada.clicks("Start lesson 1")
    with house.program.database.write() as session:
        remove_course(session, "Baking Bread")
    ada.presses("Mark complete")
    assert ada.sees("isn't here any more.")


def test_a_button_from_an_old_screen_gets_a_sentence(house: House, ada: Person) -> None:

    ada.types("/learn courses baking")
    ts = ada.messages()[-1]["ts"]
    payload = {
        "type": "block_actions",
        "user": {"id": "U0ADA", "team_id": "T0HOME"},
        "team": {"id": "T0HOME"},
        "container": {"type": "message", "message_ts": ts, "channel_id": "D0ADA", "is_ephemeral": True},
        "channel": {"id": "D0ADA", "name": "directmessage"},
        "actions": [{"type": "button", "action_id": "course.abolished", "block_id": "b", "value": "1"}],
        "trigger_id": "",
        "response_url": "",
    }
    for action, value in (
        ("course.abolished", "1"),
        ("course.enroll", ""),
        ("lesson.turn", "9 x"),
        ("catalog.turn", ""),
    ):
        payload["actions"] = [{"type": "button", "action_id": action, "block_id": "b", "value": value}]
        body = urlencode({"payload": json.dumps(payload)})
        answer = plain.post(f"{house.bot_url}/slack/events", content=body, headers=signed(body))
        assert answer.status_code == 200


def test_the_same_event_twice_is_acted_on_once(house: House, ada: Person) -> None:
    ada.types("hi")
    assert ada.sees("Hello Ada")
    event = next(entry for entry in house.traffic() if entry["what"] == "message.im" or entry["what"] == "message")
    house.http.post("/rehearsal/redeliver", json={"n": event["n"]}).raise_for_status()
    house.quiet()
    assert ada.screen().count("Hello Ada") == 1


def test_a_locked_database_is_said_and_nothing_is_lost(
    house: House, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    ada.types("/learn courses baking")
    with locked(house):
        ada.clicks("Enroll")
        assert ada.sees("I can't reach my records just now, and nothing was changed.")
    assert "told to try again, for the database: action course.enroll" in caplog.text
    with house.program.database.read() as session:
        assert session.exec(select(Enrollment)).all() == []
    ada.clicks("Enroll")
    assert ada.sees("You're enrolled in *Baking Bread*")


def test_an_event_that_can_not_be_stored_comes_again(house: House, ada: Person) -> None:
    with locked(house):
        ada.types("enroll baking bread")
    house.quiet()
    tries = [entry["status"] for entry in house.traffic() if str(entry["what"]).startswith("message")]
    assert tries[0] == 503


@pytest.mark.parametrize("fault", ["429", "500", "timeout", "drop"])
def test_slack_not_opening_a_modal_is_said(house: House, ada: Person, fault: str) -> None:
    ada.types("/learn enroll python basics")
    house.breaks("views.open", fault, times=1)
    ada.clicks("Start lesson 1")
    assert ada.sees("Slack didn't let me open that just now.") or ada.has_modal()
    if ada.has_modal():
        return
    ada.clicks("Start lesson 1")
    assert ada.sees("The smallest program")


def test_an_image_slack_can_not_fetch_becomes_a_link(house: House, ada: Person) -> None:
    ada.types("/learn enroll python basics")
    ada.clicks("Start lesson 1")
    ada.presses("Mark complete")
    house.breaks("*", "image_unreachable")
    ada.clicks("Next lesson")
    assert ada.sees("Watch the video")
    assert "(image:" not in ada.screen()
    ada.closes()
    ada.types("/learn continue")
    assert ada.sees("Watch the video")


def test_home_that_can_not_be_published_stops_nothing(house: House, ada: Person) -> None:
    house.breaks("views.publish", "500", times=2)
    ada.types("/learn enroll baking bread")
    assert ada.sees("You're enrolled in *Baking Bread*")


@pytest.mark.parametrize("fault", ["500", "429", "drop"])
def test_a_slack_in_trouble_all_over_loses_nothing(house: House, ada: Person, fault: str) -> None:
    house.breaks("*", fault, times=None)
    ada.types("/learn enroll baking bread")
    ada.clicks("Start lesson 1")
    ada.types("/learn done")
    ada.types("hi")
    house.mends()
    ada.types("/learn progress")
    assert ada.sees("Baking Bread")


def test_a_role_taken_away_counts_at_the_next_press(house: House, ada: Person) -> None:
    ada.types("/learn courses baking")
    with house.program.database.write() as session:
        assert links.unlink(session, "T0HOME", "U0ADA")
    ada.clicks("Enroll")
    assert ada.sees("I need to know who you are")
    with house.program.database.read() as session:
        assert session.exec(select(Enrollment)).all() == []


def test_the_same_press_twice_at_once_is_one_enrollment(house: House) -> None:
    payload = {
        "type": "block_actions",
        "user": {"id": "U0ADA", "team_id": "T0HOME"},
        "team": {"id": "T0HOME"},
        "container": {"type": "message", "message_ts": "1.1", "channel_id": "D0ADA", "is_ephemeral": True},
        "channel": {"id": "D0ADA", "name": "directmessage"},
        "actions": [{"type": "button", "action_id": "course.enroll", "block_id": "b", "value": "1"}],
        "trigger_id": "",
        "response_url": "",
    }
    body = urlencode({"payload": json.dumps(payload)})
    with ThreadPoolExecutor(8) as threads:
        presses = [
            threads.submit(httpx.post, f"{house.bot_url}/slack/events", content=body, headers=signed(body))
            for _ in range(8)
        ]
        assert {press.result().status_code for press in presses} == {200}
    with house.program.database.read() as session:
        assert len(session.exec(select(Enrollment)).all()) == 1


def test_answers_keep_coming_while_homes_wait(house: House, ada: Person, mary: Person) -> None:
    house.breaks("views.publish", "slow", seconds=2)
    ada.types("/learn enroll baking bread")
    started = time.monotonic()
    mary.types("/learn courses")
    assert mary.sees("Courses")
    assert time.monotonic() - started < 6


def spoken(said: object) -> Iterator[str]:
    """Every text Slack would read for mentions and links; plain text is literal (docs: text object)."""
    if isinstance(said, list):
        for one in said:
            yield from spoken(one)
    elif isinstance(said, dict) and said.get("type") not in ("plain_text", "text"):
        for key, value in said.items():
            if key == "text" and isinstance(value, str):
                yield value
            else:
                yield from spoken(value)


def refused(house: House) -> list[object]:
    """What Slack would not take from us."""
    return [entry["refused"] for entry in house.traffic() if entry["refused"]]


def remove_course(session: Session, title: str) -> None:
    """A neighbour deletes a course with everything in it."""

    course = session.exec(select(Course).where(Course.title == title)).one()
    modules = select(Module.id).where(Module.course_id == course.id)
    session.exec(delete(Enrollment).where(col(Enrollment.course_id) == course.id))
    session.exec(delete(Lesson).where(col(Lesson.module_id).in_(modules)))
    session.exec(delete(Module).where(col(Module.course_id) == course.id))
    session.delete(course)


@contextmanager
def locked(house: House) -> Iterator[None]:
    """Another program holds the database's write lock."""
    connection = sqlite3.connect(str(house.program.database.url.database), isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.rollback()
        connection.close()
