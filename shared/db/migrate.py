"""Migrating a database to the schema this code expects."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from shared.db.session import driver_url

_SCRIPTS = Path(__file__).parent / "migrations"
# The lock that allows one migration of a database at a time.
_LOCK = 4_711_202_6


def upgrade(url: str, revision: str = "head") -> None:
    """The database at ``url`` has the schema of ``revision``; the login must be allowed to create roles.

    A migration waits at most two seconds for a table in use, then gives up, so that readers do not wait.
    """
    engine = create_engine(driver_url(url))
    try:
        with engine.connect() as connection:
            connection.execute(text("select pg_advisory_lock(:lock)"), {"lock": _LOCK})
            connection.commit()
            try:
                config = configuration(url)
                config.attributes["connection"] = connection
                command.upgrade(config, revision)
            finally:
                connection.rollback()
                connection.execute(text("select pg_advisory_unlock(:lock)"), {"lock": _LOCK})
                connection.commit()
    finally:
        engine.dispose()


def is_current(url: str) -> bool:
    """True when the database has exactly the schema of this code."""
    engine = create_engine(driver_url(url), connect_args={"connect_timeout": 3})
    try:
        with engine.connect() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    return revision == ScriptDirectory.from_config(configuration(url)).get_current_head()


def configuration(url: str) -> Config:
    """Alembic's configuration for our migrations, made without a file."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.set_main_option("sqlalchemy.url", driver_url(url).replace("%", "%%"))
    return config
