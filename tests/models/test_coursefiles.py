"""Course files: every mistake at once, updates in place, and nobody's progress lost."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from models import Course, Lesson, Progress, catalog, courseexports, coursefiles, courseplans, outlines, progress
from models.coursefiles import CourseFileErrors, read
from models.courseplans import Outdated, Plan, UnknownInstructor
from models.enrollments import enroll
from tests.school import a_course, a_user

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DEMO = Path(__file__).parents[2] / "bot" / "sandbox" / "courses"
FILE = """\
course: knots
title: Knots
description: Tie what holds.
instructor: grace@example.org
modules:
  - key: basics
    title: Basics
    lessons:
      - key: bowline
        title: Bowline
        type: text
        body: A loop that holds.
      - key: clove
        title: Clove hitch
        type: text
        minutes: 3
        body: Around a post.
  - key: more
    title: More
    lessons:
      - key: film
        title: A film
        type: video
        url: https://video.example/knots
"""


def plan(session: Session, text: str, *, prefer_file: bool = False) -> Plan:
    a_user(session, "grace", "Instructor")
    return courseplans.plan(session, read(text, "knots.yaml"), prefer_file=prefer_file)


def imported(session: Session, text: str, *, prefer_file: bool = False) -> int:
    done = courseplans.apply(session, plan(session, text, prefer_file=prefer_file), NOW)
    return done.course_id


def lesson(session: Session, key: str) -> Lesson:
    return session.exec(select(Lesson).where(Lesson.key == key)).one()


def titles(session: Session, course_id: int) -> list[str]:
    shown = outlines.outline(session, course_id, user_id=None)
    return [line.title for module in shown.modules for line in module.lessons]


def test_a_file_becomes_a_course(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    assert titles(any_session, course_id) == ["Bowline", "Clove hitch", "A film"]
    assert catalog.card(any_session, course_id, user_id=None).instructor == "Grace Tester"


def test_importing_it_again_changes_nothing(any_session: Session) -> None:
    imported(any_session, FILE)
    again = plan(any_session, FILE)
    assert (again.changes, again.kept, again.is_new) == ((), (), False)


def test_a_new_version_updates_in_place_and_loses_no_progress(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    ada = a_user(any_session, "ada")
    enroll(any_session, ada.id, course_id, NOW)
    bowline = lesson(any_session, "bowline").id
    assert bowline is not None
    progress.complete(any_session, ada.id, bowline, NOW)
    changed = FILE.replace("title: Bowline", "title: The bowline").replace("A loop that holds.", "A loop.")
    made = plan(any_session, changed)
    assert any("title of lesson bowline" in change for change in made.changes)
    assert made.meaning[0] == "1 person enrolled, 0 of them finished."
    courseplans.apply(any_session, made, NOW)
    any_session.expire_all()
    assert lesson(any_session, "bowline").id == bowline
    assert catalog.card(any_session, course_id, user_id=ada.id).done == 1


def test_a_lesson_moves_between_modules_and_stays_itself(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    clove = lesson(any_session, "clove").id
    block = FILE[FILE.index("      - key: clove") : FILE.index("  - key: more")]
    imported(any_session, FILE.replace(block, "") + block)
    assert titles(any_session, course_id) == ["Bowline", "A film", "Clove hitch"]
    assert lesson(any_session, "clove").id == clove


def test_a_lesson_taken_out_is_hidden_keeps_its_progress_and_can_come_back(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    ada = a_user(any_session, "ada")
    enroll(any_session, ada.id, course_id, NOW)
    clove = lesson(any_session, "clove").id
    assert clove is not None
    progress.complete(any_session, ada.id, clove, NOW)
    shorter = FILE.replace(FILE[FILE.index("      - key: clove") : FILE.index("  - key: more")], "")
    made = plan(any_session, shorter)
    assert "1 person completed a lesson that goes away" in made.meaning[-1]
    courseplans.apply(any_session, made, NOW)
    assert titles(any_session, course_id) == ["Bowline", "A film"]
    assert any_session.exec(select(Progress).where(Progress.lesson_id == clove)).one().completed
    imported(any_session, FILE)
    assert titles(any_session, course_id) == ["Bowline", "Clove hitch", "A film"]
    assert catalog.card(any_session, course_id, user_id=ada.id).done == 1


def test_what_was_changed_elsewhere_is_shown_and_kept(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    row = lesson(any_session, "bowline")
    row.title = "Bowline (edited in the portal)"
    any_session.flush()
    changed = FILE.replace("title: Bowline", "title: King of knots")
    made = plan(any_session, changed)
    assert made.changes == ()
    assert "was changed outside the file" in made.kept[0]
    courseplans.apply(any_session, made, NOW)
    assert "Bowline (edited in the portal)" in titles(any_session, course_id)
    imported(any_session, changed, prefer_file=True)
    assert "King of knots" in titles(any_session, course_id)


def test_a_lesson_added_elsewhere_stays(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    any_session.add(
        Lesson(title="Extra", content_type="text", order=9, module_id=lesson(any_session, "film").module_id)
    )
    any_session.flush()
    made = plan(any_session, FILE)
    assert made.changes == ()
    assert made.kept == ("lesson Extra was added outside the file",)
    courseplans.apply(any_session, plan(any_session, FILE, prefer_file=True), NOW)
    assert "Extra" in titles(any_session, course_id)


def test_people_who_finished_are_told_of_what_is_new(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    ada = a_user(any_session, "ada")
    enroll(any_session, ada.id, course_id, NOW)
    for key in ("bowline", "clove", "film"):
        row = lesson(any_session, key)
        assert row.id is not None
        progress.complete(any_session, ada.id, row.id, NOW)
    longer = FILE + "      - {key: quiz, title: Quiz, type: quiz, url: 'https://quiz.example/'}\n"
    made = plan(any_session, longer)
    assert made.meaning[-1] == "Finished stays finished: 1 person will see 1 new lesson."


def test_a_plan_that_is_out_of_date_is_not_carried_out(any_session: Session) -> None:
    imported(any_session, FILE)
    made = plan(any_session, FILE.replace("title: Bowline", "title: B"))
    lesson(any_session, "bowline").title = "Changed meanwhile"
    any_session.flush()
    with pytest.raises(Outdated, match="nothing was imported"):
        courseplans.apply(any_session, made, NOW)


def test_planning_writes_nothing(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    plan(any_session, FILE.replace("Bowline", "B").replace("key: more", "key: further"))
    any_session.flush()
    assert titles(any_session, course_id) == ["Bowline", "Clove hitch", "A film"]


def test_an_unknown_instructor_is_named_with_the_fix(session: Session) -> None:
    with pytest.raises(UnknownInstructor, match=r"nobody@example.org.*homeroom grant"):
        courseplans.plan(session, read(FILE.replace("grace@", "nobody@"), "knots.yaml"))


def test_instructors_are_known_by_clerk_id_or_by_e_mail_in_any_case(session: Session) -> None:
    a_user(session, "grace")
    for named in ("user_grace", "GRACE@Example.org"):
        assert plan(session, FILE.replace("grace@example.org", named)).is_new


MISTAKES: list[tuple[Callable[[str], str], int, str]] = [
    (lambda f: f.replace("title: Knots", "titel: Knots"), 2, "Did you mean title?"),
    (lambda f: f.replace("course: knots", "course: Knots!"), 1, "such as knots"),
    (lambda f: f.replace("title: Knots", "title: 2024"), 2, 'Put it in quotes: "2024"'),
    (lambda f: f.replace("title: Knots", "title: yes"), 2, "this is yes or no"),
    (lambda f: f.replace("title: Knots", "title: "), 2, "this is nothing"),
    (lambda f: f.replace("title: Knots", "title: ''"), 2, "title is empty"),
    (lambda f: f.replace("title: Knots", f"title: {'x' * 151}"), 2, "151 characters"),
    (lambda f: f.replace("title: Knots", "title: Knots\ntitle: Twice"), 3, "stands here twice"),
    (lambda f: f.replace("description: Tie what holds.\n", ""), 1, "needs the field description"),
    (lambda f: f.replace("minutes: 3", "minutes: 0"), 16, "from 1 to 600"),
    (lambda f: f.replace("minutes: 3", "minutes: soon"), 16, "from 1 to 600"),
    (lambda f: f.replace("type: video", "type: film"), 23, "is not one of text, video, quiz"),
    (lambda f: f.replace("key: clove", "key: bowline"), 13, "was used before"),
    (lambda f: f.replace("        url: https://video.example/knots\n", ""), 21, "a video lesson needs a url"),
    (lambda f: f.replace("https://video", "ftp://video"), 24, "https://"),
    (lambda f: f.replace("        body: A loop that holds.\n", ""), 9, "needs a body"),
    (lambda f: f.replace("title: Knots", "title: [a"), 3, "this is not YAML"),
    (lambda f: f.replace("title: Knots", "title: &t Knots").replace("Tie what holds.", "*t"), 3, "Write it out"),
    (lambda f: "modules: " + "[" * 40 + "]" * 40, 1, "nested too deep"),
    (lambda f: "", 1, "the file is empty"),
    (lambda f: "- a\n- b\n", 1, "this is a list"),
    (lambda f: f[: f.index("modules:")] + "modules: []\n", 5, "Add at least one module"),
]


@pytest.mark.parametrize(("change", "line", "said"), MISTAKES, ids=[said for _, _, said in MISTAKES])
def test_a_mistake_is_told_with_its_line_and_the_fix(change: Callable[[str], str], line: int, said: str) -> None:
    with pytest.raises(CourseFileErrors) as told:
        read(change(FILE), "knots.yaml")
    assert any(mistake.startswith(f"knots.yaml, line {line}:") and said in mistake for mistake in told.value.mistakes)


def test_all_mistakes_are_told_at_once() -> None:
    broken = (
        FILE.replace("minutes: 3", "minutes: 0").replace("type: video", "type: film").replace("knots\n", "K N\n", 1)
    )
    with pytest.raises(CourseFileErrors) as told:
        read(broken, "knots.yaml")
    assert len(told.value.mistakes) == 3


def test_keys_left_out_come_from_titles_and_stay_the_same(session: Session) -> None:
    a_user(session, "grace")
    bare = "\n".join(line for line in FILE.splitlines() if "key:" not in line or line.strip().startswith("- key"))
    bare = bare.replace("- key: bowline\n        title", "- title").replace("- key: clove\n        title", "- title")
    once, twice = read(bare, "a"), read(bare, "a")
    assert [one.key for module in once.modules for one in module.lessons] == ["bowline", "clove-hitch", "film"]
    assert once == twice


@pytest.mark.parametrize("file", sorted(DEMO.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_demo_course_imports(session: Session, file: Path) -> None:
    for name, email in (("grace", "grace@academy.example"), ("alan", "alan@academy.example")):
        a_user(session, name).email = email
    session.flush()
    made = courseplans.plan(session, read(file.read_text(encoding="utf-8"), file.name))
    courseplans.apply(session, made, NOW)
    again = courseplans.plan(session, read(file.read_text(encoding="utf-8"), file.name))
    assert again.changes == ()


def test_there_are_enough_demo_courses() -> None:
    assert len(list(DEMO.glob("*.yaml"))) >= 6


def test_a_portal_course_exports_and_imports_as_itself(any_session: Session) -> None:
    a_course(any_session, "Made in the portal", {"One": ["A", "A", "B"], "Two": ["C"]})
    course = any_session.exec(select(Course)).one()
    written = courseexports.export(any_session, str(course.id))
    made = courseplans.plan(any_session, read(written, "x.yaml"))
    assert (made.course_id, made.changes, made.kept) == (course.id, (), ())


BODIES = st.text(
    alphabet=st.characters(blacklist_categories=("Cs", "Cc", "Cn"), whitelist_characters="\n\t #:-|>'\"&*!%@`")
).filter(lambda text: "\x00" not in text)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES, title=BODIES.map(lambda text: " ".join(text.split())[:100]).filter(bool))
def test_what_is_exported_imports_unchanged(session: Session, body: str, title: str) -> None:
    nested = session.begin_nested()
    course = a_course(session, title, ["one"], description=title)
    session.exec(select(Lesson)).one().body = body
    session.flush()
    written = courseexports.export(session, str(course.id))
    back = coursefiles.read(written, "x.yaml")
    assert back.modules[0].lessons[0].body == body
    assert courseplans.plan(session, back).changes == ()
    nested.rollback()
    session.expire_all()
