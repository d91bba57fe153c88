"""Running a server for as long as a block lasts: alone over its folder, and gone with the block or with us."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

# A server that was killed repairs its data first, and asks for patience while it does.
_STARTS_WITHIN_S = 120.0
_STOPS_WITHIN_S = 20.0
_LOOKS_EVERY_S = 0.02
_TRIES_EVERY_S = 0.2
# sockaddr_un holds 108 bytes on Linux and 104 on macOS; the longest name in the folder is .s.PGSQL.65535.lock
_LONGEST_SOCKET_FOLDER = 80
# TMPDIR may be deep as well; but here, too, not everybody may write everywhere.
_SHORT_FOLDER = Path("/tmp")  # noqa: S108 - only folders of mkdtemp are made in it
_PR_SET_PDEATHSIG = 1
_PORTS = range(10_000, 32_000)
# Looked up here because little is safe between fork and exec.
_LIBC = ctypes.CDLL(None)


class ServerFailed(Exception):
    """A server that does not run. Its text is one sentence for whoever wanted it."""


class ServerMissing(Exception):
    """No binary of the server is to be had. Its text is one sentence that says what to install or set."""


@contextlib.contextmanager
def alone_in(home: Path, name: str) -> Iterator[None]:
    """No other process of ours runs a server over ``home`` while the block runs. Raises ServerFailed if one does.

    The system lets go of the folder when we end, however we end.
    """
    with (home / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ServerFailed(f"another process already runs {name} over {home}") from None
        yield


@contextlib.contextmanager
def socket_folder(home: Path) -> Iterator[Path]:
    """A private folder whose path is short enough for sockets: in ``home``, or a temporary one if that is too deep."""
    folder = home / "run"
    if len(os.fsencode(folder)) > _LONGEST_SOCKET_FOLDER:
        base = _SHORT_FOLDER if os.access(_SHORT_FOLDER, os.W_OK) else None
        with tempfile.TemporaryDirectory(prefix="crmap-", dir=base) as short:
            yield Path(short)
        return
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    yield folder


@contextlib.contextmanager
def running(
    name: str,
    command: Sequence[str],
    *,
    answers: Callable[[], bool],
    log_file: Path,
    stop_signal: signal.Signals = signal.SIGINT,
    options: Mapping[str, Any] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """The server answers while the block runs. It ends with the block, and on Linux with the thread that began it.

    Raises ServerFailed when it does not start.
    """
    with log_file.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - a binary of PostgreSQL or Valkey, found by us
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Ctrl-C is for us: the server stops when those who use it have stopped.
            process_group=0,
            preexec_fn=ending_with_us(stop_signal),  # noqa: PLW1509 - one system call
            **(options or {}),
        )
    try:
        _wait_until(answers, process, name, log_file)
        yield process
    finally:
        _stop(process, stop_signal)


@contextlib.contextmanager
def after_trying(start: Callable[[], AbstractContextManager[object]]) -> Iterator[None]:
    """What ``start`` makes runs while the block does; as long as there is time, a start that failed is made again."""
    until = time.monotonic() + _STARTS_WITHIN_S
    with contextlib.ExitStack() as stack:
        while True:
            try:
                stack.enter_context(start())
                break
            except ServerFailed:
                if time.monotonic() > until:
                    raise
                time.sleep(_TRIES_EVERY_S)
        yield


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listened on just now.

    No outgoing connection takes it meanwhile: those get higher ports.
    """
    for _ in _PORTS:
        # By chance, and not by one that a test may have seeded: who looks at the same time finds another.
        port = secrets.choice(_PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise ServerFailed("no port of this machine is free")


def left_behind(pid_file: Path, home: Path) -> int | None:
    """The process that ``pid_file`` names, if it lives and really serves ``home``.

    A number alone proves nothing: after a restart of the machine it may be anybody's.
    """
    try:
        pid = int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return pid if _serves(pid, home) else None


def end_left_behind(pid_file: Path, home: Path, stop_signal: signal.Signals) -> None:
    """No server that outlived whoever started it serves ``home``. Raises ServerFailed when it is another user's."""
    pid = left_behind(pid_file, home)
    if pid is None:
        return
    for sign in (stop_signal, signal.SIGKILL):
        try:
            os.kill(pid, sign)
        except ProcessLookupError:
            return
        except PermissionError:
            raise ServerFailed(f"a server of another user runs over {home}") from None
        until = time.monotonic() + _STOPS_WITHIN_S
        while time.monotonic() < until:
            if not _serves(pid, home):
                return
            time.sleep(_LOOKS_EVERY_S)


def ending_with_us(sign: signal.Signals) -> Callable[[], None] | None:
    """What a process does before it begins, so that it gets this signal when the thread that started it ends.

    Only Linux knows such a thing.
    """
    if sys.platform != "linux":
        return None
    return lambda: _LIBC.prctl(_PR_SET_PDEATHSIG, sign)


def _serves(pid: int, home: Path) -> bool:
    if sys.platform == "linux":
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False
    else:
        listing = ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)]
        command = subprocess.run(listing, capture_output=True, check=False).stdout  # noqa: S603
    return os.fsencode(f"{home}/") in command


def _wait_until(
    answers: Callable[[], bool], process: subprocess.Popen[bytes], name: str, log_file: Path
) -> None:
    until = time.monotonic() + _STARTS_WITHIN_S
    while not answers():
        if process.poll() is not None or time.monotonic() > until:
            raise ServerFailed(f"{name} does not start; what it said is in {log_file}")
        time.sleep(_LOOKS_EVERY_S)


def _stop(process: subprocess.Popen[bytes], stop_signal: signal.Signals) -> None:
    process.send_signal(stop_signal)
    try:
        process.wait(_STOPS_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
