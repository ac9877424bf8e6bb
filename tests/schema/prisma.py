"""models/schema.prisma as the models have it: the seed's tables, with the names its Prisma schema gives them."""

import inspect
import re
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from models import Course, Enrollment, Instructor, Lesson, Module, Progress, Role, User, UserRole
from models.statements import table_of

PRISMA = Path(__file__).parents[2] / "models" / "schema.prisma"
MODELS = (User, Role, UserRole, Course, Module, Lesson, Enrollment, Progress, Instructor)
"""In the seed's order; INSTRUCTOR, which only its diagram has, comes last."""
LISTS = {
    "userrole.user_id": "roles",
    "userrole.role_id": "users",
    "course.instructor_id": "courses",
    "module.course_id": "modules",
    "lesson.module_id": "lessons",
    "enrollment.user_id": "enrollments",
    "enrollment.course_id": "enrollments",
    "progress.user_id": "progress",
    "progress.lesson_id": "progress",
    "instructor.user_id": "instructor",
}
"""What the other side of each reference is called."""
TYPES: dict[type[sa.types.TypeEngine[Any]], str] = {
    sa.String: "String",
    sa.Boolean: "Boolean",
    sa.Integer: "Int",
    sa.DateTime: "DateTime",
}
DEFAULTS = {
    "user.id": "@default(cuid())",
    "created_at": "@default(now())",
    "enrolled_at": "@default(now())",
    "updated_at": "@updatedAt",
    "progress.completed": "@default(false)",
}
"""What Prisma's client fills in, as in the seed; the database itself has none of these."""
HEAD = """\
// The portal's tables for a backend in Node. `make schema` writes this file from the models, and a test fails when they
// differ. docs/schema.md says how to live beside the bot. Above all: `homeroom migrate` makes and changes the tables;
// `prisma migrate` and `prisma db push` would drop what is the bot's.
// For PostgreSQL, say provider = "postgresql" and open the connection with the option timezone=UTC.

datasource db {
  provider = "sqlite"
}

generator client {
  provider = "prisma-client"
  output   = "../generated/prisma"
}
"""


def schema() -> str:
    """The whole file."""
    return "\n".join([HEAD, *("\n".join(_model(model)) + "\n" for model in MODELS)])


def _model(model: type[SQLModel]) -> list[str]:
    table = table_of(model)
    described = re.sub("``(.+?)``", lambda found: f"`{camel(found[1])}`", inspect.cleandoc(model.__doc__ or ""))
    lines: list[tuple[str, ...]] = []
    for column in table.columns:
        lines += [*(_reference(column, key) for key in column.foreign_keys), _scalar(column)]
    lines += _other_sides(model)
    widths = [max(len(line[place]) for line in lines) + 1 for place in (0, 1)]
    shown = [
        f"  {name:{widths[0]}}{kind:{widths[1]}}{' '.join(attributes)}".rstrip() for name, kind, *attributes in lines
    ]
    keys = [column.name for column in table.primary_key]
    together = [f"@@id([{_fields(keys)}])"] if len(keys) > 1 else []
    together += [
        f"@@unique([{_fields(names)}])"
        for constraint in sorted(table.constraints, key=lambda one: str(one.name))
        if isinstance(constraint, sa.UniqueConstraint) and len(names := list(constraint.columns.keys())) > 1
    ]
    return [
        *(f"/// {line}".rstrip() for line in described.splitlines()),
        f"model {model.__name__} {{",
        *shown,
        "",
        *(f"  {line}" for line in together),
        f'  @@map("{table.name}")',
        "}",
    ]


def _scalar(column: "sa.Column[object]") -> tuple[str, ...]:
    kind = next(name for base, name in TYPES.items() if isinstance(plain(column.type), base))
    attributes = []
    if column.primary_key and len(column.table.primary_key) == 1:
        attributes.append("@id")
    if column.table.autoincrement_column is column:
        attributes.append("@default(autoincrement())")
    attributes += [DEFAULTS[name] for name in (str(column), column.name) if name in DEFAULTS]
    if _is_unique(column):
        attributes.append("@unique")
    if camel(column.name) != column.name:
        attributes.append(f'@map("{column.name}")')
    return camel(column.name), kind + ("?" if column.nullable else ""), *attributes


def _reference(column: "sa.Column[object]", key: sa.ForeignKey) -> tuple[str, ...]:
    rule = (key.ondelete or "NO ACTION").title().replace(" ", "")
    settled = (key.onupdate or "NO ACTION").title().replace(" ", "")
    return (
        camel(column.name.removesuffix("_id")),
        _name(key.column.table) + ("?" if column.nullable else ""),
        f"@relation(fields: [{camel(column.name)}], references: [{camel(key.column.name)}],"
        f" onDelete: {rule}, onUpdate: {settled})",
    )


def _other_sides(model: type[SQLModel]) -> list[tuple[str, ...]]:
    return [
        (LISTS[str(column)], other.__name__ + ("?" if _is_unique(column) or _is_alone(column) else "[]"))
        for other in MODELS
        for column in table_of(other).columns
        for key in column.foreign_keys
        if key.column.table is table_of(model)
    ]


def _is_alone(column: "sa.Column[object]") -> bool:
    return list(column.table.primary_key) == [column]


def _is_unique(column: "sa.Column[object]") -> bool:
    return any(
        isinstance(one, sa.UniqueConstraint) and list(one.columns) == [column] for one in column.table.constraints
    )


def plain(kind: sa.types.TypeEngine[object]) -> sa.types.TypeEngine[object]:
    """The type itself, where ours wraps one."""
    return kind.impl_instance if isinstance(kind, sa.types.TypeDecorator) else kind


def _name(table: sa.Table) -> str:
    return next(model.__name__ for model in MODELS if table_of(model) is table)


def _fields(names: list[str]) -> str:
    return ", ".join(map(camel, names))


def camel(name: str) -> str:
    """The name as JavaScript has it."""
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))
