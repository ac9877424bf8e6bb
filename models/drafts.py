"""Drafts: courses being written, unseen by learners until they are published.

A course has at most one draft, which everybody who teaches it writes together. A course never published is a draft
without a course: no learner, and no neighbour on the same database, can come across it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Index, Row, Text, UniqueConstraint, and_, bindparam, delete, or_, select, update
from sqlmodel import Field, Session

from models import manuscripts, standings, teachers, unsaved
from models.coursefiles import LONGEST_DESCRIPTION, LONGEST_TITLE
from models.courses import Course, CourseGone
from models.errors import DomainError, Gone
from models.manuscripts import Manuscript, WrittenLesson
from models.members import Caller
from models.statements import an_id, insert_unless_there, table_of
from models.tablemodels import TableModel


class Draft(TableModel, table=True):
    """A course being written. ``document`` is a manuscript in JSON; ``ground`` the one it was begun from.

    ``owner_id`` is who began it, and the instructor of a course that was never published.
    """

    __tablename__ = "homeroom_draft"
    __table_args__ = (
        UniqueConstraint("course_id", name="uq_homeroom_draft_course_id"),
        Index("ix_homeroom_draft_owner_id", "owner_id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    course_id: int | None = Field(default=None, foreign_key="course.id", ondelete="CASCADE")
    owner_id: str = Field(foreign_key="user.id", ondelete="CASCADE")
    title: str
    ground: str | None = Field(default=None, sa_type=Text)
    document: str = Field(sa_type=Text)
    changed_by: str
    changed_at: datetime


class Open(NamedTuple):
    """A draft in somebody's hands. ``ground`` is what is published now as far as the draft knows, None for nothing."""

    draft_id: int
    course_id: int | None
    owner_id: str
    manuscript: Manuscript
    ground: Manuscript | None
    changed_by: str
    changed_at: datetime
    is_archived: bool = False

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to publish."""
        return self.manuscript != self.ground


class Begun(NamedTuple):
    """A draft as a list shows it."""

    draft_id: int
    course_id: int | None
    title: str


class DraftGone(Gone):
    """The draft was published or thrown away."""

    def __init__(self) -> None:
        super().__init__("That draft isn't here any more: it was published or thrown away. Open the course at /teach.")


class NotYourDraft(DomainError):
    """Only who began a course that was never published, or an admin, may write it."""

    def __init__(self) -> None:
        super().__init__("Somebody else is writing that course. It opens to others once it is published.")


class SavedMeanwhile(DomainError):
    """Somebody else saved the lesson after it was opened."""

    def __init__(self, lesson: WrittenLesson) -> None:
        super().__init__("Somebody saved this lesson meanwhile. Your words are kept; open it again.")
        self.lesson = lesson


class Unfit(DomainError):
    """Something in what was written can't be so. ``fields`` says what, by the name of each field."""

    def __init__(self, **fields: str) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = fields


_DRAFT, _COURSE = table_of(Draft), table_of(Course)
_ARCHIVED = select(_COURSE.c.archived_at).where(_COURSE.c.id == _DRAFT.c.course_id).scalar_subquery()
_THIS = select(_DRAFT, _ARCHIVED.label("archived_at")).where(_DRAFT.c.id == an_id("draft"))
_LOCKED = _THIS.with_for_update(of=_DRAFT)
_OF_COURSE = select(_DRAFT.c.id).where(_DRAFT.c.course_id == an_id("course"))
_KEEP = (
    update(_DRAFT)
    .where(_DRAFT.c.id == an_id("draft"))
    .values(
        document=bindparam("written", type_=Text()),
        title=bindparam("titled"),
        changed_by=bindparam("by"),
        changed_at=bindparam("now", type_=_DRAFT.c.changed_at.type),
    )
)
_THROW_AWAY = delete(_DRAFT).where(_DRAFT.c.id == an_id("draft"))
_BEGUN = (
    select(_DRAFT.c.id, _DRAFT.c.course_id, _DRAFT.c.title)
    .where(
        or_(
            and_(
                _DRAFT.c.course_id.is_(None),
                _DRAFT.c.title != "",
                or_(bindparam("all"), _DRAFT.c.owner_id == bindparam("user")),
            ),
            _DRAFT.c.course_id.in_(an_id("courses", expanding=True)),
        )
    )
    .order_by(_DRAFT.c.title, _DRAFT.c.id)
    .limit(100)
)
_NAMELESS = (
    select(_DRAFT.c.id)
    .where(_DRAFT.c.owner_id == bindparam("user"), _DRAFT.c.course_id.is_(None), _DRAFT.c.title == "")
    .order_by(_DRAFT.c.id)
    .limit(1)
)


def begin(session: Session, user_id: str, now: datetime) -> int:
    """The id of a draft for a course that somebody begins, which has no title yet and is in no list: what is typed of
    its title has a place. It is the one they began before and never named, or a new one."""
    known = session.connection().execute(_NAMELESS, {"user": user_id}).scalar()
    if known is not None:
        return int(known)
    written = Manuscript("", "").with_new_module("Lessons")
    made = Draft(owner_id=user_id, title="", document=written.as_json(), changed_by=user_id, changed_at=now)
    session.add(made)
    session.flush()
    assert made.id is not None
    return made.id


def open_for(session: Session, caller: Caller, course_id: int, now: datetime) -> int:
    """The id of the course's draft, begun now when there is none. Raises `NotTaught` and `CourseGone`."""
    teachers.require(session, caller, course_id)
    standing = standings.by_id(session, course_id)
    if standing is None:
        raise CourseGone
    written = manuscripts.of_standing(standing).as_json()
    insert_unless_there(
        session,
        Draft,
        course_id=course_id,
        owner_id=caller.user_id,
        title=standing.title,
        ground=written,
        document=written,
        changed_by=caller.user_id,
        changed_at=now,
    )
    return int(session.connection().execute(_OF_COURSE, {"course": course_id}).scalar_one())


def read(session: Session, caller: Caller, draft_id: int, *, locks: bool = False) -> Open:
    """The draft, for somebody who may write it. ``locks`` keeps others from changing it until the transaction ends.

    Raises `DraftGone`, `NotTaught` or `NotYourDraft`.
    """
    row = session.connection().execute(_LOCKED if locks else _THIS, {"draft": draft_id}).first()
    if row is None:
        raise DraftGone
    if row.course_id is not None:
        teachers.require(session, caller, row.course_id)
    elif not (caller.is_admin or (caller.is_instructor and row.owner_id == caller.user_id)):
        raise NotYourDraft
    return _opened(row)


def begun(session: Session, caller: Caller, courses: Sequence[int]) -> tuple[Begun, ...]:
    """The drafts of these courses, and those of courses never published that this person may write."""
    asked = {"user": caller.user_id, "all": caller.is_admin, "courses": list(courses)}
    return tuple(Begun(row.id, row.course_id, row.title) for row in session.connection().execute(_BEGUN, asked))


def keep(session: Session, caller: Caller, draft: Open, manuscript: Manuscript, now: datetime) -> Open:
    """Keep what was written; the draft as it is then."""
    connection = session.connection()
    told = {"written": manuscript.as_json(), "titled": manuscript.title, "by": caller.user_id, "now": now}
    connection.execute(_KEEP, {"draft": draft.draft_id, **told})
    return draft._replace(manuscript=manuscript, changed_by=str(caller.user_id), changed_at=now)


def retitle(session: Session, caller: Caller, draft: Open, title: str, description: str, now: datetime) -> Open:
    """Keep another title and description; what was typed of them is settled. Raises `Unfit`."""
    told = replace(draft.manuscript, title=titled(title), description=_described(description))
    unsaved.forget(session, caller, draft.draft_id, unsaved.ABOUT)
    return keep(session, caller, draft, told, now)


def save_lesson(
    session: Session, caller: Caller, draft: Open, ref: int, seen: int, told: dict[str, Any], now: datetime
) -> Open:
    """Keep what was written of a lesson that had been saved ``seen`` times when it was opened.

    Raises `SavedMeanwhile` when it was saved since, and `Unfit`. What the person typed and had not saved is settled.
    """
    told = check_lesson(told)
    draft = _save(session, caller, draft, ref, seen, told, now)
    unsaved.forget(session, caller, draft.draft_id, ref)
    return draft


def save_body(
    session: Session, caller: Caller, draft: Open, ref: int, seen: int, body: str | None, now: datetime
) -> Open:
    """Keep another text of a lesson, and nothing else of it. Raises `SavedMeanwhile` as `save_lesson` does."""
    return _save(session, caller, draft, ref, seen, {"body": body or None}, now)


def _save(
    session: Session, caller: Caller, draft: Open, ref: int, seen: int, told: dict[str, Any], now: datetime
) -> Open:
    lesson = draft.manuscript.lesson(ref)
    if lesson.saves != seen:
        raise SavedMeanwhile(lesson)
    by, at = str(caller.user_id), now.isoformat(timespec="seconds")
    written = replace(lesson, **told, saves=lesson.saves + 1, saved_by=by, saved_at=at)
    return keep(session, caller, draft, draft.manuscript.with_lesson(written), now)


def throw_away(session: Session, draft: Open) -> None:
    """The draft is gone, with all that was typed in it; what is published stays as it is."""
    session.connection().execute(_THROW_AWAY, {"draft": draft.draft_id})


def check_lesson(told: dict[str, Any]) -> dict[str, Any]:
    """The fields of a lesson as they are kept. Raises `Unfit` with a sentence for each that can't be."""
    wrong = {}
    title = " ".join(str(told["title"]).split())
    if not title:
        wrong["title"] = "Give the lesson a title."
    elif len(title) > LONGEST_TITLE:
        wrong["title"] = f"Keep the title to {LONGEST_TITLE} characters: this has {len(title)}."
    body, url = (told.get("body") or "").strip() or None, (told.get("url") or "").strip() or None
    if told["type"] != manuscripts.TEXT and url is None:
        wrong["url"] = f"A {told['type']} needs the address it is at."
    if wrong:
        raise Unfit(**wrong)
    return {"title": title, "type": told["type"], "minutes": told.get("minutes"), "body": body, "url": url}


def titled(title: str) -> str:
    """A title as it is kept, on one line. Raises `Unfit`."""
    title = " ".join(title.split())
    if not title:
        raise Unfit(title="Give it a title.")
    if len(title) > LONGEST_TITLE:
        raise Unfit(title=f"Keep the title to {LONGEST_TITLE} characters: this has {len(title)}.")
    return title


def _described(description: str) -> str:
    description = description.strip()
    if len(description) > LONGEST_DESCRIPTION:
        raise Unfit(description=f"Keep it to {LONGEST_DESCRIPTION} characters: this has {len(description)}.")
    return description


def _opened(row: Row[Any]) -> Open:
    return Open(
        draft_id=row.id,
        course_id=row.course_id,
        owner_id=row.owner_id,
        manuscript=manuscripts.from_json(row.document),
        ground=manuscripts.from_json(row.ground) if row.ground is not None else None,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
        is_archived=row.archived_at is not None,
    )
