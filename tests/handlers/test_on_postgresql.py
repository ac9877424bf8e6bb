"""The same conversations on PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.database import Database
from tests import postgresql
from tests.handlers import test_announcing as announcing
from tests.handlers import test_authoring as authoring
from tests.handlers import test_coursechannels as coursechannels
from tests.handlers import test_departures as departures
from tests.handlers import test_learning as learning
from tests.handlers import test_link_attacks as attacks
from tests.handlers import test_linking as linking
from tests.handlers import test_matching as matching
from tests.handlers import test_people as people
from tests.handlers import test_privacy as privacy
from tests.handlers import test_reminding as reminding
from tests.handlers import test_roles as roles
from tests.handlers import test_rosters as rosters
from tests.handlers import test_stats as stats
from tests.handlers import test_teams as teams
from tests.house import House, open_house
from tests.house_fixtures import furnish
from tests.surfer import Surfer

pytestmark = pytest.mark.postgresql


FURNISHED = "homeroom_furnished"


@pytest.fixture(scope="session")
def furnished_server(postgresql_server: Path) -> Path:
    """The private PostgreSQL, with a furnished database to copy from."""
    with postgresql.locked(postgresql_server):
        if not (postgresql_server / FURNISHED).exists():
            postgresql.say(postgresql_server, f"CREATE DATABASE {FURNISHED} TEMPLATE {postgresql.TEMPLATE}")
            database = Database(postgresql.url(postgresql_server, FURNISHED))
            with database.write() as session:
                furnish(session, datetime.now(UTC))
            database.close()
            (postgresql_server / FURNISHED).touch()
    return postgresql_server


@pytest.fixture
def house(furnished_server: Path) -> Iterator[House]:
    """The house on a PostgreSQL database of the test's own."""
    with (
        postgresql.lent(furnished_server, FURNISHED) as url,
        open_house(url, with_clerk=True, match_domains=frozenset({matching.DOMAIN}), admin_channel="C0PRIV") as running,
    ):
        yield running


@pytest.fixture
def reminding_house(house: House) -> House:
    """It is Monday, and reminders are on."""
    house.turns_to(reminding.MONDAY)
    house.turns_on_reminders()
    return house


@pytest.fixture
def surfer() -> Iterator[Surfer]:
    """A browser."""
    browser = Surfer()
    yield browser
    browser.closes()


def test_the_whole_course(house: House) -> None:
    learning.test_a_whole_course_from_first_look_to_celebration(house.person("U0ADA"), house)


def test_undo(house: House) -> None:
    learning.test_undo_takes_a_completion_back(house.person("U0ADA"), house)


def test_home_follows_the_portal(house: House) -> None:
    learning.test_home_follows_what_the_portal_writes(house.person("U0ADA"), house)


def test_searching_and_guessing(house: House) -> None:
    ada = house.person("U0ADA")
    ada.types("/learn cafe span")
    assert ada.sees("Café Spanish")
    ada.types("/learn courses pithon bascs")
    assert ada.sees("Did you mean one of these?")
    ada.types("/learn courses " + "'; DROP TABLE course; -- <!channel> " * 300)
    assert ada.sees("Try fewer or other words.")
    ada.types("/learn courses")
    assert ada.sees("Accessible Documents")


def test_a_reminder_and_its_presses(reminding_house: House) -> None:
    reminding.test_already_did_this_completes_the_lesson_and_can_be_undone(
        reminding_house, reminding_house.person("U0ADA")
    )


def test_three_unanswered_and_a_goodbye(reminding_house: House) -> None:
    reminding.test_three_unanswered_and_a_goodbye_then_silence(reminding_house, reminding_house.person("U0ADA"))


def test_the_settings(reminding_house: House) -> None:
    reminding.test_the_settings_are_one_form(reminding_house, reminding_house.person("U0ADA"))


def test_a_vacation(reminding_house: House) -> None:
    reminding.test_a_vacation_status_is_followed_and_gives_a_day_to_arrive(
        reminding_house, reminding_house.person("U0ADA")
    )


def test_holding_and_discarding(reminding_house: House) -> None:
    ada, radia = reminding_house.person("U0ADA"), reminding_house.person("U0RADIA")
    reminding.test_what_was_held_too_long_is_late_and_discarding_throws_away(reminding_house, ada, radia)


def test_one_course_held(reminding_house: House) -> None:
    ada, radia = reminding_house.person("U0ADA"), reminding_house.person("U0RADIA")
    reminding.test_a_course_can_be_held_by_itself(reminding_house, ada, radia)


def test_the_weekly_report(reminding_house: House) -> None:
    ada, radia = reminding_house.person("U0ADA"), reminding_house.person("U0RADIA")
    reminding.test_admins_get_a_weekly_report_in_words(reminding_house, ada, radia)


def test_a_hundred_confirmations(house: House, surfer: Surfer) -> None:
    linking.test_a_hundred_who_confirm_at_once_are_one(house, house.person("U0LINUS"), surfer)


def test_linking_and_what_was_being_done(house: House, surfer: Surfer) -> None:
    linking.test_what_was_being_done_is_done_once_linked(house, house.person("U0LINUS"), surfer)


def test_a_replayed_code(house: House, surfer: Surfer) -> None:
    attacks.test_a_code_replayed_is_refused(house, house.person("U0LINUS"), surfer)


def test_a_match_and_pressing_it_often(house: House) -> None:
    house.slack.rehearsal.clerk.users["user_linus"].email = matching.LINUS
    matching.test_a_second_press_finds_it_done(house, house.person("U0LINUS"))


def test_a_role_for_a_while(house: House) -> None:
    radia, mary, ada = (house.person(one) for one in ("U0RADIA", "U0MARY", "U0ADA"))
    roles.test_an_admin_makes_an_instructor_where_people_see_it(house, radia, mary, ada)


def test_a_role_that_ends(house: House) -> None:
    radia, mary, ada = (house.person(one) for one in ("U0RADIA", "U0MARY", "U0ADA"))
    roles.test_a_role_ends_by_itself_at_its_minute_and_both_hear(house, radia, mary, ada)


def test_a_promised_role(house: House) -> None:
    roles.test_a_pending_role_comes_with_linking(house, house.person("U0RADIA"), house.person("U0LINUS"))


def test_the_log_of_roles(house: House) -> None:
    roles.test_the_log_says_who_did_what_to_whom_and_why(house, house.person("U0RADIA"))


def test_an_admin_finds_somebody(house: House) -> None:
    people.test_an_admin_finds_everything_about_a_person(house, house.person("U0RADIA"), house.person("U0ADA"))


def test_a_link_by_mistake(house: House) -> None:
    radia, mary = house.person("U0RADIA"), house.person("U0MARY")
    people.test_a_link_made_by_mistake_is_ended_and_both_hear_what_was_done(house, radia, mary)


def test_my_data(house: House) -> None:
    privacy.test_my_data_comes_as_a_file_for_me_alone(house, house.person("U0ADA"), house.person("U0MARY"))


def test_being_forgotten(house: House) -> None:
    privacy.test_an_admin_approves_that_somebody_is_forgotten(house, house.person("U0ADA"), house.person("U0RADIA"))


def test_an_app_taken_out(house: House) -> None:
    ada, radia = house.person("U0ADA"), house.person("U0RADIA")
    departures.test_an_app_taken_out_ends_links_promises_and_sending(house, ada, radia, "uninstall", "account_inactive")


def test_ten_days_after(house: House) -> None:
    departures.test_what_slack_told_goes_after_ten_days_unless_the_app_is_back(house, house.person("U0RADIA"))


def test_a_course_is_written(house: House) -> None:
    authoring.test_a_course_is_begun_filled_and_published(house, house.person("U0GRACE"), house.person("U0ADA"))


def test_two_write_one_lesson(house: House) -> None:
    authoring.test_two_who_edit_one_lesson_are_told_and_neither_loses_words(
        house, house.person("U0GRACE"), house.person("U0RADIA")
    )


def test_an_archived_course(house: House) -> None:
    people = (house.person(one) for one in ("U0GRACE", "U0ADA", "U0MARY"))
    authoring.test_an_archived_course_takes_nobody_new_and_keeps_whom_it_has(house, *people)


def test_an_instructor_leaves(house: House) -> None:
    people = (house.person(one) for one in ("U0GRACE", "U0MARY", "U0RADIA", "U0ADA"))
    teams.test_when_an_instructor_loses_the_role_co_teachers_and_admins_hear_once(house, *people)


def test_a_roster(house: House) -> None:
    rosters.test_it_is_paged_and_comes_as_a_file(house, house.person("U0GRACE"))


def test_an_announcement(house: House) -> None:
    house.turns_to(announcing.WEDNESDAY)
    people = (house.person(one) for one in ("U0GRACE", "U0ADA"))
    announcing.test_learners_get_what_their_instructor_says_and_open_the_lesson(house, *people)


def test_correcting_an_announcement(house: House) -> None:
    house.turns_to(announcing.WEDNESDAY)
    announcing.test_correcting_and_taking_back(house, house.person("U0GRACE"), house.person("U0ADA"))


def test_a_change_of_a_scheduled_announcement(house: House) -> None:
    house.turns_to(announcing.WEDNESDAY)
    people = (house.person(one) for one in ("U0GRACE", "U0ADA"))
    announcing.test_a_change_nobody_confirmed_changes_nothing(house, *people)


def test_an_approval(house: House) -> None:
    house.turns_to(announcing.WEDNESDAY)
    announcing.test_an_admin_approves_what_they_saw(house, house.person("U0GRACE"), house.person("U0RADIA"))


def test_reminding_those_who_stopped(house: House) -> None:
    house.turns_to(announcing.WEDNESDAY)
    people = (house.person(one) for one in ("U0GRACE", "U0RADIA", "U0ADA"))
    stats.test_it_is_once_a_day_whatever_the_course_and_whoever_presses(house, *people)


def test_a_course_channel(house: House) -> None:
    coursechannels.test_joining_the_channel_offers_the_course_once(
        house, house.person("U0GRACE"), house.person("U0MARY")
    )
