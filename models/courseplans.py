"""What importing a course file would change, for whom, and doing it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from models.completions import Completion
from models.coursefiles import CourseFile, LessonFile, ModuleFile, as_document
from models.courses import Course, Lesson, Module
from models.enrollments import Enrollment
from models.errors import DomainError
from models.imports import Import
from models.progressrows import Progress
from models.users import User

Document = dict[str, Any]

_FIELDS = {"title": "title", "content_type": "type", "minutes": "minutes", "body": "body", "content_url": "url"}
"""A lesson's columns and what they are called in a course file."""


class Outdated(DomainError):
    """Something changed between showing a plan and carrying it out."""

    def __init__(self, title: str) -> None:
        super().__init__(f"{title} was changed meanwhile, and nothing was imported. Look at the changes again.")


class UnknownInstructor(DomainError):
    """The file names somebody the portal does not know."""

    def __init__(self, course: CourseFile) -> None:
        super().__init__(
            f"{course.name}: the portal knows no instructor {course.instructor}. Use the e-mail or Clerk ID of a user, "
            f"or make one first: homeroom grant CLERK_ID Instructor."
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do. ``changes`` it makes, ``kept`` it leaves because they were changed elsewhere since the
    last import, ``meaning`` is what learners in the middle of the course will notice; all in words."""

    course: CourseFile
    prefer_file: bool
    course_id: int | None
    changes: tuple[str, ...]
    kept: tuple[str, ...]
    meaning: tuple[str, ...]

    @property
    def is_new(self) -> bool:
        """Whether the course would be made."""
        return self.course_id is None


@dataclass(frozen=True, slots=True)
class Applied:
    """What an import did."""

    course_id: int
    title: str
    changes: int


@dataclass
class _Weighed:
    """The rows as the file would have them: changed in memory, and noted in words."""

    course: Course | None
    changes: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    added: list[Lesson] = field(default_factory=list)
    removed: list[Lesson] = field(default_factory=list)
    rows: list[Course | Module | Lesson] = field(default_factory=list)


def plan(session: Session, course: CourseFile, *, prefer_file: bool = False) -> Plan:
    """What importing this file would do now. Nothing is written. Raises `UnknownInstructor`."""
    with session.no_autoflush:
        weighed = _weigh(session, course, prefer_file, removed_at=None)
        course_id = weighed.course.id if weighed.course is not None else None
        meaning = _meaning(session, course_id, weighed) if course_id is not None else ()
        for row in weighed.rows:
            session.expire(row)
    return Plan(course, prefer_file, course_id, tuple(weighed.changes), tuple(weighed.kept), meaning)


def apply(session: Session, made: Plan, now: datetime) -> Applied:
    """Carry out a plan in the caller's transaction. Raises `Outdated` when it would do something else by now."""
    again = plan(session, made.course, prefer_file=made.prefer_file)
    if (again.course_id, again.changes, again.kept) != (made.course_id, made.changes, made.kept):
        raise Outdated(made.course.title)
    instructor_id = _instructor(session, made.course)
    weighed = _weigh(session, made.course, made.prefer_file, removed_at=now)
    course = weighed.course
    if course is None:
        course = _create(session, made.course, instructor_id, now)
    elif weighed.changes:
        course.updated_at = now
    assert course.id is not None
    document = json.dumps(as_document(made.course, instructor_id), ensure_ascii=False, sort_keys=True)
    kept_import = session.get(Import, course.id)
    if kept_import is None:
        session.add(Import(course_id=course.id, document=document, imported_at=now))
    elif kept_import.document != document:
        kept_import.document, kept_import.imported_at = document, now
    session.flush()
    return Applied(course.id, course.title, len(weighed.changes) or 1)


def _create(session: Session, file: CourseFile, instructor_id: str, now: datetime) -> Course:
    course = Course(
        slug=file.slug,
        title=file.title,
        description=file.description,
        instructor_id=instructor_id,
        created_at=now,
        updated_at=now,
    )
    session.add(course)
    session.flush()
    assert course.id is not None
    for position, module_file in enumerate(file.modules, start=1):
        module = Module(title=module_file.title, order=position, course_id=course.id, key=module_file.key)
        session.add(module)
        session.flush()
        assert module.id is not None
        for order, one in enumerate(module_file.lessons, start=1):
            session.add(
                Lesson(
                    key=one.key,
                    title=one.title,
                    content_type=one.type,
                    content_url=one.url,
                    minutes=one.minutes,
                    body=one.body,
                    order=order,
                    module_id=module.id,
                )
            )
    session.flush()
    return course


def _weigh(session: Session, file: CourseFile, prefer_file: bool, removed_at: datetime | None) -> _Weighed:
    """Compare the file, the database and the last import; change the rows as the file would have them."""
    instructor_id = _instructor(session, file)
    course = session.exec(select(Course).where(Course.slug == file.slug).with_for_update()).first()
    weighed = _Weighed(course)
    if course is None:
        lessons = sum(len(module.lessons) for module in file.modules)
        weighed.changes.append(f"new course: {file.title}, {lessons} lessons in {len(file.modules)} modules")
        return weighed
    weighed.rows.append(course)
    base = _base(session, course)
    known = {} if base is None else base
    judge = _Judge(weighed, prefer_file, has_base=base is not None)
    for name, wanted in (("title", file.title), ("description", file.description)):
        judge.settle(course, name, wanted, known.get(name), f"{name} of the course")
    judge.settle(course, "instructor_id", instructor_id, known.get("instructor"), "instructor of the course")
    _weigh_lessons(session, course, file, known, judge, removed_at)
    return weighed


class _Judge:
    def __init__(self, weighed: _Weighed, prefer_file: bool, *, has_base: bool) -> None:
        self.weighed = weighed
        self.prefer_file = prefer_file
        self.has_base = has_base

    def settle(self, row: Any, column: str, wanted: Any, before: Any, what: str) -> None:
        """Let the file have its way, unless somebody changed this elsewhere since the last import."""
        now = getattr(row, column)
        if now == wanted:
            return
        if self.has_base and now != before and not self.prefer_file:
            self.weighed.kept.append(f"{what}: {_brief(now)} was changed outside the file")
            return
        setattr(row, column, wanted)
        self.weighed.changes.append(f"{what}: {_brief(now)} becomes {_brief(wanted)}")


def _weigh_lessons(
    session: Session, course: Course, file: CourseFile, known: Document, judge: _Judge, removed_at: datetime | None
) -> None:
    weighed = judge.weighed
    assert course.id is not None
    modules = list(session.exec(select(Module).where(Module.course_id == course.id).order_by(col(Module.order))))
    module_ids = [module.id for module in modules]
    lessons = list(session.exec(select(Lesson).where(col(Lesson.module_id).in_(module_ids)))) if module_ids else []
    weighed.rows += [*modules, *lessons]
    old = _Old.of(known)
    rows = _Rows(
        modules={module.key: module for module in modules if module.key is not None},
        lessons={lesson.key: lesson for lesson in lessons if lesson.key is not None},
        key_of={module.id: module.key for module in modules},
    )
    in_file: set[str] = set()
    for position, module_file in enumerate(file.modules, start=1):
        module = _module(session, course.id, module_file, position, old, rows, judge, writes=removed_at is not None)
        for order, one in enumerate(module_file.lessons, start=1):
            in_file.add(one.key)
            lesson = rows.lessons.get(one.key)
            if lesson is None:
                _add(session, weighed, module, one, order, writes=removed_at is not None)
            else:
                _weigh_lesson(lesson, one, module, order, old, rows, judge)
    for lesson in lessons:
        if lesson.removed_at is not None or lesson.key in in_file:
            continue
        if lesson.key is not None and lesson.key in old.lessons:
            lesson.removed_at = removed_at
            weighed.removed.append(lesson)
            weighed.changes.append(f"lesson {lesson.title} goes away; what people did in it is kept")
        else:
            weighed.kept.append(f"lesson {lesson.title} was added outside the file")


@dataclass(frozen=True, slots=True)
class _Rows:
    """The course's rows by key."""

    modules: Mapping[str, Module]
    lessons: Mapping[str, Lesson]
    key_of: Mapping[int | None, str | None]


@dataclass(frozen=True, slots=True)
class _Old:
    """What the last import said, by key."""

    modules: Mapping[str, Document]
    lessons: Mapping[str, Document]

    @staticmethod
    def of(known: Document) -> "_Old":
        modules = list(enumerate(known.get("modules", []), start=1))
        return _Old(
            modules={module["key"]: module | {"order": order} for order, module in modules},
            lessons={
                one["key"]: one | {"module": module["key"], "order": order}
                for _, module in modules
                for order, one in enumerate(module["lessons"], start=1)
            },
        )


def _module(
    session: Session,
    course_id: int,
    wanted: ModuleFile,
    position: int,
    old: _Old,
    rows: _Rows,
    judge: _Judge,
    *,
    writes: bool,
) -> Module:
    module = rows.modules.get(wanted.key)
    if module is not None:
        before = old.modules.get(wanted.key, {})
        judge.settle(module, "title", wanted.title, before.get("title"), f"title of module {wanted.key}")
        judge.settle(module, "order", position, before.get("order"), f"place of module {wanted.key}")
        return module
    module = Module(title=wanted.title, order=position, course_id=course_id, key=wanted.key)
    if writes:
        session.add(module)
        session.flush()
    judge.weighed.changes.append(f"new module: {wanted.title}")
    return module


def _weigh_lesson(
    lesson: Lesson, one: LessonFile, module: Module, order: int, old: _Old, rows: _Rows, judge: _Judge
) -> None:
    before = old.lessons.get(one.key, {})
    for column, name in _FIELDS.items():
        judge.settle(lesson, column, getattr(one, name), before.get(name), f"{name} of lesson {one.key}")
    _weigh_place(lesson, module, order, before, rows.key_of, judge)
    if lesson.removed_at is None:
        return
    if one.key not in old.lessons or judge.prefer_file:
        lesson.removed_at = None
        judge.weighed.changes.append(f"lesson {lesson.title} comes back")
        judge.weighed.added.append(lesson)
    else:
        judge.weighed.kept.append(f"lesson {lesson.title} was removed outside the file")


def _add(session: Session, weighed: _Weighed, module: Module, one: LessonFile, order: int, *, writes: bool) -> None:
    lesson = Lesson(
        key=one.key,
        title=one.title,
        content_type=one.type,
        content_url=one.url,
        minutes=one.minutes,
        body=one.body,
        order=order,
        module_id=module.id or 0,
    )
    if writes:
        session.add(lesson)
    weighed.added.append(lesson)
    weighed.changes.append(f"new lesson: {one.title}")


def _weigh_place(
    lesson: Lesson, module: Module, order: int, old: Document, key_of: Mapping[int | None, str | None], judge: _Judge
) -> None:
    """Where the lesson stands: its module and its place in it are one thing, changed or kept together."""
    now = (key_of.get(lesson.module_id), lesson.order)
    if now == (module.key, order):
        return
    was_moved = judge.has_base and now != (old.get("module"), old.get("order"))
    if was_moved and not judge.prefer_file:
        judge.weighed.kept.append(f"place of lesson {lesson.title} was changed outside the file")
        return
    if module.id is not None:
        lesson.module_id, lesson.order = module.id, order
    judge.weighed.changes.append(f"lesson {lesson.title} moves to place {order} of {module.title}")


def _base(session: Session, course: Course) -> Document | None:
    assert course.id is not None
    last = session.get(Import, course.id)
    if last is None:
        return None
    document = json.loads(last.document)
    assert isinstance(document, dict)
    return document


def _instructor(session: Session, file: CourseFile) -> str:
    user = session.get(User, file.instructor)
    if user is None:
        wanted = file.instructor.lower()
        user = session.exec(select(User).where(func.lower(User.email) == wanted).limit(1)).first()
    if user is None:
        raise UnknownInstructor(file)
    return user.id


def _meaning(session: Session, course_id: int, weighed: _Weighed) -> tuple[str, ...]:
    enrolled = session.exec(select(func.count()).where(Enrollment.course_id == course_id)).one()
    finished = session.exec(select(func.count()).where(Completion.course_id == course_id)).one()
    return tuple(_told(session, enrolled, finished, weighed))


def _told(session: Session, enrolled: int, finished: int, weighed: _Weighed) -> Iterator[str]:
    if not weighed.changes:
        return
    yield f"{_people(enrolled)} enrolled, {finished} of them finished."
    if weighed.added and finished:
        yield f"Finished stays finished: {_people(finished)} will see {_count(len(weighed.added), 'new lesson')}."
    ids = [lesson.id for lesson in weighed.removed]
    if ids:
        done = session.exec(
            select(func.count(func.distinct(Progress.user_id))).where(
                col(Progress.lesson_id).in_(ids), col(Progress.completed).is_(True)
            )
        ).one()
        yield f"{_people(done)} completed a lesson that goes away; it leaves the count and they keep what they did."


def _people(count: int) -> str:
    return _count(count, "person") if count == 1 else f"{count:,} people"


def _count(count: int, thing: str) -> str:
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def _brief(value: Any) -> str:
    if value is None or value == "":
        return "nothing"
    words = str(value).replace("\n", " ")
    return f"“{words[:50]}…”" if len(words) > 50 else f"“{words}”"
