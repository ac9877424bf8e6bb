"""The portal's own program, as the seed's section 4 has it: its tables and nothing of ours.

It has a registry of its own, so that both can live in one process. Instants are naive and in UTC, as the SQLModel of
the seed's day kept them.
"""

from datetime import datetime

from pydantic import NaiveDatetime
from sqlalchemy import create_engine
from sqlalchemy.orm import registry
from sqlalchemy.pool import NullPool
from sqlmodel import Field, Relationship, Session, SQLModel

from models.database import normal_url

NOON = datetime(2024, 5, 1, 12, 0, 0, 250_000)  # noqa: DTZ001 -- the seed knows no zones


class Portal(SQLModel, registry=registry()):
    """What the portal's tables have in common."""


class UserRole(Portal, table=True):
    user_id: str = Field(foreign_key="user.id", primary_key=True)
    role_id: int = Field(foreign_key="role.id", primary_key=True)


class User(Portal, table=True):
    id: str = Field(default=None, primary_key=True)
    first_name: str
    last_name: str
    email: str = Field(unique=True)
    image_url: str | None = None
    created_at: NaiveDatetime = Field(default=NOON, nullable=False)
    updated_at: NaiveDatetime = Field(default=NOON, nullable=False)

    roles: list["Role"] = Relationship(back_populates="users", link_model=UserRole)
    enrollments: list["Enrollment"] = Relationship(back_populates="user")
    progress: list["Progress"] = Relationship(back_populates="user")


class Role(Portal, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    description: str | None = None

    users: list[User] = Relationship(back_populates="roles", link_model=UserRole)


class Course(Portal, table=True):
    id: int | None = Field(default=None, primary_key=True)
    title: str
    description: str
    instructor_id: str = Field(foreign_key="user.id")
    created_at: NaiveDatetime = Field(default=NOON, nullable=False)
    updated_at: NaiveDatetime = Field(default=NOON, nullable=False)

    modules: list["Module"] = Relationship(back_populates="course")
    enrollments: list["Enrollment"] = Relationship(back_populates="course")


class Module(Portal, table=True):
    id: int | None = Field(default=None, primary_key=True)
    title: str
    order: int
    course_id: int = Field(foreign_key="course.id")

    course: Course = Relationship(back_populates="modules")
    lessons: list["Lesson"] = Relationship(back_populates="module")


class Lesson(Portal, table=True):
    id: int | None = Field(default=None, primary_key=True)
    title: str
    content_type: str
    content_url: str | None = None
    order: int
    module_id: int = Field(foreign_key="module.id")

    module: Module = Relationship(back_populates="lessons")
    progress: list["Progress"] = Relationship(back_populates="lesson")


class Enrollment(Portal, table=True):
    id: int | None = Field(default=None, primary_key=True)
    user_id: str = Field(foreign_key="user.id")
    course_id: int = Field(foreign_key="course.id")
    enrolled_at: NaiveDatetime = Field(default=NOON, nullable=False)

    user: User = Relationship(back_populates="enrollments")
    course: Course = Relationship(back_populates="enrollments")


class Progress(Portal, table=True):
    id: int | None = Field(default=None, primary_key=True)
    user_id: str = Field(foreign_key="user.id")
    lesson_id: int = Field(foreign_key="lesson.id")
    completed: bool = False
    completed_at: NaiveDatetime | None = None

    user: User = Relationship(back_populates="progress")
    lesson: Lesson = Relationship(back_populates="progress")


def make_tables(url: str) -> None:
    """Make the portal's tables, as it does itself."""
    engine = create_engine(normal_url(url), poolclass=NullPool)
    Portal.metadata.create_all(engine)


def fill(url: str, *, learners: int = 3) -> dict[str, int]:
    """Fill the portal: learners in two courses who have all finished the first. Returns each table's count."""
    engine = create_engine(normal_url(url), poolclass=NullPool)
    with Session(engine) as session:

        def key(row: Role | Course | Module | Lesson) -> int:
            session.add(row)
            session.flush()
            assert row.id is not None
            return row.id

        def user(user_id: str, role_id: int) -> None:
            session.add(User(id=user_id, first_name="Pat", last_name=user_id, email=f"{user_id}@example.org"))
            session.flush()
            session.add(UserRole(user_id=user_id, role_id=role_id))

        student = key(Role(name="Student"))
        user("user_grace", key(Role(name="Instructor", description="Teaches.")))
        courses = {
            title: key(Course(title=title, description=f"About {title}.", instructor_id="user_grace"))
            for title in ("Loops", "Graphs")
        }
        lessons = {
            title: [
                key(Lesson(title=f"{title} {part}.{step}", content_type="text", order=step, module_id=module))
                for part in (1, 2)
                for module in [key(Module(title=f"Part {part}", order=part, course_id=course))]
                for step in (1, 2)
            ]
            for title, course in courses.items()
        }
        for number in range(learners):
            user(f"user_{number}", student)
            session.add_all(Enrollment(user_id=f"user_{number}", course_id=course) for course in courses.values())
            session.add_all(
                Progress(user_id=f"user_{number}", lesson_id=lesson, completed=True, completed_at=NOON)
                for lesson in lessons["Loops"]
            )
        session.commit()
    return {
        "user": learners + 1,
        "role": 2,
        "userrole": learners + 1,
        "course": 2,
        "module": 4,
        "lesson": 8,
        "enrollment": 2 * learners,
        "progress": 4 * learners,
    }
