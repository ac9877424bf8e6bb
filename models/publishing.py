"""Publishing a draft: what was written becomes what learners see, and nobody's progress is touched.

Only what the draft changed is written. What somebody changed elsewhere meanwhile, by a course file or in the portal,
stays as they left it.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, exists, func, select, union, update
from sqlmodel import Session

from models import audit, drafts, lessontexts, standings, versions
from models.courses import Course, CourseGone, Lesson, Module
from models.drafts import Open
from models.errors import DomainError
from models.manuscripts import Manuscript, WrittenLesson, WrittenModule
from models.places import Place
from models.progressrows import Progress
from models.standings import LessonStanding, Standing
from models.statements import an_id, table_of

_COURSE, _MODULE, _LESSON = (table_of(one) for one in (Course, Module, Lesson))
_PROGRESS, _PLACE = table_of(Progress), table_of(Place)
_TOUCHED = select(func.count()).select_from(
    union(
        *(
            select(table.c.user_id).where(table.c.lesson_id.in_(an_id("lessons", expanding=True)))
            for table in (_PROGRESS, _PLACE)
        )
    ).subquery()
)
_COLUMN_OF = {"title": "title", "type": "content_type", "minutes": "minutes", "body": "body", "url": "content_url"}


class NothingToPublish(DomainError):
    """A course needs a lesson before it can be published."""

    def __init__(self) -> None:
        super().__init__("There is no lesson in this course yet. Add one, and then publish.")


class Result(NamedTuple):
    """What publishing did. ``number`` is the version's."""

    course_id: int
    title: str
    number: int
    is_new: bool


def touched(session: Session, lesson_ids: list[int]) -> int:
    """How many people opened or completed one of these lessons."""
    return int(session.connection().execute(_TOUCHED, {"lessons": lesson_ids}).scalar_one())


def publish(session: Session, draft: Open, by: str, now: datetime, *, is_small: bool) -> Result:
    """Make the draft what learners see, keep it as a version, and end it.

    Unless it ``is_small`` those who finished the course see that it was updated. Raises `NothingToPublish` and
    `CourseGone`.
    """
    written = draft.manuscript
    if not any(True for _ in written.lessons):
        raise NothingToPublish
    is_new = draft.course_id is None
    course_id = _make(session, draft, now) if draft.course_id is None else draft.course_id
    standing = standings.by_id(session, course_id, locks=True)
    if standing is None:
        raise CourseGone
    if draft.ground is not None and not versions.has_any(session, course_id):
        versions.add(session, course_id, draft.ground, is_small=True, by=None, now=draft.changed_at)
    done = _Writing(session, course_id, standing, draft, now).write()
    edits: dict[str, Any] = {"updated_at": now}
    if draft.ground is not None:
        edits |= {
            name: getattr(written, name)
            for name in ("title", "description")
            if getattr(written, name) != getattr(draft.ground, name)
        }
        if not is_small:
            edits["revised_at"] = now
    session.connection().execute(update(_COURSE).where(_COURSE.c.id == course_id).values(edits))
    number = versions.add(session, course_id, done, is_small=is_small, by=by, now=now)
    audit.note(
        session,
        "course.published",
        actor=by,
        what=str(number),
        course_id=course_id,
        after="small" if is_small else "changed meaning",
        now=now,
    )
    drafts.throw_away(session, draft)
    session.expire_all()
    return Result(course_id, written.title, number, is_new)


def _make(session: Session, draft: Open, now: datetime) -> int:
    made = Course(
        title=draft.manuscript.title,
        description=draft.manuscript.description,
        instructor_id=draft.owner_id,
        created_at=now,
        updated_at=now,
    )
    session.add(made)
    session.flush()
    assert made.id is not None
    return made.id


class _Writing:
    """Brings the rows of a course to what its draft says."""

    def __init__(self, session: Session, course_id: int, standing: Standing, draft: Open, now: datetime) -> None:
        self.session = session
        self.course_id = course_id
        self.standing = standing
        self.written = draft.manuscript
        ground = draft.ground or Manuscript("", "")
        self.before = {lesson.lesson_id: lesson for lesson in ground.lessons}
        self.titles = {module.module_id: module.title for module in ground.modules}
        self.rows = {row.id: row for row in standing.lessons}
        self.modules = {row.id: row for row in standing.modules}
        self.now = now

    def write(self) -> Manuscript:
        """Write everything; the manuscript as it is then, with the ids of what is new."""
        modules = tuple(self.module(module, order) for order, module in enumerate(self.written.modules, start=1))
        self.take_away(modules)
        return replace(self.written, modules=modules)

    def module(self, module: WrittenModule, order: int) -> WrittenModule:
        row = self.modules.get(module.module_id or 0)
        if row is None:
            made = Module(course_id=self.course_id, title=module.title, order=order)
            self.session.add(made)
            self.session.flush()
            assert made.id is not None
            module_id = made.id
        else:
            module_id = row.id
            edits: dict[str, Any] = {"order": order} if row.order != order else {}
            if module.title != self.titles.get(row.id):
                edits["title"] = module.title
            if edits:
                self.session.connection().execute(update(_MODULE).where(_MODULE.c.id == row.id).values(edits))
        lessons = tuple(self.lesson(lesson, module_id, place) for place, lesson in enumerate(module.lessons, start=1))
        return replace(module, module_id=module_id, lessons=lessons)

    def lesson(self, lesson: WrittenLesson, module_id: int, order: int) -> WrittenLesson:
        row = self.rows.get(lesson.lesson_id or 0)
        if row is None:
            told = {column: getattr(lesson, name) for name, column in _COLUMN_OF.items()}
            made = Lesson(**told, order=order, module_id=module_id)
            self.session.add(made)
            self.session.flush()
            return replace(lesson, lesson_id=made.id)
        edits = self.edits(lesson, row)
        if (row.module_id, row.order) != (module_id, order):
            edits |= {"module_id": module_id, "order": order}
        if row.removed_at is not None:
            edits["removed_at"] = None
        if edits.keys() & {"title", "body", "content_url"}:
            lessontexts.keep(self.session, [row], self.now)
        if edits:
            self.session.connection().execute(update(_LESSON).where(_LESSON.c.id == row.id).values(edits))
        return replace(lesson, **{name: getattr(row, name) for name in _COLUMN_OF if name not in self.changed(lesson)})

    def changed(self, lesson: WrittenLesson) -> set[str]:
        before = self.before.get(lesson.lesson_id)
        return {name for name in _COLUMN_OF if before is None or getattr(lesson, name) != getattr(before, name)}

    def edits(self, lesson: WrittenLesson, row: LessonStanding) -> dict[str, Any]:
        return {
            _COLUMN_OF[name]: getattr(lesson, name)
            for name in self.changed(lesson)
            if getattr(lesson, name) != getattr(row, name)
        }

    def take_away(self, modules: tuple[WrittenModule, ...]) -> None:
        """Hide the lessons the draft took out, and delete the modules in which there never was one."""
        kept = {lesson.lesson_id for module in modules for lesson in module.lessons}
        gone = [lesson_id for lesson_id in self.before if lesson_id is not None and lesson_id not in kept]
        connection = self.session.connection()
        if gone:
            hidden = update(_LESSON).where(_LESSON.c.id.in_(gone), _LESSON.c.removed_at.is_(None))
            connection.execute(hidden.values(removed_at=self.now))
        there = {module.module_id for module in modules}
        left = [module_id for module_id in self.titles if module_id is not None and module_id not in there]
        if left:
            has_lessons = exists().where(_LESSON.c.module_id == _MODULE.c.id)
            connection.execute(delete(_MODULE).where(_MODULE.c.id.in_(left), ~has_lessons))
