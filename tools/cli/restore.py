"""``crmap restore``: a database out of the file ``crmap backup`` wrote."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tools.cli.applications import register_default
from tools.cli.console import Console
from tools.cli.failing import one_sentence
from tools.cli.postgres_clients import ClientFailed, find_client, run_client
from tools.cli.sentences import CANNOT_READ, NO_FILE, Complaint
from tools.cli.whole_database import WholeDatabase, server_version, whole_database

if TYPE_CHECKING:
    from sqlalchemy import Connection

FAILED = 1


NOT_EMPTY = "The database is not empty, and nothing in it was touched. Restore into a new one."
NO_BACKUP = "{file} is no whole backup of CRMAP ({why}), nothing was restored."
NEWER_BACKUP = "{file} is the backup of a newer CRMAP. Bring CRMAP up to date first, nothing was restored."
CANNOT_RESTORE = "{file} could not be restored, and the database is as empty as before: {why}."
NEWER_CLIENT = (
    "pg_restore is newer than the database's server, which does not understand it. Install the client programs "
    "of PostgreSQL {server}, nothing was restored."
)
RESTORED = "Restored: portals {portals}, cabinets {cabinets}."
OTHER_KEYS = "The keys here are not those its secrets are sealed with. Put those back into {keys}."

_STANDARD = "-"
_REVISION = re.compile(r"^COPY public\.alembic_version .*\n(\w+)$", re.MULTILINE)
# Source: pg_restore 17 and newer sets transaction_timeout, which servers before 17 do not have.
_NOT_UNDERSTOOD = "unrecognized configuration parameter"
# One column for each kind of lasting secret: an application's, a webhook, an installation's token.
_SEALED = (("application", "client_secret"), ("portal", "webhook"), ("chain", "refresh_token"))


def restore(
    file: Annotated[str, typer.Argument(help="What crmap backup wrote; - is standard input.")],
) -> None:
    """The database holds what the file does, in the current schema."""
    console = Console("en")
    with (
        one_sentence(console, exit_code=FAILED),
        _in_progress(file) as archive,
        whole_database(may_be_new=True) as database,
    ):
        with database.connection() as connection:
            _fill(database, connection, archive, file)
        _migrate(database)
        with database.connection() as connection:
            console.say(RESTORED, **_counted(connection))
            is_open = _opens(connection, database.keys)
        if is_open:
            _register_application()
        else:
            console.say(OTHER_KEYS, keys=database.keys_are_in)


@contextmanager
def _in_progress(name: str) -> Iterator[Path]:
    """The file to restore. Standard input is copied to a file, because it is read twice. Raises Complaint."""
    if name == _STANDARD:
        with tempfile.NamedTemporaryFile(prefix="crmap-") as copy:
            if sys.stdin is not None:
                shutil.copyfileobj(sys.stdin.buffer, copy)
            copy.flush()
            yield Path(copy.name)
        return
    try:
        Path(name).open("rb").close()
    except FileNotFoundError:
        raise Complaint(NO_FILE, file=name) from None
    except OSError as error:
        raise Complaint(CANNOT_READ, file=name, why=os.strerror(error.errno or 0)) from None
    yield Path(name)


def _fill(database: WholeDatabase, connection: Connection, archive: Path, name: str) -> None:
    """The empty database is filled from the archive, and its login owns everything. Raises Complaint."""
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    if not _is_empty(connection):
        raise Complaint(NOT_EMPTY)
    server = server_version(connection)
    program = find_client("pg_restore", server)
    _check_archive(program, archive, name)
    try:
        _make_roles(connection)
        run_client(
            program,
            *("--dbname=", "--single-transaction", "--exit-on-error", "--no-owner", "--no-tablespaces"),
            archive,
            environment=database.client_environment,
        )
    except ClientFailed as error:
        if _NOT_UNDERSTOOD in str(error):
            raise Complaint(NEWER_CLIENT, server=str(server)) from None
        raise Complaint(CANNOT_RESTORE, file=name, why=str(error)) from None
    except DBAPIError as error:
        raise Complaint(CANNOT_RESTORE, file=name, why=str(error.orig).partition("\n")[0]) from None


def _is_empty(connection: Connection) -> bool:
    """True when the database holds only what the system and its extensions create."""
    from sqlalchemy import text  # noqa: PLC0415

    relations = """
        select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
           and not exists (select 1 from pg_depend d
                            where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
         limit 1
    """
    return connection.execute(text(relations)).first() is None


def _check_archive(program: Path, archive: Path, name: str) -> None:
    """The archive is a backup of CRMAP, and this code knows its schema version. Raises Complaint."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    from shared.db.migrate import configuration  # noqa: PLC0415

    try:
        schema = run_client(
            program, "--data-only", "--table=alembic_version", "--file=-", archive, environment={}
        )
    except ClientFailed as error:
        raise Complaint(NO_BACKUP, file=name, why=str(error)) from None
    revision = _REVISION.search(schema.decode(errors="replace"))
    if revision is None:
        raise Complaint(NO_BACKUP, file=name, why="it tells no version of the schema")
    try:
        ScriptDirectory.from_config(configuration("")).get_revision(revision[1])
    except CommandError:
        raise Complaint(NEWER_BACKUP, file=name) from None


def _make_roles(connection: Connection) -> None:
    """The roles that the archive grants rights to exist, and the login has them, as after the migrations.

    Roles belong to the server, so they may exist already. By themselves they hold no rights.
    """
    from sqlalchemy import text  # noqa: PLC0415

    from shared.db.session import Role  # noqa: PLC0415

    present = set(connection.execute(text("select rolname from pg_roles")).scalars())
    for role in Role:
        if role not in present:
            connection.execute(text(f"create role {role} nologin"))
        # A login that may not grant the role has to have it already.
        connection.execute(
            text(
                f"do $$ begin grant {role} to current_user;"
                f" exception when insufficient_privilege then set local role {role}; reset role; end $$"
            )
        )


def _migrate(database: WholeDatabase) -> None:
    from shared.db.migrate import upgrade  # noqa: PLC0415

    upgrade(database.url)


def _register_application() -> None:
    """The application of the settings is registered. ``crmap standalone`` registers its own at every start."""
    from shared.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    if settings.database_url is not None:
        register_default(settings)


def _counted(connection: Connection) -> dict[str, str]:
    from sqlalchemy import text  # noqa: PLC0415

    return {
        f"{table}s": str(connection.execute(text(f"select count(*) from {table}")).scalar_one())  # noqa: S608
        for table in ("portal", "cabinet")
    }


def _opens(connection: Connection, keys: tuple[str, ...]) -> bool:
    """False when there is a secret that none of the keys can open."""
    from sqlalchemy import text  # noqa: PLC0415

    from shared.db.sealed import Keyring, NotOurs, WeakKeys  # noqa: PLC0415

    for table, column in _SEALED:
        query = f"select id, {column} from {table} where {column} is not null limit 1"  # noqa: S608
        for row, sealed in connection.execute(text(query)):
            try:
                Keyring(keys).open(bytes(sealed), row=row, column=column)
            except (NotOurs, WeakKeys):
                return False
    return True
