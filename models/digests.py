"""What a reminder says: where a learner is in up to three courses, why it came, and when the next one does."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import String, and_, bindparam, func, select
from sqlmodel import Session

from models import audiences, catalog, mutes, pauses, rhythms
from models.courses import MINUTES, Lesson, Module
from models.outlines import ORDER, VISIBLE
from models.prepared import Prepared
from models.progressrows import Progress
from models.reminderfacts import Facts
from models.rhythms import Rhythm
from models.statements import an_id, table_of

MOST_COURSES = 3


class Line(NamedTuple):
    """One course: how far, and the lesson that is next. A lesson of a type we only link to may be a quiz elsewhere."""

    course_id: int
    title: str
    done: int
    lessons: int
    lesson_id: int
    lesson_title: str
    lesson_minutes: int
    content_type: str

    @property
    def is_ours_to_complete(self) -> bool:
        """Whether a learner may say they have done it; a quiz says so itself."""
        return self.content_type in ("text", "video")


class Digest(NamedTuple):
    """A reminder's content. ``next_at`` is when the next one comes if nothing happens, None when none does; ``nudges``
    came before it and were not answered. ``is_announced`` says that a course was left out because its instructor wrote
    today."""

    user_id: str
    lines: tuple[Line, ...]
    more_courses: int
    rhythm: Rhythm
    next_at: datetime | None
    nudges: int
    is_stopped: bool
    snoozed_until: date | None
    is_announced: bool = False


_MODULE, _LESSON, _PROGRESS = table_of(Module), table_of(Lesson), table_of(Progress)
_OPEN_LESSONS = (
    select(
        _MODULE.c.course_id,
        _LESSON.c.id,
        _LESSON.c.title,
        _LESSON.c.content_type,
        MINUTES.label("minutes"),
        func.row_number().over(partition_by=_MODULE.c.course_id, order_by=ORDER).label("place"),
    )
    .select_from(
        VISIBLE.outerjoin(
            _PROGRESS,
            and_(_PROGRESS.c.lesson_id == _LESSON.c.id, _PROGRESS.c.user_id == bindparam("user", type_=String())),
        )
    )
    .where(_MODULE.c.course_id.in_(an_id("courses", expanding=True)), _PROGRESS.c.completed.is_not(True))
    .subquery("open_lesson")
)
_NEXT_LESSONS = Prepared(select(_OPEN_LESSONS).where(_OPEN_LESSONS.c.place == 1))


def digest(session: Session, facts: Facts, now: datetime) -> Digest:
    """What there is to say now to the learner these facts are about.

    Courses muted or paused are left out, and those whose instructor told them something today.
    """
    user_id = facts.user_id
    silent = pauses.courses(session) | {course_id for course_id, _ in mutes.of(session, user_id)}
    announced = audiences.told_since(session, user_id, rhythms.day_began(now, facts.rhythm.tz))
    mine = [
        card
        for card in catalog.my_cards(session, user_id)
        if not card.completed and not card.is_archived and card.done < card.lessons and card.course_id not in silent
    ]
    is_announced = any(card.course_id in announced for card in mine)
    mine = [card for card in mine if card.course_id not in announced]
    first = [card.course_id for card in mine[:MOST_COURSES]]
    following = {row.course_id: row for row in _NEXT_LESSONS.rows(session, user=user_id, courses=first)}
    lines = tuple(
        Line(
            course_id=card.course_id,
            title=card.title,
            done=card.done,
            lessons=card.lessons,
            lesson_id=following[card.course_id].id,
            lesson_title=following[card.course_id].title,
            lesson_minutes=following[card.course_id].minutes,
            content_type=following[card.course_id].content_type,
        )
        for card in mine[:MOST_COURSES]
        if card.course_id in following
    )
    return Digest(
        user_id=user_id,
        lines=lines,
        more_courses=max(0, len(mine) - MOST_COURSES),
        rhythm=facts.rhythm,
        next_at=facts.row.due_at,
        nudges=facts.nudges,
        is_stopped=facts.stopped_because is not None,
        snoozed_until=_ahead(facts, now),
        is_announced=is_announced,
    )


def why_not_now(facts: Facts | None, slack: tuple[str, str], now: datetime, holidays: frozenset[date]) -> str | None:
    """Why a planned reminder should no longer leave, or None. ``slack`` is the team and person it was planned for."""
    if facts is None:
        return "unlinked"
    if facts.reach is None:
        return "deactivated" if facts.is_linked else "unlinked"
    if (facts.reach.team_id, facts.reach.slack_user_id) != slack:
        return "elsewhere"
    if facts.stopped_because is not None:
        return "stopped"
    if _ahead(facts, now) is not None:
        return "snoozed"
    rhythm, off = facts.rhythm, facts.off(holidays)
    today = rhythms.local_day(now, rhythm.tz)
    if today in off:
        return "away"
    if not facts.open_courses:
        return "muted" if facts.muted_courses else "no course"
    if rhythm.kind == rhythms.BEHIND and facts.active_at is not None:
        gone = rhythms.working_days_since(rhythm, off, rhythms.local_day(facts.active_at, rhythm.tz), today)
        return "progress" if gone < rhythms.WORKING_DAYS_BEHIND else None
    return None


def _ahead(facts: Facts, now: datetime) -> date | None:
    until = facts.row.snoozed_until
    return until if until is not None and until > rhythms.local_day(now, facts.rhythm.tz) else None
