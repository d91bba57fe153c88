"""The names a web service answers to. A request to another one was meant for somebody else, or made to deceive."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

# Who watches may know a service by any name or address. These tell nothing that depends on it.
WATCHED = frozenset(("/healthz", "/readyz", "/metrics"))


def is_this_machine(name: str) -> bool:
    """True for ``localhost`` and loopback addresses, with or without a port."""
    for host in (name, _without_port(name)):
        with contextlib.suppress(ValueError):
            return host == "localhost" or ip_address(host).is_loopback
    return False


class Hosts:
    """Names of this installation; whoever is on the machine itself may also call it localhost."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(filter(None, map(_without_port, names)))

    def is_meant(self, named: list[bytes], address: bytes) -> bool:
        """True if a request with these ``Host`` headers for this path and query is for us."""
        if address.partition(b"?")[0].decode("latin-1") in WATCHED:
            return True
        if len(named) != 1:
            return False
        name = named[0].decode("latin-1")
        return _without_port(name) in self._names or is_this_machine(name)


def _without_port(name: str) -> str:
    """The name in small letters; empty if it is none."""
    try:
        parts = urlsplit(f"//{name}")
        return "" if parts.username or parts.path else (parts.hostname or "").rstrip(".")
    except ValueError:
        return ""
