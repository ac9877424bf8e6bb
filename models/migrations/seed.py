"""The seed's tables as the seed wrote them: its section 4, and INSTRUCTOR from its diagram. Frozen, whatever we add."""

from typing import Any

from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Integer, MetaData, String, Table

SEED = MetaData()


def _id() -> Column[Any]:
    return Column("id", Integer, primary_key=True)


def _text(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, String, nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _user(name: str = "user_id", *, primary_key: bool = False) -> Column[Any]:
    return Column(name, String, ForeignKey("user.id"), primary_key=primary_key, nullable=False)


def _refers(name: str, target: str, *, primary_key: bool = False) -> Column[Any]:
    return Column(name, Integer, ForeignKey(target), primary_key=primary_key, nullable=False)


Table(
    "user",
    SEED,
    Column("id", String, primary_key=True),
    _text("first_name"),
    _text("last_name"),
    Column("email", String, nullable=False, unique=True),
    _text("image_url", nullable=True),
    _instant("created_at"),
    _instant("updated_at"),
)
Table("role", SEED, _id(), Column("name", String, nullable=False, unique=True), _text("description", nullable=True))
Table("userrole", SEED, _user(primary_key=True), _refers("role_id", "role.id", primary_key=True))
Table("instructor", SEED, _user(primary_key=True), _text("bio", nullable=True))
Table(
    "course",
    SEED,
    _id(),
    _text("title"),
    _text("description"),
    _user("instructor_id"),
    _instant("created_at"),
    _instant("updated_at"),
)
Table(
    "module", SEED, _id(), _text("title"), Column("order", Integer, nullable=False), _refers("course_id", "course.id")
)
Table(
    "lesson",
    SEED,
    _id(),
    _text("title"),
    _text("content_type"),
    _text("content_url", nullable=True),
    Column("order", Integer, nullable=False),
    _refers("module_id", "module.id"),
)
Table("enrollment", SEED, _id(), _user(), _refers("course_id", "course.id"), _instant("enrolled_at"))
Table(
    "progress",
    SEED,
    _id(),
    _user(),
    _refers("lesson_id", "lesson.id"),
    Column("completed", Boolean, nullable=False),
    _instant("completed_at", nullable=True),
)
