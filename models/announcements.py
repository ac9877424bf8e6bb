"""Announcements: what somebody who teaches a course tells its learners, a channel, or both.

The row says where an announcement stands; who gets it is in `models.recipients`, and what was sent in the ledger.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Index, Text, bindparam, delete, func, select, update
from sqlmodel import Field, Session

from models.courses import Course
from models.errors import DomainError, Gone
from models.statements import an_id, index_of_some, table_of
from models.tablemodels import TableModel

WRITING, ASKED, SCHEDULED, GOING, SENT = "writing", "asked", "scheduled", "going", "sent"
HELD, LATE, STOPPED, CANCELLED, TAKEN_BACK = "held", "late", "stopped", "cancelled", "taken back"
AHEAD = (ASKED, SCHEDULED, HELD, LATE)
"""Where an announcement that was confirmed still is to be sent."""
ENROLLED, NOT_STARTED, STUCK, UNFINISHED = "enrolled", "not started", "stuck", "unfinished"
AUDIENCES = (ENROLLED, NOT_STARTED, STUCK, UNFINISHED)
LONGEST = 3000
"""Characters of an announcement's words."""


class Announcement(TableModel, table=True):
    """One announcement of a course, in its author's name. ``words`` is Slack's rich text block in JSON.

    It goes to a channel, to the people of an ``audience`` by DM, or both, at ``leaves_at`` (None: at once).
    ``replaces`` is the one that takes over what this one says once it is confirmed. ``typed`` are words that were typed
    and not submitted. ``recipients`` is how many people it was confirmed for. ``added_past`` is the user up to whom
    recipients were made, None once all were. ``revision`` counts its changes; ``is_editing`` while messages already
    sent still have to follow. ``posts`` counts the times it was posted to its channel.
    """

    __tablename__ = "homeroom_announcement"
    __table_args__ = (
        Index("ix_homeroom_announcement_course_id", "course_id"),
        Index("ix_homeroom_announcement_lesson_id", "lesson_id"),
        Index("ix_homeroom_announcement_author_id", "author_id"),
        Index("ix_homeroom_announcement_replaces", "replaces"),
        index_of_some("ix_homeroom_announcement_leaves_at", "leaves_at", where="state = 'scheduled'"),
        index_of_some("ix_homeroom_announcement_team_id", "team_id", where="state = 'going'"),
        index_of_some("ix_homeroom_announcement_team_id_is_editing", "team_id", "is_editing", where="is_editing"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    course_id: int = Field(foreign_key="course.id", ondelete="CASCADE")
    lesson_id: int | None = Field(default=None, foreign_key="lesson.id", ondelete="SET NULL")
    author_id: str = Field(foreign_key="user.id", ondelete="CASCADE")
    team_id: str
    slack_user_id: str
    replaces: int | None = Field(default=None, foreign_key="homeroom_announcement.id", ondelete="CASCADE")
    words: str = Field(default="", sa_type=Text)
    typed: str = Field(default="", sa_type=Text)
    audience: str | None = None
    channel_id: str | None = None
    leaves_at: datetime | None = None
    state: str = WRITING
    because: str | None = None
    recipients: int = 0
    created_at: datetime
    approved_by: str | None = None
    began_at: datetime | None = None
    finished_at: datetime | None = None
    added_past: str | None = None
    revision: int = 0
    is_editing: bool = False
    posts: int = 0
    shown: int = -1


class AnnouncementGone(Gone):
    """The announcement, or its course, was deleted."""

    def __init__(self) -> None:
        super().__init__("That announcement isn't here any more. See the others with /teach announce.")


class ChangedSince(DomainError):
    """It says something else by now than what the person looked at."""

    def __init__(self) -> None:
        super().__init__("This was changed since you looked at it. Open it again with /teach announce.")


class NotThere(DomainError):
    """It is no longer where it would have to be for that."""

    def __init__(self, state: str) -> None:
        super().__init__(f"That can't be done now: the announcement {IS[state]}. See them all with /teach announce.")


IS = {
    WRITING: "is still being written",
    ASKED: "waits for an admin",
    SCHEDULED: "is scheduled",
    GOING: "is on its way",
    SENT: "was sent",
    HELD: "is held",
    LATE: "waits for its author to decide",
    STOPPED: "was stopped",
    CANCELLED: "was cancelled",
    TAKEN_BACK: "was taken back",
}
"""Where an announcement is, in words."""


class Content(NamedTuple):
    """What somebody wrote: the words (rich text in JSON), what they open, to whom they go, and when."""

    words: str
    lesson_id: int | None
    audience: str | None
    channel_id: str | None
    leaves_at: datetime | None


_ANNOUNCEMENT, _COURSE = table_of(Announcement), table_of(Course)
_THIS = select(_ANNOUNCEMENT).where(_ANNOUNCEMENT.c.id == an_id("announcement"))
_LOCKED = _THIS.with_for_update()
_BEGUN = (
    select(_ANNOUNCEMENT)
    .where(
        _ANNOUNCEMENT.c.course_id == an_id("course"),
        _ANNOUNCEMENT.c.author_id == bindparam("user"),
        _ANNOUNCEMENT.c.state == WRITING,
        _ANNOUNCEMENT.c.replaces.is_(None),
    )
    .order_by(_ANNOUNCEMENT.c.id.desc())
    .limit(1)
)
_IN_PLACE_OF = select(_ANNOUNCEMENT).where(
    _ANNOUNCEMENT.c.replaces == an_id("announcement"), _ANNOUNCEMENT.c.author_id == bindparam("user")
)
_OF_COURSE = (
    select(_ANNOUNCEMENT)
    .where(_ANNOUNCEMENT.c.course_id == an_id("course"), _ANNOUNCEMENT.c.state != WRITING)
    .order_by(_ANNOUNCEMENT.c.id.desc())
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
_MOVE = (
    update(_ANNOUNCEMENT)
    .where(_ANNOUNCEMENT.c.id == an_id("announcement"), _ANNOUNCEMENT.c.state.in_(bindparam("from", expanding=True)))
    .values(state=bindparam("became"))
)
_TYPED = (
    update(_ANNOUNCEMENT)
    .where(
        _ANNOUNCEMENT.c.id == an_id("announcement"),
        _ANNOUNCEMENT.c.state == WRITING,
        # What is told of late must not undo what was submitted meanwhile.
        _ANNOUNCEMENT.c.revision == an_id("of"),
    )
    .values(typed=bindparam("said"))
)
_CHANGE = update(_ANNOUNCEMENT).where(_ANNOUNCEMENT.c.id == an_id("announcement"))
_FORGET = delete(_ANNOUNCEMENT).where(_ANNOUNCEMENT.c.id == an_id("announcement"), _ANNOUNCEMENT.c.state == WRITING)
_WAITING_OF = select(func.count()).where(
    _ANNOUNCEMENT.c.author_id == bindparam("user"), _ANNOUNCEMENT.c.state.in_(AHEAD)
)


def get(session: Session, announcement_id: int, *, locks: bool = False) -> Announcement:
    """The announcement as it stands now. With ``locks`` nobody else changes it before the transaction ends.

    Raises `AnnouncementGone`.
    """
    row = session.connection().execute(_LOCKED if locks else _THIS, {"announcement": announcement_id}).first()
    if row is None:
        raise AnnouncementGone
    return read(row)


def begun(session: Session, course_id: int, user_id: str) -> Announcement | None:
    """What this user began to write for the course and did not send."""
    row = session.connection().execute(_BEGUN, {"course": course_id, "user": user_id}).first()
    return read(row) if row else None


def begin(session: Session, course_id: int, author_id: str, team_id: str, slack_user_id: str, now: datetime) -> int:
    """Keep that somebody begins to write; the id of what they write."""
    return _made(
        session,
        Announcement(
            course_id=course_id, author_id=author_id, team_id=team_id, slack_user_id=slack_user_id, created_at=now
        ),
    )


def begin_anew(session: Session, announcement: Announcement, author_id: str, now: datetime) -> int:
    """What this user writes to put in place of a confirmed one, which stays as it is until then; its id."""
    asked = {"announcement": announcement.id, "user": author_id}
    row = session.connection().execute(_IN_PLACE_OF, asked).first()
    if row is not None:
        return int(row.id)
    leaves_at = announcement.leaves_at
    return _made(
        session,
        Announcement(
            **announcement.model_dump(include={"course_id", "lesson_id", "team_id", "words", "audience", "channel_id"}),
            leaves_at=leaves_at if leaves_at is not None and leaves_at > now else None,
            author_id=author_id,
            slack_user_id=announcement.slack_user_id,
            replaces=announcement.id,
            created_at=now,
        ),
    )


def _made(session: Session, announcement: Announcement) -> int:
    session.add(announcement)
    session.flush()
    assert announcement.id is not None
    return announcement.id


def write(session: Session, announcement_id: int, content: Content) -> None:
    """Keep what was written."""
    change(
        session,
        announcement_id,
        words=content.words,
        typed="",
        lesson_id=content.lesson_id,
        audience=content.audience,
        channel_id=content.channel_id,
        leaves_at=content.leaves_at,
        revision=_ANNOUNCEMENT.c.revision + 1,
    )


def keep_typed(session: Session, announcement_id: int, words: str, revision: int) -> None:
    """Keep words as they are typed into the form of this revision; nothing once another was submitted."""
    asked = {"announcement": announcement_id, "of": revision, "said": words}
    session.connection().execute(_TYPED, asked)


def move(session: Session, announcement_id: int, from_: Collection[str], to: str) -> bool:
    """Move an announcement on from one of these states; whether it was in one. Asked twice, it moves once."""
    asked = {"announcement": announcement_id, "from": list(from_), "became": to}
    return session.connection().execute(_MOVE, asked).rowcount == 1


def require_move(session: Session, announcement_id: int, from_: Collection[str], to: str) -> None:
    """Move an announcement on. Raises `NotThere` when it is in none of these states, and `AnnouncementGone`."""
    if not move(session, announcement_id, from_, to):
        raise NotThere(get(session, announcement_id).state)


def change(session: Session, announcement_id: int, **values: Any) -> None:
    """Set columns of an announcement."""
    session.connection().execute(_CHANGE.values(**values), {"announcement": announcement_id})


def forget(session: Session, announcement_id: int) -> None:
    """Delete what was begun and never confirmed."""
    session.connection().execute(_FORGET, {"announcement": announcement_id})


def of_course(session: Session, course_id: int, most: int, skip: int = 0) -> tuple[Announcement, ...]:
    """A course's announcements, confirmed ones only, the newest first."""
    rows = session.connection().execute(_OF_COURSE, {"course": course_id, "most": most, "skip": skip})
    return tuple(read(row) for row in rows)


def waiting_of(session: Session, user_id: str) -> int:
    """How many announcements of this author are still to be sent."""
    return int(session.connection().execute(_WAITING_OF, {"user": user_id}).scalar_one())


def read(row: Any) -> Announcement:
    """The announcement in a row of its table."""
    return Announcement(**row._mapping)
