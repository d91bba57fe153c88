"""Running a server for as long as a block lasts: started when its folder is free, gone when the block or we end."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

_STARTS_WITHIN_S = 30.0
_STOPS_WITHIN_S = 10.0
_LOOKS_EVERY_S = 0.05
# sockaddr_un holds 108 bytes on Linux and 104 on macOS; the file's own name needs some of them.
_LONGEST_SOCKET_FOLDER = 80
_PR_SET_PDEATHSIG = 1


class ServerFailed(Exception):
    """A server that did not start. Its text is one sentence for whoever wanted it."""


class ServerMissing(Exception):
    """No binary of the server is to be had. Its text is one sentence that says what to install or set."""


@contextlib.contextmanager
def running(
    name: str,
    command: Sequence[str],
    *,
    answers: Callable[[], bool],
    log_file: Path,
    stop_signal: signal.Signals = signal.SIGINT,
    options: Mapping[str, Any] | None = None,
) -> Iterator[None]:
    """The server answers while the block runs. It ends with the block, and on Linux also with this process.

    Raises ServerFailed when it does not answer within half a minute.
    """
    with log_file.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - a binary of PostgreSQL or Valkey, found by us
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - one system call
            **(options or {}),
        )
    try:
        _wait_until(answers, process, name, log_file)
        yield
    finally:
        _stop(process, stop_signal)


def socket_folder(data_dir: Path) -> Path:
    """A private folder for a server's socket: in the data folder, or a short temporary one if that is too deep."""
    folder = data_dir / "run"
    if len(str(folder.resolve())) > _LONGEST_SOCKET_FOLDER:
        return Path(tempfile.mkdtemp(prefix="crmap-"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _wait_until(
    answers: Callable[[], bool], process: subprocess.Popen[bytes], name: str, log_file: Path
) -> None:
    until = time.monotonic() + _STARTS_WITHIN_S
    while not answers():
        if process.poll() is not None or time.monotonic() > until:
            raise ServerFailed(f"{name} did not start; what it said is in {log_file}")
        time.sleep(_LOOKS_EVERY_S)


def _stop(process: subprocess.Popen[bytes], stop_signal: signal.Signals) -> None:
    if process.poll() is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(stop_signal)
    try:
        process.wait(_STOPS_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def left_behind(pid_file: Path) -> int | None:
    """The process a pid file names, if it still lives; a server that outlived its parent."""
    try:
        pid = int(pid_file.read_text().split()[0])
        os.kill(pid, 0)
    except (OSError, ValueError, IndexError):
        return None
    return pid


def end(pid: int, stop_signal: signal.Signals) -> None:
    """The process of this number is gone."""
    until = time.monotonic() + _STOPS_WITHIN_S
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, stop_signal)
        while time.monotonic() < until:
            os.kill(pid, 0)
            time.sleep(_LOOKS_EVERY_S)
        os.kill(pid, signal.SIGKILL)
