"""A server that was killed, or whose parent was: the data are whole, and there is never more than one over them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from tests.tools.standalone.killing import doomed
from tests.waiting import until
from tools.standalone.postgres import postgres
from tools.standalone.server_user import server_user
from tools.standalone.serving import ServerFailed, ServerMissing, left_behind


@pytest.fixture
def outlived(data: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A server over the data that nobody has stopped."""
    with postgres(data) as server:
        url = server.url()
        listing = ["ps", "-ww", "-o", "args=", "-p", str(postmaster(data))]
        command = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.split()
    options = server_user().options(data / "postgres")
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, **options) as process:
        until(lambda: psycopg.pq.PGconn.ping(url.encode()) == psycopg.pq.Ping.OK)
        yield process
        process.kill()


def postmaster(data: Path) -> int | None:
    home = data / "postgres"
    return left_behind(home / "cluster" / "postmaster.pid", home)


def kept(data: Path) -> tuple[object, ...] | None:
    with postgres(data) as server, psycopg.connect(server.url()) as connection:
        return connection.execute("select word from kept").fetchone()


def test_a_killed_server_starts_again_with_its_data(data: Path) -> None:
    with postgres(data) as server, psycopg.connect(server.url()) as connection:
        connection.execute("update kept set word = 'newer'")
        connection.commit()
        pid = postmaster(data)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
    assert kept(data) == ("newer",)


def test_a_killed_server_starts_again_when_its_last_query_has_ended(data: Path) -> None:
    query = "select sum(number::numeric) from generate_series(1, 4000000) as all_of (number)"
    begun = "select from pg_stat_activity where state = 'active' and query like 'select sum%'"
    with ThreadPoolExecutor(1) as threads:
        with postgres(data) as server, psycopg.connect(server.url(), autocommit=True) as watching:
            connection = psycopg.connect(server.url())
            busy = threads.submit(connection.execute, query)
            until(lambda: watching.execute(begun).fetchone() is not None)
            pid = postmaster(data)
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
        assert kept(data) == ("word",)
        assert busy.done()
        connection.close()


def test_after_a_killed_parent_the_next_finds_the_data(data: Path) -> None:
    with doomed("postgres", data) as url:
        assert url.startswith("postgresql://")
    assert kept(data) == ("word",)
    assert postmaster(data) is None


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it is the next start that stops it")
def test_a_killed_parent_takes_its_server_along_whoever_is_connected(data: Path) -> None:
    with doomed("postgres", data) as url:
        connection = psycopg.connect(url, autocommit=True)
    until(lambda: postmaster(data) is None)
    with pytest.raises(psycopg.OperationalError):
        connection.execute("select 1")
    connection.close()


def test_a_server_that_outlived_its_parent_is_replaced(data: Path, outlived: subprocess.Popen[bytes]) -> None:
    assert postmaster(data) == outlived.pid
    assert kept(data) == ("word",)
    assert outlived.wait(timeout=0) == 0


def test_a_second_start_is_refused_and_does_the_first_no_harm(data: Path) -> None:
    with postgres(data) as server, psycopg.connect(server.url()) as connection:
        with (
            pytest.raises(ServerFailed, match="another process already runs PostgreSQL over"),
            postgres(data),
        ):
            pass
        assert connection.execute("select word from kept").fetchone() == ("word",)


def test_data_of_another_major_version_are_left_alone(data: Path) -> None:
    (data / "postgres" / "cluster" / "PG_VERSION").write_text("14\n")
    with (
        pytest.raises(ServerMissing, match="PostgreSQL 14, which wrote the data, is not here"),
        postgres(data),
    ):
        pass


def test_data_that_are_gone_are_not_replaced_by_none(folder: Path) -> None:
    (folder / "postgres").symlink_to(folder / "unmounted")
    with pytest.raises(ServerFailed, match="the data of PostgreSQL are gone"), postgres(folder):
        pass


def test_keys_pressed_at_the_terminal_are_not_for_the_server(data: Path) -> None:
    with postgres(data):
        pid = postmaster(data)
        assert pid is not None
        assert os.getpgid(pid) != os.getpgrp()


def test_a_password_that_is_gone_is_said_and_no_other_is_made(data: Path) -> None:
    assert kept(data) is not None
    password = data / "postgres" / "password"
    secret = password.read_text()
    password.unlink()
    with pytest.raises(ServerFailed, match="password is gone"), postgres(data):
        pass
    assert not password.exists()
    password.write_text(secret)
    assert kept(data) is not None
