"""Importing a course file: who may, and carrying it out."""

from datetime import datetime

from sqlmodel import Session

from models import audit, courseplans, handovers, manuscripts, standings, teachers, users, versions
from models.courseplans import Applied, Plan
from models.errors import DomainError
from models.members import Caller


class NotTheirFile(DomainError):
    """The file names somebody else as instructor of a course that would be made."""

    def __init__(self, instructor_id: str, name: str) -> None:
        super().__init__(
            f"The file says that {name} teaches this course. Put your own id in its line instructor: ({instructor_id} "
            "stands there now), or ask an admin to import it."
        )


def require(session: Session, caller: Caller, plan: Plan) -> None:
    """Whether this person may carry out the plan: on a course they teach, or a new one of their own; an admin always.

    Raises `NotTheirFile`, `NotTaught`, for another instructor `NotOwned`, and `CanNotTeach` when that one is none.
    """
    if plan.course_id is not None:
        teachers.require(session, caller, plan.course_id, owner=plan.changes_instructor)
    elif not caller.is_admin and plan.instructor_id != caller.user_id:
        raise NotTheirFile(plan.instructor_id, _name(session, plan.instructor_id))
    if plan.changes_instructor and not handovers.can_teach(session, plan.instructor_id):
        raise handovers.CanNotTeach(_name(session, plan.instructor_id))


def carry_out(session: Session, plan: Plan, actor: str, now: datetime) -> Applied:
    """Make the course what the plan says. Somebody's import is kept as a version, to compare and to go back to.

    ``actor`` is a Clerk ID, or the console. Raises `Outdated` and `UnknownInstructor`.
    """
    is_persons = actor != audit.CONSOLE
    if is_persons and plan.course_id is not None and plan.changes and not versions.has_any(session, plan.course_id):
        _keep_version(session, plan.course_id, None, now)
    applied = courseplans.apply(session, plan, now)
    if not applied.changes:
        return applied
    if is_persons:
        _keep_version(session, applied.course_id, actor, now)
    audit.note(
        session,
        "course.imported",
        actor=actor,
        what=plan.course.slug,
        course_id=applied.course_id,
        after=f"{applied.changes} changes",
        now=now,
    )
    return applied


def _keep_version(session: Session, course_id: int, by: str | None, now: datetime) -> None:
    standing = standings.by_id(session, course_id)
    if standing is not None:
        versions.add(session, course_id, manuscripts.of_standing(standing), is_small=True, by=by, now=now)


def _name(session: Session, user_id: str) -> str:
    user = users.get(session, user_id)
    return users.name(user) if user is not None else user_id
