"""Words said to Homeroom: by command, in the DM, by mention."""

import json

import pytest

from tests import plain
from tests.bot.test_web import signed
from tests.house import House
from tests.people import Person

THREAD = "C0LEARN"


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("courses", "Courses"),
        ("courses python", "Python Basics"),
        ("COURSES python", "Python Basics"),
        ("python", "Courses for “python”"),
        ("Spanish cafe", "Café Spanish"),
        ("cafe span", "Café Spanish"),
        ("progress", "You haven't started a course yet."),
        ("help", "Learn without leaving Slack"),
        ("", "Learn without leaving Slack"),
        ("link", "You're linked to *Ada Lovelace*"),
        ("continue", "You aren't enrolled in a course yet."),
        ("withdraw", "You aren't enrolled in a course, so there is none to leave."),
        ("enroll", "Which course would you like to enroll in?"),
    ],
)
def test_what_a_command_means(ada: Person, said: str, heard: str) -> None:
    ada.types(f"/learn {said}".rstrip())
    assert ada.sees(heard)


def test_a_guessed_verb_is_offered_and_never_run(ada: Person) -> None:
    ada.types("/learn enrol pyhton basics")
    assert ada.sees("I don't know *enrol pyhton basics*.")
    assert "Search “pyhton basics”" in ada.buttons()
    ada.clicks("Enroll in Python Basics")
    assert ada.sees("You're enrolled in *Python Basics*")


def test_a_search_that_finds_nothing_offers_what_looks_alike(ada: Person) -> None:
    ada.types("/learn courses pithon bascs")
    assert ada.sees("Did you mean one of these?")
    assert ada.sees("*Python Basics*")


def test_a_search_for_nothing_like_it_says_so(ada: Person) -> None:
    ada.types("/learn courses zzqx")
    assert ada.sees("Try fewer or other words.")


def test_names_match_loosely_and_several_become_buttons(ada: Person) -> None:
    ada.types("/learn enroll baking")
    assert ada.sees("You're enrolled in *Baking Bread*")
    ada.types("/learn enroll e")
    assert "one of" not in ada.screen()


def test_a_search_of_ten_thousand_characters_is_answered(ada: Person) -> None:
    ada.types("/learn courses " + "python " * 1500)
    assert ada.sees("Python Basics")


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("hi", "Hello Ada"),
        ("Hello!", "Hello Ada"),
        ("thanks", "You're welcome."),
        ("who are you?", "I'm Homeroom."),
        ("stop", "Stopped. I won't remind you any more."),
        ("I'm on holiday", "Enjoy it."),
        ("courses", "Courses"),
        ("baking", "Baking Bread"),
    ],
)
def test_the_dm_understands_people(ada: Person, said: str, heard: str) -> None:
    ada.types(said)
    assert ada.sees(heard)


def test_a_lesson_asked_for_in_the_dm_comes_as_a_message_with_a_button(ada: Person) -> None:
    ada.types("enroll Python Basics")
    assert ada.sees("You're enrolled in *Python Basics*")
    ada.types("continue")
    assert ada.sees("Next: *Say hello*")
    ada.clicks("Open lesson")
    assert ada.has_modal()
    assert ada.sees("The smallest program")


def test_a_mention_in_a_thread_is_answered_only_to_the_asker(ada: Person, mary: Person) -> None:
    mary.goes_to(THREAD)
    mary.types("Has anybody taken the Python course?")
    start = mary.messages()[-1]["ts"]
    ada.goes_to(THREAD)
    ada.thread = start
    ada.types("@homeroom courses python")
    assert ada.sees("Python Basics")
    mary.thread = start
    assert "Courses for" not in mary.screen()


def test_praise_in_passing_gets_one_hint_for_each_person_and_thread(ada: Person, mary: Person) -> None:
    mary.goes_to(THREAD)
    mary.types("Lunch?")
    start = mary.messages()[-1]["ts"]
    for person in (ada, mary):
        person.goes_to(THREAD)
        person.thread = start
        for _ in range(3):
            person.types("@homeroom is great, isn't it")
        assert person.sees("Mention me with")
        assert person.screen().count("Mention me with") == 1


def test_in_a_channel_it_says_nothing_unasked(ada: Person, house: House) -> None:
    ada.goes_to(THREAD)
    before = len(house.traffic())
    ada.types("I finished my course")
    assert len(house.traffic()) == before


def test_editing_ones_own_message_is_not_said_to_us(ada: Person, house: House) -> None:
    """Slack tells an edit as a message without an author (docs: message_changed)."""
    for event in (
        {"type": "message", "subtype": "message_changed", "channel": "D0ADA", "channel_type": "im", "ts": "1.1"},
        {"type": "message", "bot_id": "B1", "text": "hi", "channel": "D0ADA", "channel_type": "im", "ts": "1.2"},
        {
            "type": "message",
            "user": "U0ADA",
            "text": "hi",
            "channel": "C0LEARN",
            "channel_type": "channel",
            "ts": "1.3",
        },
    ):
        body = json.dumps(
            {"type": "event_callback", "team_id": "T0HOME", "event_id": f"Ev{event['ts']}", "event": event}
        )
        headers = signed(body) | {"content-type": "application/json"}
        assert plain.post(f"{house.bot_url}/slack/events", content=body, headers=headers).status_code == 200
    house.quiet()
    assert ada.messages() == []


def test_paging_through_the_catalog_sees_every_course_once(ada: Person) -> None:
    ada.types("/learn courses")
    seen = ada.screen()
    assert "Accessible Documents" in seen
    assert "SQL" not in seen
    ada.clicks("More courses")
    assert ada.sees("*SQL*")
    assert "Accessible Documents" not in ada.screen()
    ada.clicks("Previous courses")
    assert ada.sees("Accessible Documents")


def test_a_course_is_found_as_its_title_is_typed(ada: Person) -> None:
    ada.types("/learn courses")
    ada.chooses("pyth", "Python Basics")
    assert ada.sees("Taught by Grace Hopper")
    assert ada.sees("○  Say hello")


def test_searching_inside_the_catalogs_modal(ada: Person) -> None:
    ada.opens_home()
    ada.clicks("Browse all courses")
    ada.submits(words="sql")
    assert ada.sees("*SQL*")
    assert "Baking" not in ada.screen()
    ada.submits(words="")
    assert ada.sees("Baking Bread")
