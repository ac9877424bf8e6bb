"""Versions: what a course said each time it was published from here, to compare and to go back to."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Text, UniqueConstraint, func, select
from sqlmodel import Field, Session

from models import manuscripts
from models.coursechanges import Change, difference
from models.errors import Gone
from models.manuscripts import Manuscript, WrittenLesson, WrittenModule
from models.statements import an_id, table_of
from models.tablemodels import TableModel
from models.users import User

MOST_LISTED = 50


class Version(TableModel, table=True):
    """A course as it was published. ``document`` is a manuscript in JSON.

    ``is_small`` says that it was a small fix, of which nobody was told. ``published_by`` is empty for the course as it
    stood before it was first published from here.
    """

    __tablename__ = "homeroom_version"
    __table_args__ = (
        UniqueConstraint("course_id", "number", name="uq_homeroom_version_course_id_number"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    course_id: int = Field(foreign_key="course.id", ondelete="CASCADE")
    number: int
    document: str = Field(sa_type=Text)
    is_small: bool
    published_by: str | None = None
    published_at: datetime


class Published(NamedTuple):
    """A version as a list shows it. ``by`` is a name, None for what stood before."""

    number: int
    is_small: bool
    by: str | None
    published_at: datetime


_VERSION, _USER = table_of(Version), table_of(User)
_LATEST = select(func.max(_VERSION.c.number)).where(_VERSION.c.course_id == an_id("course"))
_LISTED = (
    select(_VERSION.c.number, _VERSION.c.is_small, _VERSION.c.published_at, _USER.c.first_name, _USER.c.last_name)
    .select_from(_VERSION.outerjoin(_USER, _USER.c.id == _VERSION.c.published_by))
    .where(_VERSION.c.course_id == an_id("course"))
    .order_by(_VERSION.c.number.desc())
    .limit(MOST_LISTED)
)
_DOCUMENT = select(_VERSION.c.document).where(_VERSION.c.course_id == an_id("course"), _VERSION.c.number == an_id("at"))


def add(
    session: Session, course_id: int, manuscript: Manuscript, *, is_small: bool, by: str | None, now: datetime
) -> int:
    """Keep what was published; its number, from 1."""
    number = (session.connection().execute(_LATEST, {"course": course_id}).scalar() or 0) + 1
    told = {"course_id": course_id, "number": number, "document": manuscript.as_json(), "is_small": is_small}
    session.connection().execute(_VERSION.insert(), [told | {"published_by": by, "published_at": now}])
    return number


def has_any(session: Session, course_id: int) -> bool:
    """Whether the course was ever published from here."""
    return session.connection().execute(_LATEST, {"course": course_id}).scalar() is not None


def listed(session: Session, course_id: int) -> tuple[Published, ...]:
    """The versions, newest first."""
    rows = session.connection().execute(_LISTED, {"course": course_id})
    return tuple(
        Published(
            row.number,
            row.is_small,
            f"{row.first_name} {row.last_name}".strip() if row.first_name is not None else None,
            row.published_at,
        )
        for row in rows
    )


def get(session: Session, course_id: int, number: int) -> Manuscript:
    """What a version said. Raises `Gone` when there is none of that number."""
    document = session.connection().execute(_DOCUMENT, {"course": course_id, "at": number}).scalar()
    if document is None:
        raise Gone("That version isn't here any more. Open the course again at /teach.")
    return manuscripts.from_json(document)


_SAID = {"title": "title", "type": "type", "minutes": "minutes", "body": "text", "url": "address"}


def between(before: Manuscript, after: Manuscript) -> tuple[Change, ...]:
    """What differs from one manuscript to another, in words."""
    return (
        *_of_fields(before, after, {"title": "title", "description": "description"}, "the course"),
        *_of_modules(before, after),
        *_of_lessons(before, after),
    )


def _of_fields(before: Any, after: Any, fields: Mapping[str, str], whose: str) -> Iterator[Change]:
    for name, what in fields.items():
        was, is_now = getattr(before, name), getattr(after, name)
        if was != is_now:
            yield difference("~", f"{what} of {whose}", was, is_now, "{before} becomes {after}")


def _of_modules(before: Manuscript, after: Manuscript) -> Iterator[Change]:
    old = {_module_key(one): one for one in before.modules}
    for module in after.modules:
        was = old.get(_module_key(module))
        if was is None:
            yield Change("+", f"new module: {module.title}")
        else:
            yield from _of_fields(was, module, {"title": "title"}, f"module “{was.title}”")


def _of_lessons(before: Manuscript, after: Manuscript) -> Iterator[Change]:
    old, new = {_key(one): one for one in before.lessons}, {_key(one): one for one in after.lessons}
    was_in, is_in = _homes(before), _homes(after)
    for key, lesson in new.items():
        if key not in old:
            yield Change("+", f"new lesson: {lesson.title}")
            continue
        yield from _of_fields(old[key], lesson, _SAID, f"lesson “{old[key].title}”")
        if was_in[key][0] != is_in[key][0]:
            yield Change("~", f"lesson “{lesson.title}” moves to module “{is_in[key][1]}”")
    yield from (Change("-", f"lesson “{lesson.title}” goes away") for key, lesson in old.items() if key not in new)
    if [key for key in new if key in old] != [key for key in old if key in new]:
        yield Change("~", "the order of the lessons changes")


_Key = tuple[str, int]


def _key(lesson: WrittenLesson) -> _Key:
    return ("lesson", lesson.lesson_id) if lesson.lesson_id is not None else ("ref", lesson.ref)


def _module_key(module: WrittenModule) -> _Key:
    return ("module", module.module_id) if module.module_id is not None else ("ref", module.ref)


def _homes(manuscript: Manuscript) -> dict[_Key, tuple[_Key, str]]:
    return {
        _key(lesson): (_module_key(module), module.title) for module in manuscript.modules for lesson in module.lessons
    }
