"""A learner's way through a course, by clicking what is on their screen."""

from datetime import UTC, datetime

from sqlmodel import Session, select

from models import Enrollment, Lesson, Progress
from models.completions import Completion
from tests.house import House
from tests.people import Person


def test_a_learner_enrolls_from_the_catalog(ada: Person) -> None:
    ada.types("/learn courses Python")
    ada.clicks("Enroll", beside="Python Basics")
    assert ada.sees("You're enrolled in *Python Basics*")
    assert ada.sees("Your instructor and admins see which lessons you finish")
    assert "Start lesson 1" in ada.buttons()


def test_who_sees_what_is_said_once(ada: Person) -> None:
    ada.types("/learn enroll Python Basics")
    assert ada.sees("Classmates don't.")
    ada.types("/learn enroll Baking Bread")
    assert ada.sees("You're enrolled in *Baking Bread*")
    assert ada.screen().count("Classmates don't.") == 1


def test_a_whole_course_from_first_look_to_celebration(ada: Person, house: House) -> None:
    ada.types("/learn courses")
    ada.clicks("More courses")
    ada.clicks("Enroll", beside="Python Basics")
    ada.clicks("Start lesson 1")
    assert ada.sees("Say hello")
    assert ada.sees("The smallest program")
    ada.presses("Mark complete")
    assert ada.sees("Completed *Say hello*.")
    assert ada.sees("1 of 4")
    ada.clicks("Next lesson")
    assert ada.sees("Watch the video")
    ada.presses("Mark complete")
    ada.clicks("Next lesson")
    assert ada.sees("page 1 of 4")
    for page in (2, 3, 4):
        ada.clicks("Next page")
        assert ada.sees(f"page {page} of 4")
    ada.presses("Mark complete")
    ada.clicks("Next lesson")
    assert ada.clicks("Open the quiz") == "https://portal.example/quizzes/python-basics"
    ada.presses("Mark complete")
    assert ada.sees("You finished *Python Basics*, all 4 lessons of it")
    ada.closes()
    ada.opens_home()
    assert ada.sees("Finished")
    with house.program.database.read() as session:
        assert session.exec(select(Completion)).one().lessons == 4


def test_finishing_is_celebrated_once(ada: Person) -> None:
    finish_python_basics(ada)
    assert ada.sees("You finished *Python Basics*")
    ada.clicks("Undo")
    assert ada.sees("*Check yourself* is open again.")
    ada.presses("Mark complete")
    assert ada.sees("Completed *Check yourself*.")
    assert "You finished" not in ada.screen()


def test_a_lesson_added_later_does_not_unfinish_a_course(ada: Person, house: House) -> None:
    finish_python_basics(ada)
    ada.closes()
    add_a_lesson(house, "Generators")
    ada.opens_home()
    assert ada.sees("1 new lesson")
    ada.types("/learn continue Python Basics")
    assert ada.sees("Generators")


def test_undo_takes_a_completion_back(ada: Person, house: House) -> None:
    ada.types("/learn enroll Python Basics")
    ada.clicks("Start lesson 1")
    ada.presses("Mark complete")
    ada.clicks("Undo")
    assert ada.sees("*Say hello* is open again.")
    with house.program.database.read() as session:
        row = session.exec(select(Progress)).one()
    assert (row.completed, row.completed_at) == (False, None)


def test_a_double_click_enrolls_once(ada: Person, house: House) -> None:
    ada.types("/learn courses Python")
    ada.clicks("Enroll", beside="Python Basics")
    ada.types("/learn enroll Python Basics")
    assert ada.sees("You're already enrolled in *Python Basics*.")
    with house.program.database.read() as session:
        assert len(session.exec(select(Enrollment)).all()) == 1


def test_the_place_is_kept_on_every_turn(ada: Person) -> None:
    open_loops(ada)
    ada.clicks("Next page")
    assert ada.sees("page 2 of 4")
    ada.closes()
    ada.types("/learn continue")
    assert ada.sees("Loops")
    assert ada.sees("page 2 of 4")


def test_home_asks_whether_the_video_was_watched(ada: Person) -> None:
    ada.types("/learn enroll Python Basics")
    ada.clicks("Start lesson 1")
    ada.presses("Mark complete")
    ada.clicks("Next lesson")
    assert ada.clicks("Watch the video").startswith("https://www.youtube.com/")
    ada.closes()
    ada.opens_home()
    assert ada.sees("Watched *Why people program*?")
    ada.clicks("Mark complete")
    assert ada.sees("Next: *Loops*, 6 min") or ada.sees("2 of 4")


def test_home_names_the_next_lesson(ada: Person) -> None:
    ada.types("/learn enroll Python Basics")
    ada.clicks("Start lesson 1")
    ada.presses("Mark complete")
    ada.closes()
    ada.opens_home()
    assert ada.sees("Watched *Why people program*?") or ada.sees("Next: *Why people program*")
    assert "1 of 4" in ada.screen()


def test_finishing_suggests_what_is_next(ada: Person) -> None:
    finish_python_basics(ada)
    ada.clicks("Enroll in Accessible Documents")
    assert ada.sees("You're enrolled in *Accessible Documents*")


def test_a_name_nothing_goes_by_is_searched_for(ada: Person) -> None:
    ada.types("/learn enroll first programs")
    assert ada.sees("Courses for “first programs”")
    assert ada.sees("Python Basics")


def test_reading_in_the_dm_keeps_the_whole_lesson(ada: Person) -> None:
    open_loops(ada)
    ada.clicks("Read in DM")
    assert ada.sees("It's in our direct messages too now")
    ada.closes()
    ada.goes_to("D0ADA")
    assert ada.sees("A loop does the same thing again.")
    assert ada.sees("Print the numbers from 1 to 10.")
    ada.clicks("Mark complete")
    assert ada.sees("Completed *Loops*.")


def test_done_completes_the_open_lesson_and_names_it(ada: Person) -> None:
    ada.types("/learn enroll Python Basics")
    ada.clicks("Start lesson 1")
    ada.closes()
    ada.types("/learn done")
    assert ada.sees("Completed *Say hello*.")
    ada.clicks("Undo")
    assert ada.sees("*Say hello* is open again.")


def test_done_asks_which_when_two_lessons_are_open(ada: Person) -> None:
    for course in ("Python Basics", "Baking Bread"):
        ada.types(f"/learn enroll {course}")
        ada.types(f"/learn continue {course}")
        ada.closes()
    ada.types("/learn done")
    assert ada.sees("Which lesson did you finish?")
    ada.clicks("Baking Bread one (Baking Bread)")
    assert ada.sees("Completed *Baking Bread one*.")


def test_done_with_nothing_open_says_what_to_do(ada: Person) -> None:
    ada.types("/learn done")
    assert ada.sees("No lesson is open just now.")


def test_withdrawing_keeps_what_was_done(ada: Person, house: House) -> None:
    ada.types("/learn enroll Python Basics")
    ada.clicks("Start lesson 1")
    ada.presses("Mark complete")
    ada.closes()
    ada.types("/learn withdraw Python Basics")
    assert ada.sees("You've left *Python Basics*.")
    ada.clicks("Enroll again")
    ada.types("/learn progress")
    assert ada.sees("1 of 4")


def test_progress_shows_every_course_with_its_squares(ada: Person) -> None:
    ada.types("/learn enroll Python Basics")
    ada.types("/learn enroll SQL")
    ada.types("/learn progress")
    assert ada.sees("▱▱▱▱▱▱▱▱▱▱ 0 of 4")
    ada.clicks("Continue", beside="SQL")
    assert ada.sees("SQL one")


def test_home_follows_what_the_portal_writes(ada: Person, house: House) -> None:
    ada.types("/learn enroll Python Basics")
    ada.opens_home()
    assert ada.sees("0 of 4")
    with house.program.database.write() as session:
        hello = session.exec(select(Lesson).where(Lesson.title == "Say hello")).one()
        assert hello.id is not None
        session.add(Progress(user_id="user_ada", lesson_id=hello.id, completed=True, completed_at=datetime.now(UTC)))
    house.program.scheduler.follow()
    assert ada.sees("1 of 4")


def test_the_bot_notices_by_itself_what_the_portal_writes(ada: Person, house: House) -> None:
    ada.types("/learn enroll Python Basics")
    ada.opens_home()
    assert ada.sees("0 of 4")
    ada.follows = None
    with house.program.database.write() as session:
        hello = session.exec(select(Lesson.id).where(Lesson.title == "Say hello")).one() or 0
        session.add(Progress(user_id="user_ada", lesson_id=hello, completed=True, completed_at=datetime.now(UTC)))
    assert ada.sees("1 of 4")


def open_loops(person: Person) -> None:
    """Ada in front of the lesson Loops."""
    person.types("/learn enroll Python Basics")
    person.clicks("Start lesson 1")
    person.presses("Mark complete")
    person.clicks("Next lesson")
    person.presses("Mark complete")
    person.clicks("Next lesson")


def finish_python_basics(person: Person) -> None:
    """Every lesson completed, the last modal still open."""
    open_loops(person)
    for _ in range(3):
        person.clicks("Next page")
    person.presses("Mark complete")
    person.clicks("Next lesson")
    person.presses("Mark complete")


def add_a_lesson(house: House, title: str) -> None:
    """Somebody adds a lesson at the end of Python Basics, straight in the database."""
    with house.program.database.write() as session:
        loops = session.exec(select(Lesson).where(Lesson.title == "Loops")).one()
        session.add(_lesson_like(session, loops, title))


def _lesson_like(session: Session, other: Lesson, title: str) -> Lesson:
    return Lesson(title=title, content_type="text", body="New.", order=99, module_id=other.module_id)
