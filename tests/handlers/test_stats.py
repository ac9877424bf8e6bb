"""What a course's numbers say to who teaches it, and a word to those who stopped."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from handlers import stats
from handlers.requests import Request
from models import deliveries, members, nudges, progress
from models.courses import Course, Lesson, Module
from models.deliveries import Delivery, Planned
from models.errors import DomainError
from models.switches import NUDGE
from tests.handlers.test_announcing import BASICS, WEDNESDAY, closes_all, course_id, crowd, enroll
from tests.house import House
from tests.people import Person


@pytest.fixture(autouse=True)
def begun(house: House) -> None:
    """It is Wednesday afternoon, in London and in New York."""
    house.turns_to(WEDNESDAY)


def lessons(house: House) -> list[tuple[int, str]]:
    with house.program.database.read() as session:
        asked = select(Lesson.id, Lesson.title).join(Module).where(Module.course_id == course_id(house))
        return [(found or 0, title) for found, title in session.exec(asked.order_by(Module.order, Lesson.order)).all()]  # type: ignore[arg-type]


def does_the_first(house: House, *user_ids: str) -> str:
    """These people did the first lesson; the title of the second, before which they stop."""
    (first, _), (_, second) = lessons(house)[:2]
    with house.program.database.write() as session:
        for user_id in user_ids:
            progress.complete(session, user_id, first, WEDNESDAY - timedelta(days=2))
    return second


def test_the_numbers_name_where_most_stop(house: House, grace: Person) -> None:
    enroll(house, "user_ada", "user_mary")
    second = does_the_first(house, "user_ada", "user_mary")
    grace.types(f"/teach stats {BASICS}")
    assert grace.sees(f"2 learners in {BASICS}: 2 started, 0 finished. Most stop before {second}: 2 people stop there.")
    assert grace.sees("Completed")
    closes_all(grace)
    grace.goes_to("D0GRACE")
    assert grace.sees("Here are the numbers.", patience=30), "it takes a while to draw"
    file = [file for message in grace.messages() for file in message["files"]][-1]
    assert (file["mimetype"], file["name"].endswith(".png")) == ("image/png", True)
    assert file["alt_txt"].endswith("2 people stop there.")
    content = house.http.get("/rehearsal/file", params={"person": grace.key, "id": file["id"]}).content
    assert content.startswith(b"\x89PNG")


def test_an_admin_sees_all_courses_and_an_instructor_theirs(house: House, grace: Person, radia: Person) -> None:
    enroll(house, "user_ada")
    radia.types("/teach stats")
    assert radia.sees("In twelve weeks 1 enrolled and 0 finished. The largest course is Python Basics.")
    radia.clicks("Send me the picture")
    grace.types("/teach stats")
    assert grace.sees("Whose numbers?")
    with house.program.database.read() as session:
        caller = members.identify(session, "T0HOME", "U0GRACE")
    assert caller is not None
    asked = Request("action", "stats.picture", "T0HOME", "U0GRACE", surface="modal", value="0")
    with pytest.raises(DomainError, match="for admins"):
        stats.picture(asked, caller, house.program.context(house.clock()))


def test_nobody_else_sees_them(house: House, ada: Person, mary: Person) -> None:
    ada.types(f"/teach stats {BASICS}")
    assert ada.sees("That is for instructors.")


def test_those_who_stopped_are_reminded_once_a_day(house: House, grace: Person, ada: Person, mary: Person) -> None:
    enroll(house, "user_ada", "user_mary")
    second = does_the_first(house, "user_ada")
    grace.types(f"/teach stats {BASICS}")
    grace.clicks("Remind this one")
    assert grace.sees(f"1 person did everything before *{second}* and stopped. They get this:")
    assert grace.sees(f"Grace Hopper noticed you're at *{second}* in Python Basics.")
    grace.presses("Remind 1 person")
    assert grace.sees("1 reminder is on the way")
    house.reminds()
    assert ada.sees(f"Grace Hopper noticed you're at *{second}* in Python Basics.")
    assert "noticed" not in mary.screen()
    ada.clicks("Open lesson")
    assert ada.sees(second)
    closes_all(grace)
    grace.types(f"/teach stats {BASICS}")
    assert "Remind this one" not in grace.buttons()
    house.turns_to(WEDNESDAY + timedelta(days=1, minutes=1))
    closes_all(grace)
    grace.types(f"/teach stats {BASICS}")
    assert "Remind this one" in grace.buttons()


def test_it_is_once_a_day_whatever_the_course_and_whoever_presses(
    house: House, grace: Person, radia: Person, ada: Person
) -> None:
    """Two who teach press at the same moment, each in a process of their own: neither sees what the other planned."""
    enroll(house, "user_ada")
    does_the_first(house, "user_ada")
    grace.types(f"/teach stats {BASICS}")
    grace.clicks("Remind this one")
    grace.presses("Remind 1 person")
    assert grace.sees("1 reminder is on the way")
    with house.program.database.write() as session:
        (first,) = session.exec(select(Delivery).where(Delivery.kind == NUDGE)).all()
        # Not a copy: the first may have been sent by now.
        again = Planned(
            "nudge again",
            NUDGE,
            first.team_id,
            first.slack_user_id,
            first.user_id,
            first.course_id,
            facts=json.loads(first.facts),
            not_after=first.not_after,
        )
        deliveries.plan(session, [again], first.planned_at, datetime.now(UTC))
    house.reminds()
    closes_all(grace)
    assert len([one for one in ada.messages() if "noticed" in one["text"]]) == 1
    with house.program.database.read() as session:
        told = session.exec(select(Delivery.state, Delivery.reason).where(Delivery.kind == NUDGE)).all()
        assert sorted(told) == [("sent", None), ("suppressed", "nudged")]
        caller = members.identify(session, "T0HOME", "U0RADIA")
        assert caller is not None
        other = course_id(house, "SQL")
    enroll(house, "user_ada", title="SQL")
    with house.program.database.read() as session:
        (lesson, _) = session.exec(
            select(Lesson.id, Lesson.title).join(Module).where(Module.course_id == other).order_by(Lesson.order)  # type: ignore[arg-type]
        ).all()[0]
        found = nudges.stuck(session, caller, other, lesson or 0, house.clock())
    assert (found.user_ids, found.left_out) == ((), 1)


def test_a_double_press_is_one_reminder(house: House, grace: Person) -> None:
    enroll(house, "user_ada")
    does_the_first(house, "user_ada")
    grace.types(f"/teach stats {BASICS}")
    grace.clicks("Remind this one")
    assert grace.sees("They get this:")
    view = grace.modal()
    for _ in range(3):
        grace.http.post("/rehearsal/submit", json={"person": grace.key, "view": view["id"], "values": {}})
    with house.program.database.read() as session:
        assert len(session.exec(select(Delivery).where(Delivery.kind == NUDGE)).all()) == 1


def test_who_did_it_meanwhile_or_stopped_reminders_is_left_alone(
    house: House, grace: Person, ada: Person, mary: Person
) -> None:
    enroll(house, "user_ada", "user_mary")
    second = does_the_first(house, "user_ada", "user_mary")
    mary.types("stop")
    grace.types(f"/teach stats {BASICS}")
    grace.clicks("Remind these 2")
    assert grace.sees("They get this:")
    house.breaks("chat.postMessage", "429", times=None, retry_after=1)
    grace.submits()
    house.hears("chat.postMessage", 429)
    with house.program.database.write() as session:
        progress.complete(session, "user_ada", lessons(house)[1][0], WEDNESDAY)
    house.mends()
    house.reminds()
    assert f"at *{second}*" not in ada.screen()
    assert f"at *{second}*" not in mary.screen()
    with house.program.database.read() as session:
        told = {(row.user_id, row.reason) for row in session.exec(select(Delivery).where(Delivery.kind == NUDGE))}
    assert told == {("user_ada", "progress"), ("user_mary", "stopped")}


def test_so_many_that_it_should_be_an_announcement(house: House, grace: Person) -> None:
    crowd(house, 201)
    does_the_first(house, *(f"user_n{number:03}" for number in range(201)))
    grace.types(f"/teach stats {BASICS}")
    assert grace.sees("201 people stop there.")
    assert not [label for label in grace.buttons() if label.startswith("Remind")]


def test_the_desk_says_how_it_stands_and_as_of_when(house: House, grace: Person) -> None:
    enroll(house, "user_ada", "user_mary")
    second = does_the_first(house, "user_ada")
    grace.types("/teach")
    assert grace.sees("2 learners")
    house.reminds()
    grace.types("/teach")
    assert grace.sees(f"2 learners · 1 stuck before {second}")
    assert grace.sees("Numbers as of")
    enroll(house, "user_radia")
    house.reminds()
    house.turns_to(WEDNESDAY + timedelta(minutes=2))
    house.reminds()
    grace.types("/teach")
    assert grace.sees(f"3 learners · 1 stuck before {second}")


def test_a_course_just_made_has_its_right_numbers(house: House, grace: Person) -> None:
    house.reminds()
    with house.program.database.write() as session:
        session.add(
            Course(
                title="Fresh", description="", instructor_id="user_grace", created_at=WEDNESDAY, updated_at=WEDNESDAY
            )
        )
    enroll(house, "user_ada", title="Fresh")
    grace.types("/teach")
    assert "Fresh*\n1 learner" in grace.screen()
