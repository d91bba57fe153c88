"""The whole database, to back up or to restore: the one in the settings, else that of ``crmap standalone``."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tools.cli.console import Console
from tools.cli.sentences import WRONG_SETTING, Complaint
from tools.cli.standalone import until_stopped

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from shared.settings import Settings

NO_WAY_IN = "There is no way into the database at the address in CRMAP_DATABASE_URL: {why}."

_PATIENCE_S = 5
_KEPT_KEYS = "secret-keys"


@dataclass(frozen=True)
class WholeDatabase:
    """A database and the keys of its secrets. ``keys_are_in`` names the file or the setting with the keys."""

    url: str = field(repr=False)
    keys: tuple[str, ...] = field(repr=False)
    keys_are_in: str

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection in autocommit mode: each statement is a transaction. Raises Complaint."""
        from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

        try:
            connection = self._engine.connect()
        except DBAPIError as error:
            raise Complaint(NO_WAY_IN, why=_why(error)) from None
        with connection:
            yield connection

    @property
    def client_environment(self) -> dict[str, str]:
        """Environment variables for PostgreSQL's own programs; other users could read a command line."""
        from psycopg import pq  # noqa: PLC0415

        _, connect_arguments = self._engine.dialect.create_connect_args(self._engine.url)
        variables = {option.keyword.decode(): option.envvar for option in pq.Conninfo.get_defaults()}
        return {
            variable.decode(): str(connect_arguments[keyword])
            for keyword, variable in variables.items()
            if variable and keyword in connect_arguments
        }

    @cached_property
    def _engine(self) -> Engine:
        from sqlalchemy import NullPool, create_engine, make_url  # noqa: PLC0415

        return create_engine(
            make_url(self.url).set(drivername="postgresql+psycopg"),
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args={"connect_timeout": _PATIENCE_S},
        )


def server_version(connection: Connection) -> int:
    """The major version of the server."""
    from sqlalchemy import text  # noqa: PLC0415

    return int(connection.execute(text("show server_version_num")).scalar_one()) // 10_000


@contextmanager
def whole_database(*, may_be_new: bool = False) -> Iterator[WholeDatabase]:
    """The database of CRMAP_DATABASE_URL, else the one in CRMAP_DATA_DIR, which runs at least as long as the block.

    ``may_be_new`` makes one in CRMAP_DATA_DIR where none is yet. Raises Complaint.
    """
    from shared.settings import WrongSetting, load_service_settings, load_settings  # noqa: PLC0415

    try:
        settings = load_settings()
        if settings.database_url is not None:
            settings = load_service_settings()
    except WrongSetting as error:
        raise Complaint(WRONG_SETTING, what=str(error)) from None
    if settings.database_url is not None:
        yield WholeDatabase(settings.service_database_url, settings.keys, _place_of_keys(settings))
        return
    with (
        until_stopped(Console("en"), is_end=False),
        _of_one_machine(settings, may_be_new=may_be_new) as database,
    ):
        yield database


def _place_of_keys(settings: Settings) -> str:
    if settings.secret_keys_file is not None:
        return str(settings.secret_keys_file)
    # After crmap.env was read into a shell, the keys are in a setting and in this file.
    keys_file = settings.data_dir.resolve() / _KEPT_KEYS
    return str(keys_file) if _keys_in(keys_file) == settings.keys else "CRMAP_SECRET_KEYS"


@contextmanager
def _of_one_machine(settings: Settings, *, may_be_new: bool) -> Iterator[WholeDatabase]:
    from tools.standalone.postgres import database_url  # noqa: PLC0415
    from tools.standalone.serving import alone_in, left_behind  # noqa: PLC0415

    data_dir = settings.data_dir.resolve()
    cluster = (data_dir / "postgres").resolve() / "cluster"
    if not may_be_new and not cluster.exists():
        raise Complaint(
            WRONG_SETTING,
            what="CRMAP_DATABASE_URL has to be set, or CRMAP_DATA_DIR to the folder crmap standalone keeps",
        )
    keys_file = data_dir / _KEPT_KEYS
    is_given = "secret_keys" in settings.model_fields_set
    keys = settings.keys if is_given else _keys_in(keys_file)
    keys_are_in = _place_of_keys(settings) if is_given else str(keys_file)
    if left_behind(cluster / "postmaster.pid", cluster.parent) is not None:
        yield WholeDatabase(_address_in(data_dir / "crmap.env"), keys, keys_are_in)
        return
    data_dir.mkdir(parents=True, exist_ok=True)
    with alone_in(data_dir, "CRMAP"), database_url(None, data_dir, durable=True) as url:
        yield WholeDatabase(url, keys, keys_are_in)


def _address_in(environment: Path) -> str:
    """The database's URL, as the running ``crmap standalone`` has written it to its environment file."""
    lines = dict(word.split("=", 1) for word in shlex.split(environment.read_text(encoding="utf-8")))
    return lines["CRMAP_DATABASE_URL"]


def _keys_in(file: Path) -> tuple[str, ...]:
    try:
        return tuple(key.strip() for key in file.read_text(encoding="utf-8").split(",") if key.strip())
    except OSError:
        return ()


def _why(error: Exception) -> str:
    """The end of the first line of libpq's message. It names neither password nor address."""
    line = str(getattr(error, "orig", error)).partition("\n")[0]
    return " ".join(line.rpartition(" failed: ")[2].removeprefix("FATAL:").split()).rstrip(".")
