"""What a learner has completed and what comes next: completing a lesson, taking it back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, Table, and_, bindparam, case, func, select, update
from sqlmodel import Session

from models import catalog, completions, enrollments
from models.catalog import Card
from models.completions import Completion
from models.courses import Course, Lesson, LessonGone, Module
from models.enrollments import Enrollment, NotEnrolled
from models.outlines import LINES, VISIBLE, LessonLine, line
from models.places import Place
from models.prepared import Prepared
from models.progressrows import Progress
from models.statements import an_id, for_each_database, table_of


@dataclass(frozen=True, slots=True)
class Completed:
    """What completing or reopening a lesson did, and how far its course is now.

    ``changed`` is False when the lesson was so already; ``finished_course`` is True only the first time ever.
    """

    changed: bool
    lesson_id: int
    lesson_title: str
    course_id: int
    course_title: str
    done: int
    lessons: int
    finished_course: bool
    next_lesson: LessonLine | None


@dataclass(frozen=True, slots=True)
class OpenLesson:
    """A lesson somebody has open and not completed."""

    lesson_id: int
    title: str
    course_id: int
    course_title: str


_PROGRESS, _PLACE, _COMPLETION = table_of(Progress), table_of(Place), table_of(Completion)
_COURSE, _MODULE, _LESSON, _ENROLLMENT = (table_of(model) for model in (Course, Module, Lesson, Enrollment))
_ME = bindparam("user", type_=_PROGRESS.c.user_id.type)
_THIS_LESSON = Prepared(
    select(
        _LESSON.c.id,
        _LESSON.c.title,
        _COURSE.c.id.label("course_id"),
        _COURSE.c.title.label("course_title"),
    )
    .select_from(VISIBLE.join(_COURSE, _COURSE.c.id == _MODULE.c.course_id))
    .where(_LESSON.c.id == an_id("lesson"))
    # It can't be deleted before the transaction ends.
    .with_for_update(read=True, key_share=True)
)


def _complete(insert: Callable[[Table], Any]) -> Executable:
    statement: Executable = (
        insert(_PROGRESS)
        .values(
            user_id=_ME,
            lesson_id=an_id("lesson"),
            completed=True,
            completed_at=bindparam("now", type_=_PROGRESS.c.completed_at.type),
        )
        .on_conflict_do_update(
            index_elements=["user_id", "lesson_id"],
            set_={"completed": True, "completed_at": bindparam("now", type_=_PROGRESS.c.completed_at.type)},
            where=_PROGRESS.c.completed.is_not(True),
        )
        .inline()
    )
    return statement


_COMPLETE = Prepared(for_each_database(_complete))
_REOPEN = (
    update(_PROGRESS)
    .where(_PROGRESS.c.user_id == _ME, _PROGRESS.c.lesson_id == an_id("lesson"), _PROGRESS.c.completed.is_(True))
    .values(completed=False, completed_at=None)
)
_MY_PROGRESS = and_(_PROGRESS.c.lesson_id == _LESSON.c.id, _PROGRESS.c.user_id == _ME)
_HOW_FAR = Prepared(
    select(
        func.count().label("lessons"),
        func.coalesce(func.sum(case((_PROGRESS.c.completed.is_(True), 1), else_=0)), 0).label("done"),
    )
    .select_from(VISIBLE.outerjoin(_PROGRESS, _MY_PROGRESS))
    .where(_MODULE.c.course_id == an_id("course"))
)
_NEXT = Prepared(
    LINES.add_columns(
        select(_COMPLETION.c.id)
        .where(_COMPLETION.c.user_id == _ME, _COMPLETION.c.course_id == an_id("course"))
        .scalar_subquery()
        .label("completion_id")
    )
    .where(_PROGRESS.c.completed.is_not(True))
    .limit(1)
)
_OPEN = (
    select(_LESSON.c.id, _LESSON.c.title, _COURSE.c.id, _COURSE.c.title)
    .select_from(
        _PLACE.join(_LESSON, and_(_LESSON.c.id == _PLACE.c.lesson_id, _LESSON.c.removed_at.is_(None)))
        .join(_MODULE, and_(_MODULE.c.id == _LESSON.c.module_id, _MODULE.c.course_id == _PLACE.c.course_id))
        .join(_COURSE, _COURSE.c.id == _PLACE.c.course_id)
        .join(
            _ENROLLMENT,
            and_(_ENROLLMENT.c.user_id == _PLACE.c.user_id, _ENROLLMENT.c.course_id == _PLACE.c.course_id),
        )
        .outerjoin(_PROGRESS, _MY_PROGRESS)
    )
    .where(_PLACE.c.user_id == _ME, _PROGRESS.c.completed.is_not(True))
    .order_by(_PLACE.c.opened_at.desc(), _LESSON.c.id)
)


def complete(session: Session, user_id: str, lesson_id: int, now: datetime) -> Completed:
    """Mark the lesson complete, and with the last one its course.

    Raises `Gone` when the lesson was removed or deleted, and `NotEnrolled`.
    """
    lesson = _lesson(session, lesson_id)
    # Of two who complete the last two lessons at the same moment the second waits here, and then finds the course done.
    if not enrollments.lock(session, user_id, lesson.course_id):
        raise NotEnrolled(lesson.course_id, lesson.course_title)
    changed = _COMPLETE.count(session, user=user_id, lesson=lesson_id, now=now) == 1
    return _completed(session, user_id, lesson, changed=changed, settled_at=now)


def reopen(session: Session, user_id: str, lesson_id: int) -> Completed:
    """Take a completed lesson back; a completion of its course stays. Raises `Gone` when the lesson is."""
    lesson = _lesson(session, lesson_id)
    enrollments.lock(session, user_id, lesson.course_id)
    changed = session.connection().execute(_REOPEN, {"user": user_id, "lesson": lesson_id}).rowcount == 1
    return _completed(session, user_id, lesson, changed=changed)


def next_lesson(session: Session, user_id: str, course_id: int) -> LessonLine | None:
    """The first lesson in the course's order that this user has not completed."""
    row = _NEXT.first(session, user=user_id, course=course_id)
    return line(row, finished=row.completion_id is not None) if row else None


def open_lessons(session: Session, user_id: str) -> tuple[OpenLesson, ...]:
    """The lessons this user has open, one a course at most, in courses they are enrolled in; the latest first."""
    return tuple(OpenLesson(*row) for row in session.connection().execute(_OPEN, {"user": user_id}))


def summary(session: Session, user_id: str) -> tuple[Card, ...]:
    """How far this user is in every course they are enrolled in."""
    return catalog.my_cards(session, user_id)


def _lesson(session: Session, lesson_id: int) -> Any:
    row = _THIS_LESSON.first(session, lesson=lesson_id)
    if row is None:
        raise LessonGone
    return row


def _completed(
    session: Session, user_id: str, lesson: Any, *, changed: bool, settled_at: datetime | None = None
) -> Completed:
    (how_far,) = _HOW_FAR.rows(session, user=user_id, course=lesson.course_id)
    is_done = how_far.done == how_far.lessons
    return Completed(
        changed=changed,
        lesson_id=lesson.id,
        lesson_title=lesson.title,
        course_id=lesson.course_id,
        course_title=lesson.course_title,
        done=how_far.done,
        lessons=how_far.lessons,
        finished_course=(
            is_done and settled_at is not None and completions.settle(session, user_id, lesson.course_id, settled_at)
        ),
        next_lesson=None if is_done else next_lesson(session, user_id, lesson.course_id),
    )
