"""A real PostgreSQL and a real Valkey for the tests: the ones the environment names, else our own."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
import redis
from psycopg import sql
from sqlalchemy import delete, make_url

from shared.db.metadata import METADATA
from shared.db.migrate import upgrade
from tests.waiting import until
from tools.standalone.postgres import postgres
from tools.standalone.serving import ServerMissing
from tools.standalone.valkey import broker_url

_EMPTY = "; ".join(
    [
        *(str(delete(table)) for table in reversed(METADATA.sorted_tables)),
        "select setval(oid::regclass, 1, false) from pg_class where relkind = 'S'",
    ]
)
_CATALOGUES = ("pg_class", "pg_attribute", "pg_constraint", "pg_trigger", "pg_proc", "pg_policy")
_PREFIX = "crmap-tests-"
_MEMORY = Path("/dev/shm")
_ENOUGH_MEMORY_BYTES = 1 << 30


class Kept:
    """A database that is emptied for the next test. We stay connected: connecting costs more than emptying."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._connection = _connection(url)
        self._made = self._schema()

    def emptied(self) -> bool:
        """Whether the database is again as it was made: nobody else is connected to it, its tables are empty."""
        try:
            until(self._is_alone, what="nobody else is connected")
            if self._schema() != self._made:
                return False
            self._connection.execute(_EMPTY)
        except psycopg.Error:
            return False
        return True

    def close(self) -> None:
        self._connection.close()

    def _is_alone(self) -> bool:
        """Whether nobody else is connected. Who is gets told to end; the server would look every 100 ms only."""
        query = (
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        return not self._connection.execute(query).fetchall()

    def _schema(self) -> object:
        """Another one after whatever changed the schema."""
        rows: list[sql.Composable] = [sql.SQL("select version_num, 0 from alembic_version")]
        rows += [
            sql.SQL("select max(xmin::text::bigint)::text, count(*) from {}").format(sql.Identifier(name))
            for name in _CATALOGUES
        ]
        return self._connection.execute(sql.SQL(" union all ").join(rows)).fetchall()


@dataclass(frozen=True)
class Databases:
    """A server on which every test gets databases of its own, copied from one that is migrated."""

    admin_url: str
    # Of this process: workers of one run may share a server.
    template: str = field(default_factory=lambda: f"crmap_template_{uuid4().hex[:12]}")
    _kept: list[Kept] = field(default_factory=list)

    @contextlib.contextmanager
    def lent(self) -> Iterator[str]:
        """The address of a database with the current schema and nothing in it, which others have later.

        Emptying one costs a tenth of making one.
        """
        kept = self._kept.pop() if self._kept else Kept(self.fresh())
        yield kept.url
        if kept.emptied():
            self._kept.append(kept)
        else:
            self._give_up(kept)

    def close(self) -> None:
        """None of the databases that were lent is left, and no template."""
        for kept in self._kept:
            self._give_up(kept)
        self.drop(self.url(self.template))

    def _give_up(self, kept: Kept) -> None:
        kept.close()
        self.drop(kept.url)

    def fresh(self) -> str:
        """The address of a new database with the current schema and nothing in it."""
        return self._create(self.template)

    def empty(self) -> str:
        """The address of a new database without any schema."""
        return self._create("template0")

    def drop(self, url: str) -> None:
        """The database is gone, whoever is still connected to it."""
        with _connection(self.admin_url) as connection:
            name = sql.Identifier(str(make_url(url).database))
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(name))

    def prepare(self) -> None:
        """The template has the current schema."""
        with _connection(self.admin_url) as connection:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(self.template)))
        upgrade(self.url(self.template))

    def url(self, database: str) -> str:
        """The address of a database of this server."""
        return make_url(self.admin_url).set(database=database).render_as_string(hide_password=False)

    def _create(self, template: str) -> str:
        name = f"crmap_{uuid4().hex[:12]}"
        with _connection(self.admin_url) as connection:
            # Copying files is quicker than writing a log of the copy.
            statement = sql.SQL("create database {} template {} strategy file_copy")
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)


def _connection(url: str) -> psycopg.Connection:
    return psycopg.connect(url, autocommit=True)


@contextlib.contextmanager
def databases() -> Iterator[Databases]:
    """Databases on the server of CRMAP_TEST_DATABASE_URL, or on one that lives as long as the block."""
    with contextlib.ExitStack() as stack:
        url = os.environ.get("CRMAP_TEST_DATABASE_URL")
        if not url:
            url = stack.enter_context(postgres(stack.enter_context(server_folder()), durable=False)).url()
        found = Databases(url)
        stack.callback(found.close)
        found.prepare()
        yield found


@contextlib.contextmanager
def broker() -> Iterator[str]:
    """The address of the broker of CRMAP_TEST_BROKER_URL, or of one that lives as long as the block."""
    given = os.environ.get("CRMAP_TEST_BROKER_URL")
    with server_folder() as folder, broker_url(given, folder, durable=False) as url:
        yield _for_this_worker(url) if given else url


def emptied(url: str) -> str:
    """The address of a broker with nothing in it any more."""
    with contextlib.closing(redis.Redis.from_url(url.replace("redis+socket://", "unix://"))) as client:
        client.flushdb()
    return url


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
def server_folder() -> Iterator[Path]:
    """A folder for a server of this run, which one that may not run as root can enter; in memory where that is plenty.

    Making a database is making three hundred files, which some disks take half a second for.
    """
    base = _MEMORY if _is_roomy(_MEMORY) else Path(tempfile.gettempdir())
    _sweep(base)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=base))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_roomy(folder: Path) -> bool:
    try:
        found = os.statvfs(folder)
    except OSError:
        return False
    # Programs that a server's user cannot reach where they are get copied beside the data.
    runs_programs = not found.f_flag & os.ST_NOEXEC
    return runs_programs and found.f_bavail * found.f_frsize > _ENOUGH_MEMORY_BYTES


def _sweep(base: Path) -> None:
    """Nothing is left of runs that were killed, whose folders would go on taking memory."""
    for folder in base.glob(f"{_PREFIX}*"):
        try:
            os.kill(int(folder.name.removeprefix(_PREFIX).partition("-")[0]), 0)
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
        except PermissionError:
            continue


def _for_this_worker(url: str) -> str:
    """The address with a database number that no other worker of this run empties."""
    parts = urlsplit(url)
    if parts.scheme not in ("redis", "rediss"):
        return url
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return parts._replace(path=f"/{int(parts.path.strip('/') or 0) + worker}").geturl()
