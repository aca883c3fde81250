"""What Alembic runs for an upgrade: the steps, on the connection and in the transaction of `storage.upgrade`."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
