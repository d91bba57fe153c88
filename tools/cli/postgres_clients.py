"""PostgreSQL's own ``pg_dump`` and ``pg_restore``: which ones of this machine are used, and how they are run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from tools.cli.sentences import Complaint

NO_CLIENT = (
    "{name} is not here. Install the client programs of PostgreSQL {server} or newer (postgresql-client), "
    "or crmap[standalone]."
)
OLD_CLIENT = (
    "{name} is of version {found}, older than the database's server. Install the client programs of "
    "PostgreSQL {server} or newer."
)

_SAID = re.compile(r"^pg_\w+: (?:error: )?(?:could not execute query: )?(?:ERROR: +)?(.+?)\.?$", re.MULTILINE)
_ERROR = re.compile(r"^pg_\w+: error: .+$", re.MULTILINE)


class ClientFailed(Exception):
    """The program failed. The text is its first error message, without a full stop."""


def find_client(name: str, server: int) -> Path:
    """The program for a server of this major version: one of the same version, else a newer one. Raises Complaint.

    Source: PostgreSQL documentation, pg_dump: it does not work with servers newer than itself.
    """
    versions = {client: _major_version(client) for client in _candidates(name, server)}
    fitting = [client for client in versions if versions[client] >= server]
    if fitting:
        return min(fitting, key=versions.__getitem__)
    newest = max(versions.values(), default=0)
    if newest:
        raise Complaint(OLD_CLIENT, name=name, found=str(newest), server=str(server))
    raise Complaint(NO_CLIENT, name=name, server=str(server))


def run_client(
    program: Path,
    *arguments: str | Path,
    environment: Mapping[str, str],
    output: IO[bytes] | int = subprocess.PIPE,
) -> bytes:
    """The program's output, unless it goes to ``output``. It never asks for a password. Raises ClientFailed."""
    completed = subprocess.run(  # noqa: S603 - a program of PostgreSQL, found by us
        [program, "--no-password", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment, "LC_ALL": "C.UTF-8"},
        check=False,
    )
    if completed.returncode:
        raise ClientFailed(_first_error(program.name, completed.stderr.decode(errors="replace")))
    return completed.stdout or b""


def _candidates(name: str, server: int) -> Iterator[Path]:
    """The program of the PATH, and the one that came with a server of this version."""
    on_path = shutil.which(name)
    if on_path:
        yield Path(on_path)
    try:
        from tools.standalone.postgres_binaries import find_binaries  # noqa: PLC0415
        from tools.standalone.serving import ServerMissing  # noqa: PLC0415
    except ModuleNotFoundError:
        # A container image has this command, but not ``tools.standalone``.
        return
    try:
        beside_server = find_binaries(server) / name
    except ServerMissing:
        return
    if beside_server.exists():
        yield beside_server


def _major_version(program: Path) -> int:
    """The major version of the program, 0 when it does not run."""
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    except OSError:
        return 0
    match = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return int(match[1]) if match else 0


def _first_error(name: str, output: str) -> str:
    line = _ERROR.search(output)
    match = _SAID.search(line[0] if line else output)
    return match[1] if match else f"{name} failed and did not say why"
