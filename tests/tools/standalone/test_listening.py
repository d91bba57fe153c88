"""Addresses to listen at: free or not, well written or not."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.standalone.listening import check_free, is_ready
from tools.standalone.serving import ServerFailed, free_port


@pytest.fixture
def taken() -> Iterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def test_a_free_address_is_free_however_often_one_asks() -> None:
    listen = f"127.0.0.1:{free_port()}"
    for _ in range(2):
        check_free(listen, "CRMAP_X_LISTEN")
        assert not is_ready(listen), "asking does not take it"


def test_no_outgoing_connection_takes_a_free_port() -> None:
    first_of_outgoing = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert all(1024 < free_port() < first_of_outgoing for _ in range(100))


def test_a_taken_address_says_what_to_change(taken: str) -> None:
    with pytest.raises(ServerFailed) as refused:
        check_free(taken, "CRMAP_X_LISTEN")
    assert str(refused.value) == (
        f"{taken} cannot be listened at (Address already in use), change CRMAP_X_LISTEN"
    )


@pytest.mark.parametrize("listen", ["", "8000x", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:70000"])
def test_what_is_no_address_is_told(listen: str) -> None:
    with pytest.raises(ServerFailed, match="write HOST:PORT in CRMAP_X_LISTEN"):
        check_free(listen, "CRMAP_X_LISTEN")


def test_where_nobody_answers_nobody_is_ready() -> None:
    assert not is_ready(f"127.0.0.1:{free_port()}")
