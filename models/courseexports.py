"""A course written out as a course file that imports back unchanged."""

from typing import Any

import yaml
from sqlmodel import Session, col, select

from models.coursefiles import CourseFile, CourseFileErrors, LessonFile, ModuleFile, read, slugify
from models.courses import Course, Lesson, Module
from models.errors import DomainError, Gone
from models.users import User


class CanNotExport(DomainError):
    """The course holds something a course file can't."""

    def __init__(self, title: str, reasons: str) -> None:
        super().__init__(f"{title} can't be written as a course file. Change this in the portal first:\n{reasons}")


def export(session: Session, wanted: str) -> str:
    """The course with this slug, or this number, as YAML.

    A course made in the portal has no slug and its lessons no keys: they get theirs now, in the caller's writing
    transaction, so that the file finds the same rows again. Raises `Gone` and `CanNotExport`.
    """
    course = session.exec(select(Course).where(Course.slug == wanted)).first()
    if course is None and wanted.isdecimal() and len(wanted) < 10:
        course = session.get(Course, int(wanted))
    if course is None:
        raise Gone(f"There is no course {wanted}. Name one by its slug or its number, as /learn courses shows them.")
    file = _file(session, course)
    written = yaml.dump(
        _plain(file), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000, default_flow_style=False
    )
    try:
        back = read(written, f"{course.slug}.yaml")
    except CourseFileErrors as error:
        raise CanNotExport(course.title, str(error)) from error
    if back.modules != file.modules or (back.title, back.description) != (file.title, file.description):
        raise CanNotExport(course.title, "it holds characters that YAML can't carry")
    return written


def _file(session: Session, course: Course) -> CourseFile:
    assert course.id is not None
    if course.slug is None:
        taken = set(session.exec(select(Course.slug).where(col(Course.slug).is_not(None))))
        course.slug = slugify(course.title, taken.__contains__)
    modules = session.exec(
        select(Module).where(Module.course_id == course.id).order_by(col(Module.order), col(Module.id))
    ).all()
    lessons = session.exec(
        select(Lesson)
        .where(col(Lesson.module_id).in_([module.id for module in modules]))
        .order_by(col(Lesson.order), col(Lesson.id))
    ).all()
    _give_keys(modules)
    _give_keys(lessons)
    session.flush()
    shown = [lesson for lesson in lessons if lesson.removed_at is None]
    instructor = session.get(User, course.instructor_id)
    return CourseFile(
        name=f"{course.slug}.yaml",
        slug=course.slug,
        title=course.title,
        description=course.description,
        instructor=instructor.email if instructor is not None else course.instructor_id,
        modules=tuple(
            ModuleFile(
                module.key or "", module.title, tuple(_lesson(one) for one in shown if one.module_id == module.id)
            )
            for module in modules
            if any(one.module_id == module.id for one in shown)
        ),
    )


def _give_keys(rows: Any) -> None:
    taken = {row.key for row in rows if row.key is not None}
    for row in rows:
        if row.key is None:
            row.key = slugify(row.title, taken.__contains__)
            taken.add(row.key)


def _lesson(row: Lesson) -> LessonFile:
    body = row.body
    if body is None and row.content_url is None and row.content_type == "text":
        body = ""
    return LessonFile(row.key or "", row.title, row.content_type, row.minutes, body, row.content_url)


def _plain(file: CourseFile) -> dict[str, Any]:
    return {
        "course": file.slug,
        "title": file.title,
        "description": file.description,
        "instructor": file.instructor,
        "modules": [
            {
                "key": module.key,
                "title": module.title,
                "lessons": [
                    {"key": one.key, "title": one.title, "type": one.type}
                    | ({} if one.minutes is None else {"minutes": one.minutes})
                    | ({} if one.url is None else {"url": one.url})
                    | ({} if one.body is None else {"body": one.body})
                    for one in module.lessons
                ],
            }
            for module in file.modules
        ],
    }


class _Dumper(yaml.SafeDumper):
    """Text of several lines as a block, where YAML can express it exactly so; the emitter quotes it otherwise."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)
