"""Runs a server while a block runs. It is the only one over its folder, and ends with the block or with us."""

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

# A server that was killed repairs its data before it answers.
_STARTS_WITHIN_S = 120.0
_STOPS_WITHIN_S = 20.0
_LOOKS_EVERY_S = 0.02
_TRIES_EVERY_S = 0.2
# sockaddr_un holds 108 bytes on Linux and 104 on macOS; the longest name in the folder is .s.PGSQL.65535.lock
_LONGEST_SOCKET_FOLDER = 80
# The path in TMPDIR may be long as well. On some machines this folder is not writable.
_SHORT_FOLDER = Path("/tmp")  # noqa: S108 - only folders of mkdtemp are made in it
_PR_SET_PDEATHSIG = 1
_PORTS = range(10_000, 32_000)
# Loaded here because little is safe between fork and exec.
_LIBC = ctypes.CDLL(None)


class ServerFailed(Exception):
    """A server does not run. The text is one sentence for the person who starts it."""


class ServerMissing(Exception):
    """No binary of the server was found. The text is one sentence that says what to install or set."""


@contextlib.contextmanager
def alone_in(home: Path, name: str) -> Iterator[None]:
    """No other process of ours runs a server over ``home`` while the block runs. Raises ServerFailed if one does.

    The system releases the folder when this process ends, even when it is killed.
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
    """The server answers while the block runs. It ends with the block, on Linux also with the thread that started it.

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
    """What ``start`` makes runs while the block runs. A start that raises ServerFailed is repeated for a while."""
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

    Outgoing connections do not take it: they get higher ports.
    """
    for _ in _PORTS:
        # Random, so that two searches at once differ; from secrets, as a test may have seeded random.
        port = secrets.choice(_PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise ServerFailed("no port of this machine is free")


def left_behind(pid_file: Path, home: Path) -> int | None:
    """The process id in ``pid_file``, if that process runs and really serves ``home``.

    A process id alone proves nothing: after a restart of the machine any process may have it.
    """
    try:
        pid = int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return pid if _serves(pid, home) else None


def end_left_behind(pid_file: Path, home: Path, stop_signal: signal.Signals) -> None:
    """No server that an earlier process left behind serves ``home``. Raises ServerFailed if another user owns it."""
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
    """A ``preexec_fn``: the process gets this signal when the thread that started it ends.

    None on systems other than Linux, which do not have this.
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
