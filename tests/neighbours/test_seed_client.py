"""A program that knows only the seed's tables, at work beside the bot: what it writes, people see in Slack."""

import time
from datetime import UTC, datetime, timedelta

from sqlmodel import select

from models.completions import Completion
from models.reminderrows import Reminder
from tests.handlers.test_reminding import FRIDAY, MONDAY, unasked
from tests.house import House
from tests.neighbours.conftest import Street
from tests.neighbours.neighbour import Neighbour
from tests.neighbours.seed import TABLES
from tests.people import Person

SECONDS = 10
"""How long a change may take to show: the tick comes every two seconds, on a busy machine a little later."""


def soon_sees(person: Person, words: str) -> bool:
    """Whether these words come to the screen by themselves."""
    until = time.monotonic() + SECONDS
    while not person.sees(words):
        if time.monotonic() > until:
            return False
    return True


def followed_sees(house: House, person: Person, words: str) -> bool:
    """Whether these words are on the screen after the next tick, which doesn't have to be waited for."""
    house.program.scheduler.follow()
    house.quiet()
    return person.sees(words)


def a_course(neighbour: Neighbour, title: str = "Knots") -> tuple[int, list[int]]:
    """The neighbour publishes a course of two modules and three lessons."""
    modules = {"First": ["Reef knot", "Bowline"], "Second": ["Sheet bend"]}
    course_id, lessons = neighbour.does("publishes", title=title, instructor_id="user_grace", modules=modules)
    return course_id, lessons


def due_at(house: House, user_id: str) -> datetime | None:
    """When this learner is next reminded, once the tick has followed."""
    house.program.scheduler.follow()
    with house.program.database.read() as session:
        row = session.exec(select(Reminder).where(Reminder.user_id == user_id)).one_or_none()
        return row.due_at if row else None


def completed(house: House) -> list[str]:
    """Who has finished a course."""
    with house.program.database.read() as session:
        return list(session.exec(select(Completion.user_id)))


def test_what_the_neighbour_writes_shows_in_slack(street: Street) -> None:
    house, neighbour, ada = street.house, street.neighbour, street.house.person("U0ADA")
    assert neighbour.does("rooms_of_ours") == []
    ada.opens_home()
    course_id, (reef, bowline, bend) = a_course(neighbour)
    neighbour.adds("enrollment", user_id="user_ada", course_id=course_id)
    assert soon_sees(ada, "0 of 3")
    ada.clicks("Continue")
    assert ada.sees("Reef knot")
    ada.closes()

    neighbour.adds("progress", user_id="user_ada", lesson_id=reef, completed=True, completed_at=datetime.now(UTC))
    assert followed_sees(house, ada, "1 of 3")
    neighbour.changes("progress", {"lesson_id": reef}, completed=False, completed_at=None)
    assert followed_sees(house, ada, "0 of 3")
    neighbour.changes("course", {"id": course_id}, title="Better Knots", updated_at=datetime.now(UTC))
    neighbour.changes("lesson", {"id": reef}, title="Square knot")
    assert followed_sees(house, ada, "Next: *Square knot*")
    assert ada.sees("*Better Knots*")
    neighbour.changes("user", {"id": "user_grace"}, first_name="Amazing")
    neighbour.changes("module", {"title": "Second"}, title="The end", order=0)
    ada.types("/learn courses better")
    assert ada.sees("Amazing Neighbour")
    ada.clicks("Details")
    assert ada.screen().index("The end") < ada.screen().index("First") < ada.screen().index("Square knot")
    ada.closes()

    ada.opens_home()
    neighbour.adds("progress", user_id="user_ada", lesson_id=bend, completed=True)
    neighbour.changes("progress", {"lesson_id": reef}, completed=True)
    assert followed_sees(house, ada, "2 of 3")
    assert completed(house) == []
    neighbour.removes("lesson", id=bowline)
    assert followed_sees(house, ada, "*Finished*")
    assert completed(house) == ["user_ada"]

    a_course(neighbour, "Sails")
    (sails,) = neighbour.reads("course", title="Sails")
    neighbour.changes("enrollment", {"user_id": "user_ada"}, course_id=sails["id"])
    assert followed_sees(house, ada, "*Sails*")
    assert "*Better Knots*" not in ada.screen()
    neighbour.removes("enrollment", user_id="user_ada")
    house.program.scheduler.follow()
    assert completed(house) == ["user_ada"]
    for table in ("progress", "lesson", "module", "course"):
        neighbour.removes(table)
    assert followed_sees(house, ada, "Welcome, Ada")
    ada.types("/learn courses knots")
    assert ada.sees("Nothing matches *knots*")


def test_both_know_the_same_people_and_what_they_did(street: Street) -> None:
    house, neighbour = street.house, street.neighbour
    ada, mary = house.person("U0ADA"), house.person("U0MARY")
    before = datetime.now(UTC)
    course_id, (reef, *_) = a_course(neighbour)
    ada.types("/learn enroll knots")
    ada.clicks("Start lesson 1")
    ada.presses("Mark complete")
    ada.closes()
    assert neighbour.does("transcript", user_id="user_ada") == {
        "roles": ["Student"],
        "courses": {"Knots": {"Reef knot": True, "Bowline": False, "Sheet bend": False}},
    }
    (enrollment,) = neighbour.reads("enrollment", user_id="user_ada", course_id=course_id)
    (progress,) = neighbour.reads("progress", user_id="user_ada", lesson_id=reef)
    for instant in (enrollment["enrolled_at"], progress["completed_at"]):
        assert before < datetime.fromisoformat(instant) < datetime.now(UTC)
    assert all(neighbour.reads(table) for table in TABLES)

    ada.opens_home()
    assert "*Sending*" not in ada.screen()
    neighbour.does("appoints", user_id="user_ada", role="Admin")
    assert followed_sees(house, ada, "*Sending*")
    neighbour.does("dismisses", user_id="user_ada", role="Admin")
    house.program.scheduler.follow()
    assert ada.sees_no_more("*Sending*")
    neighbour.changes("role", {"name": "Student"}, description="Learns.")
    assert [row["description"] for row in neighbour.reads("role", name="Student")] == ["Learns."]
    neighbour.adds("role", name="Auditor")
    neighbour.does("appoints", user_id="user_ada", role="Auditor")
    house.program.scheduler.follow()
    ada.opens_home()
    assert ada.sees("*Your courses*")
    neighbour.does("dismisses", user_id="user_ada", role="Auditor")
    neighbour.removes("role", name="Auditor")
    assert sorted(row["name"] for row in neighbour.reads("role")) == ["Admin", "Instructor", "Student"]

    mary.opens_home()
    assert "Link my account" not in mary.buttons()
    neighbour.removes("userrole", user_id="user_mary")
    neighbour.removes("user", id="user_mary")
    house.program.scheduler.follow()
    mary.opens_home()
    assert mary.sees("Link my account")


def test_reminders_follow_the_neighbour(street: Street) -> None:
    house, neighbour, ada = street.house, street.neighbour, street.house.person("U0ADA")
    house.turns_to(MONDAY)
    house.turns_on_reminders()
    course_id, (reef, *_) = a_course(neighbour)
    assert due_at(house, "user_ada") is None
    neighbour.adds("enrollment", user_id="user_ada", course_id=course_id, enrolled_at=MONDAY)
    assert due_at(house, "user_ada") == FRIDAY.replace(minute=0)

    thursday = FRIDAY - timedelta(days=1)
    neighbour.adds("progress", user_id="user_ada", lesson_id=reef, completed=True, completed_at=thursday)
    wednesday = FRIDAY + timedelta(days=5)
    assert due_at(house, "user_ada") == wednesday.replace(minute=0)
    house.turns_to(FRIDAY)
    house.reminds()
    assert unasked(ada) == []
    house.turns_to(wednesday)
    house.reminds()
    assert ada.sees("Next: *Bowline*")

    assert due_at(house, "user_ada") is not None
    neighbour.removes("enrollment", user_id="user_ada")
    assert due_at(house, "user_ada") is None
