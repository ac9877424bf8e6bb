"""Course files: a course written down as YAML, read into a value or refused with every mistake at once."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.coursefields import LARGEST, TOO_LARGE, Fields, Found, Mistake, compose
from models.errors import DomainError

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
    found = Found(name)
    root = compose(text, found)
    course = _course(Fields(found, root, "the file", _COURSE), name) if root is not None else None
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


_COURSE = ("course", "title", "description", "instructor", "modules")


def _course(top: Fields, name: str) -> CourseFile:
    modules = [Fields(top.found, node, "a module", ("title", "lessons"), ("key",)) for node in top.items("module")]
    lessons = [
        [
            Fields(top.found, node, "a lesson", ("title", "type"), ("key", "minutes", "body", "url"))
            for node in module.items("lesson")
        ]
        for module in modules
    ]
    module_keys = iter(_keys(modules))
    lesson_keys = iter(_keys([lesson for listed in lessons for lesson in listed]))
    return CourseFile(
        name=name,
        slug=top.slug("course", LONGEST_KEY),
        title=top.one_line("title", LONGEST_TITLE),
        description=top.text("description", LONGEST_DESCRIPTION, may_be_empty=True),
        instructor=top.one_line("instructor", 320),
        modules=tuple(
            ModuleFile(
                key=next(module_keys),
                title=module.one_line("title", LONGEST_TITLE),
                lessons=tuple(_lesson(lesson, next(lesson_keys)) for lesson in listed),
            )
            for module, listed in zip(modules, lessons, strict=True)
        ),
        slug_line=top.line_of("course"),
        instructor_line=top.line_of("instructor"),
    )


def _lesson(fields: Fields, key: str) -> LessonFile:
    kind = fields.one_of("type", TYPES)
    if kind == "text" and "body" not in fields and "url" not in fields:
        fields.found.wrong(fields.line, "a text lesson needs a body (or a url).")
    if kind in ("video", "quiz") and "url" not in fields:
        fields.found.wrong(fields.line, f"a {kind} lesson needs a url.")
    return LessonFile(
        key=key,
        title=fields.one_line("title", LONGEST_TITLE),
        type=kind,
        minutes=fields.whole_number("minutes", MOST_MINUTES),
        body=fields.text("body", LARGEST, may_be_empty=True) or None,
        url=fields.url("url") or None,
        is_named="key" in fields,
    )


def _keys(listed: Sequence[Fields]) -> list[str]:
    """A key for each: those that are written come first, so that a derived one is never one of them."""
    written: dict[str, int] = {}
    keys = []
    for fields in listed:
        key = fields.slug("key", LONGEST_KEY)
        if key in written:
            fields.wrong("key", f"key: {key} is taken, by line {written[key]}. Choose another.")
        elif key:
            written[key] = fields.line_of("key")
        keys.append(key)
    taken = set(written)
    for number, fields in enumerate(listed):
        if "key" not in fields:
            keys[number] = slugify(fields.one_line("title", LONGEST_TITLE), taken.__contains__)
            taken.add(keys[number])
    return keys


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
