"""What is written about the schema, and what is made from it, says what the models say."""

from tests.schema.prisma import PRISMA, schema


def test_prismas_schema_is_that_of_the_models() -> None:
    assert PRISMA.read_text(encoding="utf-8") == schema(), "models/schema.prisma and the models differ: `make schema`."
