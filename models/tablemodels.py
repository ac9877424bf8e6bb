"""What the classes of the bot's own tables have in common."""

from sqlmodel import SQLModel


class TableModel(SQLModel):
    """The class of a table of ours. A bot validates nothing by it, so what pydantic needs to do that is made when it is
    first asked for; for all of them it would be 0.6 MB. The portal's classes are plain: FastAPI answers with them."""

    model_config = {"defer_build": True}
