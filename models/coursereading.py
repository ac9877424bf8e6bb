"""A course file read: its fields, checked, as a course; every module and lesson with a key."""

from collections.abc import Sequence

from models.coursefields import Fields, compose
from models.coursefiles import (
    LARGEST,
    LONGEST_DESCRIPTION,
    LONGEST_KEY,
    LONGEST_TITLE,
    MOST_MINUTES,
    TYPES,
    CourseFile,
    Found,
    LessonFile,
    ModuleFile,
    slugify,
)

_COURSE = ("course", "title", "description", "instructor", "modules")


def course_in(text: str, found: Found) -> CourseFile | None:
    """The course of this text, as far as it can be read; what is wrong is noted. None where it is no YAML."""
    root = compose(text, found)
    return _course(Fields(found, root, "the file", _COURSE)) if root is not None else None


def _course(top: Fields) -> CourseFile:
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
        name=top.found.name,
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
