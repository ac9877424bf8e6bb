"""Who teaches a course together, and what happens when an instructor leaves."""

from sqlmodel import select

from models import roles
from models.courses import Course
from models.grants import Terms, give_user, take_user
from tests.handlers.test_authoring import BASICS, course_id, edits, opens_the_desk
from tests.house import House
from tests.people import Person


def makes_an_instructor(house: House, user_id: str) -> None:
    with house.program.database.write() as session:
        give_user(session, user_id, roles.INSTRUCTOR, Terms("user_radia"), house.clock())


def loses_the_role(house: House, user_id: str) -> None:
    with house.program.database.write() as session:
        take_user(session, user_id, roles.INSTRUCTOR, Terms("user_radia"), house.clock())


def hears(house: House, person: Person) -> str:
    house.program.scheduler.follow()
    house.program.sender.drain()
    house.quiet()
    while person.has_modal():
        person.closes()
    person.goes_to(f"D{person.id[1:]}")
    return person.screen()


def desk_of(person: Person) -> str:
    opens_the_desk(person)
    return person.screen().rpartition("Your desk")[2]


def adds(person: Person, name: str) -> None:
    person.types(f"/teach team {BASICS}")
    person.clicks("Add a co-teacher")
    person.submits(who=name)


def test_a_co_teacher_writes_too_and_is_told(house: House, grace: Person, mary: Person) -> None:
    makes_an_instructor(house, "user_mary")
    adds(grace, "Mary Jackson")
    assert grace.sees("Teaches beside them")
    assert f"You teach *{BASICS}* too now: <@U0GRACE> added you." in hears(house, mary)
    edits(mary, BASICS)
    mary.clicks("Team")
    assert "Hand over" not in mary.buttons()
    mary.clicks("Leave")
    assert mary.sees(f"You've left the team of *{BASICS}*.")
    assert BASICS not in desk_of(mary)


def test_whoever_is_no_instructor_or_not_linked_is_not_added(house: House, grace: Person) -> None:
    adds(grace, "Ada Lovelace")
    assert grace.errors["who"].startswith("Ada Lovelace isn't an instructor.")
    grace.submits(who="Linus Pauling")
    assert "hasn't linked an account yet" in grace.errors["who"]


def test_a_removed_co_teacher_is_told_and_refused(house: House, grace: Person, mary: Person) -> None:
    makes_an_instructor(house, "user_mary")
    adds(grace, "Mary Jackson")
    edits(mary, BASICS)
    grace.clicks("Remove", beside="U0MARY")
    mary.clicks("Add a module")
    assert mary.sees(f"You don't teach {BASICS}.")
    assert f"You no longer teach *{BASICS}*: <@U0GRACE> said so." in hears(house, mary)


def test_a_course_is_handed_over_by_its_instructor_or_an_admin(
    house: House, grace: Person, mary: Person, radia: Person
) -> None:
    makes_an_instructor(house, "user_mary")
    grace.types(f"/teach team {BASICS}")
    grace.clicks("Hand over")
    grace.submits(who="Mary Jackson")
    assert grace.sees(f"*{BASICS}* is Mary Jackson's now.")
    assert f"*{BASICS}* is yours now" in hears(house, mary)
    assert BASICS not in desk_of(grace)
    radia.types(f"/teach team {BASICS}")
    radia.clicks("Hand over")
    radia.submits(who="Grace Hopper")
    assert BASICS in desk_of(grace)


def test_a_course_that_is_not_theirs_is_not_named(house: House, mary: Person) -> None:
    makes_an_instructor(house, "user_mary")
    mary.types(f"/teach team {BASICS}")
    assert mary.sees(f"You don't teach a course called *{BASICS}*.")
    mary.types("/teach team")
    assert mary.sees("You teach no course yet.")


def test_without_a_name_there_is_a_choice(house: House, grace: Person) -> None:
    grace.types("/teach team")
    assert grace.sees("Which course?")
    grace.clicks("Team", beside=BASICS)
    assert grace.sees(f"Who teaches {BASICS}")


def test_when_an_instructor_loses_the_role_co_teachers_and_admins_hear_once(
    house: House, grace: Person, mary: Person, radia: Person, ada: Person
) -> None:
    makes_an_instructor(house, "user_mary")
    adds(grace, "Mary Jackson")
    ada.types(f"/learn enroll {BASICS}")
    hears(house, mary)
    loses_the_role(house, "user_grace")
    for person in (mary, radia):
        assert "*Grace Hopper* can't teach any more. 8 courses, 1 learner waiting." in hears(house, person)
    makes_an_instructor(house, "user_grace")
    loses_the_role(house, "user_grace")
    assert hears(house, radia).count("can't teach any more") == 1


def test_nobody_hears_of_an_instructor_who_is_back_before_the_note_leaves(
    house: House, grace: Person, radia: Person
) -> None:
    loses_the_role(house, "user_grace")
    house.program.scheduler.follow()
    makes_an_instructor(house, "user_grace")
    assert "can't teach any more" not in hears(house, radia)


def test_an_admin_hands_over_what_was_left(house: House, grace: Person, radia: Person) -> None:
    loses_the_role(house, "user_grace")
    assert "can't teach any more" in hears(house, radia)
    radia.clicks("Your desk")
    assert radia.sees("Your desk")
    radia.types(f"/teach team {BASICS}")
    radia.clicks("Hand over")
    radia.submits(who="Radia Perlman")
    with house.program.database.read() as session:
        found = session.exec(select(Course).where(Course.id == course_id(house, BASICS))).one()
        assert found.instructor_id == "user_radia"
