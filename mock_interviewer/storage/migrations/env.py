"""Alembic's entry: runs on the connection that `mock_interviewer.storage.migrate` hands over."""

from alembic import context

from mock_interviewer.storage.tables import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
