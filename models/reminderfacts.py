"""What decides about somebody's reminders, and the decision: when the next one comes and why, or why none."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, and_, bindparam, func, select, union_all
from sqlmodel import Session

from models import absences, rhythms
from models.completions import Completion
from models.courses import Course, Lesson, Module
from models.enrollments import Enrollment
from models.links import Link
from models.members import Member
from models.mutes import Mute
from models.outlines import VISIBLE
from models.prepared import Prepared
from models.progressrows import Progress
from models.reminderrows import BY_YOU, UNANSWERED, UNREACHABLE, Reminder, Schedule
from models.rhythms import DaysOff, Rhythm, Span
from models.statements import table_of
from models.users import User

NEVER_CHOSEN = Schedule()


class Why(Enum):
    """Why somebody hears from us, or why they don't."""

    BEHIND = "behind"
    RHYTHM = "rhythm"
    NO_COURSE = "no course"
    MUTED = "muted"
    NOT_LINKED = "not linked"
    DEACTIVATED = "deactivated"
    STOPPED = "stopped"
    UNANSWERED = "unanswered"
    UNREACHABLE = "unreachable"
    NO_DAY = "no day"


class Reach(NamedTuple):
    """Where a learner can be reached: the workspace they were last active in. ``is_only``: they are linked nowhere
    else."""

    team_id: str
    slack_user_id: str
    tz: str | None
    dm_channel_id: str | None = None
    is_only: bool = True


class Facts(NamedTuple):
    """Everything that decides about one learner's reminders, read at one moment."""

    user_id: str
    row: Schedule = NEVER_CHOSEN
    has_row: bool = False
    reach: Reach | None = None
    is_linked: bool = False
    open_courses: int = 0
    muted_courses: int = 0
    active_at: datetime | None = None
    absences: tuple[Span, ...] = ()

    @property
    def rhythm(self) -> Rhythm:
        """The rhythm in the zone that counts: their own choice, else Slack's, else UTC."""
        tz = self.row.tz or (self.reach.tz if self.reach else None) or "UTC"
        return Rhythm(self.row.rhythm, self.row.weekdays, self.row.hour, tz)

    @property
    def nudges(self) -> int:
        """Reminders that arrived and were not answered, by a lesson or by saying anything about reminders."""
        return 0 if self._is_back_since(self.row.nudged_at) else self.row.nudges

    @property
    def stopped_because(self) -> str | None:
        """Why nothing is sent, unless the learner came back by themselves after we had given up."""
        because = self.row.stopped_because
        gave_up = because in (UNANSWERED, UNREACHABLE)
        return None if gave_up and self._is_back_since(self.row.stopped_at) else because

    @property
    def idle_since(self) -> datetime | None:
        """The last lesson, or the last reminder; but one that was snoozed is as if it had not come."""
        nudged_at, snoozed_until = self.row.nudged_at, self.row.snoozed_until
        if nudged_at is not None and snoozed_until is not None:
            nudged_at = nudged_at if rhythms.local_day(nudged_at, self.rhythm.tz) >= snoozed_until else None
        return max((sign for sign in (self.active_at, nudged_at) if sign is not None), default=None)

    @property
    def free_from(self) -> date:
        """The first local day on which something may be said: not snoozed, and after the last one planned for."""
        row, days = self.row, [date.min]
        if row.snoozed_until is not None:
            days.append(row.snoozed_until)
        if row.planned_on is not None:
            days.append(row.planned_on + timedelta(days=1))
        if row.planned_at is not None:
            # Somebody who travelled may be in the same local day for a second time, or already in the next.
            days.append(rhythms.local_day(row.planned_at, self.rhythm.tz) + timedelta(days=1))
        return max(days)

    def off(self, holidays: frozenset[date]) -> DaysOff:
        """The days that don't count."""
        return DaysOff(holidays, self.absences)

    @property
    def told(self) -> Schedule:
        """The row as it should be for these facts, but for when they are next due."""
        here = self.reach if self.reach is not None and self.reach.is_only else None
        return self.row._replace(
            nudges=self.nudges,
            stopped_because=self.stopped_because,
            team_id=here and here.team_id,
            slack_user_id=here and here.slack_user_id,
            dm_channel_id=here and here.dm_channel_id,
            slack_tz=here and here.tz,
            away_until=max((last for _, last in self.absences), default=None),
        )

    def _is_back_since(self, instant: datetime | None) -> bool:
        signs = (self.active_at, self.row.answered_at)
        return instant is None or any(sign is not None and sign > instant for sign in signs)


class Verdict(NamedTuple):
    """When the next reminder comes, in UTC, or None; and why."""

    due_at: datetime | None
    why: Why


_STOPS = {BY_YOU: Why.STOPPED, UNANSWERED: Why.UNANSWERED, UNREACHABLE: Why.UNREACHABLE}


def decide(facts: Facts, holidays: frozenset[date], *, after: datetime) -> Verdict:
    """When this learner is next due, later than ``after``, or why never as things stand."""
    rhythm = facts.rhythm
    if facts.stopped_because is not None:
        return Verdict(None, _STOPS[facts.stopped_because])
    if facts.reach is None:
        return Verdict(None, Why.DEACTIVATED if facts.is_linked else Why.NOT_LINKED)
    if not facts.open_courses:
        return Verdict(None, Why.MUTED if facts.muted_courses else Why.NO_COURSE)
    due_at = rhythms.next_due(
        rhythm,
        facts.off(holidays),
        after=after,
        from_day=facts.free_from,
        idle_since=rhythms.local_day(facts.idle_since or after, rhythm.tz),
    )
    if due_at is None:
        return Verdict(None, Why.NO_DAY)
    return Verdict(due_at, Why.BEHIND if rhythm.kind == rhythms.BEHIND else Why.RHYTHM)


_REMINDER, _MUTE, _USER = table_of(Reminder), table_of(Mute), table_of(User)
_LINK, _MEMBER = table_of(Link), table_of(Member)
_ENROLLMENT, _COMPLETION = table_of(Enrollment), table_of(Completion)
_COURSE, _MODULE, _LESSON, _PROGRESS = (table_of(one) for one in (Course, Module, Lesson, Progress))
_USERS: BindParameter[Any] = bindparam("users", expanding=True)

_ROWS = Prepared(
    select(_USER.c.id.label("id"), *(_REMINDER.c[name] for name in Schedule._fields), _REMINDER.c.user_id)
    .select_from(_USER.outerjoin(_REMINDER, _REMINDER.c.user_id == _USER.c.id))
    .where(_USER.c.id.in_(_USERS))
)
_REACHES = Prepared(
    select(
        _LINK.c.user_id,
        _LINK.c.team_id,
        _LINK.c.slack_user_id,
        _MEMBER.c.tz,
        _MEMBER.c.dm_channel_id,
        (_MEMBER.c.is_deleted.is_(True) | _MEMBER.c.is_guest.is_(True) | _MEMBER.c.is_bot.is_(True)).label("is_gone"),
    )
    .select_from(
        _LINK.outerjoin(
            _MEMBER, and_(_MEMBER.c.team_id == _LINK.c.team_id, _MEMBER.c.slack_user_id == _LINK.c.slack_user_id)
        )
    )
    .where(_LINK.c.user_id.in_(_USERS))
    .order_by(_LINK.c.user_id, func.coalesce(_MEMBER.c.active_at, _LINK.c.linked_at), _LINK.c.team_id)
)
IS_OPEN = and_(
    ~select(_COMPLETION.c.id)
    .where(_COMPLETION.c.user_id == _ENROLLMENT.c.user_id, _COMPLETION.c.course_id == _ENROLLMENT.c.course_id)
    .exists(),
    select(_LESSON.c.id)
    .select_from(
        VISIBLE.outerjoin(
            _PROGRESS,
            and_(_PROGRESS.c.lesson_id == _LESSON.c.id, _PROGRESS.c.user_id == _ENROLLMENT.c.user_id),
        )
    )
    .where(_MODULE.c.course_id == _ENROLLMENT.c.course_id, _PROGRESS.c.completed.is_not(True))
    .correlate(_ENROLLMENT)
    .exists(),
    ~select(_COURSE.c.id)
    .where(_COURSE.c.id == _ENROLLMENT.c.course_id, _COURSE.c.archived_at.is_not(None))
    .correlate(_ENROLLMENT)
    .exists(),
)
"""An enrollment in a course never completed, with a lesson left to do."""
_OPEN_COURSES = Prepared(
    select(_ENROLLMENT.c.user_id, _MUTE.c.course_id.is_not(None).label("is_muted"), func.count().label("courses"))
    .select_from(
        _ENROLLMENT.outerjoin(
            _MUTE, and_(_MUTE.c.user_id == _ENROLLMENT.c.user_id, _MUTE.c.course_id == _ENROLLMENT.c.course_id)
        )
    )
    .where(_ENROLLMENT.c.user_id.in_(_USERS), IS_OPEN)
    .group_by(_ENROLLMENT.c.user_id, _MUTE.c.course_id.is_not(None))
)
_SIGNS = Prepared(
    union_all(
        select(_ENROLLMENT.c.user_id, func.max(_ENROLLMENT.c.enrolled_at).label("at"))
        .where(_ENROLLMENT.c.user_id.in_(_USERS))
        .group_by(_ENROLLMENT.c.user_id),
        select(_PROGRESS.c.user_id, func.max(_PROGRESS.c.completed_at))
        .where(_PROGRESS.c.user_id.in_(_USERS))
        .group_by(_PROGRESS.c.user_id),
    )
)


def reaches_of(session: Session, user_ids: Collection[str]) -> dict[str, Reach | None]:
    """Where each of these users who is linked can be reached; None for who is no longer a member anywhere."""
    reaches: dict[str, Reach | None] = {}
    for row in _REACHES.rows(session, users=list(user_ids)):
        # In the order of their last activity: the last place where they are still a member is where they are reached.
        reached = Reach(row.team_id, row.slack_user_id, row.tz, row.dm_channel_id, is_only=row.user_id not in reaches)
        before = reaches.get(row.user_id)
        reaches[row.user_id] = reached if not row.is_gone else before and before._replace(is_only=False)
    return reaches


def facts_of(session: Session, user_ids: Collection[str]) -> dict[str, Facts]:
    """The facts about each of these users who exists, 500 at most, in a fixed number of statements."""
    users = list(user_ids)
    reaches = reaches_of(session, user_ids)
    courses: dict[tuple[str, bool], int] = {
        (row.user_id, bool(row.is_muted)): row.courses for row in _OPEN_COURSES.rows(session, users=users)
    }
    active = _signs_of(session, user_ids)
    away = absences.of(session, user_ids)
    return {
        row.id: Facts(
            user_id=row.id,
            row=Schedule(*row[1:-1]) if row.user_id is not None else NEVER_CHOSEN,
            has_row=row.user_id is not None,
            reach=reaches.get(row.id),
            is_linked=row.id in reaches,
            open_courses=courses.get((row.id, False), 0),
            muted_courses=courses.get((row.id, True), 0),
            active_at=active.get(row.id),
            absences=away.get(row.id, ()),
        )
        for row in _ROWS.rows(session, users=users)
    }


def answers_of(session: Session, user_id: str) -> Facts | None:
    """What a learner made of the reminders that came: of their facts only the row and the last sign of life, which
    `Facts.nudges` and `Facts.stopped_because` follow from. None for nobody we know."""
    active = _signs_of(session, [user_id])
    for row in _ROWS.rows(session, users=[user_id]):
        has_row = row.user_id is not None
        told = Schedule(*row[1:-1]) if has_row else NEVER_CHOSEN
        return Facts(user_id, told, has_row=has_row, active_at=active.get(user_id))
    return None


def _signs_of(session: Session, user_ids: Collection[str]) -> dict[str, datetime]:
    active: dict[str, datetime] = {}
    for user_id, at in _SIGNS.rows(session, users=list(user_ids)):
        if at is not None:
            active[user_id] = max(at, active.get(user_id, at))
    return active
