"""The network a request comes from, by which events of strangers are told apart."""

from __future__ import annotations

import pytest
from fastapi import Request

from services.gateway.request_parsing import source_of


@pytest.mark.parametrize(
    ("client", "source"),
    [
        (("198.51.100.7", 50_000), "198.51.100.7"),
        (("::ffff:198.51.100.7", 50_000), "198.51.100.7"),
        (("2001:db8:1:2:3:4:5:6", 50_000), "2001:db8:1:2::/64"),
        (("2001:db8:1:2::9", 50_000), "2001:db8:1:2::/64"),
        (("::1", 50_000), "::/64"),
        (("fe80::1%eth0", 50_000), "fe80::/64"),
        (("testclient", 50_000), "testclient"),
        (None, ""),
    ],
)
def test_neighbours_in_one_ipv6_network_are_one_source(client: tuple[str, int] | None, source: str) -> None:
    assert source_of(Request({"type": "http", "client": client})) == source
