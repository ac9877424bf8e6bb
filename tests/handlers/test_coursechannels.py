"""Courses that go with a channel: joining it, announcing there, and links to courses that people paste."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from models import audit
from models.enrollments import Enrollment
from tests.handlers.test_announcing import BASICS, closes_all, course_id
from tests.house import House, copied, open_house
from tests.people import Person


def ties(grace: Person, joining: str = "I offer them the course, once", channel: str = "C0LEARN") -> None:
    grace.types(f"/teach channel {BASICS}")
    grace.submits(channel=channel, joining=joining)


def joins(house: House, person: Person, channel: str = "C0LEARN", *, joined: bool = True) -> None:
    asked = {"person": person.key, "channel": channel, "joined": joined}
    house.http.post("/rehearsal/membership", json=asked).raise_for_status()
    house.quiet()


def leaves_and_joins(house: House, person: Person) -> None:
    joins(house, person, joined=False)
    joins(house, person)
    house.reminds()


def is_enrolled(house: House, user_id: str) -> bool:
    with house.program.database.read() as session:
        asked = select(Enrollment).where(Enrollment.user_id == user_id, Enrollment.course_id == course_id(house))
        return session.exec(asked).first() is not None


def test_joining_the_channel_offers_the_course_once(house: House, grace: Person, mary: Person) -> None:
    ties(grace)
    assert grace.sees("*Python Basics* goes with <#C0LEARN>. Whoever joins it is offered the course.")
    leaves_and_joins(house, mary)
    assert mary.sees("<#C0LEARN> goes with the course *Python Basics*.")
    leaves_and_joins(house, mary)
    assert len([one for one in mary.messages() if "goes with the course" in one["text"]]) == 1
    mary.clicks("Enroll")
    assert mary.sees("You're enrolled in *Python Basics*.")
    assert is_enrolled(house, "user_mary")


def test_joining_enrolls_when_the_instructor_says_so(house: House, grace: Person, mary: Person) -> None:
    ties(grace, "They are enrolled, and told so")
    leaves_and_joins(house, mary)
    assert mary.sees("You're in *Python Basics* now")
    assert is_enrolled(house, "user_mary")
    mary.clicks("Leave the course")
    assert mary.sees("You've left *Python Basics*.")
    leaves_and_joins(house, mary)
    assert not is_enrolled(house, "user_mary"), "who left on purpose is not enrolled again"


def test_who_is_not_linked_is_offered_the_course_and_a_guest_is_not(house: House, grace: Person, linus: Person) -> None:
    ties(grace, "They are enrolled, and told so")
    leaves_and_joins(house, linus)
    assert linus.sees("<#C0LEARN> goes with the course *Python Basics*.")
    guest = house.person("U0GUEST")
    leaves_and_joins(house, guest)
    assert "goes with" not in guest.screen()


def test_nothing_and_no_channel(house: House, grace: Person, mary: Person) -> None:
    ties(grace, "Nothing")
    leaves_and_joins(house, mary)
    assert "Python Basics" not in mary.screen()
    closes_all(grace)
    grace.types(f"/teach channel {BASICS}")
    grace.clicks("No channel")
    assert grace.sees("*Python Basics* goes with no channel now.")
    with house.program.database.read() as session:
        told = audit.latest(session, ["course.tied", "course.untied"], before_id=10**12, about=None, most=9)
    assert [(one.action, one.actor, one.course_id) for one in told] == [
        ("course.untied", "user_grace", course_id(house)),
        ("course.tied", "user_grace", course_id(house)),
    ]


def test_a_channel_we_are_not_in_is_refused_with_what_to_do(house: House, grace: Person) -> None:
    ties(grace, channel="C0GENERAL")
    assert grace.sees("Invite me there with /invite @homeroom, then try again.")


def test_announcements_default_to_the_channel(house: House, grace: Person) -> None:
    ties(grace)
    closes_all(grace)
    grace.types(f"/teach announce {BASICS}")
    where = next(block for block in grace.modal()["blocks"] if block.get("block_id") == "channel")
    assert where["element"]["initial_conversation"] == "C0LEARN"


@pytest.fixture
def portal_house(furnished: Path, tmp_path: Path) -> Iterator[House]:
    with open_house(copied(furnished, tmp_path), portal_url="https://portal.example.com/learn") as running:
        yield running


def test_a_link_to_a_course_becomes_a_card_that_enrolls_and_continues(portal_house: House) -> None:
    ada, mary = portal_house.person("U0ADA"), portal_house.person("U0MARY")
    ada.goes_to("C0LEARN")
    ada.types(
        f"Try https://portal.example.com/learn/courses/{course_id(portal_house)} and https://example.com/courses/1"
    )
    assert ada.sees("*Python Basics*")
    mary.goes_to("C0LEARN")
    mary.clicks("Enroll or continue")
    assert mary.has_modal()
    assert is_enrolled(portal_house, "user_mary")
    assert not is_enrolled(portal_house, "user_ada")


def test_links_to_anything_else_stay_links(portal_house: House) -> None:
    ada = portal_house.person("U0ADA")
    ada.goes_to("C0LEARN")
    ada.types("https://portal.example.com/learn/courses/999999 and https://portal.example.com/other")
    assert "Enroll or continue" not in ada.buttons()
