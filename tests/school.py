"""A small school for tests: plain functions that make people and courses with the least that can be said of them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import insert
from sqlmodel import Session, select

from models import Course, Enrollment, Lesson, Module, Progress, Role, User, UserRole, members
from models.links import Link
from models.members import Profile

LONG_AGO = datetime(2024, 1, 1, 9, 0, tzinfo=UTC)
"""When everything here was made, unless a test says otherwise."""


def a_user(session: Session, name: str, *roles: str) -> User:
    """A user called ``name`` (Clerk ID ``user_NAME``) holding ``roles``; who is already there is not made again."""
    user_id = f"user_{name.lower()}"
    user = session.get(User, user_id)
    if user is None:
        user = User(
            id=user_id,
            first_name=name.capitalize(),
            last_name="Tester",
            email=f"{name.lower()}@example.org",
            created_at=LONG_AGO,
            updated_at=LONG_AGO,
        )
        session.add(user)
        session.flush()
    for role_name in roles:
        role = session.exec(select(Role).where(Role.name == role_name)).one_or_none() or Role(name=role_name)
        session.add(role)
        session.flush()
        session.merge(UserRole(user_id=user_id, role_id=_key(role.id)))
        session.flush()
    return user


def a_crowd(session: Session, names: Sequence[str], course_id: int, team_id: str, at: datetime) -> None:
    """Users of these names, each linked to a member of the workspace (``UNAME``) and in the course.

    A few statements, however many they are.
    """
    ids = {name: f"user_{name}" for name in names}
    users = [{"id": ids[n], "first_name": n.title(), "last_name": "Tester", "email": f"{n}@example.org"} for n in names]
    session.execute(insert(User), [one | {"created_at": LONG_AGO, "updated_at": LONG_AGO} for one in users])
    members.remember_many(session, [Profile(team_id, f"U{n.upper()}", n, n.title(), tz="UTC") for n in names], at)
    linked = [{"team_id": team_id, "slack_user_id": f"U{n.upper()}", "user_id": ids[n], "linked_at": at} for n in names]
    session.execute(insert(Link), linked)
    there = [{"user_id": user_id, "course_id": course_id, "enrolled_at": at} for user_id in ids.values()]
    session.execute(insert(Enrollment), there)


def a_course(
    session: Session,
    title: str,
    lessons: Sequence[str] | Mapping[str, Sequence[str]] = (),
    *,
    description: str = "",
    instructor: str = "grace",
    slug: str | None = None,
) -> Course:
    """A course taught by ``instructor``; ``lessons`` are titles of text lessons, in one module or by module."""
    course = Course(
        title=title,
        description=description or f"About {title}.",
        instructor_id=a_user(session, instructor).id,
        slug=slug,
        created_at=LONG_AGO,
        updated_at=LONG_AGO,
    )
    session.add(course)
    session.flush()
    modules = lessons if isinstance(lessons, Mapping) else {"Lessons": lessons} if lessons else {}
    for order, (module_title, titles) in enumerate(modules.items(), start=1):
        module = a_module(session, course, module_title, order=order)
        for lesson_title in titles:
            a_lesson(session, module, lesson_title)
    return course


def a_module(session: Session, course: Course, title: str, *, order: int = 1) -> Module:
    """A module of ``course``."""
    module = Module(title=title, order=order, course_id=_key(course.id))
    session.add(module)
    session.flush()
    return module


def a_lesson(
    session: Session,
    module: Module,
    title: str,
    *,
    body: str | None = "Read me.",
    content_type: str = "text",
    content_url: str | None = None,
    minutes: int | None = None,
) -> Lesson:
    """A lesson at the end of ``module``."""
    order = len(session.exec(select(Lesson.id).where(Lesson.module_id == module.id)).all()) + 1
    lesson = Lesson(
        title=title,
        content_type=content_type,
        content_url=content_url,
        order=order,
        module_id=_key(module.id),
        minutes=minutes,
        body=body,
    )
    session.add(lesson)
    session.flush()
    return lesson


def lessons_of(session: Session, course: Course) -> list[Lesson]:
    """The lessons of ``course`` in the order they are taken."""
    wanted = select(Lesson).join(Module).where(Module.course_id == course.id)
    return list(session.exec(wanted.order_by(Module.order, Module.id, Lesson.order, Lesson.id)))  # type: ignore[arg-type]


def enrolled(session: Session, user: User, course: Course, *, at: datetime = LONG_AGO) -> Enrollment:
    """The row of ``user`` enrolled in ``course``."""
    enrollment = Enrollment(user_id=user.id, course_id=_key(course.id), enrolled_at=at)
    session.add(enrollment)
    session.flush()
    return enrollment


def completed(session: Session, user: User, lesson: Lesson, *, at: datetime = LONG_AGO) -> Progress:
    """The row of ``user`` having completed ``lesson``."""
    progress = Progress(user_id=user.id, lesson_id=_key(lesson.id), completed=True, completed_at=at)
    session.add(progress)
    session.flush()
    return progress


def _key(value: int | None) -> int:
    assert value is not None
    return value
