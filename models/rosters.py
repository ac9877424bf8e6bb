"""Rosters: who learns in a course, how far they are, and where they are stuck.

A page goes on where the one before it ended, and the order is that of the moment the first page was shown: who
completes a lesson, enrolls or withdraws while somebody turns pages moves nobody else. Of what was opened only the last
time is known, so whoever opens a lesson meanwhile comes last among the longest away, perhaps for a second time.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, String, and_, bindparam, case, func, or_, select, true
from sqlmodel import Session

from models import cursors
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
FIRST, AFTER, BEFORE = "first", "after", "before"


class Learner(NamedTuple):
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
    """A page of a course's learners. ``lessons`` counts visible ones, ``count`` everybody the filter lets through.

    ``before`` and ``after`` are cursors of the pages there, None where there is nothing that way.
    """

    lessons: int
    count: int
    learners: tuple[Learner, ...]
    before: str | None = None
    after: str | None = None


_ENROLLMENT, _USER, _COMPLETION, _PLACE = (table_of(one) for one in (Enrollment, User, Completion, Place))
_MODULE, _LESSON, _PROGRESS = table_of(Module), table_of(Lesson), table_of(Progress)
_OF_COURSE = _MODULE.c.course_id == an_id("course")
_ENROLLED_AT = _ENROLLMENT.c.enrolled_at
_AS_OF = bindparam("as_of", type_=_ENROLLED_AT.type)
_COMPLETED_LESSONS = VISIBLE.join(
    _PROGRESS, and_(_PROGRESS.c.lesson_id == _LESSON.c.id, _PROGRESS.c.completed.is_(True))
)


def _latest(first: Any, *others: Any) -> Any:
    latest = first
    for other in others:
        latest = case((and_(other.is_not(None), other > latest), other), else_=latest)
    return latest


# The order of a page: kept rows and columns are as few as it needs, for it is made of everybody in the course.

_DONE_THEN = (
    select(_PROGRESS.c.user_id, func.count().label("done"), func.max(_PROGRESS.c.completed_at).label("at"))
    .select_from(_COMPLETED_LESSONS)
    .where(_OF_COURSE, or_(_PROGRESS.c.completed_at.is_(None), _PROGRESS.c.completed_at <= _AS_OF))
    .group_by(_PROGRESS.c.user_id)
    .subquery("done_then")
)
_OPENED_THEN = case((_PLACE.c.opened_at > _AS_OF, _AS_OF), else_=_PLACE.c.opened_at)
_IS_FINISHED = (
    select(_COMPLETION.c.id)
    .where(_COMPLETION.c.user_id == _ENROLLMENT.c.user_id, _COMPLETION.c.course_id == _ENROLLMENT.c.course_id)
    .correlate(_ENROLLMENT)
    .exists()
)
_HAS_BEGUN = (
    select(_PROGRESS.c.id)
    .select_from(_COMPLETED_LESSONS)
    .where(_OF_COURSE, _PROGRESS.c.user_id == _ENROLLMENT.c.user_id)
    .correlate(_ENROLLMENT)
    .exists()
)
_FILTERS: dict[str, ColumnElement[bool]] = {
    EVERYBODY: true(),
    NOT_STARTED: and_(~_IS_FINISHED, ~_HAS_BEGUN),
    UNDER_WAY: and_(~_IS_FINISHED, _HAS_BEGUN),
    FINISHED: _IS_FINISHED,
}
_SORTS: dict[str, tuple[tuple[Any, bool], ...]] = {
    NEWEST: ((_ENROLLED_AT, False), (_ENROLLMENT.c.id, False)),
    LEAST_DONE: ((func.coalesce(_DONE_THEN.c.done, 0), True), (_ENROLLED_AT, True), (_ENROLLMENT.c.id, True)),
    LONGEST_AWAY: ((_latest(_ENROLLED_AT, _DONE_THEN.c.at, _OPENED_THEN), True), (_ENROLLMENT.c.id, True)),
}
"""What each order compares, and whether it rises; the last is never the same for two."""
_MADE_OF = {
    NEWEST: _ENROLLMENT,
    LEAST_DONE: _ENROLLMENT.outerjoin(_DONE_THEN, _DONE_THEN.c.user_id == _ENROLLMENT.c.user_id),
    LONGEST_AWAY: _ENROLLMENT.outerjoin(_DONE_THEN, _DONE_THEN.c.user_id == _ENROLLMENT.c.user_id).outerjoin(
        _PLACE, and_(_PLACE.c.user_id == _ENROLLMENT.c.user_id, _PLACE.c.course_id == _ENROLLMENT.c.course_id)
    ),
}

# What is shown of those on it, as it is now.

_HERE = (
    select(
        _ENROLLMENT.c.id.label("enrollment_id"),
        _USER.c.id,
        _USER.c.first_name,
        _USER.c.last_name,
        _USER.c.email,
        _ENROLLED_AT,
        _PLACE.c.opened_at,
        _COMPLETION.c.id.label("completion_id"),
    )
    .select_from(
        _ENROLLMENT.join(_USER, _USER.c.id == _ENROLLMENT.c.user_id)
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
_THESE = _HERE.where(_ENROLLMENT.c.id.in_(an_id("enrollments", expanding=True)))
_ALL = _HERE.order_by(_ENROLLED_AT.desc(), _ENROLLMENT.c.id.desc())
_LESSONS = select(_LESSON.c.id, _LESSON.c.title).select_from(VISIBLE).where(_OF_COURSE).order_by(*ORDER)
_COMPLETED = (
    select(_PROGRESS.c.user_id, _PROGRESS.c.lesson_id, _PROGRESS.c.completed_at)
    .select_from(_COMPLETED_LESSONS)
    .where(_OF_COURSE)
)
_COMPLETED_BY = _COMPLETED.where(_PROGRESS.c.user_id.in_(bindparam("users", type_=String(), expanding=True)))
_COUNTS = {
    shown: select(func.count()).select_from(_ENROLLMENT).where(_ENROLLMENT.c.course_id == an_id("course"), let_through)
    for shown, let_through in _FILTERS.items()
}
HEADINGS = ("Name", "E-mail", "Lessons done", "Lessons", "Finished", "Enrolled", "Last active", "Next lesson")


def roster(
    session: Session,
    course_id: int,
    now: datetime,
    *,
    shown: str = EVERYBODY,
    sort: str = NEWEST,
    most: int = 15,
    cursor: str | None = None,
) -> Roster:
    """A page of the people enrolled: the first, or the one a cursor of another page leads to.

    What isn't known to show or sort by is everybody, newest first; a cursor that says nothing leads to the first page.
    """
    shown, sort = shown if shown in _FILTERS else EVERYBODY, sort if sort in _SORTS else NEWEST
    connection = session.connection()
    way, place = _place(cursor, sort)
    asked = {"course": course_id, "as_of": now, "most": most + 1, **place}
    keys = connection.execute(_page(shown, sort, way), asked).all()
    if not keys and way != FIRST:
        way, asked = FIRST, {"course": course_id, "as_of": now, "most": most + 1}
        keys = connection.execute(_page(shown, sort, way), asked).all()
    has_more, keys = len(keys) > most, keys[:most]
    if way == BEFORE:
        keys = keys[::-1]
    is_behind, is_ahead = (has_more, True) if way == BEFORE else (way == AFTER, has_more)
    ids = [key[-1] for key in keys]
    found = {row.enrollment_id: row for row in connection.execute(_THESE, {"course": course_id, "enrollments": ids})}
    lessons = connection.execute(_LESSONS, {"course": course_id}).all()
    rows = [found[one] for one in ids if one in found]
    done = connection.execute(_COMPLETED_BY, {"course": course_id, "users": [row.id for row in rows]})
    return Roster(
        lessons=len(lessons),
        count=connection.execute(_COUNTS[shown], {"course": course_id}).scalar_one(),
        learners=_learners(rows, lessons, done),
        before=_cursor(BEFORE, asked["as_of"], keys[0]) if keys and is_behind else None,
        after=_cursor(AFTER, asked["as_of"], keys[-1]) if keys and is_ahead else None,
    )


def as_csv(session: Session, course_id: int) -> str:
    """Everybody enrolled, as CSV with a heading; instants are in UTC. What a spreadsheet takes for a formula is not."""
    connection = session.connection()
    asked = {"course": course_id}
    rows = connection.execute(_ALL, asked).all()
    lessons = connection.execute(_LESSONS, asked).all()
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(HEADINGS)
    for one in _learners(rows, lessons, connection.execute(_COMPLETED, asked).all()):
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


@cache
def _page(shown: str, sort: str, way: str) -> Select[Any]:
    """The keys of a page, the enrollment's id last."""
    keys = _SORTS[sort]
    statement = (
        select(*(key for key, _ in keys))
        .select_from(_MADE_OF[sort])
        .where(_ENROLLMENT.c.course_id == an_id("course"), _FILTERS[shown])
        .limit(bindparam("most"))
    )
    if way != FIRST:
        statement = statement.where(_beyond(keys, way))
    return statement.order_by(*(key if rises == (way != BEFORE) else key.desc() for key, rises in keys))


def _beyond(keys: Sequence[tuple[Any, bool]], way: str) -> ColumnElement[bool]:
    """What comes strictly after the cursor's keys, or strictly before them."""
    beyond: ColumnElement[bool] | None = None
    for number, (key, rises) in reversed(list(enumerate(keys))):
        at = bindparam(f"key_{number}", type_=key.type) if number < len(keys) - 1 else an_id(f"key_{number}")
        further = key > at if rises == (way == AFTER) else key < at
        beyond = further if beyond is None else or_(further, and_(key == at, beyond))
    assert beyond is not None
    return beyond


def _learners(rows: Sequence[Any], lessons: Sequence[Any], done: Any) -> tuple[Learner, ...]:
    completed: dict[str, set[int]] = {row.id: set() for row in rows}
    last: dict[str, datetime] = {}
    for row in done:
        if row.user_id in completed:
            completed[row.user_id].add(row.lesson_id)
            if row.completed_at is not None:
                last[row.user_id] = max(row.completed_at, last.get(row.user_id, row.completed_at))
    return tuple(
        Learner(
            user_id=row.id,
            name=full_name(row.first_name, row.last_name),
            email=row.email,
            done=len(completed[row.id]),
            enrolled_at=row.enrolled_at,
            active_at=max(at for at in (row.enrolled_at, row.opened_at, last.get(row.id)) if at is not None),
            finished=row.completion_id is not None,
            stuck_at=next((lesson.title for lesson in lessons if lesson.id not in completed[row.id]), None),
        )
        for row in rows
    )


def _cursor(way: str, as_of: datetime, key: Sequence[Any]) -> str:
    told = [one.isoformat() if isinstance(one, datetime) else one for one in key]
    return cursors.pack([way, as_of.isoformat(), *told])


def _place(cursor: str | None, sort: str) -> tuple[str, dict[str, Any]]:
    """Which way a cursor leads and from where; the first page for one that says nothing in this order."""
    keys, told = _SORTS[sort], cursors.unpack(cursor)
    if len(told) != len(keys) + 2 or told[0] not in (AFTER, BEFORE):
        return FIRST, {}
    way, as_of, *at = told
    place: dict[str, Any] = {}
    try:
        place["as_of"] = _instant(as_of)
        for number, ((key, _), one) in enumerate(zip(keys, at, strict=True)):
            place[f"key_{number}"] = _number(one) if isinstance(key.type, Integer) else _instant(one)
    except (TypeError, ValueError):
        return FIRST, {}
    return way, place


def _instant(told: Any) -> datetime:
    instant = datetime.fromisoformat(told)
    if instant.tzinfo is None:
        raise ValueError("an instant without a zone")
    return instant


def _number(told: Any) -> int:
    if not isinstance(told, int) or abs(told) >= 2**63:
        raise ValueError("not an id")
    return told
