"""A course as it stands in the database, hidden lessons among it, read as one value."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, bindparam, select
from sqlmodel import Session

from models.courses import Course, Lesson, Module
from models.imports import Import
from models.statements import an_id, table_of


class ModuleStanding(NamedTuple):
    """A module's row."""

    id: int
    key: str | None
    title: str
    order: int


class LessonStanding(NamedTuple):
    """A lesson's row. An empty body or url is None: to a reader they are the same."""

    id: int
    key: str | None
    module_id: int
    order: int
    title: str
    type: str
    minutes: int | None
    body: str | None
    url: str | None
    removed_at: datetime | None


class Standing(NamedTuple):
    """A course's rows: its modules in order, and its lessons in theirs. ``imported`` is the document last imported."""

    id: int | None
    title: str
    description: str
    instructor_id: str
    modules: tuple[ModuleStanding, ...]
    lessons: tuple[LessonStanding, ...]
    imported: str | None

    @property
    def visible(self) -> tuple[LessonStanding, ...]:
        """The lessons people see."""
        return tuple(lesson for lesson in self.lessons if lesson.removed_at is None)

    def digest(self) -> str:
        """What this standing is known by: another one has another digest."""
        return hashlib.sha256(json.dumps(self, default=str).encode()).hexdigest()


_COURSE, _MODULE, _LESSON, _IMPORT = (table_of(model) for model in (Course, Module, Lesson, Import))
_BY_SLUG = select(_COURSE).where(_COURSE.c.slug == bindparam("slug"))
_BY_ID = select(_COURSE).where(_COURSE.c.id == an_id("id"))
_MODULES = select(_MODULE).where(_MODULE.c.course_id == an_id("course")).order_by(_MODULE.c.order, _MODULE.c.id)
_LESSONS = (
    select(_LESSON)
    .join_from(_LESSON, _MODULE, _MODULE.c.id == _LESSON.c.module_id)
    .where(_MODULE.c.course_id == an_id("course"))
    .order_by(_MODULE.c.order, _MODULE.c.id, _LESSON.c.order, _LESSON.c.id)
)
_IMPORTED = select(_IMPORT.c.document).where(_IMPORT.c.course_id == an_id("course"))


def by_slug(session: Session, slug: str, *, locks: bool = False) -> Standing | None:
    """The course with this slug, or None. ``locks`` keeps others from changing its rows before the transaction ends."""
    return _standing(session, _BY_SLUG, {"slug": slug}, locks=locks)


def by_id(session: Session, course_id: int, *, locks: bool = False) -> Standing | None:
    """The course with this id, or None; ``locks`` as in `by_slug`."""
    return _standing(session, _BY_ID, {"id": course_id}, locks=locks)


def _standing(session: Session, course: Select[Any], asked: dict[str, Any], *, locks: bool) -> Standing | None:
    session.flush()

    def rows(statement: Select[Any], asked: dict[str, Any]) -> Iterable[Row[Any]]:
        # A lesson may be completed meanwhile: that asks for no more than the row to stay.
        locking = statement.with_for_update(key_share=True) if locks else statement
        return session.connection().execute(locking, asked)

    for row in rows(course, asked):
        of_course = {"course": row.id}
        return Standing(
            id=row.id,
            title=row.title,
            description=row.description,
            instructor_id=row.instructor_id,
            modules=tuple(ModuleStanding(one.id, one.key, one.title, one.order) for one in rows(_MODULES, of_course)),
            lessons=tuple(
                LessonStanding(
                    id=one.id,
                    key=one.key,
                    module_id=one.module_id,
                    order=one.order,
                    title=one.title,
                    type=one.content_type,
                    minutes=one.minutes,
                    body=one.body or None,
                    url=one.content_url or None,
                    removed_at=one.removed_at,
                )
                for one in rows(_LESSONS, of_course)
            ),
            imported=session.connection().execute(_IMPORTED, of_course).scalar(),
        )
    return None
