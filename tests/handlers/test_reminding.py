"""Reminders as the people who get them see them: one a day, each button at once, and an end to it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from models import backlogs, changes, reminders, switches
from models.courses import Course
from models.deliveries import Delivery
from models.enrollments import Enrollment
from models.reminderfacts import facts_of
from tests.house import House
from tests.people import Person
from tests.school import a_crowd, a_user

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


def looks_at_home(radia: Person) -> None:
    """Radia opens Home, and waits until it is there."""
    radia.opens_home()
    assert radia.sees("*Sending*")


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
        # What the last one changed is followed by now: a row somebody is still writing waits for the next tick.
        house.program.scheduler.follow()
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
        changes.consume(any_session, MONDAY, MONDAY)
    reminders.schedule(any_session, [user.id], MONDAY, frozenset())
    planned, _ = reminders.plan(any_session, FRIDAY, FRIDAY, frozenset())
    assert [(one.team_id, one.slack_user_id) for one in planned] == [("T2", "UT2")]
    assert backlogs.backlog(any_session, "T1").count == 0
    assert any_session.exec(select(Delivery)).one().team_id == "T2"


def test_already_did_this_completes_the_lesson_and_can_be_undone(house: House, ada: Person) -> None:
    reminded(house, ada)
    ada.picks("Already did this", beside="Python Basics")
    assert ada.sees("*Say hello* is complete.")
    assert ada.sees("1 of 4, next:")
    ada.clicks("Undo")
    assert ada.sees("*Say hello* is open again.")
    assert ada.sees("0 of 4")


def test_a_quiz_marks_itself_and_is_offered(house: House, ada: Person) -> None:
    with house.program.database.write() as session:
        session.connection().exec_driver_sql(
            "UPDATE lesson SET content_type = 'quiz', content_url = 'https://portal.example/quiz'"
            " WHERE title = 'Say hello'"
        )
    reminded(house, ada)
    ada.picks("Already did this", beside="Python Basics")
    assert ada.sees("*Say hello* is marked complete when you finish it there.")
    assert ada.sees("0 of 4")
    ada.clicks("Open it")
    assert ada.modal()["title"]["text"] == "Lesson 1 of 4"


def test_muting_takes_one_course_out_and_can_be_undone(house: House, ada: Person) -> None:
    ada.types("/learn enroll baking")
    reminded(house, ada)
    ada.picks("Mute this course", beside="Baking Bread")
    assert ada.sees("*Baking Bread* is muted. You stay enrolled.")
    assert "0 of 2, next: Baking Bread one" not in ada.screen()
    ada.clicks("Undo")
    assert ada.sees("*Baking Bread* is back in your reminders.")
    assert ada.sees("0 of 2, next: Baking Bread one")


def test_with_every_course_muted_nothing_comes_and_it_says_why(house: House, ada: Person) -> None:
    reminded(house, ada)
    ada.picks("Mute this course", beside="Python Basics")
    assert ada.sees("*Python Basics* is muted.")
    ada.types("/learn why")
    assert ada.sees("every course you have in hand is muted")


def test_snoozing_until_a_day_needs_a_day_ahead(house: House, ada: Person) -> None:
    reminded(house, ada)
    ada.picks_date(FRIDAY.date())
    assert ada.sees("Pick a day from tomorrow on, within a year.")
    ada.picks_date(FRIDAY.date() + timedelta(days=20))
    assert ada.sees("Quiet until Thursday 25 March.")


def test_the_settings_are_one_form(house: House, ada: Person) -> None:
    ada.types("/learn enroll python basics")
    ada.types("/learn reminders")
    ada.clicks("Change")
    assert ada.sees("From Slack (Europe/London)") or ada.sees("Whose clock?")
    ada.submits(
        rhythm="On the days I tick", weekdays=["Tuesday", "Saturday"], hour="18:00", zone="kath => Asia/Kathmandu"
    )
    assert ada.sees("*Every Tuesday and Saturday* at 18:00 (Asia/Kathmandu).")
    assert ada.sees("*Next:* tomorrow at 18:00.")
    ada.closes()
    house.turns_to(datetime(2027, 3, 2, 12, 16, tzinfo=UTC))
    house.reminds()
    assert ada.sees("You get this every Tuesday and Saturday at 18:00, as you chose. Next: Saturday.")


def test_mistakes_in_the_form_keep_what_was_typed(house: House, ada: Person) -> None:
    ada.types("/learn enroll python basics")
    ada.types("/learn reminders")
    ada.clicks("Change")
    ada.submits(rhythm="Once a week", weekdays=[], away=MONDAY.date())
    assert ada.errors == {
        "weekdays": "Tick at least one day.",
        "away": "Choose your first day back, tomorrow or later.",
    }
    ada.submits(rhythm="Once a week", weekdays=["Wednesday"], away=MONDAY.date() + timedelta(days=4))
    assert ada.sees("*Every Wednesday* at 09:00 (Europe/London).")
    assert ada.sees("*Next:* Wednesday 10 March at 09:00.")
    assert ada.sees("Away until Friday: those days don't count.")


def test_days_away_never_count_as_falling_behind(house: House, ada: Person) -> None:
    ada.types("/learn enroll python basics")
    ada.types("I'm on holiday")
    ada.picks_date(MONDAY.date() + timedelta(days=14))
    assert ada.sees("I'll be quiet until Monday 15 March")
    house.program.scheduler.follow()
    for day in range(1, 17):
        house.turns_to(MONDAY.replace(hour=9, minute=1) + timedelta(days=day))
        house.reminds()
        assert "You get this after" not in ada.screen(), day
    # Monday, Tuesday and Wednesday after the holiday went by.
    house.turns_to(MONDAY.replace(hour=9, minute=1) + timedelta(days=17))
    house.reminds()
    assert ada.sees("You get this after")


def test_a_vacation_status_is_followed_and_gives_a_day_to_arrive(house: House, ada: Person) -> None:
    ada.types("/learn enroll python basics")
    ada.goes_on_vacation(MONDAY + timedelta(days=4, hours=5))
    house.program.scheduler.follow()
    ada.types("/learn reminders")
    assert ada.sees("Away until Tuesday 9 March: those days don't count.")
    assert ada.sees("*Next:* Friday 12 March")
    ada.goes_on_vacation(None)
    house.program.scheduler.follow()
    ada.types("/learn reminders")
    assert ada.sees("*Next:* Friday at 09:00")


def test_moving_house_moves_the_hour(house: House, ada: Person) -> None:
    ada.types("/learn enroll python basics")
    house.program.scheduler.follow()
    ada.changes_profile(tz="Pacific/Kiritimati")
    house.program.scheduler.follow()
    ada.types("/learn why")
    assert ada.sees("09:00 (Pacific/Kiritimati)")


def test_why_a_message_came_is_one_shortcut_away(house: House, ada: Person, radia: Person) -> None:
    reminded(house, ada)
    ada.uses("Why did I get this?", on="You get this after")
    assert ada.sees("It follows your own rhythm") or ada.sees("it follows your own rhythm")
    assert "Delivery " not in ada.screen()
    ada.clicks("Stop")
    assert ada.sees("Stopped. I won't remind you any more.")


def test_an_answer_is_not_something_sent_unasked(house: House, ada: Person) -> None:
    ada.types("hi")
    ada.uses("Why did I get this?", on="Hello Ada")
    assert ada.sees("That message isn't one I sent unasked")


def test_an_admin_holds_everything_and_lets_go(house: House, ada: Person, radia: Person) -> None:
    ada.types("/learn enroll python basics")
    house.program.scheduler.follow()
    looks_at_home(radia)
    radia.clicks("Pause sending")
    radia.submits(because="double posts")
    assert radia.sees("Everything paused by <@U0RADIA> (")
    radia.closes()
    house.turns_to(FRIDAY)
    house.reminds()
    assert "You get this after" not in ada.screen()
    ada.types("/learn why")
    assert ada.sees("An admin is holding reminders back for now.")
    looks_at_home(radia)
    assert radia.sees("double posts. Held: 1 reminder.")
    radia.clicks("Resume what's still timely")
    house.reminds()
    assert ada.sees("You get this after")


def test_what_was_held_too_long_is_late_and_discarding_throws_away(house: House, ada: Person, radia: Person) -> None:
    ada.types("/learn enroll python basics")
    house.program.scheduler.follow()
    looks_at_home(radia)
    radia.clicks("Pause sending")
    radia.submits(what="Reminders")
    radia.closes()
    house.turns_to(FRIDAY)
    house.reminds()
    house.turns_to(FRIDAY + timedelta(hours=5))
    looks_at_home(radia)
    radia.clicks("Discard")
    house.reminds()
    assert "You get this after" not in ada.screen()
    with house.program.database.read() as session:
        told = session.exec(select(Delivery)).one()
        assert (told.state, told.reason) == ("suppressed", "discarded")
    ada.types("/learn why")
    assert ada.sees("*Next:* Monday")


def test_a_course_can_be_held_by_itself(house: House, ada: Person, radia: Person) -> None:
    ada.types("/learn enroll python basics")
    ada.types("/learn enroll baking")
    house.program.scheduler.follow()
    looks_at_home(radia)
    radia.clicks("Pause sending")
    radia.submits(what="One course")
    assert radia.errors == {"course": "Choose the course to hold."}
    radia.submits(what="One course", course="baking => Baking Bread")
    assert radia.sees("Baking Bread paused by <@U0RADIA>")
    radia.closes()
    house.turns_to(FRIDAY)
    house.reminds()
    assert ada.sees("*Python Basics*")
    assert "0 of 2, next: Baking Bread one" not in ada.screen()


def test_admins_see_the_way_a_message_went(house: House, radia: Person) -> None:
    house.turns_to(datetime(2027, 3, 8, 18, 0, tzinfo=UTC))
    house.reminds()
    radia.uses("Why did I get this?", on="Your weekly delivery report")
    assert radia.sees("It came because you are an admin")
    assert radia.sees("Delivery 1\n2027-03-08 18:00:00 UTC planned")
    radia.clicks("Turn off reports")
    assert radia.sees("Reports are off, for every admin.")
    radia.closes()
    looks_at_home(radia)
    assert radia.sees("Reports are off.")


def test_a_kind_that_is_off_is_turned_on_from_home(house: House, radia: Person) -> None:
    with house.program.database.write() as session:
        session.connection().exec_driver_sql("DELETE FROM homeroom_switch WHERE kind = 'report'")
    looks_at_home(radia)
    assert radia.sees("Reports are off.")
    radia.clicks("Turn on", beside="Reports are off.")
    assert radia.sees_no_more("Reports are off.")


def test_admins_get_a_weekly_report_in_words(house: House, ada: Person, radia: Person) -> None:
    reminded(house, ada)
    house.turns_to(datetime(2027, 3, 8, 18, 0, tzinfo=UTC))
    house.reminds()
    assert radia.sees("Last week I sent 1 message unasked: 1 reminder.")
    assert radia.sees("Everything got through, and everybody could be reached.")
    before = len(unasked(radia))
    house.turns_to(datetime(2027, 3, 8, 19, 0, tzinfo=UTC))
    house.reminds()
    assert len(unasked(radia)) == before


def test_a_deactivated_person_stops_hearing_and_the_report_says_so(house: House, ada: Person, radia: Person) -> None:
    ada.types("/learn enroll python basics")
    house.program.scheduler.follow()
    house.turns_to(FRIDAY)
    house.breaks("chat.postMessage", "user_disabled")
    house.breaks("conversations.open", "user_disabled")
    house.reminds()
    house.mends()
    house.turns_to(datetime(2027, 3, 8, 18, 0, tzinfo=UTC))
    house.reminds()
    assert radia.sees("People I can't reach")
    assert radia.sees("<@U0ADA>: the person's Slack account is deactivated")


def test_admins_hear_when_nothing_ticked_for_long(house: House, radia: Person) -> None:
    with house.program.database.write() as session:
        switches.turn_on(session, [switches.ALERT], "U0RADIA", MONDAY)
    house.reminds()
    house.turns_to(MONDAY + timedelta(minutes=50))
    house.reminds()
    assert "I was asleep" not in radia.screen()
    house.turns_to(MONDAY + timedelta(hours=3))
    house.reminds()
    assert radia.sees("I was asleep from")


def test_a_change_of_a_course_with_many_learners_reaches_them_all_in_turns(house: House) -> None:
    many = 1200
    with house.program.database.write() as session:
        course = session.exec(select(Course).where(Course.title == "Baking Bread")).one()
        assert course.id is not None
        a_crowd(session, [f"learner{number}" for number in range(many)], course.id, "T0HOME", MONDAY)
    house.program.scheduler.follow()
    with house.program.database.write() as session:
        session.connection().exec_driver_sql("UPDATE homeroom_reminder SET due_at = NULL")
        session.connection().exec_driver_sql("UPDATE module SET title = 'Dough' WHERE title = 'Lessons'")
    house.program.scheduler.follow()
    with house.program.database.read() as session:
        counted = session.connection().exec_driver_sql(
            "SELECT count(*) FROM homeroom_reminder WHERE due_at IS NOT NULL"
        )
        assert counted.scalar_one() == many


def test_what_slack_forgot_to_tell_is_caught_by_the_daily_reading(house: House, ada: Person) -> None:
    ada.types("/learn enroll python basics")
    house.program.scheduler.follow()
    # Slack deactivates her while nobody listens: no event ever comes.
    house.slack.rehearsal.stage.workspaces["T0HOME"].people["U0ADA"].deleted = True
    house.program.learn_members()
    house.program.scheduler.follow()
    house.turns_to(FRIDAY)
    house.reminds()
    with house.program.database.read() as session:
        assert session.exec(select(Delivery)).all() == []
        assert facts_of(session, ["user_ada"])["user_ada"].reach is None
