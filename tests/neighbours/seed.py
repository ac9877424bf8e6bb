"""The portal's tables as section 4 of the seed defines them, and nothing of ours: a neighbour's own classes.

They have a registry of their own, and their instants are aware, since `datetime.utcnow` is deprecated (Python 3.12).
`tests.seedprogram` is the same neighbour in an earlier day, whose instants are naive.
"""

from datetime import UTC, datetime

from sqlalchemy.orm import registry
from sqlmodel import Field, Relationship, SQLModel


def now() -> datetime:
    """The present, aware."""
    return datetime.now(UTC)


class Seed(SQLModel, registry=registry()):
    """What the seed's tables have in common."""


class UserRole(Seed, table=True):
    user_id: str = Field(foreign_key="user.id", primary_key=True)
    role_id: int = Field(foreign_key="role.id", primary_key=True)


class User(Seed, table=True):
    id: str = Field(default=None, primary_key=True)
    first_name: str
    last_name: str
    email: str = Field(unique=True)
    image_url: str | None = None
    created_at: datetime = Field(default_factory=now, nullable=False)
    updated_at: datetime = Field(default_factory=now, nullable=False)

    roles: list["Role"] = Relationship(back_populates="users", link_model=UserRole)
    enrollments: list["Enrollment"] = Relationship(back_populates="user")
    progress: list["Progress"] = Relationship(back_populates="user")


class Role(Seed, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    description: str | None = None

    users: list[User] = Relationship(back_populates="roles", link_model=UserRole)


class Course(Seed, table=True):
    id: int | None = Field(default=None, primary_key=True)
    title: str
    description: str
    instructor_id: str = Field(foreign_key="user.id")
    created_at: datetime = Field(default_factory=now, nullable=False)
    updated_at: datetime = Field(default_factory=now, nullable=False)

    modules: list["Module"] = Relationship(back_populates="course")
    enrollments: list["Enrollment"] = Relationship(back_populates="course")


class Module(Seed, table=True):
    id: int | None = Field(default=None, primary_key=True)
    title: str
    order: int
    course_id: int = Field(foreign_key="course.id")

    course: Course = Relationship(back_populates="modules")
    lessons: list["Lesson"] = Relationship(back_populates="module")


class Lesson(Seed, table=True):
    id: int | None = Field(default=None, primary_key=True)
    title: str
    content_type: str
    content_url: str | None = None
    order: int
    module_id: int = Field(foreign_key="module.id")

    module: Module = Relationship(back_populates="lessons")
    progress: list["Progress"] = Relationship(back_populates="lesson")


class Enrollment(Seed, table=True):
    id: int | None = Field(default=None, primary_key=True)
    user_id: str = Field(foreign_key="user.id")
    course_id: int = Field(foreign_key="course.id")
    enrolled_at: datetime = Field(default_factory=now, nullable=False)

    user: User = Relationship(back_populates="enrollments")
    course: Course = Relationship(back_populates="enrollments")


class Progress(Seed, table=True):
    id: int | None = Field(default=None, primary_key=True)
    user_id: str = Field(foreign_key="user.id")
    lesson_id: int = Field(foreign_key="lesson.id")
    completed: bool = False
    completed_at: datetime | None = None

    user: User = Relationship(back_populates="progress")
    lesson: Lesson = Relationship(back_populates="progress")


TABLES: dict[str, type[Seed]] = {
    str(model.__tablename__): model for model in (User, Role, UserRole, Course, Module, Lesson, Enrollment, Progress)
}
"""Every table, by its name."""
