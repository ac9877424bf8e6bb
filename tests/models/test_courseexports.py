"""An exported course is the course: importing the file changes nothing, down to every space."""

from itertools import count

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from models import Course, Lesson, Module, courseexports, courseplans, users
from models.courseexports import CanNotExport, write
from models.coursefiles import CourseFile, LessonFile, ModuleFile, read
from models.courseplans import Plan
from models.errors import Gone
from models.imports import Import
from tests.models.test_coursefiles import FILE, NOW
from tests.models.test_courseplans import CLOVE, changes, imported, kept, lesson, shown
from tests.school import a_course, a_lesson, a_module, a_user, lessons_of
from tests.trying import tried


def export(session: Session, wanted: object) -> str:
    session.flush()
    return courseexports.export(session, str(wanted), NOW).text


def plan(session: Session, text: str, *, prefer_file: bool = False) -> Plan:
    return courseplans.plan(session, read(text, "knots.yaml"), prefer_file=prefer_file)


def changes_nothing(session: Session, text: str) -> bool:
    made = plan(session, text)
    return (made.is_new, made.changes, made.kept) == (False, (), ())


# What is written


def test_a_course_file_comes_back_as_it_was_written(any_session: Session) -> None:
    imported(any_session, FILE)
    again = export(any_session, "knots")
    assert read(again, "knots.yaml") == read(FILE, "knots.yaml")
    assert changes_nothing(any_session, again)


def test_it_reads_well() -> None:
    body = "# Loops\n\nTwo spaces at the end  \nbreak a line.\n\n\tmake: it\n\n```python\nfor x in y: # all\n```\n"
    course = CourseFile(
        name="x",
        slug="loops",
        title="Loops: again & again",
        description="First line.\nSecond line: 100 %.",
        instructor="grace@example.org",
        modules=(
            ModuleFile(
                "one",
                "Yes",
                (
                    LessonFile("a", "Ça va? 🪢", "text", 4, body, None),
                    LessonFile("b", "2024", "video", None, None, "https://video.example/#t=1"),
                    LessonFile("c", "'Quoted'", "text", None, None, None),
                    LessonFile("d", "Blank", "text", None, "\n  indented\n\n", None),
                    LessonFile("f", "Elsewhere", "text", None, None, "https://text.example/"),
                    LessonFile("e", "Odd", "text", None, "carriage\r\nreturn \x07", None),
                ),
            ),
        ),
    )
    assert write(course) == (
        "course: loops\n"
        'title: "Loops: again & again"\n'
        "description: |-\n"
        "  First line.\n"
        "  Second line: 100 %.\n"
        "instructor: grace@example.org\n"
        "modules:\n"
        "  - key: one\n"
        '    title: "Yes"\n'
        "    lessons:\n"
        "      - key: a\n"
        "        title: Ça va? 🪢\n"
        "        type: text\n"
        "        minutes: 4\n"
        "        body: |\n"
        "          # Loops\n"
        "\n"
        "          Two spaces at the end  \n"
        "          break a line.\n"
        "\n"
        "          \tmake: it\n"
        "\n"
        "          ```python\n"
        "          for x in y: # all\n"
        "          ```\n"
        "      - key: b\n"
        '        title: "2024"\n'
        "        type: video\n"
        "        url: https://video.example/#t=1\n"
        "      - key: c\n"
        "        title: \"'Quoted'\"\n"
        "        type: text\n"
        '        body: ""\n'
        "      - key: d\n"
        "        title: Blank\n"
        "        type: text\n"
        "        body: |2+\n"
        "\n"
        "            indented\n"
        "\n"
        "      - key: f\n"
        "        title: Elsewhere\n"
        "        type: text\n"
        "        url: https://text.example/\n"
        "      - key: e\n"
        "        title: Odd\n"
        "        type: text\n"
        '        body: "carriage\\r\\nreturn \\x07"\n'
    )


@pytest.mark.parametrize("letter", ["\ufeff", "\x85", "\u2028", "\x7f", "\x1b", "\r"])
def test_what_an_editor_would_not_show_or_keep_is_escaped(letter: str) -> None:
    one = LessonFile("a", f"a{letter}b", "text", None, f"a\nb{letter}c\n", None)
    assert letter not in write(CourseFile("x", "x", "X", letter, "g", (ModuleFile("m", "M", (one,)),)))


ODD = st.text(alphabet="ab \n\t\r:#-|>'\"&*!%@`{}[],?=<~\\\x85\u2028\u2029\ufeff\xa0\x07\x7f🪢é結0179yesn.")
TEXTS = ODD | st.text(st.characters(codec="utf-8", exclude_characters="\0"))
LINES = TEXTS.map(lambda text: " ".join(text.splitlines())[:150]).filter(str.strip)
URLS = st.sampled_from(["https://a.example/#b", "http://b.example/?q=%20:&x=[1]", "https://c.example/é"])


@st.composite
def course_files(draw: st.DrawFn) -> CourseFile:
    """Any course a file can hold."""
    number = count()

    def a_lesson_file() -> LessonFile:
        kind = draw(st.sampled_from(["text", "video", "quiz"]))
        return LessonFile(
            key=f"l{next(number)}",
            title=draw(LINES),
            type=kind,
            minutes=draw(st.none() | st.integers(1, 600)),
            body=draw(st.none() | TEXTS) or None,
            url=draw(URLS) if kind != "text" else draw(st.none() | URLS),
        )

    modules = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    return CourseFile(
        name="any.yaml",
        slug="any",
        title=draw(LINES),
        description=draw(TEXTS)[:2000],
        instructor=draw(LINES),
        modules=tuple(
            ModuleFile(f"m{at}", draw(LINES), tuple(a_lesson_file() for _ in range(lessons)))
            for at, lessons in enumerate(modules)
        ),
    )


@settings(max_examples=tried(300, otherwise=75), deadline=None)
@given(course_files())
def test_what_is_written_reads_back_the_same(course: CourseFile) -> None:
    assert read(write(course), course.name) == course


@settings(max_examples=tried(400, otherwise=100), deadline=None)
@given(TEXTS)
@example("\n")
@example(" \n")
@example("\n\n \n")
@example("a\n ")
@example("  a\nb")
@example("\ta\nb")
@example("a\n\n\n")
@example("---\n...\n")
@example("# a\n")
@example("a\r\nb\n")
@example("a\x85b\n")
@example("\ufeffa\n")
def test_every_body_is_kept_to_the_letter(body: str) -> None:
    one = LessonFile("a", "A", "text", None, body or None, None)
    course = CourseFile("x", "x", "X", "", "g", (ModuleFile("m", "M", (one,)),))
    assert read(write(course), "x").modules[0].lessons[0].body == (body or None)


@settings(
    max_examples=tried(60, otherwise=20), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(course_files())
def test_an_imported_course_exports_and_imports_unchanged(any_session: Session, course: CourseFile) -> None:
    a_user(any_session, "grace", "Instructor")
    undone = any_session.begin_nested()
    given = CourseFile(course.name, course.slug, course.title, course.description, "user_grace", course.modules)
    courseplans.apply(any_session, courseplans.plan(any_session, given), NOW)
    text = export(any_session, "any")
    assert read(text, "any.yaml").modules == course.modules
    assert changes_nothing(any_session, text)
    undone.rollback()
    any_session.expire_all()


# What was made in the portal


def test_a_course_made_in_the_portal_gets_its_slug_and_keys_and_keeps_them(any_session: Session) -> None:
    course = a_course(any_session, "Made Elsewhere", {"One": ["A", "A", "B"], "Two": ["C"]})
    rows = [row.id for row in lessons_of(any_session, course)]
    first = courseexports.export(any_session, str(course.id), NOW)
    assert (first.slug, first.gave_names) == ("made-elsewhere", True)
    assert [one.key for module in read(first.text, "x").modules for one in module.lessons] == ["a", "a-2", "b", "c"]
    assert changes_nothing(any_session, first.text)
    second = courseexports.export(any_session, "made-elsewhere", NOW)
    assert (second.text, second.gave_names) == (first.text, False)
    assert [row.id for row in lessons_of(any_session, course)] == rows
    assert course.slug == "made-elsewhere"


def test_what_its_author_changes_in_it_is_then_imported(any_session: Session) -> None:
    course = a_course(any_session, "Made Elsewhere", ["A", "B"])
    text = export(any_session, course.id)
    made = plan(any_session, text.replace("title: A\n", "title: The first\n").replace("Read me.", "Read this.", 1))
    assert changes(made) == [
        "~ title of lesson “A”: “A” becomes “The first”",
        "~ text of lesson “A”: “Read me.” becomes “Read this.”",
    ]
    assert made.kept == ()
    courseplans.apply(any_session, made, NOW)
    assert shown(any_session, course.id or 0) == {"Lessons": ["The first", "B"]}


def test_an_export_does_not_give_away_what_the_portal_changed_since_the_import(any_session: Session) -> None:
    imported(any_session, FILE)
    lesson(any_session, "bowline").title = "Portal"
    export(any_session, "knots")
    assert kept(plan(any_session, FILE)) == ["title of lesson “Portal”: “Portal”; the file says “Bowline”"]


def test_a_lesson_of_the_portal_in_an_imported_course_is_exported_too(any_session: Session) -> None:
    imported(any_session, FILE)
    module = any_session.get(Module, lesson(any_session, "bowline").module_id)
    assert module is not None
    a_lesson(any_session, module, "Bowline")
    text = export(any_session, "knots")
    assert [one.key for one in read(text, "x").modules[0].lessons] == ["bowline", "clove", "bowline-2"]
    assert changes_nothing(any_session, text)
    assert kept(plan(any_session, FILE)) == ["lesson “Bowline” was added"]


def test_what_got_a_name_is_said(any_session: Session) -> None:
    course = a_course(any_session, "Knots", ["A"])
    module, row = any_session.exec(select(Module)).one(), any_session.exec(select(Lesson)).one()
    for thing, name in ((course, "slug"), (module, "key"), (row, "key")):
        courseexports.export(any_session, str(course.id), NOW)
        assert not courseexports.export(any_session, str(course.id), NOW).gave_names
        setattr(thing, name, None)
        any_session.flush()
        assert courseexports.export(any_session, str(course.id), NOW).gave_names


def test_a_key_that_is_none_is_put_right(any_session: Session) -> None:
    course = a_course(any_session, "Knots", ["A"])
    any_session.exec(select(Lesson)).one().key = "No Key!"
    text = export(any_session, course.id)
    assert "- key: a\n" in text
    assert changes_nothing(any_session, text)


def test_slugs_in_use_are_not_given_again(any_session: Session) -> None:
    for expected in ("knots", "knots-2", "knots-3"):
        assert courseexports.export(any_session, str(a_course(any_session, "Knots", ["A"]).id), NOW).slug == expected


def test_what_nobody_sees_is_not_exported_and_comes_to_no_harm(any_session: Session) -> None:
    course_id = imported(any_session, FILE)
    imported(any_session, FILE.replace(CLOVE, ""))
    course = any_session.exec(select(Course)).one()
    a_module(any_session, course, "Empty", order=9)
    text = export(any_session, course_id)
    assert "clove" not in text
    assert "Empty" not in text
    assert changes_nothing(any_session, text)
    assert lesson(any_session, "clove").removed_at == NOW


def test_one_key_on_two_lessons_is_put_right(any_session: Session) -> None:
    course = a_course(any_session, "Knots", {"One": ["A"], "Two": ["B"]})
    for row in lessons_of(any_session, course):
        row.key = "same"
    text = export(any_session, course.id)
    assert [one.key for module in read(text, "x").modules for one in module.lessons] == ["same", "b"]
    assert changes_nothing(any_session, text)


def test_an_instructor_nobody_described_yet_is_named_by_clerk_id(any_session: Session) -> None:
    users.ensure(any_session, "user_new", now=NOW)
    course = a_course(any_session, "Knots", ["A"])
    assert "\ninstructor: grace@example.org\n" in export(any_session, course.id)
    course.instructor_id = "user_new"
    text = export(any_session, course.id)
    assert "\ninstructor: user_new\n" in text
    assert changes_nothing(any_session, text)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("content_type", "article", "- type: article: type: article is not one of text, video, quiz."),
        ("content_type", "video", "- key: odd: a video lesson needs a url."),
        ("content_url", "portal://lessons/1", "- url: portal://lessons/1: url: it should be a web address"),
        ("title", "Two\nlines", "title should be one line."),
        ("title", "x" * 151, "title has 151 characters"),
        ("minutes", 1000, "- minutes: 1000: minutes should be a whole number from 1 to 600"),
    ],
)
def test_what_a_file_can_not_hold_is_said_and_nothing_is_changed(
    any_session: Session, column: str, value: object, said: str
) -> None:
    course = a_course(any_session, "Knots", ["Odd"])
    row = any_session.exec(select(Lesson)).one()
    setattr(row, column, value)
    any_session.flush()
    undone = any_session.begin_nested()
    with pytest.raises(CanNotExport) as told:
        export(any_session, course.id)
    assert str(told.value).startswith("Knots can't be written as a course file. Put this right in the portal first:\n")
    assert said in str(told.value)
    undone.rollback()
    any_session.expire_all()
    assert course.slug is None
    assert any_session.get(Import, course.id) is None


def test_a_course_without_lessons_can_not_be_exported(any_session: Session) -> None:
    with pytest.raises(CanNotExport, match="Add at least one module"):
        export(any_session, a_course(any_session, "Knots").id)


@pytest.mark.parametrize("wanted", ["nothing", "0", "99999999", "9" * 40, "-1", "", "٣"])
def test_a_course_there_is_not_is_gone(any_session: Session, wanted: str) -> None:
    with pytest.raises(Gone, match="Name it by its slug, or by its number"):
        export(any_session, wanted)


def test_a_slug_that_is_a_number_comes_before_the_number(any_session: Session) -> None:
    first = a_course(any_session, "First", ["A"])
    second = a_course(any_session, "Second", ["A"], slug=str(first.id))
    assert read(export(any_session, first.id), "x").title == "Second"
    assert read(export(any_session, second.id), "x").title == "Second"
