"""What Alembic runs for every command: the revisions, on the connection and in the transaction they are handed."""

from alembic import context

from models.revisions import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
context.run_migrations()
