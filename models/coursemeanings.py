"""What a change of a course means for the people who take it."""

from collections.abc import Iterable, Iterator

from sqlalchemy import and_, distinct, func, select
from sqlmodel import Session

from models.completions import Completion
from models.coursemerges import Merged
from models.enrollments import Enrollment
from models.progressrows import Progress
from models.standings import Standing
from models.statements import an_id, table_of

_ENROLLMENT, _COMPLETION, _PROGRESS = (table_of(model) for model in (Enrollment, Completion, Progress))
_ENROLLED = _ENROLLMENT.outerjoin(
    _COMPLETION,
    and_(_COMPLETION.c.user_id == _ENROLLMENT.c.user_id, _COMPLETION.c.course_id == _ENROLLMENT.c.course_id),
)
_OF_COURSE = _ENROLLMENT.c.course_id == an_id("course")
_HAVE = select(func.count(_ENROLLMENT.c.id), func.count(_COMPLETION.c.id)).select_from(_ENROLLED).where(_OF_COURSE)
_COMPLETED_ONE_OF = select(func.count(distinct(_PROGRESS.c.user_id))).where(
    _PROGRESS.c.completed.is_(True), _PROGRESS.c.lesson_id.in_(an_id("lessons", expanding=True))
)
_COMPLETED_OF_THE_REST = (
    select(func.count())
    .where(
        _PROGRESS.c.user_id == _ENROLLMENT.c.user_id,
        _PROGRESS.c.completed.is_(True),
        _PROGRESS.c.lesson_id.in_(an_id("lessons", expanding=True)),
    )
    .scalar_subquery()
)
_FINISH = (
    select(func.count())
    .select_from(_ENROLLED)
    .where(_OF_COURSE, _COMPLETION.c.id.is_(None), an_id("count") == _COMPLETED_OF_THE_REST)
)


def meaning(session: Session, standing: Standing, merged: Merged) -> Iterator[str]:
    """What learners will notice of these changes, in sentences; none when there are no changes."""
    if not merged.changes:
        return
    enrolled, finished = session.connection().execute(_HAVE, {"course": standing.id}).one()
    new = count(len(merged.added), "new lesson")
    yield f"{people(enrolled, 'is', 'are')} enrolled." + (
        f" {people(finished, 'has', 'have')} finished." if enrolled else ""
    )
    if finished:
        sees = f"; they will see “{new}”" if merged.added else ""
        yield f"Finished stays finished, for {'that person' if finished == 1 else f'all {finished:,}'}{sees}."
    if merged.added and enrolled > finished:
        yield f"{people(enrolled - finished, 'has', 'have')} {new} to do."
    if merged.removed:
        yield from _of_leaving(session, standing, merged)
    if merged.returned:
        those = people(_completed(session, {row.id for row in merged.returned}), "has", "have")
        yield f"{those} completed what comes back; for them it counts again."
    others = {row.id for row in merged.returned}
    read = {
        at
        for at, edits in merged.lessons.items()
        if isinstance(at, int) and at not in others and edits.keys() & {"type", "body", "url"}
    }
    done = _completed(session, read) if read else 0
    if done:
        yield f"{people(done, 'has', 'have')} completed a lesson that changes; it stays completed."


def _of_leaving(session: Session, standing: Standing, merged: Merged) -> Iterator[str]:
    leaving = {row.id for row in merged.removed}
    those = people(_completed(session, leaving), "has", "have")
    lesson = "a lesson that goes away" if len(leaving) == 1 else "one or more of the lessons that go away"
    yield f"{those} completed {lesson}. It is kept with their progress, and no longer counts."
    rest = [row.id for row in standing.visible if row.id not in leaving]
    if rest and not merged.added and not merged.returned:
        asked = {"course": standing.id, "lessons": rest, "count": len(rest)}
        finishing = session.connection().execute(_FINISH, asked).scalar_one()
        if finishing:
            yield f"{people(finishing, 'finishes', 'finish')} the course by this, having done all the rest."


def _completed(session: Session, lesson_ids: Iterable[int]) -> int:
    return int(session.connection().execute(_COMPLETED_ONE_OF, {"lessons": sorted(lesson_ids)}).scalar_one())


def people(number: int, one: str, more: str) -> str:
    """So many people, with the verb that goes with them."""
    if number == 0:
        return f"Nobody {one}"
    return f"1 person {one}" if number == 1 else f"{number:,} people {more}"


def count(number: int, thing: str) -> str:
    """So many of these things."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
