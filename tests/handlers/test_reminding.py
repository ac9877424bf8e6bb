"""Reminders as the people who get them see them: one a day, each button at once, and an end to it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from models import changes, deliveries, reminders
from models.courses import Course
from models.deliveries import Delivery
from models.enrollments import Enrollment
from models.reminderfacts import facts_of
from tests.house import House
from tests.people import Person
from tests.school import a_user

MONDAY = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
"""A Monday at noon, when everybody in these stories enrolls. Ada lives in London."""
FRIDAY = MONDAY.replace(day=5, hour=9, minute=1)
"""Three working days later, when she has fallen behind."""


@pytest.fixture(autouse=True)
def begun(house: House) -> None:
    """It is Monday, and reminders are on."""
    house.turns_to(MONDAY)
    house.turns_on_reminders()


def reminded(house: House, ada: Person, *, course: str = "python basics", on: datetime = FRIDAY) -> None:
    """Ada enrolled on Monday and gets a reminder on Friday."""
    ada.types(f"/learn enroll {course}")
    house.program.scheduler.follow()
    house.turns_to(on)
    house.reminds()


def unasked(person: Person) -> list[str]:
    """What Homeroom sent this person by itself."""
    return [message["text"] for message in person.messages() if not message.get("ephemeral")]


def test_three_working_days_without_a_lesson_bring_one_reminder(house: House, ada: Person) -> None:
    reminded(house, ada)
    assert ada.sees("Next: *Say hello*")
    assert ada.sees("0 of 4, next: Say hello, 4 min")
    assert ada.sees("You get this after 3 working days without a lesson. Next: Thursday, unless you do one.")
    before = len(unasked(ada))
    house.reminds()
    house.turns_to(FRIDAY + timedelta(hours=2))
    house.reminds()
    assert len(unasked(ada)) == before


def test_nothing_comes_before_its_hour_or_to_those_who_learn(house: House, ada: Person, mary: Person) -> None:
    mary.types("/learn enroll python basics")
    ada.types("/learn enroll python basics")
    house.program.scheduler.follow()
    house.turns_to(FRIDAY - timedelta(minutes=2))
    house.reminds()
    assert "You get this after" not in ada.screen()
    house.turns_to(FRIDAY - timedelta(days=1))
    ada.clicks("Start lesson 1")
    ada.presses("Mark complete")
    house.program.scheduler.follow()
    house.turns_to(FRIDAY)
    house.reminds()
    assert "You get this after" not in ada.screen()


def test_the_push_line_is_the_next_lesson_and_everything_is_read_aloud(house: House, ada: Person) -> None:
    reminded(house, ada)
    text = unasked(ada)[-1]
    assert text.startswith("Next: *Say hello*, 4 min")
    for words in ("Python Basics", "0 of 4", "[Continue]", "Already did this, Mute this course", "[Stop]"):
        assert words in text


def test_at_most_three_courses_and_the_rest_are_a_number(house: House, ada: Person) -> None:
    for course in ("python basics", "baking", "data stories", "meeting well", "giving feedback"):
        ada.types(f"/learn enroll {course}")
    house.program.scheduler.follow()
    house.turns_to(FRIDAY)
    house.reminds()
    assert ada.sees("And 2 more courses in hand")
    assert ada.buttons().count("Continue") == 3


def test_continue_opens_the_next_lesson(house: House, ada: Person) -> None:
    reminded(house, ada)
    ada.clicks("Continue")
    assert ada.modal()["title"]["text"] == "Lesson 1 of 4"


@pytest.mark.parametrize(
    ("pressed", "until", "due"),
    [("Snooze 1 day", "Saturday", MONDAY + timedelta(days=7)), ("Snooze 1 week", "Friday 12 March", None)],
)
def test_snoozing_acts_at_once_and_can_be_undone(
    house: House, ada: Person, pressed: str, until: str, due: datetime | None
) -> None:
    reminded(house, ada)
    ada.clicks(pressed)
    assert ada.sees(f"Quiet until {'tomorrow' if until == 'Saturday' else until}.")
    assert "Stop" not in ada.buttons()
    ada.opens_home()
    assert ada.sees("You asked for quiet until")
    ada.goes_to("D0ADA")
    ada.clicks("Undo")
    assert ada.sees("Reminders come as before.")


def test_a_snooze_of_a_day_brings_the_next_working_day(house: House, ada: Person) -> None:
    reminded(house, ada)
    ada.clicks("Snooze 1 day")
    before = len(unasked(ada))
    house.turns_to(FRIDAY + timedelta(days=3))
    house.reminds()
    assert len(unasked(ada)) == before + 1


def test_stopping_is_for_good_until_resumed(house: House, ada: Person) -> None:
    reminded(house, ada)
    ada.clicks("Stop")
    assert ada.sees("Stopped. I won't remind you any more.")
    ada.types("/learn why")
    assert ada.sees("you stopped them")
    before = len(unasked(ada))
    for day in range(1, 30):
        house.turns_to(FRIDAY + timedelta(days=day))
        house.reminds()
    assert len(unasked(ada)) == before
    ada.clicks("Resume")
    assert ada.sees("Welcome back. Reminders are on again.")
    ada.opens_home()
    assert ada.sees("*Next:*")


def test_three_unanswered_and_a_goodbye_then_silence(house: House, ada: Person) -> None:
    ada.types("/learn enroll python basics")
    house.program.scheduler.follow()
    heard: list[int] = []
    for day in range(90):
        house.turns_to(MONDAY.replace(hour=9, minute=1) + timedelta(days=day))
        house.program.scheduler.remind()
        house.program.sender.drain()
        if len(unasked(ada)) > len(heard):
            heard.append(day)
    assert heard == [4, 10, 16, 22]
    assert ada.sees("I'll stop here, since three reminders didn't help.")
    ada.types("/learn why")
    assert ada.sees("several went unanswered, so I stopped")


def test_a_lesson_after_the_goodbye_brings_reminders_back(house: House, ada: Person) -> None:
    ada.types("/learn enroll python basics")
    house.program.scheduler.follow()
    for day in (4, 10, 16, 22):
        house.turns_to(MONDAY.replace(hour=9, minute=1) + timedelta(days=day))
        house.reminds()
    assert ada.sees("I'll stop here")
    ada.types("/learn continue")
    ada.presses("Mark complete")
    ada.closes()
    house.program.scheduler.follow()
    ada.types("/learn reminders")
    assert ada.sees("*Next:* Monday")


def test_people_enrolled_by_the_portal_are_reminded_too(house: House, ada: Person) -> None:
    with house.program.database.write() as session:
        course = session.exec(select(Course).where(Course.title == "Baking Bread")).one()
        assert course.id is not None
        session.add(Enrollment(user_id="user_ada", course_id=course.id, enrolled_at=MONDAY))
    house.program.scheduler.follow()
    house.turns_to(FRIDAY)
    house.reminds()
    assert ada.sees("*Baking Bread*")


def test_nothing_is_sent_until_it_is_turned_on(house: House, ada: Person) -> None:
    with house.program.database.write() as session:
        session.connection().exec_driver_sql("DELETE FROM homeroom_switch")
    reminded(house, ada)
    assert "You get this after" not in ada.screen()
    ada.types("/learn why")
    assert ada.sees("aren't turned on here yet")


def test_the_holiday_maker_hears_nothing_and_is_not_behind_when_back(house: House, ada: Person) -> None:
    ada.types("/learn enroll python basics")
    ada.types("I'm on holiday")
    assert ada.sees("Until when shall I be quiet?")
    with house.program.database.read() as session:
        assert facts_of(session, ["user_ada"])["user_ada"].absences == ()


def test_an_old_press_on_a_course_that_is_gone_says_so(house: House, ada: Person) -> None:
    reminded(house, ada, course="baking")
    with house.program.database.write() as session:
        session.connection().exec_driver_sql("DELETE FROM enrollment")
        session.connection().exec_driver_sql("DELETE FROM progress")
        session.connection().exec_driver_sql("DELETE FROM lesson")
        session.connection().exec_driver_sql("DELETE FROM module")
        session.connection().exec_driver_sql("DELETE FROM course")
    ada.clicks("Continue")
    assert ada.sees("isn't here any more")


def test_a_person_in_two_workspaces_hears_once_where_they_were_last_active(any_session: Session) -> None:
    from models import links, members
    from models.members import Profile
    from tests.school import a_course, enrolled

    user = a_user(any_session, "ada")
    for team, active in (("T1", MONDAY), ("T2", MONDAY + timedelta(hours=2))):
        members.remember(any_session, Profile(team, f"U{team}", "ada", "Ada", tz="Europe/London"), MONDAY)
        links.link(any_session, team, f"U{team}", user.id, MONDAY)
        members.was_active(any_session, team, f"U{team}", active)
    enrolled(any_session, user, a_course(any_session, "Knots", ["Bowline"]), at=MONDAY)
    for _ in range(3):
        changes.consume(any_session, MONDAY)
    reminders.schedule(any_session, [user.id], MONDAY, frozenset())
    planned, _ = reminders.plan(any_session, FRIDAY, FRIDAY, frozenset())
    assert [(one.team_id, one.slack_user_id) for one in planned] == [("T2", "UT2")]
    assert deliveries.backlog(any_session, "T1").count == 0
    assert any_session.exec(select(Delivery)).one().team_id == "T2"
