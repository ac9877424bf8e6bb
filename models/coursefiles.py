"""Course files: a course written down as YAML, read into a value or refused with every mistake at once."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.errors import DomainError

LARGEST = 2 * 1024 * 1024
"""Bytes of UTF-8 in one file."""
TOO_LARGE = "the file is larger than 2 MB. Split the course, or link large material by url."
LONGEST_URL = 3000
"""What Slack takes in a button's url: https://docs.slack.dev/reference/block-kit/block-elements/button-element"""
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
LONGEST_KEY = 80
LONGEST_TITLE = 150
LONGEST_DESCRIPTION = 2000
MOST_MINUTES = 600
TYPES = ("text", "video", "quiz")


@dataclass(frozen=True, slots=True)
class LessonFile:
    """A lesson as its file has it. ``minutes`` is None where the author left it to be reckoned from the length; an
    empty ``body`` or ``url`` is None. ``is_named`` is whether the key stands in the file or was derived."""

    key: str
    title: str
    type: str
    minutes: int | None
    body: str | None
    url: str | None
    is_named: bool = field(default=True, compare=False)


@dataclass(frozen=True, slots=True)
class ModuleFile:
    """A module as its file has it."""

    key: str
    title: str
    lessons: tuple[LessonFile, ...]


@dataclass(frozen=True, slots=True)
class CourseFile:
    """A course as its file has it. ``instructor`` is a Clerk ID or an e-mail; ``name`` is the file's, and the lines
    say where in it the slug and the instructor stand."""

    name: str
    slug: str
    title: str
    description: str
    instructor: str
    modules: tuple[ModuleFile, ...]
    slug_line: int = field(default=1, compare=False)
    instructor_line: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong in the file called ``name``: on which line, what, and how to put it right."""

    name: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.name}, line {self.line}: {self.what}"


class Found:
    """What was found wrong in one file so far. A field may be looked at twice, its mistake is noted once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._mistakes: dict[Mistake, None] = {}

    @property
    def mistakes(self) -> list[Mistake]:
        """All of them, by line."""
        return sorted(self._mistakes, key=lambda mistake: mistake.line)

    def wrong(self, line: int, what: str) -> None:
        """Note a mistake."""
        self._mistakes[Mistake(self.name, line, what)] = None


class CourseFileErrors(DomainError):
    """Course files can't be used. ``mistakes`` holds all that is wrong."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = tuple(mistakes)


def read(text: str, name: str) -> CourseFile:
    """The course in the file called ``name``. Raises `CourseFileErrors` with every mistake in it, by line.

    A module or lesson without a key gets one from its title, so that reading the file again finds the same one; of two
    with the same title the second is told apart by a number. A lesson that is given another title, or twins that
    change places, are other lessons then: write keys where that matters.
    """
    # Few bots ever read one, and YAML is a megabyte.
    from models.coursereading import course_in

    found = Found(name)
    course = course_in(text, found)
    if found.mistakes or course is None:
        raise CourseFileErrors(found.mistakes)
    return course


def read_bytes(written: bytes, name: str) -> CourseFile:
    """The same of a file's bytes, which must be UTF-8 and of a size."""
    if len(written) > LARGEST:
        raise CourseFileErrors([Mistake(name, 1, TOO_LARGE)])
    try:
        return read(written.decode("utf-8"), name)
    except UnicodeDecodeError as error:
        line = written.count(b"\n", 0, error.start) + 1
        raise CourseFileErrors([Mistake(name, line, "this is not UTF-8. Save the file as UTF-8.")]) from error


def slugify(words: str, taken: Callable[[str], bool]) -> str:
    """A key made of these words: lower-case ASCII letters, digits and hyphens; numbered when it is taken.

    Where letters are lost on the way, as those of a title in Japanese, a digest of the words tells titles apart.
    """
    folded = "".join(one for one in unicodedata.normalize("NFKD", words) if not unicodedata.combining(one))
    stem = "-".join(re.findall("[a-z0-9]+", folded.lower()))[:60].strip("-")
    if not stem or any(letter.isalnum() and not letter.isascii() for letter in folded):
        digest = hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:8]
        stem = f"{stem}-{digest}" if stem else f"untitled-{digest}"
    slug, number = stem, 2
    while taken(slug):
        slug, number = f"{stem}-{number}", number + 1
    return slug


def as_document(course: CourseFile, instructor_id: str) -> dict[str, Any]:
    """The course as plain data: what is kept of an import, to compare the next with."""
    return {
        "title": course.title,
        "description": course.description,
        "instructor": instructor_id,
        "modules": [
            {
                "key": module.key,
                "title": module.title,
                "lessons": [
                    {
                        "key": lesson.key,
                        "title": lesson.title,
                        "type": lesson.type,
                        "minutes": lesson.minutes,
                        "body": lesson.body,
                        "url": lesson.url,
                    }
                    for lesson in module.lessons
                ],
            }
            for module in course.modules
        ],
    }
