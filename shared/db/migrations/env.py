"""Alembic's entry point: runs migrations on the connection it is handed, or on one of its own."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine, text

from shared.db.metadata import METADATA


def run(connection: Connection) -> None:
    """Applies the migrations, each in the one transaction, never waiting long for a lock."""
    context.configure(connection=connection, target_metadata=METADATA, compare_type=True)
    with context.begin_transaction():
        connection.execute(text("set local lock_timeout = '2s'"))
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "")
    with engine.connect() as own:
        run(own)
    engine.dispose()
