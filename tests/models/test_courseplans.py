"""Importing a course file: in place, around what others changed, and never at a learner's cost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlmodel import Session, select

from models import Course, Lesson, Module, Progress, User, catalog, courseplans, outlines, progress
from models.completions import Completion, settle
from models.courseexports import export
from models.coursefiles import CourseFileErrors, read
from models.courseplans import Outdated, Plan, UnknownInstructor
from models.database import Database
from models.enrollments import enroll
from models.errors import Unavailable
from models.imports import Import
from tests.models.test_coursefiles import FILE, NOW
from tests.postgresql import SOMEBODY_WAITS
from tests.school import LONG_AGO, a_course, a_lesson, a_user

LATER = NOW + timedelta(days=1)
DEMO = Path(__file__).parents[2] / "bot" / "sandbox" / "courses"
CLOVE = FILE[FILE.index("      - key: clove") : FILE.index("  - key: more")]
MORE = FILE[FILE.index("  - key: more") :]
QUIZ = "      - {key: quiz, title: Quiz, type: quiz, url: 'https://quiz.example/'}\n"


def plan(session: Session, text: str, *, prefer_file: bool = False) -> Plan:
    a_user(session, "grace", "Instructor")
    return courseplans.plan(session, read(text, "knots.yaml"), prefer_file=prefer_file)


def imported(session: Session, text: str, *, prefer_file: bool = False, now: datetime = NOW) -> int:
    return courseplans.apply(session, plan(session, text, prefer_file=prefer_file), now).course_id


def changes(made: Plan) -> list[str]:
    return [f"{change.mark} {change.text}" for change in made.changes]


def kept(made: Plan) -> list[str]:
    return [change.text for change in made.kept]


def lesson(session: Session, key: str) -> Lesson:
    return session.exec(select(Lesson).where(Lesson.key == key)).one()


def lesson_id(session: Session, key: str) -> int:
    found = lesson(session, key).id
    assert found is not None
    return found


def shown(session: Session, course_id: int) -> dict[str, list[str]]:
    outline = outlines.outline(session, course_id, user_id=None)
    return {module.title: [line.title for line in module.lessons] for module in outline.modules}


def learner(session: Session, name: str, course_id: int, *done: str) -> User:
    """Somebody enrolled who completed these lessons."""
    user = a_user(session, name)
    enroll(session, user.id, course_id, NOW)
    for key in done:
        progress.complete(session, user.id, lesson_id(session, key), NOW)
    session.flush()
    return user


# In place


def test_a_file_becomes_a_course(any_session: Session) -> None:
    made = plan(any_session, FILE)
    assert made.is_new
    assert changes(made) == ["+ new course: Knots, 3 lessons in 2 modules"]
    done = courseplans.apply(any_session, made, NOW)
    assert (done.title, done.changes) == ("Knots", 1)
    assert shown(any_session, done.course_id) == {"Basics": ["Bowline", "Clove hitch"], "More": ["A film"]}
    course = any_session.get(Course, done.course_id)
    assert course is not None
    assert (course.slug, course.description, course.created_at) == ("knots", "Tie what holds.", NOW)
    assert catalog.card(any_session, done.course_id, user_id=None).instructor == "Grace Tester"
    clove = lesson(any_session, "clove")
    assert (clove.content_type, clove.minutes, clove.body, clove.order) == ("text", 3, "Around a post.", 2)
    film = lesson(any_session, "film")
    assert (film.content_type, film.content_url, film.body) == ("video", "https://video.example/knots", None)


def test_importing_it_again_changes_nothing(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    again = plan(any_session, FILE)
    assert (again.changes, again.kept, again.meaning, again.notes, again.is_new) == ((), (), (), (), False)
    assert courseplans.apply(any_session, again, LATER).changes == 0
    course = any_session.get(Course, course_id)
    assert course is not None
    assert course.updated_at == NOW
    told = any_session.get(Import, course_id)
    assert told is not None
    assert told.imported_at == NOW


def test_everything_a_file_says_can_change_and_progress_stays(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    ada = learner(any_session, "ada", course_id, "bowline", "film")
    a_user(any_session, "alan", "Instructor")
    changed = FILE
    for before, after in (
        ("title: Knots", "title: Good Knots"),
        ("Tie what holds.", "Tie what holds, and let go."),
        ("grace@example.org", "user_alan"),
        ("title: Basics", "title: The basics"),
        ("title: Bowline", "title: The bowline"),
        ("A loop that holds.", "A loop."),
        ("minutes: 3", "minutes: 5"),
        ("type: video", "type: quiz"),
        ("https://video.example/knots", "https://quiz.example/knots"),
    ):
        changed = changed.replace(before, after)
    rows = {key: lesson_id(any_session, key) for key in ("bowline", "clove", "film")}
    made = plan(any_session, changed)
    assert changes(made) == [
        "~ title of the course: “Knots” becomes “Good Knots”",
        "~ description of the course: “Tie what holds.” becomes “Tie what holds, and let go.”",
        "~ instructor of the course: “user_grace” becomes “user_alan”",
        "~ title of lesson “Bowline”: “Bowline” becomes “The bowline”",
        "~ text of lesson “Bowline”: “A loop that holds.” becomes “A loop.”",
        "~ minutes of lesson “Clove hitch”: “3” becomes “5”",
        "~ type of lesson “A film”: “video” becomes “quiz”",
        "~ url of lesson “A film”: “https://video.example/knots” becomes “https://quiz.example/knots”",
        "~ title of module “Basics”: “Basics” becomes “The basics”",
    ]
    courseplans.apply(any_session, made, LATER)
    assert {key: lesson_id(any_session, key) for key in rows} == rows
    assert shown(any_session, course_id) == {"The basics": ["The bowline", "Clove hitch"], "More": ["A film"]}
    card = catalog.card(any_session, course_id, user_id=ada.id)
    assert (card.title, card.instructor, card.done) == ("Good Knots", "Alan Tester", 2)
    course = any_session.get(Course, course_id)
    assert course is not None
    assert (course.created_at, course.updated_at) == (NOW, LATER)
    assert plan(any_session, changed).changes == ()


def test_what_a_file_no_longer_says_is_taken_back(any_session: Session) -> None:
    imported(any_session, FILE)
    imported(any_session, FILE.replace("        minutes: 3\n", ""))
    assert lesson(any_session, "clove").minutes is None


def test_longer_text_is_shown_line_by_line(session: Session) -> None:
    long = FILE.replace("body: A loop that holds.", "body: |\n          One\n          Two\n          Three")
    imported(session, long)
    (change,) = plan(session, long.replace("Two", "2")).changes
    assert change.text == "text of lesson “Bowline” changes"
    assert change.lines == ("@@ -1,3 +1,3 @@", " One", "-Two", "+2", " Three")


def test_what_was_empty_is_said_to_have_been_nothing(session: Session) -> None:
    imported(session, FILE.replace("Tie what holds.", "''").replace("        minutes: 3\n", ""))
    assert changes(plan(session, FILE)) == [
        "~ description of the course: nothing becomes “Tie what holds.”",
        "~ minutes of lesson “Clove hitch”: nothing becomes “3”",
    ]


def test_a_lesson_moves_between_modules_and_stays_itself(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    ada = learner(any_session, "ada", course_id, "clove")
    clove = lesson_id(any_session, "clove")
    moved = FILE.replace(CLOVE, "") + CLOVE
    assert changes(plan(any_session, moved)) == ["~ lesson “Clove hitch”: from module “Basics” to “More”"]
    imported(any_session, moved)
    assert shown(any_session, course_id) == {"Basics": ["Bowline"], "More": ["A film", "Clove hitch"]}
    assert lesson_id(any_session, "clove") == clove
    assert catalog.card(any_session, course_id, user_id=ada.id).done == 1


def test_a_lesson_moves_to_a_module_that_is_new(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    moved = FILE.replace(CLOVE, "") + "  - title: Hitches\n    lessons:\n" + CLOVE
    made = plan(any_session, moved)
    assert changes(made) == [
        "~ lesson “Clove hitch”: from module “Basics” to “Hitches”",
        "+ new module: Hitches",
    ]
    courseplans.apply(any_session, made, NOW)
    assert shown(any_session, course_id) == {"Basics": ["Bowline"], "More": ["A film"], "Hitches": ["Clove hitch"]}


def test_lessons_and_modules_change_places(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    swapped = FILE.replace(CLOVE, "").replace("    lessons:\n", "    lessons:\n" + CLOVE, 1)
    swapped = swapped.replace(MORE, "").replace("modules:\n", "modules:\n" + MORE)
    made = plan(any_session, swapped)
    assert changes(made) == ["~ order of the modules changes", "~ order of the lessons in “Basics” changes"]
    courseplans.apply(any_session, made, NOW)
    assert list(shown(any_session, course_id).items()) == [("More", ["A film"]), ("Basics", ["Clove hitch", "Bowline"])]


def test_a_new_lesson_comes_where_the_file_has_it_and_says_nothing_of_the_others(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    longer = FILE.replace("    lessons:\n", "    lessons:\n" + QUIZ, 1)
    made = plan(any_session, longer)
    assert changes(made) == ["+ new lesson: Quiz"]
    courseplans.apply(any_session, made, NOW)
    assert shown(any_session, course_id)["Basics"] == ["Quiz", "Bowline", "Clove hitch"]


def test_a_lesson_taken_out_is_hidden_keeps_its_progress_and_can_come_back_changed(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    ada = learner(any_session, "ada", course_id, "clove")
    clove = lesson_id(any_session, "clove")
    made = plan(any_session, FILE.replace(CLOVE, ""))
    assert changes(made) == ["- lesson “Clove hitch” goes away"]
    courseplans.apply(any_session, made, LATER)
    assert shown(any_session, course_id)["Basics"] == ["Bowline"]
    assert lesson(any_session, "clove").removed_at == LATER
    assert any_session.exec(select(Progress).where(Progress.lesson_id == clove)).one().completed
    assert plan(any_session, FILE.replace(CLOVE, "")).changes == ()
    back = FILE.replace(CLOVE, "") + CLOVE.replace("Clove hitch", "The clove hitch")
    made = plan(any_session, back)
    assert changes(made) == ["+ lesson “The clove hitch” comes back"]
    assert "1 person has completed what comes back; for them it counts again." in made.meaning
    courseplans.apply(any_session, made, LATER)
    assert shown(any_session, course_id) == {"Basics": ["Bowline"], "More": ["A film", "The clove hitch"]}
    assert lesson_id(any_session, "clove") == clove
    assert catalog.card(any_session, course_id, user_id=ada.id).done == 1


def test_a_module_taken_out_can_come_back_by_another_name(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    imported(any_session, FILE.replace(MORE, ""))
    assert shown(any_session, course_id) == {"Basics": ["Bowline", "Clove hitch"]}
    again = imported(any_session, FILE.replace("title: More", "title: Further"))
    assert shown(any_session, again) == {"Basics": ["Bowline", "Clove hitch"], "Further": ["A film"]}
    assert len(any_session.exec(select(Module)).all()) == 2


# Around what others changed since


def test_what_was_changed_elsewhere_is_shown_and_kept(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    lesson(any_session, "bowline").title = "Bowline (portal)"
    any_session.flush()
    for _ in range(2):
        made = plan(any_session, FILE)
        assert changes(made) == []
        assert kept(made) == [
            "title of lesson “Bowline (portal)”: “Bowline (portal)”; the file says “Bowline”",
        ]
        courseplans.apply(any_session, made, NOW)
        assert "Bowline (portal)" in shown(any_session, course_id)["Basics"]
    imported(any_session, FILE, prefer_file=True)
    assert "Bowline" in shown(any_session, course_id)["Basics"]


def test_of_two_who_changed_the_same_the_portal_is_kept_and_the_rest_follows_the_file(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    course = any_session.get(Course, course_id)
    assert course is not None
    course.title = "Portal Knots"
    lesson(any_session, "clove").body = "Around\na portal."
    any_session.flush()
    text = FILE.replace("title: Knots", "title: File Knots").replace("Around a post.", "Around a file.")
    made = plan(any_session, text.replace("Tie what", "Know what"))
    assert changes(made) == ["~ description of the course: “Tie what holds.” becomes “Know what holds.”"]
    assert kept(made) == [
        "title of the course: “Portal Knots”; the file says “File Knots”",
        "text of lesson “Clove hitch” differs",
    ]
    assert made.kept[1].lines == ("@@ -1 +1,2 @@", "-Around a file.", "+Around", "+a portal.")
    preferred = plan(any_session, text, prefer_file=True)
    assert (len(preferred.changes), preferred.kept) == (2, ())


def test_a_file_that_says_what_the_portal_says_is_no_quarrel_any_more(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    lesson(any_session, "bowline").title = "King"
    any_session.flush()
    agreed = FILE.replace("title: Bowline", "title: King")
    made = plan(any_session, agreed)
    assert (made.changes, made.kept) == ((), ())
    courseplans.apply(any_session, made, NOW)
    imported(any_session, agreed.replace("title: King", "title: Queen"))
    assert shown(any_session, course_id)["Basics"] == ["Queen", "Clove hitch"]


def test_a_lesson_added_in_the_portal_stays_where_it_is_put(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    module = any_session.get(Module, lesson(any_session, "bowline").module_id)
    assert module is not None
    extra = a_lesson(any_session, module, "Extra")
    extra.order, lesson(any_session, "clove").order = 2, 3
    any_session.flush()
    made = plan(any_session, FILE)
    assert changes(made) == []
    assert kept(made) == ["lesson “Extra” was added"]
    for prefer_file in (False, True):
        imported(any_session, FILE, prefer_file=prefer_file)
        assert shown(any_session, course_id)["Basics"] == ["Bowline", "Extra", "Clove hitch"]
    imported(any_session, FILE.replace(CLOVE, CLOVE + QUIZ))
    assert shown(any_session, course_id)["Basics"] == ["Bowline", "Extra", "Clove hitch", "Quiz"]


def test_an_order_changed_in_the_portal_is_kept(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    bowline, clove = lesson(any_session, "bowline"), lesson(any_session, "clove")
    bowline.order, clove.order = 2, 1
    any_session.flush()
    made = plan(any_session, FILE + QUIZ)
    assert changes(made) == ["+ new lesson: Quiz"]
    assert kept(made) == ["order of the lessons in “Basics” was changed"]
    courseplans.apply(any_session, made, NOW)
    assert shown(any_session, course_id) == {"Basics": ["Clove hitch", "Bowline"], "More": ["A film", "Quiz"]}
    imported(any_session, FILE + QUIZ, prefer_file=True)
    assert shown(any_session, course_id)["Basics"] == ["Bowline", "Clove hitch"]


def test_numbers_that_mean_the_same_order_are_no_change(any_session: Session) -> None:
    imported(any_session, FILE)
    lesson(any_session, "bowline").order, lesson(any_session, "clove").order = 0, 70
    any_session.flush()
    made = plan(any_session, FILE)
    assert (made.changes, made.kept) == ((), ())
    courseplans.apply(any_session, made, NOW)
    assert (lesson(any_session, "bowline").order, lesson(any_session, "clove").order) == (0, 70)


def test_a_module_renamed_in_the_portal_keeps_its_name(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    any_session.exec(select(Module).where(Module.key == "more")).one().title = "Portal"
    any_session.flush()
    made = plan(any_session, FILE.replace("title: Basics", "title: The basics"))
    assert changes(made) == ["~ title of module “Basics”: “Basics” becomes “The basics”"]
    assert kept(made) == ["title of module “Portal”: “Portal”; the file says “More”"]
    courseplans.apply(any_session, made, NOW)
    assert list(shown(any_session, course_id)) == ["The basics", "Portal"]


def test_a_lesson_moved_in_the_portal_stays_there(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    lesson(any_session, "clove").module_id = lesson(any_session, "film").module_id
    lesson(any_session, "clove").order = 9
    any_session.flush()
    made = plan(any_session, FILE)
    assert changes(made) == []
    assert kept(made) == ["lesson “Clove hitch”: from module “More” to “Basics” is what the file says"]
    courseplans.apply(any_session, made, NOW)
    assert shown(any_session, course_id) == {"Basics": ["Bowline"], "More": ["A film", "Clove hitch"]}
    imported(any_session, FILE, prefer_file=True)
    assert shown(any_session, course_id) == {"Basics": ["Bowline", "Clove hitch"], "More": ["A film"]}


def test_a_lesson_hidden_in_slack_stays_hidden(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    lesson(any_session, "clove").removed_at = NOW
    any_session.flush()
    for _ in range(2):
        made = plan(any_session, FILE)
        assert (changes(made), kept(made)) == ([], ["lesson “Clove hitch” was removed"])
        courseplans.apply(any_session, made, NOW)
    imported(any_session, FILE, prefer_file=True)
    assert shown(any_session, course_id)["Basics"] == ["Bowline", "Clove hitch"]


def test_a_lesson_deleted_in_the_portal_is_not_made_again(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    any_session.delete(lesson(any_session, "film"))
    any_session.flush()
    for _ in range(2):
        made = plan(any_session, FILE)
        assert (changes(made), kept(made)) == ([], ["lesson “A film” was deleted"])
        courseplans.apply(any_session, made, NOW)
    imported(any_session, FILE, prefer_file=True)
    assert shown(any_session, course_id) == {"Basics": ["Bowline", "Clove hitch"], "More": ["A film"]}


def test_a_module_deleted_in_the_portal_comes_back_only_for_a_lesson(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    film = lesson(any_session, "film")
    module = any_session.get(Module, film.module_id)
    any_session.delete(film)
    any_session.flush()
    any_session.delete(module)
    any_session.flush()
    assert changes(plan(any_session, FILE)) == []
    made = plan(any_session, FILE + QUIZ)
    assert changes(made) == ["+ new lesson: Quiz", "+ new module: More"]
    courseplans.apply(any_session, made, NOW)
    assert shown(any_session, course_id) == {"Basics": ["Bowline", "Clove hitch"], "More": ["Quiz"]}


@pytest.mark.parametrize("how", ["rewritten", "moved"])
def test_a_lesson_changed_in_the_portal_outlives_its_leaving_the_file(any_session: Session, how: str) -> None:
    course_id = imported(any_session, FILE)
    if how == "rewritten":
        lesson(any_session, "clove").body = "Much better now."
    else:
        lesson(any_session, "clove").module_id = lesson(any_session, "film").module_id
    any_session.flush()
    shorter = FILE.replace(CLOVE, "")
    made = plan(any_session, shorter)
    assert (changes(made), kept(made)) == ([], ["lesson “Clove hitch” was changed; it is no longer in the file"])
    imported(any_session, shorter, prefer_file=True)
    assert shown(any_session, course_id) == {"Basics": ["Bowline"], "More": ["A film"]}


def test_a_course_nobody_imported_is_only_added_to(any_session: Session) -> None:
    course = a_course(any_session, "Knots of the portal", ["Bowline"], slug="knots", description="Portal.")
    made = plan(any_session, FILE)
    assert made.course_id == course.id
    assert kept(made)[:2] == [
        "title of the course: “Knots of the portal”; the file says “Knots”",
        "description of the course: “Portal.”; the file says “Tie what holds.”",
    ]
    assert all(change.mark == "+" for change in made.changes)


def test_of_a_course_nobody_imported_order_and_hiding_are_kept_too(any_session: Session) -> None:
    imported(any_session, FILE)
    any_session.delete(any_session.exec(select(Import)).one())
    lesson(any_session, "bowline").order, lesson(any_session, "clove").order = 2, 1
    lesson(any_session, "film").removed_at = NOW
    any_session.flush()
    made = plan(any_session, FILE)
    assert changes(made) == []
    assert kept(made) == ["lesson “A film” was removed", "order of the lessons in “Basics” was changed"]


# At whose cost


def test_what_it_means_for_learners(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    learner(any_session, "ada", course_id, "bowline", "clove", "film")
    learner(any_session, "mary", course_id, "clove")
    learner(any_session, "linus", course_id, "bowline")
    made = plan(any_session, FILE.replace(CLOVE, "") + QUIZ)
    assert made.meaning == (
        "3 people are enrolled. 1 person has finished.",
        "Finished stays finished, for that person; they will see “1 new lesson”.",
        "2 people have 1 new lesson to do.",
        "2 people have completed a lesson that goes away. It is kept with their progress, and no longer counts.",
    )
    courseplans.apply(any_session, made, NOW)
    ada = catalog.card(any_session, course_id, user_id="user_ada")
    assert (ada.completed, ada.new_lessons, ada.done, ada.lessons) == (True, 1, 2, 3)
    assert len(any_session.exec(select(Progress)).all()) == 5
    assert len(any_session.exec(select(Completion)).all()) == 1


def test_who_had_only_a_lesson_left_that_goes_away_finishes(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    for name in ("mary", "ada", "dorothy"):
        learner(any_session, name, course_id, "bowline", "clove")
    learner(any_session, "linus", course_id, "clove")
    learner(any_session, "radia", course_id, "bowline", "clove", "film")
    made = plan(any_session, FILE.replace(MORE, ""))
    assert made.meaning == (
        "5 people are enrolled. 1 person has finished.",
        "Finished stays finished, for that person.",
        "1 person has completed a lesson that goes away. It is kept with their progress, and no longer counts.",
        "3 people finish the course by this, having done all the rest.",
    )
    courseplans.apply(any_session, made, NOW)
    finished = [settle(any_session, f"user_{name}", course_id, NOW) for name in ("mary", "ada", "dorothy", "linus")]
    assert finished == [True, True, True, False]


@pytest.mark.parametrize("what_else", ["new", "back"])
def test_nobody_finishes_by_a_lesson_that_goes_away_while_another_comes(any_session: Session, what_else: str) -> None:
    course_id = imported(any_session, FILE if what_else == "new" else FILE + QUIZ)
    imported(any_session, FILE)
    learner(any_session, "mary", course_id, "bowline", "film")
    meaning = plan(any_session, FILE.replace(CLOVE, "") + QUIZ).meaning
    assert not any("finishes" in sentence for sentence in meaning)
    assert plan(any_session, FILE.replace(CLOVE, "")).meaning[-1].startswith("1 person finishes the course")


def test_nobody_finishes_a_course_that_keeps_no_lesson_of_theirs(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    learner(any_session, "mary", course_id, "clove")
    assert plan(any_session, FILE.replace(CLOVE, "")).meaning == (
        "1 person is enrolled. Nobody has finished.",
        "1 person has completed a lesson that goes away. It is kept with their progress, and no longer counts.",
    )


def test_where_all_have_finished_nobody_has_more_to_do(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    for name in ("ada", "mary"):
        learner(any_session, name, course_id, "bowline", "clove", "film")
    other = QUIZ.replace("quiz", "test").replace("type: test", "type: quiz")
    assert plan(any_session, FILE.replace(CLOVE, "").replace(MORE, "") + QUIZ + other).meaning == (
        "2 people are enrolled. 2 people have finished.",
        "Finished stays finished, for all 2; they will see “2 new lessons”.",
        "2 people have completed one or more of the lessons that go away. "
        "It is kept with their progress, and no longer counts.",
    )


def test_where_nobody_is_enrolled_that_is_all_there_is_to_say(any_session: Session) -> None:
    imported(any_session, FILE)
    assert plan(any_session, FILE.replace("Tie", "Bind")).meaning == ("Nobody is enrolled.",)


def test_a_lesson_that_comes_back_changed_is_told_of_once(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    learner(any_session, "ada", course_id, "clove")
    imported(any_session, FILE.replace(CLOVE, ""))
    assert plan(any_session, FILE.replace("Around a post.", "Around a tree.")).meaning == (
        "1 person is enrolled. Nobody has finished.",
        "1 person has completed what comes back; for them it counts again.",
    )


def test_who_read_what_changes_need_not_read_it_again(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    ada = learner(any_session, "ada", course_id, "bowline", "clove", "film")
    made = plan(any_session, FILE.replace("A loop that holds.", "A loop."))
    assert made.meaning == (
        "1 person is enrolled. 1 person has finished.",
        "Finished stays finished, for that person.",
        "1 person has completed a lesson that changes; it stays completed.",
    )
    courseplans.apply(any_session, made, NOW)
    assert catalog.card(any_session, course_id, user_id=ada.id).done == 3


def test_a_lesson_that_only_changed_its_name_is_noticed(any_session: Session) -> None:
    bare = FILE.replace("- key: clove\n        title: Clove hitch", "- title: Clove hitch")
    imported(any_session, bare)
    (note,) = plan(any_session, bare.replace("Clove hitch", "The clove hitch")).notes
    assert "If “The clove hitch” is “Clove hitch” by another name, give it the line key: clove-hitch" in note
    kept_key = bare.replace("- title: Clove hitch", "- key: clove-hitch\n        title: The clove hitch")
    made = plan(any_session, kept_key)
    assert changes(made) == ["~ title of lesson “Clove hitch”: “Clove hitch” becomes “The clove hitch”"]
    assert made.notes == ()


def test_a_course_of_the_same_title_made_in_the_portal_is_noticed_and_not_taken(any_session: Session) -> None:
    other = a_course(any_session, "Knots", ["Bowline"])
    made = plan(any_session, FILE)
    assert made.is_new
    assert f"homeroom export {other.id}" in made.notes[0]
    assert imported(any_session, FILE) != other.id
    assert shown(any_session, other.id or 0) == {"Lessons": ["Bowline"]}


# Whose it is


def test_instructors_are_known_by_clerk_id_or_by_e_mail_in_any_case(any_session: Session) -> None:
    a_user(any_session, "grace", "Instructor")
    for named in ("user_grace", "grace@example.org", "GRACE@Example.org"):
        done = courseplans.apply(any_session, plan(any_session, FILE.replace("grace@example.org", named)), NOW)
        course = any_session.get(Course, done.course_id)
        assert course is not None
        assert course.instructor_id == "user_grace"


def test_an_unknown_instructor_is_named_with_the_line_and_the_fix(any_session: Session) -> None:
    a_user(any_session, "grace", "Instructor")
    file = read(FILE.replace("grace@", "grae@"), "knots.yaml")
    with pytest.raises(UnknownInstructor) as told:
        courseplans.plan(any_session, file)
    assert isinstance(told.value, CourseFileErrors)
    assert str(told.value) == (
        "knots.yaml, line 4: instructor: the portal knows nobody as grae@example.org. Did you mean grace@example.org? "
        "Write the e-mail or Clerk ID of a user, or make them known first: homeroom grant CLERK_ID Instructor."
    )


def test_nobody_is_suggested_who_is_not_like_them(any_session: Session) -> None:
    a_user(any_session, "grace", "Instructor")
    with pytest.raises(UnknownInstructor, match=r"nobody as user_2aZ\. Write the e-mail"):
        courseplans.plan(any_session, read(FILE.replace("grace@example.org", "user_2aZ"), "knots.yaml"))


def test_an_e_mail_two_people_share_but_for_case_is_not_guessed(any_session: Session) -> None:
    a_user(any_session, "grace").email = "Grace@example.org"
    a_user(any_session, "hopper").email = "grace@Example.org"
    any_session.flush()
    with pytest.raises(UnknownInstructor, match=r"may be Grace@example\.org, grace@Example\.org"):
        courseplans.plan(any_session, read(FILE, "knots.yaml"))
    exact = read(FILE.replace("grace@example", "grace@Example"), "knots.yaml")
    courseplans.apply(any_session, courseplans.plan(any_session, exact), NOW)
    assert any_session.exec(select(Course)).one().instructor_id == "user_hopper"


def test_somebody_who_is_no_instructor_is_noticed(any_session: Session) -> None:
    a_user(any_session, "ada")
    (note,) = plan(any_session, FILE.replace("grace@", "ada@")).notes
    assert note == "user_ada can't teach it in Slack yet: homeroom grant user_ada Instructor."
    a_user(any_session, "radia", "Admin")
    assert plan(any_session, FILE.replace("grace@", "radia@")).notes == ()
    imported(any_session, FILE)
    assert plan(any_session, FILE.replace("grace@", "ada@")).notes == (note,)
    imported(any_session, FILE.replace("grace@", "ada@"))
    assert plan(any_session, FILE.replace("grace@", "ada@") + QUIZ).notes == ()


# In its moment


def test_planning_writes_nothing(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    any_session.flush()
    any_session.expire_all()
    plan(any_session, FILE.replace("Bowline", "B").replace("key: more", "key: further") + QUIZ)
    assert not any_session.dirty
    assert shown(any_session, course_id) == {"Basics": ["Bowline", "Clove hitch"], "More": ["A film"]}


@pytest.mark.parametrize("meanwhile", ["body", "order", "removed_at", "course"])
def test_a_plan_that_is_out_of_date_is_not_carried_out(any_session: Session, meanwhile: str) -> None:
    long = FILE.replace("A loop that holds.", "A loop that holds. " * 20)
    course_id = imported(any_session, long)
    made = plan(any_session, long + QUIZ)
    row = lesson(any_session, "bowline")
    match meanwhile:
        case "body":
            row.body = f"{row.body}!"
        case "order":
            row.order = 7
        case "removed_at":
            row.removed_at = NOW
        case "course":
            course = any_session.get(Course, course_id)
            assert course is not None
            course.description = "Changed."
    any_session.flush()
    with pytest.raises(Outdated, match="nothing was imported"):
        courseplans.apply(any_session, made, NOW)
    assert not any_session.exec(select(Lesson).where(Lesson.key == "quiz")).all()


def test_of_two_who_import_a_new_course_the_second_looks_again(any_session: Session) -> None:
    made = plan(any_session, FILE)
    courseplans.apply(any_session, plan(any_session, FILE.replace("Bowline", "B")), NOW)
    with pytest.raises(Outdated):
        courseplans.apply(any_session, made, NOW)


def test_people_may_learn_while_somebody_looks_at_a_plan(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    made = plan(any_session, FILE + QUIZ)
    learner(any_session, "ada", course_id, "bowline", "clove", "film")
    courseplans.apply(any_session, made, NOW)
    card = catalog.card(any_session, course_id, user_id="user_ada")
    assert (card.completed, card.new_lessons) == (True, 1)


def test_what_was_read_before_an_import_is_read_anew_after_it(any_session: Session) -> None:
    imported(any_session, FILE)
    row = lesson(any_session, "bowline")
    assert row.title == "Bowline"
    imported(any_session, FILE.replace("title: Bowline", "title: King"))
    assert row.title == "King"


@pytest.mark.postgresql
def test_nobody_writes_a_course_while_it_is_imported_and_everybody_learns(postgresql_database: Database) -> None:
    impatient = Database(postgresql_database.url.render_as_string(hide_password=False), patience=0.2)
    with postgresql_database.write() as session:
        course_id = imported(session, FILE)
        bowline = lesson_id(session, "bowline")
        ada = learner(session, "ada", course_id).id
        a_user(session, "mary")

    def rewrite() -> None:
        with impatient.write() as other:
            other.get_one(Lesson, bowline).title = "Meanwhile"

    for does in (lambda session: imported(session, FILE + QUIZ), lambda session: export(session, "knots", NOW)):
        with postgresql_database.write() as session:
            does(session)
            with impatient.write() as other:
                progress.complete(other, ada, bowline, NOW)
                enroll(other, "user_mary", course_id, NOW)
            with pytest.raises(Unavailable):
                rewrite()
    impatient.close()


@pytest.mark.postgresql
def test_of_two_who_import_a_new_course_at_the_same_moment_one_looks_again(postgresql_database: Database) -> None:
    with postgresql_database.write() as session:
        made = plan(session, FILE)

    def import_too() -> None:
        with postgresql_database.write() as second:
            courseplans.apply(second, made, NOW)

    with (
        ThreadPoolExecutor(1) as elsewhere,
        postgresql_database.write() as first,
        postgresql_database.reader.connect() as watching,
    ):
        courseplans.apply(first, made, NOW)
        second = elsewhere.submit(import_too)
        while not watching.scalar(text(SOMEBODY_WAITS)) and not second.done():
            watching.rollback()
        first.commit()
        assert isinstance(second.exception(), Outdated)
    with postgresql_database.read() as session:
        assert len(session.exec(select(Lesson)).all()) == 3


def long_course(lessons: int, body: str) -> str:
    listed = "".join(
        f"      - {{key: l{number}, title: L{number}, type: text, body: {body}{number % 3}}}\n"
        for number in range(lessons)
    )
    return FILE[: FILE.index("      - key: bowline")] + listed + MORE


def test_an_import_takes_as_many_statements_for_many_lessons_as_for_few(any_database: Database) -> None:
    counts = []
    with any_database.write() as session:
        a_user(session, "grace", "Instructor")
        for lessons in (3, 200):
            for body in ("old", "new"):
                text = long_course(lessons, body).replace("course: knots", f"course: knots-{lessons}")
                said: list[str] = []

                def note(
                    _connection: object, _cursor: object, statement: str, *_: object, said: list[str] = said
                ) -> None:
                    said.append(statement)

                engine = session.get_bind()
                event.listen(engine, "before_cursor_execute", note)
                imported(session, text)
                event.remove(engine, "before_cursor_execute", note)
                counts.append(len(said))
    assert counts[:2] == counts[2:]
    assert max(counts) <= 30


@pytest.mark.parametrize("file", sorted(DEMO.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_demo_course_imports(session: Session, file: Path) -> None:
    for name in ("grace", "alan"):
        a_user(session, name, "Instructor").email = f"{name}@academy.example"
    session.flush()
    made = courseplans.plan(session, read(file.read_text(encoding="utf-8"), file.name))
    assert (made.is_new, made.notes) == (True, ())
    courseplans.apply(session, made, LONG_AGO)
    again = courseplans.plan(session, read(file.read_text(encoding="utf-8"), file.name))
    assert (again.changes, again.kept) == ((), ())


def test_there_are_enough_demo_courses() -> None:
    assert len(list(DEMO.glob("*.yaml"))) >= 6


def test_now_is_what_an_import_says_it_was(any_session: Session) -> None:
    course_id = imported(any_session, FILE, now=datetime(2026, 1, 1, tzinfo=UTC))
    row = any_session.get(Import, course_id)
    assert row is not None
    assert row.imported_at == datetime(2026, 1, 1, tzinfo=UTC)
