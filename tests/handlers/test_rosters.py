"""Who learns in a course, for those who teach it and nobody else."""

from datetime import timedelta

from models import enrollments, links
from tests.handlers.test_authoring import BASICS, course_id, opens_the_desk
from tests.handlers.test_teams import loses_the_role, makes_an_instructor
from tests.house import House
from tests.people import Person
from tests.school import a_course, a_user


def learns(person: Person, *, completes: int) -> None:
    person.types(f"/learn enroll {BASICS}")
    for _ in range(completes):
        person.types("/learn done")
    assert person.sees("Completed") if completes else True


def opens_the_roster(person: Person) -> None:
    person.types(f"/teach roster {BASICS}")
    assert person.sees("Only those who teach this course")


def test_it_says_who_how_far_and_where_they_are_stuck(house: House, grace: Person, ada: Person, mary: Person) -> None:
    learns(ada, completes=0)
    mary.types(f"/learn enroll {BASICS}")
    mary.clicks("Start lesson 1")
    mary.presses("Mark complete")
    opens_the_roster(grace)
    assert grace.sees("2 learners")
    assert grace.sees("<@U0MARY>\n▰▰▱▱▱▱▱▱▱▱ 1 of 4\nNext: Why people program · last active")
    assert grace.sees("<@U0ADA>\n▱▱▱▱▱▱▱▱▱▱ 0 of 4\nNext: Say hello · last active")
    grace.picks("Not started")
    assert grace.sees("1 learner")
    assert "U0MARY" not in grace.screen()
    grace.picks("Finished")
    assert grace.sees("Nobody is in this part of the roster.")
    grace.picks("Everybody")
    grace.picks("Least done first")
    said = grace.screen()
    assert said.index("U0ADA") < said.index("U0MARY")


def test_it_is_paged_and_comes_as_a_file(house: House, grace: Person) -> None:
    with house.program.database.write() as session:
        for number in range(40):
            user = a_user(session, f"learner{number:02}")
            user.first_name = "=cmd" if number == 7 else user.first_name
            session.flush()
            at = house.clock() - timedelta(days=number)
            enrollments.enroll(session, user.id, course_id(house, BASICS), at)
        # Names that aren't linked here are shown as names.
        assert links.holders(session, "T0HOME", ["user_learner00"]) == {}
    opens_the_roster(grace)
    assert grace.sees("40 learners")
    assert grace.screen().count("last active") == 15
    grace.clicks("More")
    grace.clicks("More")
    assert grace.screen().count("last active") == 10
    assert "[More]" not in grace.screen()
    grace.clicks("Send me this as CSV")
    assert grace.sees("is on its way")
    house.quiet()
    while grace.has_modal():
        grace.closes()
    grace.goes_to("D0GRACE")
    name, told = grace.opens_file()
    assert name.startswith("roster-")
    assert len(told.splitlines()) == 41
    assert "'=cmd Tester" in told


def test_who_teaches_something_else_or_no_more_sees_nothing(
    house: House, grace: Person, mary: Person, ada: Person
) -> None:
    makes_an_instructor(house, "user_mary")
    mary.types(f"/teach roster {BASICS}")
    assert mary.sees(f"You don't teach a course called *{BASICS}*.")
    ada.types(f"/teach roster {BASICS}")
    assert ada.sees("That is for instructors.")
    opens_the_roster(grace)
    loses_the_role(house, "user_grace")
    grace.clicks("Send me this as CSV")
    assert grace.sees("That is for instructors.")


def test_the_desk_leads_there(house: House, grace: Person) -> None:
    opens_the_desk(grace)
    grace.clicks("Roster", beside=BASICS)
    assert grace.sees("Nobody here yet.")
    grace.types("/teach roster")
    grace.closes()
    assert grace.sees("Whose roster?")
    assert "There are more" not in grace.screen()


def test_who_teaches_many_is_told_to_name_one(house: House, grace: Person) -> None:
    with house.program.database.write() as session:
        for number in range(4):
            a_course(session, f"Course {number}", ["One"], instructor="grace")
    for verb in ("roster", "announce", "channel", "stats"):
        grace.types(f"/teach {verb}")
        assert grace.sees(f"There are more. Name one: `/teach {verb} COURSE`.")
