"""Courses, their modules and their lessons."""

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Index, Text, UniqueConstraint, bindparam, case, func, literal_column, select, update
from sqlmodel import Field, Relationship, Session, SQLModel

from models.errors import DomainError, Gone
from models.instants import utc_now
from models.statements import an_id, table_of

if TYPE_CHECKING:
    from models.enrollments import Enrollment
    from models.progressrows import Progress


class Course(SQLModel, table=True):
    """A course. ``slug`` is the stable key of its course file; a course made elsewhere has none.

    An archived course takes nobody new and reminds nobody; who is enrolled keeps it. ``revised_at`` is when it was last
    published with another meaning.
    """

    __table_args__ = (
        UniqueConstraint("slug", name="uq_course_slug"),
        Index("ix_course_instructor_id", "instructor_id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True, description="Numbered by the database, never used twice.")
    title: str = Field(description="Its name in the catalog, as plain text.")
    description: str = Field(description="What it is about.")
    instructor_id: str = Field(foreign_key="user.id", description="Whose course it is; co-teachers are ours.")
    created_at: datetime = Field(default_factory=utc_now, nullable=False, description="When the row was made.")
    updated_at: datetime = Field(
        default_factory=utc_now, nullable=False, description="When anything in the row was last changed."
    )
    slug: str | None = Field(default=None, description="The key of its course file; leave it as it is.")
    archived_at: datetime | None = Field(default=None, description="Since when it takes nobody new.")
    revised_at: datetime | None = Field(default=None, description="When it was last published with another meaning.")

    modules: list["Module"] = Relationship(back_populates="course")
    enrollments: list["Enrollment"] = Relationship(back_populates="course")


class Module(SQLModel, table=True):
    """A module of a course, in its ``order``; ``key`` is its stable key in the course file."""

    __table_args__ = (
        UniqueConstraint("course_id", "key", name="uq_module_course_id_key"),
        Index("ix_module_course_id_order", "course_id", "order"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True, description="Numbered by the database, never used twice.")
    title: str = Field(description="Its heading in the outline.")
    order: int = Field(
        description="Its place among the modules of its course, from the smallest; of two equal the older."
    )
    course_id: int = Field(foreign_key="course.id", description="The course it is of.")
    key: str | None = Field(default=None, description="Its key in the course file; leave it as it is.")

    course: Course = Relationship(back_populates="modules")
    lessons: list["Lesson"] = Relationship(back_populates="module")


class Lesson(SQLModel, table=True):
    """A lesson. ``body`` is Markdown, ``minutes`` the author's estimate; a removed lesson is hidden, never deleted.

    ``content_type`` is the seed's free text: we read ``text`` and ``video`` and open the URL of anything else.
    """

    __table_args__ = (
        UniqueConstraint("module_id", "key", name="uq_lesson_module_id_key"),
        Index("ix_lesson_module_id_order", "module_id", "order"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True, description="Numbered by the database, never used twice.")
    title: str = Field(description="Its name in the outline.")
    content_type: str = Field(description="text, video, quiz or any other word.")
    content_url: str | None = Field(default=None, description="Where it is, if it isn't text in body.")
    order: int = Field(
        description="Its place among the lessons of its module, from the smallest; of two equal the older."
    )
    module_id: int = Field(foreign_key="module.id", description="The module it is in.")
    key: str | None = Field(default=None, description="Its key in the course file; leave it as it is.")
    minutes: int | None = Field(default=None, description="How long it takes, as its author says.")
    body: str | None = Field(default=None, sa_type=Text, description="Its text, in Markdown, read in Slack.")
    removed_at: datetime | None = Field(default=None, description="Since when it is hidden and no longer counts.")

    module: Module = Relationship(back_populates="lessons")
    progress: list["Progress"] = Relationship(back_populates="lesson")


SORTED_BY = func.lower(func.substr(Course.__table__.c.title, literal_column("1"), literal_column("200")))  # type: ignore[attr-defined]
"""What courses are listed by. A title may be longer than PostgreSQL can index (2,704 bytes), its beginning is not."""
Index("ix_course_lower_title_id", SORTED_BY, Course.__table__.c.id)  # type: ignore[attr-defined]

CHARACTERS_A_MINUTE = 1200
"""200 words of six characters, spaces among them, are read in a minute."""
MINUTES_ELSEWHERE = 5
"""What a lesson takes that is neither text nor says how long it is."""

_COURSE, _LESSON = table_of(Course), table_of(Lesson)
_BY_LENGTH = (func.length(_LESSON.c.body) + CHARACTERS_A_MINUTE - 1) // CHARACTERS_A_MINUTE
MINUTES = case(
    (_LESSON.c.minutes > 0, _LESSON.c.minutes), else_=func.coalesce(func.nullif(_BY_LENGTH, 0), MINUTES_ELSEWHERE)
)
"""A lesson's minutes in SQL: its author's estimate, else from the length of its text."""


def minutes_of(told: int | None, body: str | None) -> int:
    """The same of a lesson that is not in a table yet."""
    by_length = (len(body or "") + CHARACTERS_A_MINUTE - 1) // CHARACTERS_A_MINUTE
    return told or by_length or MINUTES_ELSEWHERE


_HELD = (
    select(_COURSE.c.title, _COURSE.c.archived_at)
    .where(_COURSE.c.id == an_id("course"))
    .with_for_update(read=True, key_share=True)
)

_ARCHIVE = (
    update(_COURSE)
    .where(_COURSE.c.id == an_id("course"))
    .values(archived_at=bindparam("at", type_=_COURSE.c.archived_at.type))
)


class Held(NamedTuple):
    """A course that can't be deleted before the transaction ends."""

    title: str
    is_archived: bool


def hold(session: Session, course_id: int) -> Held:
    """Keep a course from being deleted before the transaction ends. Raises `Gone` when it was already."""
    row = session.connection().execute(_HELD, {"course": course_id}).first()
    if row is None:
        raise CourseGone
    return Held(row.title, row.archived_at is not None)


def archive(session: Session, course_id: int, now: datetime | None) -> bool:
    """The course takes nobody new and reminds nobody from now on; None opens it again. Whether anything changed."""
    changes = _COURSE.c.archived_at.is_(None) if now is not None else _COURSE.c.archived_at.is_not(None)
    asked = {"course": course_id, "at": now}
    return session.connection().execute(_ARCHIVE.where(changes), asked).rowcount == 1


class CourseGone(Gone):
    """The course was deleted."""

    def __init__(self) -> None:
        super().__init__("That course isn't here any more. Browse the others with /learn courses.")


class Archived(DomainError):
    """The course takes nobody new."""

    def __init__(self) -> None:
        super().__init__("That course was archived and takes nobody new. Browse the others with /learn courses.")


class LessonGone(Gone):
    """The lesson was deleted or removed from its course."""

    def __init__(self) -> None:
        super().__init__("That lesson isn't here any more. Find the next one with /learn continue.")
