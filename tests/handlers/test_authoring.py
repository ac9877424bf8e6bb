"""Grace writes courses in Slack, and learners see them when she says so."""

import pytest
from sqlmodel import select

from models import coursefiles, courseplans, enrollments, places, reminderfacts, roles, teachers, versions
from models.courses import Course
from models.grants import Terms, take_user
from tests.house import House
from tests.people import Person

BASICS = "Python Basics"


def opens_the_desk(person: Person) -> None:
    while person.has_modal():
        person.closes()
    person.goes_to("C0LEARN")
    person.types("/teach")
    assert person.sees("Your desk")


def edits(person: Person, title: str) -> None:
    opens_the_desk(person)
    person.clicks("Edit", beside=title)
    assert person.sees("as learners see it")


def course_id(house: House, title: str) -> int:
    with house.program.database.read() as session:
        found = session.exec(select(Course.id).where(Course.title == title)).one()
        assert found is not None
        return found


def begins_knots(grace: Person) -> None:
    opens_the_desk(grace)
    grace.clicks("New course")
    grace.submits(title="Knots", description="Eight of them.")
    assert grace.sees("learners don't see this course yet")
    grace.picks("Add a lesson", beside="1. Lessons")
    grace.submits(title="Bowline", page1="Make a loop.")


def test_a_course_is_begun_filled_and_published(house: House, grace: Person, ada: Person) -> None:
    begins_knots(grace)
    ada.types("/learn enroll Knots")
    assert not ada.sees("You're enrolled in *Knots*")
    grace.clicks("Publish")
    assert grace.sees("Everybody in the workspace can find it")
    grace.clicks("Publish")
    assert grace.sees("*Knots* is open.")
    ada.types("/learn enroll Knots")
    assert ada.sees("You're enrolled in *Knots*")
    ada.clicks("Start lesson 1")
    assert ada.sees("Make a loop.")
    opens_the_desk(grace)
    assert grace.sees("*Knots*\n1 learner")


def test_changes_wait_for_publish_and_whoever_reads_reads_on(house: House, grace: Person, ada: Person) -> None:
    begins_knots(grace)
    grace.clicks("Publish")
    grace.clicks("Publish")
    ada.types("/learn enroll Knots")
    ada.clicks("Start lesson 1")
    edits(grace, "Knots")
    grace.picks("Edit", beside="Bowline")
    grace.clicks("Add a page")
    grace.submits(title="The bowline", page1="Make two loops.", page2="Pull.")
    assert grace.sees("learners see it as it was until you publish")
    ada.types("/learn continue")
    assert ada.sees("Make a loop.")
    grace.clicks("Publish")
    assert grace.sees("title of lesson “Bowline”: “Bowline” becomes “The bowline”")
    grace.clicks("Changed meaning")
    assert grace.sees("*Knots* is published.")
    ada.types("/learn continue")
    assert ada.sees("Make two loops.")
    with house.program.database.read() as session:
        assert [one.number for one in versions.listed(session, course_id(house, "Knots"))] == [2, 1]


def test_lessons_and_modules_move_and_go(house: House, grace: Person, ada: Person) -> None:
    ada.types(f"/learn enroll {BASICS}")
    ada.clicks("Start lesson 1")
    edits(grace, BASICS)
    grace.clicks("Add a module")
    grace.submits(title="Extras")
    grace.picks("Add a lesson", beside="Extras")
    grace.submits(title="One more thing", page1="It is this.")
    grace.picks("Move up", beside="Extras")
    grace.picks("Rename", beside="Extras")
    grace.submits(title="A little more")
    assert grace.sees("A little more")
    grace.picks("Remove", beside="One more thing")
    assert grace.sees("Nobody has opened it yet.")
    grace.clicks("Remove")
    assert grace.sees_no_more("One more thing")
    grace.picks("Remove", beside="1. ")
    assert grace.sees("learner opened or completed it")
    grace.clicks("Keep it")
    grace.picks("Throw away what isn't published")
    grace.clicks("Throw away")
    assert grace.sees("Thrown away: the draft of *Python Basics*.")
    edits(grace, BASICS)
    assert "A little more" not in grace.screen()


def test_nothing_typed_is_lost_when_the_modal_is_closed(house: House, grace: Person) -> None:
    begins_knots(grace)
    grace.picks("Edit", beside="Bowline")
    grace.begins_to_type(title="The bowline, king of knots", page1="Make a loop. The rabbit comes out of its hole.")
    grace.closes()
    opens_the_desk(grace)
    grace.clicks("Go on", beside="Knots")
    grace.picks("Edit", beside="Bowline")
    assert grace.sees("not saved yet")
    assert "The rabbit comes out" in str(grace.modal())
    assert "king of knots" in str(grace.modal())
    grace.clicks("Start from the saved lesson")
    assert grace.sees_no_more("not saved yet")
    assert "The rabbit comes out" not in str(grace.modal())


def test_a_course_and_a_module_begun_and_closed_come_back(house: House, grace: Person) -> None:
    opens_the_desk(grace)
    grace.clicks("New course")
    grace.begins_to_type(title="Knots", description="Eight of them, and why")
    opens_the_desk(grace)
    assert "[Go on]" not in grace.screen()
    grace.clicks("New course")
    assert grace.sees("not saved yet")
    assert "Eight of them, and why" in str(grace.modal())
    grace.presses("Begin")
    grace.clicks("Add a module")
    grace.begins_to_type(title="Hitches")
    opens_the_desk(grace)
    grace.clicks("Go on", beside="Knots")
    grace.picks("Rename", beside="New module")
    assert "Hitches" in str(grace.modal())
    grace.presses("Save")
    assert grace.sees("2. Hitches")
    grace.clicks("Title and description")
    grace.begins_to_type(title="Knots and hitches")
    opens_the_desk(grace)
    grace.clicks("Go on", beside="Knots")
    grace.clicks("Title and description")
    assert "Knots and hitches" in str(grace.modal())
    grace.presses("Save")
    assert grace.sees("Knots and hitches")
    grace.clicks("Title and description")
    assert "not saved yet" not in grace.screen()
    grace.closes()
    opens_the_desk(grace)
    grace.clicks("New course")
    assert "Knots" not in str(grace.modal()["blocks"])


def test_two_who_edit_one_lesson_are_told_and_neither_loses_words(house: House, grace: Person, radia: Person) -> None:
    begins_knots(grace)
    opens_the_desk(radia)
    radia.clicks("Go on", beside="Knots")
    radia.picks("Edit", beside="Bowline")
    grace.picks("Edit", beside="Bowline")
    grace.submits(title="Bowline", page1="Grace says so.")
    radia.submits(title="Bowline", page1="Radia says so.")
    assert radia.sees("*Grace Hopper* saved this lesson")
    radia.clicks("See the saved one")
    assert "Grace says so." in str(radia.modal())
    radia.submits(title="Bowline", page1="Both say so.")
    assert radia.sees("a draft")
    grace.picks("Edit", beside="Bowline")
    radia.picks("Edit", beside="Bowline")
    radia.submits(title="Bowline", page1="Radia again.")
    grace.submits(title="Bowline", page1="Grace again.")
    grace.clicks("Keep mine")
    assert "Grace again." in str(grace.modal())
    grace.submits(title="Bowline", page1="Grace again.")
    assert grace.sees("a draft")


def test_what_can_not_be_stays_to_correct(house: House, grace: Person) -> None:
    begins_knots(grace)
    grace.picks("Edit", beside="Bowline")
    grace.submits(title="Bowline", type="A video", minutes="7")
    assert grace.errors == {"url": "A video needs the address it is at."}
    grace.submits(title="Bowline", type="A video", url="https://video.example/1", minutes="7")
    assert grace.sees("• Bowline · video")


def test_the_whole_course_is_tried_out_and_nothing_recorded(house: House, grace: Person) -> None:
    edits(grace, BASICS)
    grace.clicks("Try it as a learner")
    assert grace.sees("nothing is recorded")
    assert grace.modal()["title"]["text"].startswith("Lesson 1 of ")
    for _ in range(60):
        following = [label for label in ("Next page", "Next lesson") if f"[{label}]" in grace.screen()]
        if not following:
            break
        grace.clicks(following[0])
    assert grace.sees("That was the last lesson")
    with house.program.database.read() as session:
        assert enrollments.count(session, "user_grace") == 0


def test_versions_are_compared_and_gone_back_to(house: House, grace: Person, ada: Person) -> None:
    edits(grace, BASICS)
    grace.clicks("Title and description")
    grace.submits(title="Python, the basics", description="Anew.")
    grace.clicks("Publish")
    grace.clicks("Small fix")
    grace.clicks("Go on editing")
    grace.picks("Versions")
    assert grace.sees("as it stood before")
    grace.clicks("Compare", beside="Version 1")
    assert grace.sees("“Python Basics” becomes “Python, the basics”")
    grace.clicks("Go back to it")
    assert grace.sees("This is version 1 again.")
    grace.clicks("Publish")
    grace.clicks("Small fix")
    ada.types(f"/learn enroll {BASICS}")
    assert ada.sees(f"You're enrolled in *{BASICS}*")


def test_whoever_reads_a_lesson_reads_it_to_its_end(house: House, grace: Person, ada: Person) -> None:
    begins_knots(grace)
    grace.picks("Edit", beside="Bowline")
    grace.clicks("Add a page")
    grace.submits(title="Bowline", page1="First page.", page2="Last page.")
    grace.clicks("Publish")
    grace.clicks("Publish")
    ada.types("/learn enroll Knots")
    ada.clicks("Start lesson 1")
    assert ada.sees("First page.")
    edits(grace, "Knots")
    grace.picks("Edit", beside="Bowline")
    grace.submits(title="Bowline", page1="Another first page.", page2="Another last page.")
    grace.clicks("Publish")
    grace.clicks("Changed meaning")
    ada.clicks("Next page")
    assert ada.sees("Last page.")
    assert "Another" not in ada.screen()
    ada.clicks("Previous page")
    assert ada.sees("First page.")
    ada.closes()
    ada.types("/learn continue")
    assert ada.sees("Another first page.")
    ada.clicks("Next page")
    assert ada.sees("Another last page.")


def test_who_finished_sees_updated(house: House, grace: Person, ada: Person) -> None:
    begins_knots(grace)
    grace.clicks("Publish")
    grace.clicks("Publish")
    ada.types("/learn enroll Knots")
    ada.clicks("Start lesson 1")
    ada.presses("Mark complete")
    ada.closes()
    for answer in ("Small fix", "Changed meaning"):
        edits(grace, "Knots")
        grace.picks("Edit", beside="Bowline")
        grace.submits(title="Bowline", page1=f"Made anew: {answer}.")
        grace.clicks("Publish")
        grace.clicks(answer)
        ada.types("/learn courses Knots")
        assert ada.sees("Finished · updated") == (answer == "Changed meaning")


def test_an_archived_course_takes_nobody_new_and_keeps_whom_it_has(
    house: House, grace: Person, ada: Person, mary: Person
) -> None:
    house.turns_on_reminders()
    ada.types(f"/learn enroll {BASICS}")
    house.program.scheduler.follow()
    edits(grace, BASICS)
    grace.picks("Archive")
    assert grace.sees("1 learner enrolled: they keep it")
    grace.clicks("Archive")
    assert grace.sees("archived: it takes nobody new")
    mary.types("/learn courses")
    assert mary.sees("Accessible Documents")
    assert BASICS not in mary.screen()
    mary.types(f"/learn enroll {BASICS}")
    assert not mary.sees(f"You're enrolled in *{BASICS}*")
    house.program.scheduler.follow()
    with house.program.database.read() as session:
        assert reminderfacts.facts_of(session, ["user_ada"])["user_ada"].open_courses == 0
    ada.types("/learn continue")
    assert ada.sees("Say hello")
    grace.picks("Open again")
    assert grace.sees("as learners see it")
    mary.types(f"/learn enroll {BASICS}")
    assert mary.sees(f"You're enrolled in *{BASICS}*")


def test_who_teaches_no_more_has_no_hand_in_it(house: House, grace: Person) -> None:
    edits(grace, BASICS)
    with house.program.database.write() as session:
        take_user(session, "user_grace", roles.INSTRUCTOR, Terms("user_radia"), house.clock())
    grace.clicks("Title and description")
    assert grace.sees("That is for instructors.")


def test_an_instructor_does_not_see_or_touch_others_courses(house: House, grace: Person, radia: Person) -> None:
    with house.program.database.write() as session:
        course = session.exec(select(Course).where(Course.title == BASICS)).one()
        course.instructor_id = "user_alan"
    opens_the_desk(grace)
    assert BASICS not in grace.screen()
    with house.program.database.write() as session:
        teachers.join(session, course_id(house, BASICS), "user_grace", "user_radia", house.clock())
    edits(grace, BASICS)
    with house.program.database.write() as session:
        teachers.leave(session, course_id(house, BASICS), "user_grace")
    grace.clicks("Add a module")
    assert grace.sees(f"You don't teach {BASICS}.")
    edits(radia, BASICS)


@pytest.mark.parametrize("title", ["<!channel> & *friends*", "é" * 150])
def test_any_title_is_only_a_title(house: House, grace: Person, title: str) -> None:
    opens_the_desk(grace)
    grace.clicks("New course")
    grace.submits(title=title, description="<!here> " * 100)
    assert grace.sees("a draft")
    opens_the_desk(grace)
    assert "<!channel>" not in grace.screen()


def test_a_double_submit_publishes_once(house: House, grace: Person) -> None:
    begins_knots(grace)
    grace.clicks("Publish")
    at = grace.modal()
    grace.clicks("Publish")
    assert grace.sees("*Knots* is open.")
    assert at["id"] == grace.modal()["id"]
    with house.program.database.read() as session:
        assert len(session.exec(select(Course).where(Course.title == "Knots")).all()) == 1


def test_any_message_becomes_a_lesson(house: House, grace: Person, ada: Person) -> None:
    begins_knots(grace)
    grace.closes()
    ada.goes_to("C0LEARN")
    ada.types("How to whip a rope\nWind *twine* around it: see https://knots.example/whip\n# of turns: 9")
    grace.goes_to("C0LEARN")
    grace.uses("Make this a lesson", on="How to whip a rope")
    assert grace.sees("It becomes the last lesson of the draft.")
    grace.submits(title="Whipping", course="Knots")
    assert grace.sees("• Whipping")
    grace.picks("Preview", beside="Whipping")
    assert grace.sees("Wind *twine* around it")
    assert grace.sees("# of turns: 9")
    ada.uses("Make this a lesson", on="How to whip a rope")
    assert ada.sees("That is for instructors.")


def test_a_long_message_says_how_much_of_it_becomes_a_lesson(house: House, grace: Person) -> None:
    begins_knots(grace)
    grace.closes()
    grace.goes_to("C0LEARN")
    grace.types("How to whip a rope\n" + "Wind twine around it. " * 200)
    grace.uses("Make this a lesson", on="How to whip a rope")
    assert grace.sees("The message is long: these are its first 2,900 characters.")


def test_a_video_is_tried_out_as_learners_get_it(house: House, grace: Person) -> None:
    begins_knots(grace)
    grace.picks("Edit", beside="Bowline")
    grace.submits(title="Bowline", type="A video", url="https://youtu.be/abc", minutes="7")
    grace.clicks("Publish")
    grace.clicks("Publish")
    edits(grace, "Knots")
    grace.clicks("Try it as a learner")
    assert grace.sees("Knots · Lessons · 7 min")
    assert grace.sees("(image: Poster of the video Bowline)")
    grace.clicks("Watch the video")
    assert grace.sees("That was the last lesson")
    with house.program.database.read() as session:
        assert places.in_course(session, "user_grace", course_id(house, "Knots")) is None


def test_learners_read_what_an_instructor_says_about_herself(house: House, grace: Person, ada: Person) -> None:
    opens_the_desk(grace)
    grace.clicks("About you")
    grace.submits(bio="I wrote a compiler. <!channel>")
    assert grace.sees("Saved.")
    ada.types(f"/learn courses {BASICS}")
    ada.clicks("Details")
    assert ada.sees("I wrote a compiler.")
    opens_the_desk(grace)
    grace.clicks("About you")
    assert "I wrote a compiler." in str(grace.modal())


def test_the_desk_is_on_the_home_of_those_who_teach(house: House, grace: Person, ada: Person) -> None:
    grace.opens_home()
    assert grace.sees("*Teaching*")
    grace.clicks("Your desk")
    assert grace.sees("*Python Basics*")
    grace.clicks("Edit", beside=BASICS)
    assert grace.sees("as learners see it")
    ada.opens_home()
    assert ada.sees("Welcome, Ada")
    assert "Teaching" not in ada.screen()


def test_a_course_comes_as_a_file_that_changes_nothing(house: House, grace: Person) -> None:
    edits(grace, BASICS)
    grace.picks("Export")
    assert grace.sees("is on its way to our messages as a file.")
    while grace.has_modal():
        grace.closes()
    grace.goes_to("D0GRACE")
    name, words = grace.opens_file()
    assert name == "python-basics.yaml"
    with house.program.database.read() as session:
        assert not courseplans.plan(session, coursefiles.read(words, name)).changes


def test_a_course_nobody_learned_in_is_deleted(house: House, grace: Person, ada: Person) -> None:
    begins_knots(grace)
    grace.clicks("Publish")
    grace.clicks("Publish")
    edits(grace, "Knots")
    grace.picks("Delete")
    grace.clicks("Delete")
    assert grace.sees("Deleted: *Knots*.")
    ada.types("/learn enroll Knots")
    assert not ada.sees("You're enrolled")
    with house.program.database.read() as session:
        assert not session.exec(select(Course).where(Course.title == "Knots")).all()


def test_a_course_with_learners_is_archived_instead(house: House, grace: Person, ada: Person) -> None:
    begins_knots(grace)
    grace.clicks("Publish")
    grace.clicks("Publish")
    edits(grace, "Knots")
    grace.picks("Delete")
    ada.types("/learn enroll Knots")
    ada.clicks("Start lesson 1")
    ada.presses("Mark complete")
    ada.closes()
    ada.types("/learn withdraw Knots")
    grace.clicks("Delete")
    assert grace.sees("1 person learned in Knots")
    edits(grace, "Knots")
    grace.picks("Delete")
    grace.clicks("Archive")
    grace.clicks("Archive")
    assert grace.sees("archived: it takes nobody new")


def test_who_teaches_beside_somebody_deletes_nothing(house: House, grace: Person) -> None:
    with house.program.database.write() as session:
        session.exec(select(Course).where(Course.title == BASICS)).one().instructor_id = "user_alan"
    with house.program.database.write() as session:
        teachers.join(session, course_id(house, BASICS), "user_grace", "user_alan", house.clock())
    edits(grace, BASICS)
    grace.picks("Delete")
    assert grace.sees(f"Only the instructor of {BASICS}, or an admin, can do that.")
