"""A real PostgreSQL and a real Valkey for the tests: the ones the environment names, else our own."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from shared.db.migrate import upgrade
from tools.standalone.postgres import postgres
from tools.standalone.serving import ServerMissing
from tools.standalone.valkey import valkey

_TEMPLATE = "crmap_template"


@dataclass(frozen=True)
class Databases:
    """A server on which every test gets databases of its own, copied from one that is migrated."""

    admin_url: str

    def fresh(self) -> str:
        """The address of a new database with the current schema and nothing in it."""
        return self._create(template=_TEMPLATE)

    def empty(self) -> str:
        """The address of a new database without any schema."""
        return self._create(template="template0")

    def drop(self, url: str) -> None:
        """The database is gone, whoever is still connected to it."""
        with self._connection() as connection:
            name = sql.Identifier(str(make_url(url).database))
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(name))

    def prepare(self) -> None:
        """The template has the current schema."""
        with self._connection() as connection:
            connection.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(_TEMPLATE))
            )
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(_TEMPLATE)))
        upgrade(self._url(_TEMPLATE))

    def _create(self, *, template: str) -> str:
        name = f"crmap_{uuid4().hex[:12]}"
        with self._connection() as connection:
            statement = sql.SQL("create database {} template {}")
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return self._url(name)

    def _url(self, database: str) -> str:
        return make_url(self.admin_url).set(database=database).render_as_string(hide_password=False)

    def _connection(self) -> psycopg.Connection:
        return psycopg.connect(self.admin_url, autocommit=True)


@contextlib.contextmanager
def databases() -> Iterator[Databases]:
    """Databases on the server of CRMAP_TEST_DATABASE_URL, or on one that lives as long as the block."""
    with contextlib.ExitStack() as stack:
        url = os.environ.get("CRMAP_TEST_DATABASE_URL")
        if url is None:
            url = stack.enter_context(postgres(stack.enter_context(_folder()), durable=False)).url()
        found = Databases(url)
        found.prepare()
        yield found


@contextlib.contextmanager
def broker() -> Iterator[str]:
    """The address of the broker of CRMAP_TEST_BROKER_URL, or of one that lives as long as the block."""
    if url := os.environ.get("CRMAP_TEST_BROKER_URL"):
        yield url
        return
    with _folder() as folder, valkey(folder) as server:
        yield server.url


@contextlib.contextmanager
def or_skipped() -> Iterator[None]:
    """A server that is not to be had skips the test with its reason, and fails it where everything has to be there."""
    try:
        yield
    except ServerMissing as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """A folder of its own, which a server that may not run as root can enter."""
    folder = Path(tempfile.mkdtemp(prefix="crmap-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
