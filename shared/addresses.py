"""Addresses an operator writes into settings: what each has to look like, and the sentence if it does not."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

_DATABASES = ("postgresql", "postgres", "postgresql+psycopg")
# Without characters that mean something else elsewhere. SQLAlchemy takes these all.
PLAIN_DATABASE = re.compile(
    rf"(?:{'|'.join(map(re.escape, _DATABASES))})://"
    r"(?:[\w.~%-]+(?::[\w.~%-]*)?@)?[\w.-]*(?::[0-9]{1,5})?/[\w.-]*(?:\?[\w.~%=&/+-]*)?"
)
# Of Redis and Valkey alike; the last is a socket of this machine.
_BROKERS = ("redis", "rediss", "redis+socket")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]")


def fault_of_database(url: str) -> str | None:
    """What is wrong with the address of a database; None if nothing is.

    SQLAlchemy, which connects, is the judge: a password may hold ``#``, ``/`` and ``?`` as they are. A plain address
    needs no judge: to import it takes longer than all the rest of a process that uses no database.
    """
    if PLAIN_DATABASE.fullmatch(url):
        return None
    from sqlalchemy import make_url  # noqa: PLC0415, TID251
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415, TID251

    try:
        scheme = make_url(url).drivername
    except (ArgumentError, ValueError):
        scheme = ""
    if scheme not in _DATABASES:
        return "is an address of PostgreSQL: postgresql://user:password@host/database"
    return None


def fault_of_broker(url: str) -> str | None:
    """What is wrong with the address of the broker; None if nothing is."""
    parts = _split(url)
    if parts is None or parts.scheme not in _BROKERS or not (parts.hostname or parts.path):
        return "is an address of Redis or Valkey: redis://:password@host:6379/0"
    return None


def fault_of_public(url: str) -> str | None:
    """What is wrong with the address people and portals use; None if nothing is."""
    parts = _split(url)
    if (
        parts is None
        or parts.scheme not in ("http", "https")
        or not _NAME.fullmatch(_without_port(parts.netloc))
        or parts.path not in ("", "/")
        or url.rstrip("/") != f"{parts.scheme}://{parts.netloc}"
    ):
        return "is an address with its scheme and without a path: https://crmap.example.ru"
    return None


def fault_of_listen(listen: str) -> str | None:
    """What is wrong with an address to listen at; None if nothing is."""
    host, colon, port = listen.rpartition(":")
    is_port = port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65_536
    if not colon or not is_port or (host and not _NAME.fullmatch(host)):
        return "is an address to listen at, HOST:PORT: 127.0.0.1:8000, or [::1]:8000"
    return None


def listen_parts(listen: str) -> tuple[str, int]:
    """The host and the port of an address to listen at that has no fault; this machine alone if it names no host."""
    host, _, port = listen.rpartition(":")
    return host.strip("[]") or "127.0.0.1", int(port)


def fault_of_names(names: tuple[str, ...]) -> str | None:
    """What is wrong with a list of names of hosts; None if nothing is."""
    if not all(_NAME.fullmatch(_without_port(name)) for name in names):
        return "is a comma list of names without scheme and path: crmap.example.ru,crm.example.ru"
    return None


def _without_port(name: str) -> str:
    return re.sub(r":[0-9]{1,5}$", "", name)


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        # Read for its check alone.
        _ = parts.port
    except ValueError:
        return None
    return None if re.search(r"[\x00-\x1f]", url) else parts
