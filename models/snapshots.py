"""Snapshots: each course's numbers as they were a moment ago, so that the desk need not count."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, func, literal_column, select, update
from sqlmodel import Field, Session

from models import stats
from models.courses import Course
from models.statements import an_id, index_of_some, insert_or_update, table_of
from models.tablemodels import TableModel

EVERY = timedelta(minutes=1)
"""A course that changes all the time is counted no more often than this."""
AT_ONCE = 20


class Snapshot(TableModel, table=True):
    """A course's numbers at ``taken_at``. ``stuck`` people have not done ``stuck_lesson_id`` though they did the one
    before; ``is_stale`` once anything in the course changed since."""

    __tablename__ = "homeroom_snapshot"
    __table_args__ = (index_of_some("ix_homeroom_snapshot_taken_at", "taken_at", where="is_stale"),)

    course_id: int = Field(primary_key=True, foreign_key="course.id", ondelete="CASCADE")
    learners: int
    finished: int
    stuck_lesson_id: int | None = None
    stuck: int = 0
    taken_at: datetime
    is_stale: bool = False


_SNAPSHOT, _COURSE = table_of(Snapshot), table_of(Course)
IS_STALE: ColumnElement[bool] = literal_column("homeroom_snapshot.is_stale")
"""As the index of stale ones says it: SQLite uses a partial index only for its very words."""
_CHANGED = (
    select(_SNAPSHOT.c.course_id)
    .where(IS_STALE, _SNAPSHOT.c.taken_at < bindparam("before"))
    .order_by(_SNAPSHOT.c.taken_at)
    .limit(AT_ONCE)
)
# Ids only grow, so what was never counted is newer than all that was; a course put in below by hand is counted live.
_NEW = (
    select(_COURSE.c.id)
    .where(_COURSE.c.id > select(func.coalesce(func.max(_SNAPSHOT.c.course_id), 0)).scalar_subquery())
    .order_by(_COURSE.c.id)
    .limit(AT_ONCE)
)
_STALE = (
    update(_SNAPSHOT)
    .where(_SNAPSHOT.c.course_id.in_(an_id("courses", expanding=True)), _SNAPSHOT.c.is_stale.is_(False))
    .values(is_stale=True)
)


def due(session: Session, now: datetime) -> tuple[int, ...]:
    """Courses never counted, or changed since and not counted for a while; a few of them."""
    connection = session.connection()
    changed = connection.execute(_CHANGED, {"before": now - EVERY}).scalars()
    return (*changed, *connection.execute(_NEW).scalars())


def take(session: Session, course_id: int, now: datetime) -> Snapshot:
    """The course's numbers as they are now, to be kept."""
    counted = stats.funnel(session, course_id)
    step, stuck = counted.dropoff or (None, 0)
    return Snapshot(
        course_id=course_id,
        learners=counted.learners,
        finished=counted.finished,
        stuck_lesson_id=step.lesson_id if step else None,
        stuck=stuck,
        taken_at=now,
    )


def keep(session: Session, taken: Collection[Snapshot]) -> None:
    """Keep these in place of earlier ones."""
    there = set(session.connection().execute(_THERE, {"courses": [one.course_id for one in taken]}).scalars())
    insert_or_update(session, Snapshot, [one.model_dump() for one in taken if one.course_id in there])


_THERE = (
    select(_COURSE.c.id)
    .where(_COURSE.c.id.in_(an_id("courses", expanding=True)))
    .with_for_update(read=True, key_share=True)
)


def stale(session: Session, course_ids: Collection[int]) -> None:
    """Something in these courses changed."""
    if course_ids:
        session.connection().execute(_STALE, {"courses": sorted(course_ids)})
