"""Course files are read whole or refused with every mistake, each with its line and the fix."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.coursefiles import CourseFileErrors, read, slugify

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
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


def mistakes(text: str) -> list[str]:
    with pytest.raises(CourseFileErrors) as told:
        read(text, "knots.yaml")
    assert str(told.value) == "\n".join(map(str, told.value.mistakes))
    return [str(mistake) for mistake in told.value.mistakes]


def test_a_file_says_what_a_course_is() -> None:
    course = read(FILE, "knots.yaml")
    assert (course.slug, course.title, course.description) == ("knots", "Knots", "Tie what holds.")
    assert (course.instructor, course.instructor_line) == ("grace@example.org", 4)
    assert [(module.key, module.title) for module in course.modules] == [("basics", "Basics"), ("more", "More")]
    clove = course.modules[0].lessons[1]
    assert (clove.key, clove.title, clove.type, clove.minutes) == ("clove", "Clove hitch", "text", 3)
    assert (clove.body, clove.url) == ("Around a post.", None)
    film = course.modules[1].lessons[0]
    assert (film.type, film.minutes, film.body, film.url) == ("video", None, None, "https://video.example/knots")


MISTAKES: list[tuple[Callable[[str], str], int, str]] = [
    (lambda f: f.replace("title: Knots", "titel: Knots"), 2, "the file has no field titel. Did you mean title?"),
    (lambda f: f.replace("title: Knots", "price: 3\ntitle: Knots"), 2, "The fields here are course, title,"),
    (lambda f: f.replace("    title: Basics", "    titles: Basics"), 7, "a module has no field titles. Did you mean"),
    (lambda f: f.replace("minutes: 3", "minuts: 3"), 16, "a lesson has no field minuts. Did you mean minutes?"),
    (lambda f: f.replace("description: Tie what holds.\n", ""), 1, "the file needs the field description."),
    (lambda f: f.replace("    title: Basics\n", ""), 6, "a module needs the field title."),
    (lambda f: f.replace("        type: video\n", ""), 21, "a lesson needs the field type."),
    (lambda f: f.replace("course: knots", "course: Tie Knots!"), 1, "such as tie-knots."),
    (lambda f: f.replace("course: knots", "course: 結び目"), 1, "use lower-case letters, digits and single hyphens."),
    (lambda f: f.replace("course: knots", f"course: {'k' * 81}"), 1, "81 characters; 80 is the most"),
    (lambda f: f.replace("title: Knots", "title: 2024"), 2, 'not a number. Put it in quotes: "2024".'),
    (lambda f: f.replace("title: Knots", "title: yes"), 2, 'not yes or no. Put it in quotes: "yes".'),
    (lambda f: f.replace("title: Knots", "title: 2024-01-01"), 2, "not a date."),
    (lambda f: f.replace("title: Knots", "title: "), 2, "title should be text, not nothing."),
    (lambda f: f.replace("title: Knots", "title: [Knots]"), 2, "title should be text, not a list."),
    (lambda f: f.replace("title: Knots", "title: {a: b}"), 2, "title should be text, not named fields."),
    (lambda f: f.replace("title: Knots", "title: !knot Knots"), 2, "not something marked !knot."),
    (lambda f: f.replace("title: Knots", "title: ''"), 2, "title is empty."),
    (lambda f: f.replace("title: Bowline", "title: ' '"), 10, "title is empty."),
    (lambda f: f.replace("title: Basics", f"title: {'x' * 151}"), 7, "title has 151 characters; 150 is the most."),
    (lambda f: f.replace("title: Knots", "title: |\n  Knots"), 2, "title should be one line."),
    (lambda f: f.replace("Tie what holds.", "x" * 2001), 3, "2,001 characters; 2,000 is the most"),
    (lambda f: f.replace("title: Knots", "title: Knots\ntitle: Twice"), 3, "title stands here twice."),
    (lambda f: f.replace("title: Knots", r'title: "a\0b"'), 2, "a character that can't be kept"),
    (lambda f: f.replace("title: Knots", r'title: "\uD83D"'), 2, "a character that can't be kept"),
    (lambda f: f.replace("minutes: 3", "minutes: 0"), 16, "from 1 to 600, not “0”."),
    (lambda f: f.replace("minutes: 3", "minutes: 601"), 16, "from 1 to 600, not “601”."),
    (lambda f: f.replace("minutes: 3", "minutes: 1:30"), 16, "not “1:30”."),
    (lambda f: f.replace("minutes: 3", "minutes: 2.5"), 16, "not “2.5”."),
    (lambda f: f.replace("minutes: 3", "minutes: soon"), 16, "not “soon”."),
    (lambda f: f.replace("minutes: 3", "minutes: '3'"), 16, "not “3”."),
    (lambda f: f.replace("minutes: 3", "minutes: [3]"), 16, "not a list."),
    (lambda f: f.replace("minutes: 3", "minutes:"), 16, "not nothing."),
    (lambda f: f.replace("minutes: 3", f"minutes: {'9' * 5000}"), 16, "from 1 to 600, not “999"),
    (lambda f: f.replace("type: video", "type: film"), 23, "type: film is not one of text, video, quiz."),
    (lambda f: f.replace("key: clove", "key: bowline"), 13, "key: bowline is taken, by line 9."),
    (lambda f: f.replace("key: more", "key: basics"), 18, "key: basics is taken, by line 6."),
    (lambda f: f.replace("key: clove", "key: Clove_1"), 13, "such as clove-1."),
    (lambda f: f.replace("        body: A loop that holds.\n", ""), 9, "a text lesson needs a body (or a url)."),
    (lambda f: f.replace("        url: https://video.example/knots\n", ""), 21, "a video lesson needs a url."),
    (
        lambda f: f.replace("type: video", "type: quiz").replace("        url: ht", "        #"),
        21,
        "a quiz lesson needs",
    ),
    (lambda f: f.replace("https://video", "ftp://video"), 24, "beginning with https:// or http://."),
    (lambda f: f.replace("https://video.example/knots", "https://[video"), 24, "it should be a web address"),
    (lambda f: f.replace("https://video.example/knots", "'https://video.example/a b'"), 24, "a web address"),
    (lambda f: f.replace("https://video.example/knots", "https://"), 24, "it should be a web address"),
    (lambda f: f[: f.index("modules:")] + "modules: []\n", 5, "modules is empty. Add at least one module."),
    (lambda f: f[: f.index("modules:")] + "modules:\n", 5, "modules should be a list"),
    (lambda f: f[: f.index("modules:")] + "modules: Basics\n", 5, "a dash before each module, not text."),
    (
        lambda f: f[: f.index("      - key: film")].replace(
            "title: More\n    lessons:", "title: More\n    lessons: []"
        ),
        20,
        "at least one lesson",
    ),
    (lambda f: f + "      -\n", 25, "a lesson should be named fields (title, type), not nothing."),
    (lambda f: f + "      - Bowline\n", 25, "a lesson should be named fields (title, type), not text."),
    (lambda f: f + "  - [More]\n", 25, "a module should be named fields (title, lessons), not a list."),
    (lambda f: f + "? [a]\n: b\n", 25, "the file has no field a list."),
    (lambda f: "- a\n- b\n", 1, "the file should be named fields"),
    (lambda f: f.replace("title: Knots", "title: [a"), 3, "this is not YAML"),
    (lambda f: f.replace("    title: More", "\ttitle: More"), 19, "Indent with spaces instead of tabs."),
    (lambda f: f + "---\ncourse: other\n", 25, "Keep one course in a file"),
    (lambda f: f.replace("holds.", "\x07"), 3, "the character U+0007 can't stand in YAML."),
    (
        lambda f: f.replace("title: Knots", "title: &t Knots").replace("Tie what holds.", "*t"),
        3,
        "Write it out instead.",
    ),
    (lambda f: f + "bomb: [&a [x, x], *a, *a]\n", 25, "*a repeats another part."),
    (lambda f: "\n\nmodules: " + "[" * 50_000, 3, "nested too deep"),
    (lambda f: "", 1, "the file is empty. Begin with: course:"),
    (lambda f: "# nothing yet\n", 1, "the file is empty."),
    (lambda f: f + "#" * (2 * 1024 * 1024), 1, "larger than 2 MB"),
]


@pytest.mark.parametrize(("change", "line", "said"), MISTAKES, ids=[said for _, _, said in MISTAKES])
def test_a_mistake_is_told_with_its_line_and_the_fix(change: Callable[[str], str], line: int, said: str) -> None:
    told = mistakes(change(FILE))
    assert len(told) == 1, told
    assert told[0].startswith(f"knots.yaml, line {line}: ")
    assert said in told[0]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("12", 'title should be text, not a number. Put it in quotes: "12".'),
        ("", "title should be text, not nothing."),
        ("[a]", "title should be text, not a list."),
        ("!knot a", "title should be text, not something marked !knot."),
        ("1" * 41, "title should be text, not a number."),
    ],
)
def test_quotes_are_the_fix_only_where_they_help(value: str, said: str) -> None:
    assert mistakes(FILE.replace("title: Knots", f"title: {value}")) == [f"knots.yaml, line 2: {said}"]


def test_all_mistakes_are_told_at_once_by_line() -> None:
    broken = FILE
    for right, wrong in (
        ("course: knots", "course: K N"),
        ("title: Knots", "titel: 2024"),
        ("key: clove", "key: bowline"),
        ("minutes: 3", "minutes: 0"),
        ("type: video", "type: film"),
        ("https://", "file://"),
    ):
        broken = broken.replace(right, wrong)
    lines = [int(mistake.split(":")[0].rpartition(" ")[2]) for mistake in mistakes(broken)]
    assert lines == [1, 2, 13, 16, 23, 24]


def test_what_an_author_may_leave_out_or_leave_empty() -> None:
    text = FILE.replace("        body: A loop that holds.\n", "        url: https://knots.example/bowline\n")
    text = text.replace("description: Tie what holds.", "description: ''").replace("body: Around a post.", "body: ''")
    course = read(text, "knots.yaml")
    assert course.description == ""
    assert [(one.body, one.url) for one in course.modules[0].lessons] == [
        (None, "https://knots.example/bowline"),
        (None, None),
    ]


@pytest.mark.parametrize("minutes", [1, 600])
def test_a_lesson_takes_a_minute_up_to_ten_hours(minutes: int) -> None:
    course = read(FILE.replace("minutes: 3", f"minutes: {minutes}"), "knots.yaml")
    assert course.modules[0].lessons[1].minutes == minutes


def test_a_video_may_have_notes() -> None:
    course = read(FILE + "        body: Watch the left hand.\n", "knots.yaml")
    assert course.modules[1].lessons[0].body == "Watch the left hand."


def keys(*titles: str) -> list[str]:
    lessons = "".join(f"      - {title}\n        type: text\n        body: x\n" for title in titles)
    return [one.key for one in read(FILE[: FILE.index("      - key: film")] + lessons, "a").modules[1].lessons]


def test_keys_left_out_come_from_titles() -> None:
    assert keys("title: For loops!", "title: Crème brûlée") == ["for-loops", "creme-brulee"]


def test_titles_alike_get_keys_of_their_own() -> None:
    assert keys("title: Loops", "title: Loops", "title: loops") == ["loops", "loops-2", "loops-3"]


def test_a_derived_key_is_never_one_that_is_written() -> None:
    assert keys("title: Loops", "title: Other\n        key: loops") == ["loops-2", "loops"]
    assert keys("title: Bowline") == ["bowline-2"]


def test_a_title_in_another_script_keeps_its_key_wherever_it_stands() -> None:
    first, second = keys("title: 結び目", "title: もやい結び")
    assert keys("title: もやい結び", "title: 巻き結び", "title: 結び目")[::2] == [second, first]
    (japanese,), (english,) = keys("title: 日本語 Python"), keys("title: 英語 Python")
    assert keys("title: 英語 Python", "title: 日本語 Python") == [english, japanese]
    assert japanese.startswith("python-")


def test_where_in_a_file_things_stand_makes_no_other_course_of_it() -> None:
    moved = read("# Knots, first edition\n" + FILE, "knots.yaml")
    named = read(FILE.replace("- key: more\n    title", "- title"), "knots.yaml")
    assert moved == named == read(FILE, "knots.yaml")
    assert (moved.slug_line, moved.instructor_line) == (2, 5)
    bare = read(FILE.replace("- key: bowline\n        title", "- title"), "knots.yaml")
    assert bare == moved
    assert [one.is_named for module in bare.modules for one in module.lessons] == [False, True, True]


@given(st.lists(st.text(), min_size=1))
def test_slugs_are_slugs_and_differ(titles: list[str]) -> None:
    taken: list[str] = []
    for title in titles:
        taken.append(slugify(title, taken.__contains__))
    assert len(set(taken)) == len(titles)
    for slug in taken:
        read(FILE.replace("course: knots", f"course: '{slug}'"), "a")


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_whatever_else_stands_in_a_file_is_refused_in_words(text: str) -> None:
    with pytest.raises(CourseFileErrors) as told:
        read(text, "any.yaml")
    assert all(mistake.line >= 1 and mistake.what for mistake in told.value.mistakes)


@given(st.integers(0, len(FILE)), st.integers(0, 40), st.text(alphabet="-:#\n \t'\"[]{}&*!|>%@`x0", max_size=6))
def test_a_file_cut_or_garbled_anywhere_never_surprises(at: int, length: int, noise: str) -> None:
    with suppress(CourseFileErrors):
        read(FILE[:at] + noise + FILE[at + length :], "any.yaml")
