"""Deleting a course, which only one that nobody ever learned in allows."""

from datetime import datetime

from sqlalchemy import delete as deletion
from sqlalchemy import func, select, union
from sqlmodel import Session

from models import audit, teachers
from models.completions import Completion
from models.courses import Course, Lesson, Module
from models.enrollments import Enrollment
from models.errors import DomainError
from models.members import Caller
from models.progressrows import Progress
from models.statements import an_id, table_of

_COURSE, _MODULE, _LESSON = (table_of(one) for one in (Course, Module, Lesson))
_ENROLLMENT, _PROGRESS, _COMPLETION = (table_of(one) for one in (Enrollment, Progress, Completion))
_MODULES = select(_MODULE.c.id).where(_MODULE.c.course_id == an_id("course"))
_LESSONS = select(_LESSON.c.id).where(_LESSON.c.module_id.in_(_MODULES))
_PEOPLE = select(func.count()).select_from(
    union(
        select(_ENROLLMENT.c.user_id).where(_ENROLLMENT.c.course_id == an_id("course")),
        select(_COMPLETION.c.user_id).where(_COMPLETION.c.course_id == an_id("course")),
        select(_PROGRESS.c.user_id).where(_PROGRESS.c.lesson_id.in_(_LESSONS)),
    ).subquery()
)
_LOCK = select(_COURSE.c.id).where(_COURSE.c.id == an_id("course")).with_for_update()
_DELETE = (
    deletion(_LESSON).where(_LESSON.c.module_id.in_(_MODULES)),
    deletion(_MODULE).where(_MODULE.c.course_id == an_id("course")),
    deletion(_COURSE).where(_COURSE.c.id == an_id("course")),
)


class HasLearners(DomainError):
    """Somebody learned in the course: what they did would go with it."""

    def __init__(self, title: str, people: int) -> None:
        learned = "1 person learned" if people == 1 else f"{people:,} people learned"
        super().__init__(f"{learned} in {title}, and what they did would go with it. Archive the course instead.")


def learned(session: Session, course_id: int) -> int:
    """How many people are enrolled in the course, or ever did something in it."""
    return int(session.connection().execute(_PEOPLE, {"course": course_id}).scalar_one())


def delete(session: Session, caller: Caller, course_id: int, now: datetime) -> str:
    """The course is gone, with its draft and versions; its title.

    Raises `CourseGone`, `NotTaught`, `NotOwned`, and `HasLearners`. Nobody enrolls before the transaction ends.
    """
    session.connection().execute(_LOCK, {"course": course_id})
    title = teachers.require(session, caller, course_id, owner=True)
    people = learned(session, course_id)
    if people:
        raise HasLearners(title, people)
    for statement in _DELETE:
        session.connection().execute(statement, {"course": course_id})
    session.expire_all()
    audit.note(session, "course.deleted", actor=str(caller.user_id), what=title, course_id=course_id, now=now)
    return title
