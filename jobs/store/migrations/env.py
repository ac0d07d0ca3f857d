"""Run by alembic: on the connection that `upgrade` holds, inside its transaction."""

from __future__ import annotations

from alembic import context

from jobs.store.tables import Row

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Row.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
