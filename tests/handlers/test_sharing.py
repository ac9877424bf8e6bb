"""Showing a course to a channel: once a day, removable by who did it, useful to anyone who clicks."""

from sqlmodel import select

from models.shares import Share
from tests.house import House
from tests.people import Person

CHANNEL = "C0LEARN"


def shares_python(person: Person, channel: str = CHANNEL) -> None:
    person.types("/learn courses python")
    person.clicks("Details")
    person.clicks("Share to a channel")
    person.submits(channel=channel)


def test_a_shared_course_says_who_and_enrolls_whoever_clicks(ada: Person, mary: Person) -> None:
    shares_python(ada)
    assert ada.sees("is in <#C0LEARN> now.")
    mary.goes_to(CHANNEL)
    assert mary.sees("<@U0ADA> suggests a course:")
    mary.clicks("Enroll", beside="Python Basics")
    assert mary.sees("You're enrolled in *Python Basics*")
    ada.closes()
    ada.closes()
    ada.goes_to(CHANNEL)
    assert "You're enrolled" not in ada.screen()


def test_a_course_is_shared_once_a_day_in_a_channel(ada: Person, mary: Person) -> None:
    shares_python(ada)
    shares_python(mary)
    assert "already" in mary.errors["channel"]
    mary.closes()
    mary.closes()
    mary.goes_to(CHANNEL)
    assert mary.screen().count("suggests a course:") == 1


def test_only_the_sharer_removes_it(ada: Person, mary: Person) -> None:
    shares_python(ada)
    mary.goes_to(CHANNEL)
    mary.clicks("Remove")
    assert mary.sees("Only the person who shared this can remove it.")
    ada.closes()
    ada.closes()
    ada.goes_to(CHANNEL)
    ada.clicks("Remove")
    assert "suggests a course:" not in mary.screen()


def test_a_channel_the_bot_is_not_in_is_explained_and_can_be_tried_again(ada: Person, house: House) -> None:
    shares_python(ada, "C0GENERAL")
    assert "Invite me there with /invite @homeroom" in ada.errors["channel"]
    with house.program.database.read() as session:
        assert session.exec(select(Share)).all() == []


def test_linus_can_not_enroll_from_it_but_learns_how(ada: Person, linus: Person) -> None:
    shares_python(ada)
    linus.goes_to(CHANNEL)
    linus.clicks("Enroll", beside="Python Basics")
    assert linus.sees("I need to know who you are")


def test_slack_not_saying_whether_it_posted_is_told_and_not_repeated(ada: Person, house: House) -> None:
    house.breaks("chat.postMessage", "drop", times=1)
    shares_python(ada)
    assert ada.sees("Slack didn't say in time whether it posted.")
    posts = [entry for entry in house.traffic() if entry["what"] == "chat.postMessage"]
    assert len(posts) == 1
