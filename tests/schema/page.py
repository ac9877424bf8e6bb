"""What docs/schema.md has from the models: the picture, and every table with every column."""

import inspect
import pkgutil
from importlib import import_module
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

import models
from models.migrations.seed import SEED
from models.statements import table_of
from tests.schema.prisma import LISTS, MODELS, plain

PAGE = Path(__file__).parents[2] / "docs" / "schema.md"
KINDS: tuple[tuple[type[sa.types.TypeEngine[Any]], str, str], ...] = (
    (sa.String, "text", "string"),
    (sa.Boolean, "yes or no", "bool"),
    (sa.Integer, "whole number", "int"),
    (sa.Float, "number", "float"),
    (sa.DateTime, "instant", "datetime"),
    (sa.Date, "day", "date"),
)
OURS = {
    "Who is who": ("member", "link", "link_request", "sign_in", "match", "clerk_user", "workspace", "erasure"),
    "Roles": ("grant", "audit"),
    "Learning": ("workload", "completion", "place", "share"),
    "Writing courses": ("draft", "unsaved", "version", "lesson_text", "import"),
    "Teaching": ("coteacher", "course_channel", "channel", "snapshot"),
    "Announcements": ("announcement", "recipient"),
    "Reminders": ("reminder", "mute", "absence"),
    "Sending": ("delivery", "pace", "pause", "switch"),
    "Keeping up": ("change", "destination", "event", "heartbeat", "hint"),
}
"""Our tables by what they are about, without the homeroom_ they all begin with."""


def page(written: str) -> str:
    """The page with everything that is made from the models as it should be; the rest as written."""
    for name, made in {
        "picture": _picture(),
        "tables": "\n".join(_table(model) for model in MODELS),
        "our-tables": _our_tables(),
    }.items():
        start, end = f"<!-- {name}: made by make schema -->\n", f"<!-- /{name} -->"
        before, _, rest = written.partition(start)
        _, there, after = rest.partition(end)
        if not there:
            raise ValueError(f"docs/schema.md has no place for {name}: put {start} and {end} where it should be.")
        written = f"{before}{start}\n{made}\n{end}{after}"
    return written


def tables() -> dict[str, type[SQLModel]]:
    """The class of every table."""
    for module in pkgutil.iter_modules(models.__path__):
        import_module(f"models.{module.name}")
    return {mapper.local_table.name: mapper.class_ for mapper in SQLModel._sa_registry.mappers}  # type: ignore[attr-defined]


def _picture() -> str:
    lines = []
    for model in MODELS:
        table = table_of(model)
        lines += [
            *(_line(column, key, LISTS[str(column)]) for column in table.columns for key in column.foreign_keys),
            f"    {table.name} {{",
            *(f"        {_kind(column)[1]} {column.name}{_keys(column)}" for column in table.columns),
            "    }",
        ]
    return "\n".join(["```mermaid", "erDiagram", *lines, "```"])


def _line(column: "sa.Column[Any]", key: sa.ForeignKey, words: str) -> str:
    one = "|o" if column.nullable else "||"
    many = "o|" if list(column.table.primary_key) == [column] else "o{"
    return f'    {key.column.table.name} {one}--{many} {column.table.name} : "{words}"'


def _keys(column: "sa.Column[Any]") -> str:
    keys = [
        word
        for word, holds in (("PK", column.primary_key), ("FK", column.foreign_keys), ("UK", _is_unique(column)))
        if holds
    ]
    return f" {', '.join(keys)}" if keys else ""


def _is_unique(column: "sa.Column[Any]") -> bool:
    return any(
        isinstance(one, sa.UniqueConstraint) and list(one.columns) == [column] for one in column.table.constraints
    )


def _table(model: type[SQLModel]) -> str:
    table = table_of(model)
    seed = SEED.tables[table.name].columns
    rows = [
        f"| `{column.name}` | {_words(column)} | {model.model_fields[column.name].description}"
        f"{'' if column.name in seed else ' *Added by us.*'} |"
        for column in table.columns
    ]
    together = [
        f"Only once: {' and '.join(f'`{name}`' for name in constraint.columns.keys())} together.\n"  # noqa: SIM118
        for constraint in sorted(table.constraints, key=lambda one: str(one.name))
        if isinstance(constraint, sa.UniqueConstraint) and len(constraint.columns) > 1
    ]
    head = [f"### {table.name}", "", _described(model), "", "| column | what it is | what it says |", "|---|---|---|"]
    return "\n".join([*head, *rows, "", *together])


def _words(column: "sa.Column[Any]") -> str:
    words = [_kind(column)[0]]
    words += ["key"] if column.primary_key else []
    words += [f"→ `{key.target_fullname}`" for key in column.foreign_keys]
    words += ["only once"] if _is_unique(column) else []
    words += ["may be empty"] if column.nullable else []
    return ", ".join(words)


def _our_tables() -> str:
    known = tables()
    lines = []
    for noun, names in OURS.items():
        lines += [f"### {noun}", ""]
        for name in names:
            model = known[f"homeroom_{name}"]
            lines += [f"**homeroom_{name}.** {_described(model)}", ""]
            lines += [", ".join(_short(column) for column in table_of(model).columns) + ".", ""]
    return "\n".join(lines)


def _short(column: "sa.Column[Any]") -> str:
    name = f"**`{column.name}`**" if column.primary_key else f"`{column.name}`"
    goes = "".join(f" → `{key.target_fullname}`" for key in column.foreign_keys)
    return f"{name} {_kind(column)[0]}{'?' if column.nullable else ''}{goes}"


def _described(model: type[SQLModel]) -> str:
    return inspect.cleandoc(model.__doc__ or "").replace("``", "`")


def _kind(column: "sa.Column[Any]") -> tuple[str, str]:
    return next((words, short) for base, words, short in KINDS if isinstance(plain(column.type), base))
