"""A broker of our own: private, on a socket whose name is short enough, and replaced when it was left behind."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from shared.queue import celery_app
from tests.servers import or_skipped
from tests.tools.standalone.killing import doomed
from tools.standalone.serving import ServerFailed
from tools.standalone.valkey import ValkeyServer, broker_url, find_binary, valkey


@contextmanager
def client_of(server: ValkeyServer) -> Iterator[redis.Redis]:
    with closing(server.client()) as client:
        yield client


def written(folder: Path, *, durable: bool) -> None:
    with or_skipped(), valkey(folder, durable=durable) as server, client_of(server) as client:
        client.set("word", "kept")


@pytest.mark.parametrize(("durable", "word"), [(True, b"kept"), (False, None)])
def test_what_is_queued_stays_where_it_shall(folder: Path, *, durable: bool, word: bytes | None) -> None:
    written(folder, durable=durable)
    with valkey(folder, durable=durable) as server, client_of(server) as client:
        assert client.get("word") == word


def test_it_answers_on_a_private_socket_only(folder: Path) -> None:
    with or_skipped(), valkey(folder) as server, client_of(server) as client:
        assert server.socket is not None
        assert server.socket.parent.stat().st_mode & 0o077 == 0
        assert client.config_get("port") == {"port": "0"}
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert not server.socket.exists()


def test_on_a_port_it_wants_a_password(folder: Path) -> None:
    with or_skipped(), valkey(folder, tcp=True) as server:
        with client_of(server) as client:
            assert client.ping()
        with (
            closing(redis.Redis(port=server.port, retry=Retry(NoBackoff(), 0))) as stranger,
            pytest.raises(redis.AuthenticationError, match="authenticate"),
        ):
            stranger.ping()
        assert server.password not in repr(server)


def test_celery_takes_its_address(folder: Path) -> None:
    with (
        or_skipped(),
        valkey(folder) as server,
        celery_app(server.url) as celery,
        celery.connection_for_write() as wire,
    ):
        wire.ensure_connection(max_retries=1)
        assert wire.connected


def test_the_name_of_a_folder_may_be_long_and_in_any_letters(folder: Path) -> None:
    with or_skipped(), valkey(folder / "очень глубокая папка" / ("x" * 60)) as server:
        assert server.socket is not None
        assert len(os.fsencode(server.socket)) < 100
    assert not server.socket.parent.exists()


def test_after_a_killed_parent_the_next_finds_the_data(folder: Path) -> None:
    written(folder, durable=True)
    with doomed("valkey", folder) as url:
        assert url.startswith("redis+socket://")
    with valkey(folder, durable=True) as server, client_of(server) as client:
        assert client.get("word") == b"kept"


def test_a_second_start_is_refused_and_does_the_first_no_harm(folder: Path) -> None:
    with or_skipped(), valkey(folder) as server, client_of(server) as client:
        with (
            pytest.raises(ServerFailed, match="another process already runs Valkey over"),
            valkey(folder),
        ):
            pass
        assert client.ping()


def test_a_stranger_with_the_number_of_a_dead_server_lives_on(folder: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        written(folder, durable=False)
        (folder / "valkey" / "valkey.pid").write_text(f"{stranger.pid}\n")
        written(folder, durable=False)
        assert stranger.poll() is None
        stranger.kill()


def test_one_that_is_too_old_is_passed_over(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = folder / "redis-server"
    old.write_text("#!/bin/sh\necho 'Redis server v=6.0.16 sha=00000000:0 malloc=jemalloc bits=64'\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    with or_skipped():
        assert find_binary() != old


def test_an_address_that_was_given_is_the_address(folder: Path) -> None:
    with broker_url("redis://elsewhere/3", folder, durable=True) as url:
        assert url == "redis://elsewhere/3"
    assert list(folder.iterdir()) == []


def garble(file: Path) -> None:
    file.write_bytes(b"\x00garbled\xff" * 20)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


@pytest.mark.parametrize("damage", [garble, cut])
@pytest.mark.parametrize("which", ["*.base.rdb", "*.incr.aof", "*.manifest"])
def test_damaged_data_are_put_aside_and_that_is_told(
    folder: Path, which: str, damage: Callable[[Path], None]
) -> None:
    written(folder, durable=True)
    (file,) = (folder / "valkey" / "appendonlydir").glob(which)
    damage(file)
    told: list[str] = []
    with valkey(folder, durable=True, tell=told.append) as server, client_of(server) as client:
        assert client.set("word", "newer")
    with valkey(folder, durable=True, tell=told.append) as server, client_of(server) as client:
        assert client.get("word") == b"newer"
    aside = folder / "valkey" / "damaged"
    sentence = (
        f"Valkey cannot read its data, which are now in {aside}; nothing is lost, portals are read again"
    )
    # Some ends that are missing Valkey mends itself.
    assert told == ([sentence] if (aside / "appendonlydir").exists() else [])
    assert told or damage is cut


def test_data_damaged_twice_are_put_aside_twice(folder: Path) -> None:
    for _ in range(2):
        written(folder, durable=True)
        garble(next((folder / "valkey" / "appendonlydir").glob("*.manifest")))
    written(folder, durable=True)
    assert (folder / "valkey" / "damaged" / "appendonlydir").exists()


def test_a_damaged_dump_is_no_obstacle(folder: Path) -> None:
    with or_skipped():
        find_binary()
    (folder / "valkey").mkdir(parents=True)
    garble(folder / "valkey" / "dump.rdb")
    told: list[str] = []
    with valkey(folder, tell=told.append) as server, client_of(server) as client:
        assert client.ping()
    assert len(told) == 1


def test_data_stay_where_they_are_if_they_are_not_to_blame(folder: Path) -> None:
    written(folder, durable=True)
    with pytest.raises(ServerFailed), valkey(folder, durable=True, binary=Path("/bin/false")):
        pass
    with valkey(folder, durable=True) as server, client_of(server) as client:
        assert client.get("word") == b"kept"
