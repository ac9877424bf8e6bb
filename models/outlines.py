"""A course's outline, module by module, and one lesson to read."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, and_, bindparam, select
from sqlmodel import Session

from models import places
from models.catalog import Card, updated
from models.completions import Completion
from models.courses import MINUTES, Course, CourseGone, Lesson, LessonGone, Module
from models.enrollments import Enrollment
from models.places import Bookmark
from models.progressrows import Progress
from models.statements import an_id, table_of
from models.users import Instructor, User, full_name


@dataclass(frozen=True, slots=True)
class LessonLine:
    """A lesson in an outline. ``is_new`` is one that a course completed before has gained since."""

    lesson_id: int
    title: str
    content_type: str
    minutes: int
    done: bool
    is_new: bool
    module: str


@dataclass(frozen=True, slots=True)
class ModuleOutline:
    """A module and its visible lessons, in order."""

    title: str
    lessons: tuple[LessonLine, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """A course with everything in it, as one learner sees it. Modules without visible lessons are left out."""

    card: Card
    modules: tuple[ModuleOutline, ...]
    next_lesson: LessonLine | None
    place: Bookmark | None
    instructor_id: str
    bio: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """A lesson to read: ``position`` (from 1) of ``count`` visible lessons of its course, and its neighbours' ids."""

    lesson_id: int
    title: str
    content_type: str
    content_url: str | None
    body: str | None
    minutes: int
    course_id: int
    course_title: str
    module_title: str
    position: int
    count: int
    done: bool
    enrolled: bool
    previous_id: int | None
    next_id: int | None


_COURSE, _USER, _INSTRUCTOR = table_of(Course), table_of(User), table_of(Instructor)
_MODULE, _LESSON, _PROGRESS = table_of(Module), table_of(Lesson), table_of(Progress)
_ENROLLMENT, _COMPLETION = table_of(Enrollment), table_of(Completion)
_ME = bindparam("user", type_=String())
ORDER: tuple[ColumnElement[Any], ...] = (_MODULE.c.order, _MODULE.c.id, _LESSON.c.order, _LESSON.c.id)
"""The order in which lessons are taken: of two that claim the same place the one made first comes first."""
VISIBLE = _MODULE.join(_LESSON, and_(_LESSON.c.module_id == _MODULE.c.id, _LESSON.c.removed_at.is_(None)))
_MY_PROGRESS = and_(_PROGRESS.c.lesson_id == _LESSON.c.id, _PROGRESS.c.user_id == _ME)
_MY_ENROLLMENT = and_(_ENROLLMENT.c.course_id == _COURSE.c.id, _ENROLLMENT.c.user_id == _ME)
_MY_COMPLETION = and_(_COMPLETION.c.course_id == _COURSE.c.id, _COMPLETION.c.user_id == _ME)

_HEAD = (
    select(
        _COURSE.c.id,
        _COURSE.c.slug,
        _COURSE.c.title,
        _COURSE.c.description,
        _COURSE.c.instructor_id,
        _COURSE.c.archived_at,
        _COURSE.c.revised_at,
        _USER.c.first_name,
        _USER.c.last_name,
        _INSTRUCTOR.c.bio,
        _ENROLLMENT.c.id.label("enrollment_id"),
        _COMPLETION.c.id.label("completion_id"),
        _COMPLETION.c.completed_at.label("finished_at"),
    )
    .select_from(
        _COURSE.outerjoin(_USER, _USER.c.id == _COURSE.c.instructor_id)
        .outerjoin(_INSTRUCTOR, _INSTRUCTOR.c.user_id == _COURSE.c.instructor_id)
        .outerjoin(_ENROLLMENT, _MY_ENROLLMENT)
        .outerjoin(_COMPLETION, _MY_COMPLETION)
    )
    .where(_COURSE.c.id == an_id("course"))
)
LINES: Select[Any] = (
    select(
        _LESSON.c.id,
        _LESSON.c.title,
        _LESSON.c.content_type,
        MINUTES.label("minutes"),
        _MODULE.c.id.label("module_id"),
        _MODULE.c.title.label("module"),
        _PROGRESS.c.id.label("progress_id"),
        _PROGRESS.c.completed,
    )
    .select_from(VISIBLE.outerjoin(_PROGRESS, _MY_PROGRESS))
    .where(_MODULE.c.course_id == an_id("course"))
    .order_by(*ORDER)
)
"""The visible lessons of a course in order, with the user's progress."""
_READING = (
    select(
        _LESSON.c.id,
        _LESSON.c.title,
        _LESSON.c.content_type,
        _LESSON.c.content_url,
        _LESSON.c.body,
        MINUTES.label("minutes"),
        _COURSE.c.id.label("course_id"),
        _COURSE.c.title.label("course_title"),
        _MODULE.c.title.label("module_title"),
        _PROGRESS.c.completed,
        _ENROLLMENT.c.id.label("enrollment_id"),
    )
    .select_from(
        VISIBLE.join(_COURSE, _COURSE.c.id == _MODULE.c.course_id)
        .outerjoin(_PROGRESS, _MY_PROGRESS)
        .outerjoin(_ENROLLMENT, _MY_ENROLLMENT)
    )
    .where(_LESSON.c.id == an_id("lesson"))
)
_SEQUENCE = select(_LESSON.c.id).select_from(VISIBLE).where(_MODULE.c.course_id == an_id("course")).order_by(*ORDER)


def outline(session: Session, course_id: int, *, user_id: str | None) -> Outline:
    """A course and all its lessons, as this user (or nobody, None) sees them. Raises `Gone` when it is."""
    connection = session.connection()
    asked = {"user": user_id, "course": course_id}
    head = connection.execute(_HEAD, asked).first()
    if head is None:
        raise CourseGone
    finished = head.completion_id is not None
    rows = connection.execute(LINES, asked).all()
    modules = tuple(
        ModuleOutline(title, tuple(line(row, finished=finished) for row in lessons))
        for (_, title), lessons in groupby(rows, key=lambda row: (row.module_id, row.module))
    )
    lines = [lesson for module in modules for lesson in module.lessons]
    card = Card(
        course_id=head.id,
        slug=head.slug,
        title=head.title,
        description=head.description,
        instructor=full_name(head.first_name, head.last_name),
        lessons=len(lines),
        minutes=sum(lesson.minutes for lesson in lines),
        enrolled=head.enrollment_id is not None,
        done=sum(lesson.done for lesson in lines),
        completed=finished,
        new_lessons=sum(lesson.is_new for lesson in lines),
        is_archived=head.archived_at is not None,
        is_updated=updated(head.revised_at, head.finished_at),
    )
    return Outline(
        card=card,
        modules=modules,
        next_lesson=next((lesson for lesson in lines if not lesson.done), None),
        place=places.in_course(session, user_id, course_id) if user_id is not None else None,
        instructor_id=head.instructor_id,
        bio=head.bio,
    )


def lines(session: Session, course_id: int) -> tuple[LessonLine, ...]:
    """The visible lessons of a course in order, as nobody's."""
    rows = session.connection().execute(LINES, {"user": None, "course": course_id})
    return tuple(line(row, finished=False) for row in rows)


def line(row: Row[Any], *, finished: bool) -> LessonLine:
    """A row of `LINES` as a line; ``finished`` says whether the user ever completed the course."""
    return LessonLine(
        lesson_id=row.id,
        title=row.title,
        content_type=row.content_type,
        minutes=row.minutes,
        done=bool(row.completed),
        is_new=finished and row.progress_id is None,
        module=row.module,
    )


def reading(session: Session, lesson_id: int, *, user_id: str | None) -> Reading:
    """A lesson to read. Raises `Gone` when it was removed, or it or its course deleted."""
    connection = session.connection()
    row = connection.execute(_READING, {"user": user_id, "lesson": lesson_id}).first()
    if row is None:
        raise LessonGone
    sequence = connection.execute(_SEQUENCE, {"course": row.course_id}).scalars().all()
    index = sequence.index(row.id)
    return Reading(
        lesson_id=row.id,
        title=row.title,
        content_type=row.content_type,
        content_url=row.content_url,
        body=row.body,
        minutes=row.minutes,
        course_id=row.course_id,
        course_title=row.course_title,
        module_title=row.module_title,
        position=index + 1,
        count=len(sequence),
        done=bool(row.completed),
        enrolled=row.enrollment_id is not None,
        previous_id=sequence[index - 1] if index else None,
        next_id=sequence[index + 1] if index + 1 < len(sequence) else None,
    )
