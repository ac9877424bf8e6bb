"""The catalog: every course as a card, in pages by title, and one learner's own courses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Row,
    Select,
    String,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
)
from sqlmodel import Session

from models import cursors
from models.completions import Completion
from models.courses import SORTED_BY, Course, CourseGone, Lesson, Module
from models.enrollments import Enrollment
from models.places import Place
from models.prepared import Prepared
from models.progressrows import Progress
from models.statements import an_id, table_of
from models.users import User, full_name
from models.workloads import Workload


@dataclass(frozen=True, slots=True)
class Card:
    """A course as one learner sees it.

    ``lessons``, ``done`` and ``minutes`` count visible lessons; in the catalog ``done`` is 0 for whoever is neither
    enrolled nor has completed the course. ``completed`` is for good; ``new_lessons`` are those that a course completed
    before has gained since. ``is_updated`` says that its meaning changed since then; an archived course takes nobody
    new.
    """

    course_id: int
    slug: str | None
    title: str
    description: str
    instructor: str
    lessons: int
    minutes: int
    enrolled: bool
    done: int
    completed: bool
    new_lessons: int
    is_archived: bool = False
    is_updated: bool = False


@dataclass(frozen=True, slots=True)
class CatalogPage:
    """Some cards and the cursors of the pages before and after; None where there is nothing that way."""

    cards: tuple[Card, ...]
    before: str | None
    after: str | None


_COURSE, _USER, _ENROLLMENT = table_of(Course), table_of(User), table_of(Enrollment)
_COMPLETION, _PLACE = table_of(Completion), table_of(Place)
_WORKLOAD = table_of(Workload)
_MODULE, _LESSON, _PROGRESS = table_of(Module), table_of(Lesson), table_of(Progress)
_ME = bindparam("user", type_=String())


def _with_mine(course: FromClause) -> FromClause:
    """A course with its instructor and workload, and with the learner's enrollment and completion."""
    return (
        course.outerjoin(_USER, _USER.c.id == course.c.instructor_id)
        .outerjoin(_WORKLOAD, _WORKLOAD.c.course_id == course.c.id)
        .outerjoin(_ENROLLMENT, and_(_ENROLLMENT.c.course_id == course.c.id, _ENROLLMENT.c.user_id == _ME))
        .outerjoin(_COMPLETION, and_(_COMPLETION.c.course_id == course.c.id, _COMPLETION.c.user_id == _ME))
    )


def _faces(course: FromClause) -> tuple[ColumnElement[Any], ...]:
    return (
        course.c.id,
        course.c.slug,
        course.c.title,
        course.c.description,
        course.c.archived_at,
        course.c.revised_at,
        _USER.c.first_name,
        _USER.c.last_name,
        _WORKLOAD.c.lessons,
        _WORKLOAD.c.minutes,
        _ENROLLMENT.c.id.label("enrollment_id"),
        _COMPLETION.c.id.label("completion_id"),
        _COMPLETION.c.completed_at.label("finished_at"),
    )


@lru_cache(maxsize=16)
def _slice(size: int, *, forward: bool) -> Prepared:
    """So many courses of the catalog and one more: the slice first, by the index alone, then what belongs to it."""
    key, title, course = SORTED_BY, bindparam("title", type_=String()), an_id("course")
    # Not a comparison of pairs, (lower(title), id) > (…, …): with one SQLite reads the whole index from its start.
    if forward:
        beyond = and_(key >= title, or_(key > title, _COURSE.c.id > course))
    else:
        beyond = and_(key <= title, or_(key < title, _COURSE.c.id < course))

    def ordered(*columns: ColumnElement[Any]) -> tuple[ColumnElement[Any], ...]:
        return columns if forward else tuple(column.desc() for column in columns)

    page = (
        select(_COURSE, key.label("sorted_by"))
        .where(beyond, _COURSE.c.archived_at.is_(None))
        .order_by(*ordered(key, _COURSE.c.id))
        # With a parameter SQLite, where its tables were counted (ANALYZE), expects every course there is, and looks at
        # every enrollment first to leave some of them out.
        .limit(literal_column(str(size + 1)))
        .subquery("page")
    )
    return Prepared(
        select(*_faces(page), page.c.sorted_by)
        .select_from(_with_mine(page))
        .order_by(*ordered(page.c.sorted_by, page.c.id))
    )


_DONE = (
    func.count(case((_PROGRESS.c.completed.is_(True), 1))).label("done"),
    func.count(_PROGRESS.c.id).label("touched"),
)
_VISIBLE = and_(_LESSON.c.module_id == _MODULE.c.id, _LESSON.c.removed_at.is_(None))
_MY_PROGRESS = and_(_PROGRESS.c.lesson_id == _LESSON.c.id, _PROGRESS.c.user_id == _ME)


_START: dict[str, Any] = {"title": "", "course": -1}
_THESE: Select[Any] = (
    select(*_faces(_COURSE)).select_from(_with_mine(_COURSE)).where(_COURSE.c.id.in_(an_id("courses", expanding=True)))
)
# To look for somebody's progress in lessons of courses that are not theirs would take as long as all the rest.
_THESE_DONE = Prepared(
    select(_MODULE.c.course_id, *_DONE)
    .select_from(_MODULE.join(_LESSON, _VISIBLE).join(_PROGRESS, _MY_PROGRESS))
    .where(_MODULE.c.course_id.in_(an_id("courses", expanding=True)))
    .group_by(_MODULE.c.course_id)
)
_MINE = Prepared(
    select(*_faces(_COURSE))
    .select_from(
        _with_mine(_COURSE).outerjoin(
            _PLACE, and_(_PLACE.c.course_id == _COURSE.c.id, _PLACE.c.user_id == _ENROLLMENT.c.user_id)
        )
    )
    .where(_ENROLLMENT.c.user_id == _ME)
    .order_by(func.coalesce(_PLACE.c.opened_at, _ENROLLMENT.c.enrolled_at).desc(), _COURSE.c.id)
)
_MINE_DONE = Prepared(
    select(_ENROLLMENT.c.course_id, *_DONE)
    .select_from(
        _ENROLLMENT.join(_MODULE, _MODULE.c.course_id == _ENROLLMENT.c.course_id)
        .join(_LESSON, _VISIBLE)
        .join(_PROGRESS, _MY_PROGRESS)
    )
    .where(_ENROLLMENT.c.user_id == _ME)
    .group_by(_ENROLLMENT.c.course_id)
)


def catalog(
    session: Session, *, user_id: str | None, after: str | None = None, before: str | None = None, size: int = 6
) -> CatalogPage:
    """A page of all courses by title, as this user (or nobody, None) sees them.

    ``after`` and ``before`` are cursors of another page; one that says nothing leads to the first page.
    """
    forward = after is not None or before is None
    place = _place(after if forward else before)
    rows: Sequence[Any] = ()
    if place is not None:
        rows = _slice(size, forward=forward).rows(session, user=user_id, **place)
    if not rows:
        forward, place = True, None
        rows = _slice(size, forward=True).rows(session, user=user_id, **_START)
    has_more, rows = len(rows) > size, rows[:size]
    if not forward:
        rows = rows[::-1]
    is_behind, is_ahead = (place is not None, has_more) if forward else (has_more, True)
    return CatalogPage(
        cards=tuple(_cards(session, rows, user_id)),
        before=_cursor(rows[0]) if is_behind else None,
        after=_cursor(rows[-1]) if is_ahead else None,
    )


def card(session: Session, course_id: int, *, user_id: str | None) -> Card:
    """One course. Raises `Gone` when it is."""
    found = cards(session, [course_id], user_id=user_id)
    if not found:
        raise CourseGone
    return found[0]


def cards(session: Session, course_ids: Sequence[int], *, user_id: str | None) -> tuple[Card, ...]:
    """These courses in this order; what is gone is left out."""
    if not course_ids:
        return ()
    asked = {"user": user_id, "courses": list(course_ids)}
    found = {row.id: row for row in session.connection().execute(_THESE, asked)}
    return tuple(_cards(session, [found[one] for one in course_ids if one in found], user_id))


def my_cards(session: Session, user_id: str) -> tuple[Card, ...]:
    """The courses this user is enrolled in, the one they last had open first, however many there are."""
    done = {row.course_id: row for row in _MINE_DONE.rows(session, user=user_id)}
    return tuple(_card(row, done.get(row.id)) for row in _MINE.rows(session, user=user_id))


def _cards(session: Session, rows: Sequence[Any], user_id: str | None) -> Iterator[Card]:
    mine = [row.id for row in rows if row.enrollment_id is not None or row.completion_id is not None]
    learned = _THESE_DONE.rows(session, user=user_id, courses=mine) if mine else ()
    done = {one.course_id: one for one in learned}
    return (_card(row, done.get(row.id)) for row in rows)


def _card(row: Row[Any], learned: Row[Any] | None) -> Card:
    completed = row.completion_id is not None
    lessons = row.lessons or 0
    # On PostgreSQL a lesson may have been published, and done, between the two readings.
    done, touched = (min(count, lessons) for count in ((learned.done, learned.touched) if learned else (0, 0)))
    return Card(
        course_id=row.id,
        slug=row.slug,
        title=row.title,
        description=row.description,
        instructor=full_name(row.first_name, row.last_name),
        lessons=lessons,
        minutes=row.minutes or 0,
        enrolled=row.enrollment_id is not None,
        done=done,
        completed=completed,
        new_lessons=lessons - touched if completed else 0,
        is_archived=row.archived_at is not None,
        is_updated=updated(row.revised_at, row.finished_at),
    )


def updated(revised_at: datetime | None, finished_at: datetime | None) -> bool:
    """Whether a course finished then was published with another meaning since."""
    return revised_at is not None and finished_at is not None and revised_at > finished_at


def _cursor(row: Row[Any]) -> str:
    return cursors.pack([row.id, row.sorted_by])


def _place(cursor: str | None) -> dict[str, Any] | None:
    """Where in the order a cursor points; None for one that says nothing."""
    match cursors.unpack(cursor):
        case [int(course_id), str(title)] if abs(course_id) < 2**63 and "\0" not in title:
            return {"course": course_id, "title": title}
    return None
