"""Grace brings course files in by Slack, and sees what they change before they do."""

from datetime import UTC, datetime

from sqlmodel import select

from models import audit, versions
from models.courses import Course
from models.grants import Terms, take_user
from models.roles import INSTRUCTOR
from tests.house import House
from tests.people import Person

_ALWAYS = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
KNOTS = """\
course: knots
title: Knots
description: Eight of them.
instructor: {instructor}
modules:
  - title: Loops
    key: loops
    lessons:
      - key: bowline
        title: Bowline
        type: text
        body: |
          Make a loop.
"""


def knots(instructor: str = "user_grace", **changed: str) -> tuple[str, bytes]:
    text = KNOTS.format(instructor=instructor)
    for before, after in changed.items():
        text = text.replace(before.replace("_", " "), after)
    return "knots.yaml", text.encode()


def looks_at(person: Person, file: tuple[str, bytes]) -> None:
    while person.has_modal():
        person.closes()
    person.goes_to("C0LEARN")
    person.types("/teach")
    person.clicks("Import a course")
    person.submits(file=file)


def imports(person: Person, file: tuple[str, bytes]) -> None:
    looks_at(person, file)
    person.clicks("Import")
    assert person.sees("*Knots* is what the file says.")


def course(house: House, slug: str = "knots") -> Course | None:
    with house.program.database.read() as session:
        return session.exec(select(Course).where(Course.slug == slug)).one_or_none()


def test_a_file_is_looked_at_and_then_makes_a_course(house: House, grace: Person, ada: Person) -> None:
    looks_at(grace, knots())
    assert grace.sees("new course: Knots, 1 lesson in 1 module")
    assert course(house) is None
    grace.clicks("Import")
    assert grace.sees("*Knots* is what the file says.")
    ada.types("/learn enroll Knots")
    assert ada.sees("You're enrolled in *Knots*")
    with house.program.database.read() as session:
        entry = next(audit.entries(session, *_ALWAYS, action="course.imported"))
    assert (entry.actor, entry.what) == ("user_grace", "knots")


def test_whoever_reads_reads_on_and_the_import_is_a_version(house: House, grace: Person, ada: Person) -> None:
    imports(grace, knots())
    ada.types("/learn enroll Knots")
    ada.clicks("Start lesson 1")
    looks_at(grace, knots(Make_a_loop="First page.\n\n          <!-- page -->\n\n          Make two loops"))
    assert grace.sees("text of lesson “Bowline” changes")
    assert grace.sees("1 person is enrolled.")
    grace.clicks("Import")
    assert ada.sees("Make a loop.")
    ada.presses("Mark complete")
    grace.clicks("See the course")
    grace.picks("Versions")
    assert grace.sees("Version 2")
    made = course(house)
    assert made is not None
    assert made.id is not None
    with house.program.database.read() as session:
        assert [one.number for one in versions.listed(session, made.id)] == [2, 1]


def test_the_same_file_again_changes_nothing_and_makes_no_version(house: House, grace: Person) -> None:
    imports(grace, knots())
    looks_at(grace, knots())
    assert grace.sees("Nothing changes")
    assert "Import" not in grace.buttons()


def test_every_mistake_is_said_with_its_line(house: House, grace: Person) -> None:
    looks_at(grace, ("knots.yaml", b"course: Knots\ntitle: Knots\nmodules: none\n"))
    assert grace.sees("I can't take *knots.yaml* as it is. Nothing was changed.")
    assert grace.sees("Line 1: ")
    assert grace.sees("Line 3: ")
    grace.clicks("Choose the file again")
    grace.submits(file=knots())
    assert grace.sees("new course: Knots")


def test_what_is_no_text_is_no_course(house: House, grace: Person) -> None:
    looks_at(grace, ("knots.yaml", b"course: knots\ntitle: \xff\xfe\n"))
    assert grace.sees("Line 2: this is not UTF-8.")


def test_a_file_too_large_is_refused_where_it_was_chosen(house: House, grace: Person) -> None:
    looks_at(grace, ("knots.yaml", b"#" * (2 * 1024 * 1024 + 1)))
    assert grace.errors == {"file": "That file is larger than 2 MB. Split the course, or link large material."}


def test_slack_out_of_reach_leaves_the_form_as_it_is(house: House, grace: Person) -> None:
    for method in ("files.info", "files-pri"):
        house.breaks(method, "500")
        looks_at(grace, knots())
        assert "didn't give me the file just now" in grace.errors["file"]
        house.mends()
    grace.submits(file=knots())
    assert grace.sees("new course: Knots")


def test_nobody_imports_in_anothers_name(house: House, grace: Person, radia: Person) -> None:
    looks_at(grace, knots("user_radia"))
    assert grace.sees("The file says that Radia Perlman teaches this course.")
    imports(radia, knots("user_grace"))
    looks_at(grace, knots("user_radia"))
    grace.clicks("Import")
    made = course(house)
    assert made is not None
    assert made.instructor_id == "user_radia"
    looks_at(grace, knots("user_radia", Bowline="The bowline"))
    assert grace.sees("You don't teach Knots.")


def test_a_course_is_not_given_to_somebody_who_cannot_teach(house: House, grace: Person) -> None:
    imports(grace, knots())
    looks_at(grace, knots("user_ada"))
    assert grace.sees("Ada Lovelace isn't an instructor.")


def test_what_changed_after_somebody_looked_is_looked_at_again(house: House, grace: Person) -> None:
    imports(grace, knots())
    looks_at(grace, knots(Bowline="The bowline"))
    with house.program.database.write() as session:
        made = session.exec(select(Course).where(Course.slug == "knots")).one()
        made.description = "Nine of them."
    grace.clicks("Import")
    assert grace.sees("The course was changed while you looked")
    assert grace.sees("*Kept*, since it was changed in Slack or the portal:")
    grace.clicks("Let the file win")
    assert grace.sees("Eight of them.")
    grace.clicks("Keep what was changed here")
    grace.clicks("Import")
    made_now = course(house)
    assert made_now is not None
    assert made_now.description == "Nine of them."


def test_who_teaches_no_more_imports_no_more(house: House, grace: Person) -> None:
    looks_at(grace, knots())
    with house.program.database.write() as session:
        take_user(session, "user_grace", INSTRUCTOR, Terms("user_radia"), house.clock())
    grace.clicks("Import")
    assert grace.sees("That is for instructors.")
    assert course(house) is None
