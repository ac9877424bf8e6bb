"""What a course's numbers say: who enrolled and finished when, and how far people come, lesson by lesson."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select
from sqlmodel import Session

from models.completions import Completion
from models.courses import SORTED_BY, Course, Lesson, Module
from models.enrollments import Enrollment
from models.outlines import ORDER, VISIBLE
from models.progressrows import Progress
from models.statements import an_id, table_of

WEEKS = 12
WEEK = timedelta(days=7)
MOST_COURSES = 20
"""Courses in the numbers of all, the largest ones."""


class Step(NamedTuple):
    """A lesson, and how many of those enrolled completed it."""

    lesson_id: int
    title: str
    done: int


class Week(NamedTuple):
    """Seven days from ``begins_at`` (UTC): how many people enrolled, and how many finished."""

    begins_at: datetime
    enrolled: int
    finished: int


class Funnel(NamedTuple):
    """How far people come in a course. ``started`` completed a lesson at least, ``finished`` all there were then."""

    learners: int
    started: int
    finished: int
    steps: tuple[Step, ...]

    @property
    def dropoff(self) -> tuple[Step, int] | None:
        """The lesson that most of those who did the one before have not done, and how many; None where nobody stops."""
        losses = [(before.done - step.done, step) for before, step in zip(self.steps, self.steps[1:], strict=False)]
        most, step = max(losses, key=lambda one: one[0], default=(0, None))
        return (step, most) if step is not None and most > 0 else None


class InAll(NamedTuple):
    """One course among all: its learners, and how many finished."""

    course_id: int
    title: str
    learners: int
    finished: int


_ENROLLMENT, _COMPLETION, _COURSE = table_of(Enrollment), table_of(Completion), table_of(Course)
_MODULE, _LESSON, _PROGRESS = table_of(Module), table_of(Lesson), table_of(Progress)
_DONE = and_(_PROGRESS.c.lesson_id == _LESSON.c.id, _PROGRESS.c.completed.is_(True))
_STILL_IN = (
    select(_ENROLLMENT.c.id)
    .where(_ENROLLMENT.c.user_id == _PROGRESS.c.user_id, _ENROLLMENT.c.course_id == _MODULE.c.course_id)
    .exists()
)
_STEPS = (
    select(
        _LESSON.c.id,
        _LESSON.c.title,
        select(func.count())
        .where(_DONE, _STILL_IN.correlate(_PROGRESS, _MODULE))
        .select_from(_PROGRESS)
        .correlate(_LESSON, _MODULE)
        .scalar_subquery()
        .label("done"),
    )
    .select_from(VISIBLE)
    .where(_MODULE.c.course_id == an_id("course"))
    .order_by(*ORDER)
)
_STARTED = select(func.count()).where(
    _ENROLLMENT.c.course_id == an_id("course"),
    select(_PROGRESS.c.id)
    .select_from(VISIBLE.join(_PROGRESS, _DONE))
    .where(_MODULE.c.course_id == _ENROLLMENT.c.course_id, _PROGRESS.c.user_id == _ENROLLMENT.c.user_id)
    .correlate(_ENROLLMENT)
    .exists(),
)
_LEARNERS = select(func.count()).where(_ENROLLMENT.c.course_id == an_id("course"))
_FINISHED = (
    select(func.count())
    .select_from(
        _ENROLLMENT.join(
            _COMPLETION,
            and_(_COMPLETION.c.user_id == _ENROLLMENT.c.user_id, _COMPLETION.c.course_id == _ENROLLMENT.c.course_id),
        )
    )
    .where(_ENROLLMENT.c.course_id == an_id("course"))
)


def _by_week(at: ColumnElement[datetime]) -> Select[Any]:
    sums: list[Any] = [
        func.count().filter(and_(at >= bindparam(f"w{n}"), at < bindparam(f"w{n + 1}"))).label(f"n{n}")
        for n in range(WEEKS)
    ]
    return select(*sums).where(at >= bindparam("w0"))


_ALL_ENROLLED, _ALL_FINISHED = _by_week(_ENROLLMENT.c.enrolled_at), _by_week(_COMPLETION.c.completed_at)
_ENROLLED_IN = _ALL_ENROLLED.where(_ENROLLMENT.c.course_id == an_id("course"))
_FINISHED_IN = _ALL_FINISHED.where(_COMPLETION.c.course_id == an_id("course"))
_BY_COURSE = (
    select(_ENROLLMENT.c.course_id, func.count().label("learners"))
    .group_by(_ENROLLMENT.c.course_id)
    .order_by(func.count().desc(), _ENROLLMENT.c.course_id)
    .limit(MOST_COURSES)
    .subquery("largest")
)
_LARGEST = (
    select(
        _COURSE.c.id,
        _COURSE.c.title,
        _BY_COURSE.c.learners,
        select(func.count())
        .where(_COMPLETION.c.course_id == _COURSE.c.id)
        .correlate(_COURSE)
        .scalar_subquery()
        .label("finished"),
    )
    .join_from(_BY_COURSE, _COURSE, _COURSE.c.id == _BY_COURSE.c.course_id)
    .order_by(_BY_COURSE.c.learners.desc(), SORTED_BY, _COURSE.c.id)
)


def funnel(session: Session, course_id: int) -> Funnel:
    """How far the people enrolled come, lesson by lesson."""
    connection, asked = session.connection(), {"course": course_id}
    return Funnel(
        learners=connection.execute(_LEARNERS, asked).scalar_one(),
        started=connection.execute(_STARTED, asked).scalar_one(),
        finished=connection.execute(_FINISHED, asked).scalar_one(),
        steps=tuple(Step(*row) for row in connection.execute(_STEPS, asked)),
    )


def weeks(session: Session, course_id: int | None, now: datetime) -> tuple[Week, ...]:
    """The last twelve weeks of a course, or of all (None), the last of which ends now."""
    connection = session.connection()
    begins = [now - WEEK * (WEEKS - number) for number in range(WEEKS + 1)]
    asked: dict[str, Any] = {f"w{number}": begin for number, begin in enumerate(begins)}
    if course_id is None:
        enrolled, finished = (
            connection.execute(_ALL_ENROLLED, asked).one(),
            connection.execute(_ALL_FINISHED, asked).one(),
        )
    else:
        asked["course"] = course_id
        enrolled, finished = (
            connection.execute(_ENROLLED_IN, asked).one(),
            connection.execute(_FINISHED_IN, asked).one(),
        )
    return tuple(Week(*one) for one in zip(begins, enrolled, finished, strict=False))


def largest(session: Session) -> tuple[InAll, ...]:
    """The courses with the most learners, twenty at most."""
    return tuple(InAll(*row) for row in session.connection().execute(_LARGEST))
