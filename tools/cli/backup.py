"""``crmap backup``: the whole database as one file."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from tools.cli.console import Console
from tools.cli.failing import one_sentence
from tools.cli.output import OutputFile, StandardOutput
from tools.cli.postgres_clients import ClientFailed, find_client, run_client
from tools.cli.sentences import Complaint
from tools.cli.whole_database import WholeDatabase, server_version, whole_database

FAILED = 1

ALREADY_THERE = "{file} is there already. Name another file, or replace it with --force."
NOT_FOR_SCREENS = "A backup is not for the screen. Name a file."
NOTHING_TO_KEEP = "CRMAP keeps nothing in this database yet, there is nothing to back up."
CANNOT_BACK_UP = "No backup was made: {why}."
BACKED_UP = "Written: {file}, {size}."
KEEP_KEYS = (
    "The keys are not in it, and without them nothing opens its secrets: keep {keys} too, in another place."
)

_STANDARD = "-"
_DRAFT = ".crmap-{}.part"


def backup(
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE]",
            help="Where to; - is standard output.  [default: crmap-DAY.dump]",
            show_default=False,
        ),
    ] = None,
    *,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it is there already.")] = False,
) -> None:
    """The whole database is in the file."""
    console = Console("en")
    name = file or f"crmap-{datetime.now().astimezone():%Y-%m-%d}.dump"
    with one_sentence(console, exit_code=FAILED):
        _check(name, force=force)
        with whole_database() as database:
            if name == _STANDARD:
                _dump(database, output=sys.stdout.fileno())
            else:
                size = _written(database, name, force=force)
                console.say(BACKED_UP, file=name, size=_in_words(size))
            console.say(KEEP_KEYS, keys=database.keys_are_in)


def _check(name: str, *, force: bool) -> None:
    """Raises Complaint when writing is certain to fail, before the command waits for the database."""
    if name == _STANDARD:
        output = StandardOutput()
        output.check()
        if output.is_terminal:
            raise Complaint(NOT_FOR_SCREENS)
        return
    target = Path(name)
    # Anything but a regular file, /dev/null for example, is never replaced.
    if not target.is_dir() and target.exists() and not (force and target.is_file()):
        raise Complaint(ALREADY_THERE, file=name)
    OutputFile(name).check()


def _written(database: WholeDatabase, name: str, *, force: bool) -> int:
    """The size of the finished file in bytes."""
    target = Path(os.path.realpath(name))
    draft = target.with_name(_DRAFT.format(secrets.token_hex(4)))
    draft.touch(mode=0o600, exist_ok=False)
    try:
        # With --file, pg_dump also writes where each part begins, and waits until the data is on the disk.
        _dump(database, f"--file={draft}")
        _check(name, force=force)
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return target.stat().st_size


def _dump(database: WholeDatabase, *arguments: str, output: int = subprocess.PIPE) -> None:
    from sqlalchemy import inspect  # noqa: PLC0415

    with database.connection() as connection:
        if not inspect(connection).has_table("alembic_version", schema="public"):
            raise Complaint(NOTHING_TO_KEEP)
        program = find_client("pg_dump", server_version(connection))
    environment = database.client_environment
    try:
        run_client(program, "--format=custom", *arguments, environment=environment, output=output)
    except ClientFailed as error:
        raise Complaint(CANNOT_BACK_UP, why=str(error)) from None


def _in_words(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.1f} kB"
