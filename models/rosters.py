"""Rosters: who learns in a course, how far they are, and where they are stuck."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, func, select
from sqlmodel import Session

from models.completions import Completion
from models.courses import Lesson, Module
from models.enrollments import Enrollment
from models.outlines import ORDER, VISIBLE
from models.places import Place
from models.progressrows import Progress
from models.spreadsheets import harmless
from models.statements import an_id, table_of
from models.users import User, full_name

EVERYBODY, NOT_STARTED, UNDER_WAY, FINISHED = "everybody", "not-started", "under-way", "finished"
NEWEST, LEAST_DONE, LONGEST_AWAY = "newest", "least-done", "longest-away"


@dataclass(frozen=True, slots=True)
class Learner:
    """Somebody enrolled. ``done`` counts visible lessons; ``active_at`` is when they last did anything in the course.

    ``stuck_at`` is the first lesson they have not completed, None where there is none left.
    """

    user_id: str
    name: str
    email: str
    done: int
    enrolled_at: datetime
    active_at: datetime
    finished: bool
    stuck_at: str | None


@dataclass(frozen=True, slots=True)
class Roster:
    """A page of a course's learners. ``lessons`` counts visible ones, ``count`` everybody the filter lets through."""

    lessons: int
    count: int
    learners: tuple[Learner, ...]


_ENROLLMENT, _USER, _COMPLETION, _PLACE = (table_of(one) for one in (Enrollment, User, Completion, Place))
_MODULE, _LESSON, _PROGRESS = table_of(Module), table_of(Lesson), table_of(Progress)
_OF_COURSE = _MODULE.c.course_id == an_id("course")
_DONE = (
    select(
        _PROGRESS.c.user_id,
        func.sum(case((_PROGRESS.c.completed.is_(True), 1), else_=0)).label("done"),
        func.max(_PROGRESS.c.completed_at).label("at"),
    )
    .select_from(VISIBLE.join(_PROGRESS, _PROGRESS.c.lesson_id == _LESSON.c.id))
    .where(_OF_COURSE)
    .group_by(_PROGRESS.c.user_id)
    .subquery("done")
)
_COUNTED = func.coalesce(_DONE.c.done, 0)
_ENROLLED_AT = _ENROLLMENT.c.enrolled_at


def _latest(*instants: Any) -> Any:
    latest = instants[0]
    for other in instants[1:]:
        latest = case((and_(other.is_not(None), other > latest), other), else_=latest)
    return latest


_ACTIVE_AT = _latest(_ENROLLED_AT, _DONE.c.at, _PLACE.c.opened_at)
_ROWS: Select[Any] = (
    select(
        _USER.c.id,
        _USER.c.first_name,
        _USER.c.last_name,
        _USER.c.email,
        _COUNTED.label("done"),
        _ENROLLED_AT,
        _ACTIVE_AT.label("active_at"),
        _COMPLETION.c.id.label("completion_id"),
    )
    .select_from(
        _ENROLLMENT.join(_USER, _USER.c.id == _ENROLLMENT.c.user_id)
        .outerjoin(_DONE, _DONE.c.user_id == _ENROLLMENT.c.user_id)
        .outerjoin(
            _PLACE, and_(_PLACE.c.user_id == _ENROLLMENT.c.user_id, _PLACE.c.course_id == _ENROLLMENT.c.course_id)
        )
        .outerjoin(
            _COMPLETION,
            and_(_COMPLETION.c.user_id == _ENROLLMENT.c.user_id, _COMPLETION.c.course_id == _ENROLLMENT.c.course_id),
        )
    )
    .where(_ENROLLMENT.c.course_id == an_id("course"))
)
_FILTERS: dict[str, Any] = {
    EVERYBODY: True,
    NOT_STARTED: and_(_COUNTED == 0, _COMPLETION.c.id.is_(None)),
    UNDER_WAY: and_(_COUNTED > 0, _COMPLETION.c.id.is_(None)),
    FINISHED: _COMPLETION.c.id.is_not(None),
}
_SORTS: dict[str, tuple[Any, ...]] = {
    NEWEST: (_ENROLLED_AT.desc(), _ENROLLMENT.c.id.desc()),
    LEAST_DONE: (_COUNTED, _ACTIVE_AT, _ENROLLMENT.c.id),
    LONGEST_AWAY: (_ACTIVE_AT, _ENROLLMENT.c.id),
}
_STATEMENTS = {
    (shown, sort): _ROWS.where(_FILTERS[shown]).order_by(*_SORTS[sort]) for shown in _FILTERS for sort in _SORTS
}
_COUNTS = {shown: select(func.count()).select_from(_ROWS.where(_FILTERS[shown]).subquery()) for shown in _FILTERS}
_LESSONS = select(_LESSON.c.id, _LESSON.c.title).select_from(VISIBLE).where(_OF_COURSE).order_by(*ORDER)
_COMPLETED = (
    select(_PROGRESS.c.user_id, _PROGRESS.c.lesson_id)
    .select_from(VISIBLE.join(_PROGRESS, _PROGRESS.c.lesson_id == _LESSON.c.id))
    .where(_OF_COURSE, _PROGRESS.c.completed.is_(True))
)
HEADINGS = ("Name", "E-mail", "Lessons done", "Lessons", "Finished", "Enrolled", "Last active", "Next lesson")


def roster(
    session: Session, course_id: int, *, shown: str = EVERYBODY, sort: str = NEWEST, most: int = 15, skip: int = 0
) -> Roster:
    """A page of the people enrolled. What isn't known to show or sort by is everybody, newest first."""
    shown, sort = shown if shown in _FILTERS else EVERYBODY, sort if sort in _SORTS else NEWEST
    connection = session.connection()
    asked = {"course": course_id}
    count = connection.execute(_COUNTS[shown], asked).scalar_one()
    rows = connection.execute(_STATEMENTS[shown, sort].limit(most).offset(skip), asked).all()
    lessons = connection.execute(_LESSONS, asked).all()
    return Roster(len(lessons), count, _learners(session, course_id, rows, lessons, only_these=True))


def as_csv(session: Session, course_id: int) -> str:
    """Everybody enrolled, as CSV with a heading; instants are in UTC. What a spreadsheet takes for a formula is not."""
    connection = session.connection()
    asked = {"course": course_id}
    rows = connection.execute(_STATEMENTS[EVERYBODY, NEWEST], asked).all()
    lessons = connection.execute(_LESSONS, asked).all()
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(HEADINGS)
    for one in _learners(session, course_id, rows, lessons, only_these=False):
        told = (
            one.name,
            one.email,
            one.done,
            len(lessons),
            "yes" if one.finished else "no",
            f"{one.enrolled_at:%Y-%m-%d}",
            f"{one.active_at:%Y-%m-%d}",
            one.stuck_at or "",
        )
        writer.writerow([harmless(value) for value in told])
    return written.getvalue()


def _learners(
    session: Session, course_id: int, rows: Sequence[Any], lessons: Sequence[Any], *, only_these: bool
) -> tuple[Learner, ...]:
    completed: dict[str, set[int]] = {row.id: set() for row in rows}
    statement = _COMPLETED.where(_PROGRESS.c.user_id.in_(list(completed))) if only_these else _COMPLETED
    for row in session.connection().execute(statement, {"course": course_id}):
        if row.user_id in completed:
            completed[row.user_id].add(row.lesson_id)
    return tuple(
        Learner(
            user_id=row.id,
            name=full_name(row.first_name, row.last_name),
            email=row.email,
            done=row.done,
            enrolled_at=row.enrolled_at,
            active_at=row.active_at,
            finished=row.completion_id is not None,
            stuck_at=next((lesson.title for lesson in lessons if lesson.id not in completed[row.id]), None),
        )
        for row in rows
    )
