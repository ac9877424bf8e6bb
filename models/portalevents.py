"""Events out: what a portal or a learning record store is told happened here, whoever did it.

An event is a row of the delivery ledger for each destination that is configured, written in the transaction that
consumes the change it comes from. Its ``team_id`` is the destination: it goes once, whichever bot sends it. Its facts
hold all that will be said, so that it reads the same however often it is tried and whatever was deleted since.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, Executable, Row, String, and_, cast, func, select, tuple_
from sqlmodel import Session

from models import deliveries, destinations
from models.completions import Completion
from models.courses import Course, Lesson, Module
from models.deliveries import Planned
from models.enrollments import Enrollment
from models.progressrows import Progress
from models.statements import an_id, own, table_of
from models.switches import WEBHOOK, XAPI
from models.users import User

ENROLLED, WITHDREW = "enrollment.created", "enrollment.withdrawn"
LESSON_DONE, LESSON_REOPENED = "lesson.completed", "lesson.reopened"
COURSE_DONE = "course.completed"
OF_CHANGES = {
    ("enrollment", "insert"): ENROLLED,
    ("enrollment", "delete"): WITHDREW,
    ("progress", "complete"): LESSON_DONE,
    ("progress", "reopen"): LESSON_REOPENED,
    ("homeroom_completion", "insert"): COURSE_DONE,
}
"""The event that a change of a table is."""
TAKEN_BY: Mapping[str, frozenset[str]] = {
    WEBHOOK: frozenset(OF_CHANGES.values()),
    XAPI: frozenset({ENROLLED, LESSON_DONE, COURSE_DONE}),
}
"""The events each destination is told. In xAPI what was said is only ever added to."""
_EVENTS = UUID("6f1c2a52-7d0e-4a4e-9d0b-3a1f6f4f2c11")
"""The namespace of the events' ids: made once, for nothing else."""


def _happened(changes: Any, as_text: Callable[[ColumnElement[Any]], ColumnElement[str]]) -> Executable:
    user, course, module, lesson = table_of(User), table_of(Course), table_of(Module), table_of(Lesson)
    enrollment, progress, completion = table_of(Enrollment), table_of(Progress), table_of(Completion)
    mine = (
        changes.join(user, user.c.id == changes.c.user_id)
        .outerjoin(lesson, lesson.c.id == changes.c.lesson_id)
        .outerjoin(module, module.c.id == lesson.c.module_id)
        .join(course, course.c.id == func.coalesce(changes.c.course_id, module.c.course_id))
        .outerjoin(enrollment, and_(enrollment.c.user_id == user.c.id, enrollment.c.course_id == changes.c.course_id))
        .outerjoin(progress, and_(progress.c.user_id == user.c.id, progress.c.lesson_id == lesson.c.id))
        .outerjoin(completion, and_(completion.c.user_id == user.c.id, completion.c.course_id == changes.c.course_id))
    )
    return (
        select(
            changes.c.id,
            changes.c.table_name,
            changes.c.operation,
            changes.c.user_id,
            course.c.id.label("course_id"),
            course.c.title.label("course_title"),
            lesson.c.id.label("lesson_id"),
            lesson.c.title.label("lesson_title"),
            as_text(enrollment.c.enrolled_at).label("enrolled_at"),
            as_text(progress.c.completed_at).label("lesson_done_at"),
            as_text(completion.c.completed_at).label("course_done_at"),
        )
        .select_from(mine)
        .where(
            changes.c.id.in_(an_id("ids", expanding=True)),
            tuple_(changes.c.table_name, changes.c.operation).in_(list(OF_CHANGES)),
        )
        .order_by(changes.c.id)
    )


def statements_over(changes: Any) -> Mapping[str, Executable]:
    """The statement, for each database, that reads what happened in the log of changes.

    A person or a course that is gone is no longer spoken of. Instants come as text: a neighbour's may be unreadable,
    and must not keep others from being told.
    """
    return {
        "sqlite": _happened(changes, lambda column: cast(column, String)),
        "postgresql": _happened(changes, lambda column: func.to_char(column, 'YYYY-MM-DD"T"HH24:MI:SS.US')),
    }


def plan(
    session: Session,
    happened: Mapping[str, Executable],
    change_ids: Collection[int],
    now: datetime,
    real_now: datetime,
) -> None:
    """Write the events of these changes into the ledger for every destination there is."""
    names = destinations.on(session, real_now)
    if not names:
        return
    rows = session.connection().execute(own(session, happened), {"ids": list(change_ids)}).all()
    planned = [one for row in rows for one in _planned(row, names, now)]
    deliveries.plan(session, planned, now, real_now)


def _planned(row: Row[Any], names: Collection[str], now: datetime) -> Iterator[Planned]:
    kind = OF_CHANGES[row.table_name, row.operation]
    timestamp = _instant(row, kind, now).isoformat(timespec="microseconds").replace("+00:00", "Z")
    # The number of a change keeps two of the same instant apart, the instant those of a database put back from a copy.
    key = f"{kind}:{row.user_id}:{row.lesson_id or row.course_id}:{timestamp}:{row.id}"
    facts: dict[str, Any] = {
        "id": str(uuid5(_EVENTS, key)),
        "type": kind,
        "timestamp": timestamp,
        "user_id": row.user_id,
        "course": {"id": row.course_id, "title": row.course_title},
    }
    if row.lesson_id is not None:
        facts["lesson"] = {"id": row.lesson_id, "title": row.lesson_title}
    for name in names:
        if kind in TAKEN_BY[name]:
            yield Planned(f"{name}:{key}", name, team_id=name, slack_user_id="", user_id=row.user_id, facts=facts)


def _instant(row: Row[Any], kind: str, now: datetime) -> datetime:
    """When it happened, or was noticed where the row that said so is gone, says nothing or nothing readable."""
    said = {ENROLLED: row.enrolled_at, LESSON_DONE: row.lesson_done_at, COURSE_DONE: row.course_done_at}.get(kind)
    try:
        instant = datetime.fromisoformat(said or "")
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return now
