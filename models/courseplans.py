"""What importing a course file would change, for whom, and doing it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, or_, select
from sqlmodel import Session

from models import coursemeanings, lessontexts, roles, standings
from models.coursechanges import Change
from models.coursefiles import CourseFile, CourseFileErrors, Mistake, as_document
from models.coursemerges import Base, Handle, Merged, merge
from models.courses import Course, Lesson, Module
from models.errors import DomainError
from models.imports import Import
from models.standings import Standing
from models.statements import an_id, insert_or_update, insert_unless_there, table_of
from models.users import User


class Outdated(DomainError):
    """Something changed between showing a plan and carrying it out."""

    def __init__(self, title: str) -> None:
        super().__init__(
            f"{title} was changed while you looked at the plan, and nothing was imported. "
            "Run it again and look at the changes anew."
        )


class UnknownInstructor(CourseFileErrors):
    """The file names somebody as instructor whom the portal does not know."""

    def __init__(self, file: CourseFile, reason: str) -> None:
        super().__init__([Mistake(file.name, file.instructor_line, f"instructor: {reason}")])


class Plan(NamedTuple):
    """What an import would do.

    ``changes`` it makes and ``kept`` it leaves, because they were changed in Slack or the portal since the last import.
    ``meaning`` is what learners will notice and ``notes`` what the author may have overlooked, in sentences.
    ``ground`` stands for the state of the course the plan was made on; ``course_id`` is None for a new course.
    ``instructor_id`` is whom the file names, ``changes_instructor`` whether that is somebody else than before.
    """

    course: CourseFile
    prefer_file: bool
    course_id: int | None
    changes: tuple[Change, ...]
    kept: tuple[Change, ...]
    meaning: tuple[str, ...]
    notes: tuple[str, ...]
    ground: str
    instructor_id: str
    changes_instructor: bool

    @property
    def is_new(self) -> bool:
        """Whether the course would be made."""
        return self.course_id is None


class Applied(NamedTuple):
    """What an import did: to which course, and how many changes it made."""

    course_id: int
    title: str
    changes: int


_COURSE, _MODULE, _LESSON, _USER = (table_of(model) for model in (Course, Module, Lesson, User))
_HELD, _ROLE = table_of(roles.UserRole), table_of(roles.Role)
_ID_OF_SLUG = select(_COURSE.c.id).where(_COURSE.c.slug == bindparam("slug"))
_NAMED_ALIKE = select(_COURSE.c.id).where(_COURSE.c.title == bindparam("title")).limit(1)
_MODULE_IDS = select(_MODULE.c.key, _MODULE.c.id).where(
    _MODULE.c.course_id == an_id("course"), _MODULE.c.key.is_not(None)
)
_USERS_NAMED = (
    select(_USER.c.id, _USER.c.email)
    .where(
        or_(
            _USER.c.id == bindparam("named"),
            _USER.c.email == bindparam("named"),
            func.lower(_USER.c.email) == func.lower(bindparam("named")),
        )
    )
    .limit(10)
)
_INSTRUCTORS = (
    select(_USER.c.id, _USER.c.email)
    .join_from(_USER, _HELD, _HELD.c.user_id == _USER.c.id)
    .join(_ROLE, _ROLE.c.id == _HELD.c.role_id)
    .where(_ROLE.c.name == roles.INSTRUCTOR)
    .limit(500)
)


def plan(session: Session, course: CourseFile, *, prefer_file: bool = False) -> Plan:
    """What importing this file would do now. Nothing is written. Raises `UnknownInstructor`."""
    instructor_id = _instructor(session, course)
    standing, merged = _merge(session, course, instructor_id, prefer_file, standings.by_slug(session, course.slug))
    if standing.id is None:
        meaning: Iterable[str] = ()
        notes = _of_a_namesake(session, course)
    else:
        meaning = coursemeanings.meaning(session, standing, merged)
        notes = _of_renamed_lessons(merged)
    return Plan(
        course=course,
        prefer_file=prefer_file,
        course_id=standing.id,
        changes=tuple(merged.changes),
        kept=tuple(merged.kept),
        meaning=tuple(meaning),
        notes=(*notes, *_of_the_role(session, standing, merged, instructor_id)),
        ground=standing.digest(),
        instructor_id=instructor_id,
        changes_instructor=standing.id is None or "instructor" in merged.course,
    )


def apply(session: Session, plan: Plan, now: datetime) -> Applied:
    """Carry out a plan in the caller's transaction. Nobody's progress is touched: a lesson that goes is hidden.

    Raises `Outdated` when the course is not as it was when the plan was made, and `UnknownInstructor`.
    """
    file = plan.course
    instructor_id = _instructor(session, file)
    found = standings.by_slug(session, file.slug, locks=True)
    standing, merged = _merge(session, file, instructor_id, plan.prefer_file, found)
    if standing.digest() != plan.ground:
        raise Outdated(file.title)
    course_id = standing.id
    if course_id is None:
        course_id = _make(session, file, instructor_id, now)
    elif merged.changes:
        _update(session, _COURSE, [{"at": course_id, "updated_at": now} | _columns(merged.course)])
    _write(session, course_id, standing, merged, now)
    document = json.dumps(as_document(file, instructor_id), ensure_ascii=False, sort_keys=True)
    if document != standing.imported:
        told = {"course_id": course_id, "document": document, "imported_at": now}
        insert_or_update(session, Import, [told])
    session.expire_all()
    return Applied(course_id, file.title, len(merged.changes))


def _merge(
    session: Session, file: CourseFile, instructor_id: str, prefer_file: bool, found: Standing | None
) -> tuple[Standing, Merged]:
    if found is not None:
        return found, merge(file, instructor_id, found, Base.of(found.imported), prefer_file=prefer_file)
    standing = Standing(None, "", "", "", (), (), None)
    merged = merge(file, instructor_id, standing, Base.of(None), prefer_file=True)
    lessons = sum(len(module.lessons) for module in file.modules)
    size = f"{coursemeanings.count(lessons, 'lesson')} in {coursemeanings.count(len(file.modules), 'module')}"
    merged.changes[:] = [Change("+", f"new course: {file.title}, {size}")]
    return standing, merged


def _make(session: Session, file: CourseFile, instructor_id: str, now: datetime) -> int:
    made = insert_unless_there(
        session,
        Course,
        slug=file.slug,
        title=file.title,
        description=file.description,
        instructor_id=instructor_id,
        created_at=now,
        updated_at=now,
    )
    if not made:
        raise Outdated(file.title)
    return int(session.connection().execute(_ID_OF_SLUG, {"slug": file.slug}).scalar_one())


def _write(session: Session, course_id: int, standing: Standing, merged: Merged, now: datetime) -> None:
    """The modules and lessons, in a fixed number of statements."""
    connection = session.connection()
    new_modules = [edits for handle, edits in merged.modules.items() if isinstance(handle, str)]
    if new_modules:
        connection.execute(_MODULE.insert(), [{"course_id": course_id} | edits for edits in new_modules])
    _update(
        session,
        _MODULE,
        [
            {"at": row.id, "title": row.title, "order": row.order} | merged.modules[row.id]
            for row in standing.modules
            if merged.modules.get(row.id)
        ],
    )
    ids: dict[Handle, int] = {module.id: module.id for module in standing.modules}
    if new_modules:
        ids |= {row.key: row.id for row in connection.execute(_MODULE_IDS, {"course": course_id})}
    new_lessons = [edits for handle, edits in merged.lessons.items() if isinstance(handle, str)]
    if new_lessons:
        connection.execute(
            _LESSON.insert(),
            [_columns(edits) | {"key": edits["key"], "module_id": ids[edits["module"]]} for edits in new_lessons],
        )
    removed = {row.id for row in merged.removed}
    reworded = [row for row in standing.lessons if merged.lessons.get(row.id, {}).keys() & {"title", "body", "url"}]
    lessontexts.keep(session, reworded, now)
    _update(
        session,
        _LESSON,
        [
            {
                "at": row.id,
                "title": row.title,
                "content_type": row.type,
                "minutes": row.minutes,
                "body": row.body,
                "content_url": row.url,
                "order": row.order,
                "module_id": ids[merged.lessons.get(row.id, {}).get("module", row.module_id)],
                "removed_at": now if row.id in removed else row.removed_at,
            }
            | _columns(merged.lessons.get(row.id, {}))
            for row in standing.lessons
            if merged.lessons.get(row.id) or row.id in removed
        ],
    )


_COLUMN_OF = {"type": "content_type", "url": "content_url", "instructor": "instructor_id"}


def _columns(edits: Mapping[str, Any]) -> dict[str, Any]:
    return {_COLUMN_OF.get(name, name): value for name, value in edits.items() if name not in ("module", "key")}


def _update(session: Session, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        session.connection().execute(table.update().where(table.c.id == bindparam("at")), rows)


def _instructor(session: Session, file: CourseFile) -> str:
    """The user's id. A Clerk ID is taken as it stands, an e-mail in any case as long as it is one person's."""
    from rapidfuzz import fuzz, process

    found = session.connection().execute(_USERS_NAMED, {"named": file.instructor}).all()
    exact = [row.id for row in found if file.instructor in (row.id, row.email)]
    if exact or len(found) == 1:
        return str((exact or [found[0].id])[0])
    if found:
        those = ", ".join(sorted(row.email for row in found))
        raise UnknownInstructor(file, f"{file.instructor} may be {those}. Write one of them exactly, or a Clerk ID.")
    known = [name for row in session.connection().execute(_INSTRUCTORS) for name in row]
    near = process.extractOne(file.instructor, known, scorer=fuzz.ratio, score_cutoff=75)
    hint = f"Did you mean {near[0]}? " if near else ""
    raise UnknownInstructor(
        file,
        f"the portal knows nobody as {file.instructor}. {hint}Write the e-mail or Clerk ID of a user, "
        "or make them known first: homeroom grant CLERK_ID Instructor.",
    )


def _of_a_namesake(session: Session, file: CourseFile) -> Iterator[str]:
    other = session.connection().execute(_NAMED_ALIKE, {"title": file.title}).scalar()
    if other is not None:
        yield (
            f"There is a course called {file.title} already, made without a file, and this makes a second one. "
            f"To change that one instead, begin with its own file: homeroom export {other}."
        )


def _of_renamed_lessons(merged: Merged) -> Iterator[str]:
    from rapidfuzz import fuzz, process

    nameless = [lesson for lesson in merged.added if not lesson.is_named]
    for row in merged.removed:
        near = process.extractOne(
            row.title, [lesson.title for lesson in nameless], scorer=fuzz.token_sort_ratio, score_cutoff=60
        )
        if near is not None:
            yield (
                f"If “{near[0]}” is “{row.title}” by another name, give it the line key: {row.key} "
                "and whoever completed it has still completed it."
            )


def _of_the_role(session: Session, standing: Standing, merged: Merged, instructor_id: str) -> Iterator[str]:
    is_theirs_now = standing.id is None or "instructor" in merged.course
    if is_theirs_now and not roles.of(session, instructor_id) & {roles.INSTRUCTOR, roles.ADMIN}:
        yield f"{instructor_id} can't teach it in Slack yet: homeroom grant {instructor_id} {roles.INSTRUCTOR}."
