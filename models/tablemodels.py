"""What the classes of the bot's own tables have in common."""

from sqlmodel import SQLModel


class TableModel(SQLModel):
    """The class of a table of ours. Nothing is validated by it, so what pydantic would need for that is made only when
    somebody asks: 0.6 MB that a bot never does. The portal's classes are plain, for FastAPI answers with them."""

    model_config = {"defer_build": True}
