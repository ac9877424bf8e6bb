"""A course written out as a course file: importing that file changes nothing."""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Table, bindparam, select
from sqlmodel import Session

from models import standings
from models.coursefiles import (
    SLUG,
    CourseFile,
    CourseFileErrors,
    LessonFile,
    Mistake,
    ModuleFile,
    as_document,
    read,
    slugify,
)
from models.courses import Course, CourseGone, Lesson, Module
from models.errors import DomainError, Gone
from models.imports import Import
from models.standings import LessonStanding, ModuleStanding, Standing
from models.statements import insert_unless_there, table_of
from models.users import PLACEHOLDER_DOMAIN, User


class CanNotExport(DomainError):
    """The course holds something a course file can't."""

    def __init__(self, title: str, reasons: Sequence[str]) -> None:
        super().__init__(
            "\n".join([f"{title} can't be written as a course file. Put this right in the portal first:", *reasons])
        )


class Export(NamedTuple):
    """A course file. ``gave_names`` is whether the course, a module or a lesson got its slug or key by this."""

    slug: str
    text: str
    gave_names: bool


_COURSE, _MODULE, _LESSON, _USER = (table_of(model) for model in (Course, Module, Lesson, User))
_SLUGS = select(_COURSE.c.slug).where(_COURSE.c.slug.is_not(None))
_SLUG_OF = select(_COURSE.c.slug).where(_COURSE.c.id == bindparam("course"))
_EMAIL = select(_USER.c.email).where(_USER.c.id == bindparam("user"))


def export(session: Session, wanted: str, now: datetime) -> Export:
    """The course with this slug, or else this number, as a course file.

    Needs a writing transaction. A course made in the portal has no slug, and its modules and lessons have no keys: they
    get theirs here, so that the file finds the same rows again. Where no file was imported yet this one counts as the
    last, so that what its author changes in it is no quarrel with the portal.

    Raises `Gone`, and `CanNotExport` for what a course file can't hold.
    """
    standing = standings.by_slug(session, wanted, locks=True)
    if standing is None and re.fullmatch("[0-9]{1,9}", wanted):
        standing = standings.by_id(session, int(wanted), locks=True)
    if standing is None:
        raise Gone(f"There is no course {wanted}. Name it by its slug, or by its number in the portal.")
    return _export(session, standing, now)


def export_by_id(session: Session, course_id: int, now: datetime) -> Export:
    """The course of this id as a course file, as `export` makes it. Raises `CourseGone` and `CanNotExport`."""
    standing = standings.by_id(session, course_id, locks=True)
    if standing is None:
        raise CourseGone
    return _export(session, standing, now)


def _export(session: Session, standing: Standing, now: datetime) -> Export:
    assert standing.id is not None
    slug = session.connection().execute(_SLUG_OF, {"course": standing.id}).scalar()
    gave_names = slug is None
    if slug is None:
        slug = slugify(standing.title, set(session.connection().execute(_SLUGS).scalars()).__contains__)
        _name(session, _COURSE, "slug", {standing.id: slug})
    hidden = {row.key for row in standing.lessons if row.removed_at is not None}
    modules, lessons = _keys(standing.modules, ()), _keys(standing.visible, hidden)
    for table, rows, keys in ((_MODULE, standing.modules, modules), (_LESSON, standing.visible, lessons)):
        new = {row.id: keys[row.id] for row in rows if row.key != keys[row.id]}
        _name(session, table, "key", new)
        gave_names = gave_names or bool(new)
    file = _file(standing, slug, _instructor(session, standing.instructor_id), modules, lessons)
    text = write(file)
    _check(text, file)
    document = json.dumps(as_document(file, standing.instructor_id), ensure_ascii=False, sort_keys=True)
    insert_unless_there(session, Import, course_id=standing.id, document=document, imported_at=now)
    session.expire_all()
    return Export(slug, text, gave_names)


def write(file: CourseFile) -> str:
    """The text of a course file. Read again it is the same, down to every space."""
    return "\n".join(_lines(file)) + "\n"


def _keys(rows: Sequence[ModuleStanding] | Sequence[LessonStanding], others: Collection[str | None]) -> dict[int, str]:
    """A key for each row, by id: its own, as long as it is one and nobody else's in the course."""
    taken = set(others)
    keys: dict[int, str] = {}
    for row in rows:
        if row.key is not None and SLUG.match(row.key) and row.key not in taken:
            keys[row.id] = row.key
            taken.add(row.key)
    for row in rows:
        if row.id not in keys:
            keys[row.id] = slugify(row.title, taken.__contains__)
            taken.add(keys[row.id])
    return keys


def _name(session: Session, table: Table, column: str, names: dict[int, str]) -> None:
    if names:
        statement = table.update().where(table.c.id == bindparam("at"))
        session.connection().execute(statement, [{"at": row, column: name} for row, name in names.items()])


def _instructor(session: Session, user_id: str) -> str:
    """The instructor's e-mail; the Clerk ID of somebody nobody has described yet."""
    email = session.connection().execute(_EMAIL, {"user": user_id}).scalar()
    return user_id if email is None or email.endswith(f"@{PLACEHOLDER_DOMAIN}") else str(email)


def _file(
    standing: Standing, slug: str, instructor: str, modules: dict[int, str], lessons: dict[int, str]
) -> CourseFile:
    listed = {
        module.id: tuple(
            LessonFile(lessons[row.id], row.title, row.type, row.minutes, row.body, row.url)
            for row in standing.visible
            if row.module_id == module.id
        )
        for module in standing.modules
    }
    return CourseFile(
        name=f"{slug}.yaml",
        slug=slug,
        title=standing.title,
        description=standing.description,
        instructor=instructor,
        modules=tuple(
            ModuleFile(modules[module.id], module.title, listed[module.id])
            for module in standing.modules
            if listed[module.id]
        ),
    )


def _check(text: str, file: CourseFile) -> None:
    lines = text.split("\n")

    def reason(mistake: Mistake) -> str:
        return f"- {lines[mistake.line - 1].strip(' -')[:80]}: {mistake.what}"

    try:
        back = read(text, file.name)
    except CourseFileErrors as error:
        raise CanNotExport(file.title, [reason(mistake) for mistake in error.mistakes]) from error
    assert back == file


def _lines(file: CourseFile) -> Iterator[str]:
    yield f"course: {_scalar(file.slug, 2)}"
    yield f"title: {_scalar(file.title, 2)}"
    yield f"description: {_scalar(file.description, 2)}"
    yield f"instructor: {_scalar(file.instructor, 2)}"
    yield "modules:" if file.modules else "modules: []"
    for module in file.modules:
        yield f"  - key: {_scalar(module.key, 6)}"
        yield f"    title: {_scalar(module.title, 6)}"
        yield "    lessons:"
        for lesson in module.lessons:
            yield from _lesson_lines(lesson)


def _lesson_lines(lesson: LessonFile) -> Iterator[str]:
    yield f"      - key: {_scalar(lesson.key, 10)}"
    yield f"        title: {_scalar(lesson.title, 10)}"
    yield f"        type: {_scalar(lesson.type, 10)}"
    if lesson.minutes is not None:
        yield f"        minutes: {lesson.minutes}"
    if lesson.url is not None:
        yield f"        url: {_scalar(lesson.url, 10)}"
    if lesson.body is not None or (lesson.type == "text" and lesson.url is None):
        yield f"        body: {_scalar(lesson.body or '', 10)}"


_UNSAFE = re.compile("[^\t\n -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""Characters that YAML reads as something else, or not at all, unless they are escaped."""


def _scalar(text: str, indent: int) -> str:
    """The text as YAML: as it is where that reads back the same, of several lines as a block, else in quotes."""
    if not _UNSAFE.search(text):
        plain = _block(text, indent) if "\n" in text else text
        if _reads_as(plain, text, indent):
            return plain
    return _quoted(text)


def _block(text: str, indent: int) -> str:
    body = text.rstrip("\n")
    keeps = {0: "-", 1: ""}.get(len(text) - len(body), "+")
    depth = "2" if text[0] in " \n" else ""
    lines = body.split("\n") + [""] * (len(text) - len(body) - 1)
    return "\n".join([f"|{depth}{keeps}", *(" " * indent + line if line else "" for line in lines)])


def _reads_as(written: str, text: str, indent: int) -> bool:
    import yaml

    try:
        node = yaml.compose(f"{' ' * (indent - 2)}a: {written}\n", Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return False
    value = node.value[0][1] if isinstance(node, yaml.MappingNode) else None
    return isinstance(value, yaml.ScalarNode) and value.tag == "tag:yaml.org,2002:str" and value.value == text


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}


def _quoted(text: str) -> str:
    return '"' + "".join(_ESCAPES.get(one) or (_escaped(one) if _UNSAFE.match(one) else one) for one in text) + '"'


def _escaped(letter: str) -> str:
    code = ord(letter)
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}"
