"""What is written about the schema, and what is made from it, says what the models say."""

import re

from models.foreign_instants import COLUMNS
from models.revisions import VERSION_TABLE
from models.search_index import TABLE as SEARCH_INDEX
from models.statements import table_of
from tests.neighbours.node import HERE
from tests.schema.page import OURS, PAGE, page, tables
from tests.schema.prisma import MODELS, PRISMA, schema

WRITTEN = PAGE.read_text(encoding="utf-8")


def test_prismas_schema_is_that_of_the_models() -> None:
    assert PRISMA.read_text(encoding="utf-8") == schema(), "models/schema.prisma and the models differ: `make schema`."


def test_the_page_has_every_table_and_every_column() -> None:
    assert page(WRITTEN) == WRITTEN, "docs/schema.md and the models differ: `make schema`."
    seed = {str(model.__tablename__) for model in MODELS}
    ours = {f"homeroom_{name}" for names in OURS.values() for name in names}
    assert seed | ours == tables().keys(), "Put the table into MODELS (tests/schema/prisma.py) or OURS (page.py)."
    for name, model in tables().items():
        start = f"### {name}\n" if name in seed else f"**{name}.**"
        told = re.split(r"\n###? |\n\*\*homeroom_", WRITTEN.partition(start)[2])[0]
        for column in table_of(model).columns:
            assert f"`{column.name}`" in told, f"{name}.{column.name}"
    assert f"`{VERSION_TABLE}`" in WRITTEN
    assert f"`{SEARCH_INDEX}`" in WRITTEN


def test_every_column_of_the_seeds_tables_is_described() -> None:
    missing = [
        f"{model.__name__}.{name}"
        for model in MODELS
        for name, field in model.model_fields.items()
        if not field.description
    ]
    assert missing == [], "Say what it says, with Field(description=…)."


def test_the_code_shown_is_the_code_tested() -> None:
    tested = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("*.ts"))
    shown = re.findall(r"^```ts\n(.*?)^```", WRITTEN, re.MULTILINE | re.DOTALL)
    assert len(shown) == WRITTEN.count("```ts") > 0
    assert [block for block in shown if block not in tested] == []


def test_the_instants_it_names_are_those_rewritten() -> None:
    named = re.findall(r"^\| `(\w+)` \| instant", WRITTEN, re.MULTILINE)
    assert sorted(named) == sorted(column for columns in COLUMNS.values() for column in columns)
