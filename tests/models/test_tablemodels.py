"""The classes of the bot's own tables wait until somebody validates by them; those a portal answers with are ready."""

from sqlmodel import SQLModel

from handlers import routes
from models.tablemodels import TableModel

assert routes, "whatever a handler uses is loaded with it"


def test_of_the_tables_ours_alone_wait() -> None:
    classes = [mapper.class_ for mapper in SQLModel._sa_registry.mappers]
    ours = {one for one in classes if one.__tablename__.startswith("homeroom_")}
    assert len(ours) > 30
    assert {one for one in classes if issubclass(one, TableModel)} == ours
    assert {one for one in classes if one.model_config.get("defer_build")} == ours
