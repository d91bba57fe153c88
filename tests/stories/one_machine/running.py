"""``crmap standalone`` and ``crmap demo`` as a person starts them, and what they leave behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.waiting import WITHIN_S, until
from tools.standalone.serving import free_port

COMMAND = Path(sys.executable).with_name("crmap")


@dataclass
class Started:
    """The command while it runs. What it has printed so far is in ``folder``."""

    popen: subprocess.Popen[bytes]
    folder: Path
    port: int
    children: list[int] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def out(self) -> str:
        return (self.folder / "out.txt").read_text()

    @property
    def err(self) -> str:
        return (self.folder / "err.txt").read_text()

    def wait_for(self, text: str) -> None:
        """Until the command has printed this."""
        until(lambda: text in self.out or self.popen.poll() is not None)
        assert text in self.out, self.err
        self.children = children_of(self.popen.pid)

    def end(self, number: signal.Signals) -> int:
        """The exit code after this signal, once nothing of what it had started is left."""
        self.popen.send_signal(number)
        code = self.popen.wait(WITHIN_S)
        until(lambda: not self.running(), what=lambda: f"gone: {self.running()}")
        return code

    def running(self) -> list[str]:
        """Command lines of what it had started and what still runs."""
        return [command_line(pid) for pid in self.children if lives(pid)]

    def get(self, path: str, **arguments: Any) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", timeout=WITHIN_S, **arguments)


@contextmanager
def started(command: str, folder: Path, *arguments: str, **settings: str) -> Iterator[Started]:
    """The command runs on free ports; it, and what it started, does not outlive the block."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "CRMAP_DATA_DIR": str(folder / "data"),
        "CRMAP_STANDALONE_LISTEN": f"127.0.0.1:{port}",
        "CRMAP_FLOWER_LISTEN": f"127.0.0.1:{free_port()}",
        **settings,
    }
    with (
        (folder / "out.txt").open("wb") as out,
        (folder / "err.txt").open("wb") as err,
        subprocess.Popen(
            [COMMAND, command, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            cwd=folder,
            env=environment,
            # Whoever runs the tests in the background hands on that Ctrl-C is not meant for him; here it is.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - one system call
        ) as popen,
    ):
        try:
            yield Started(popen, folder, port)
        finally:
            if popen.poll() is None:
                popen.terminate()


def children_of(pid: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], check=False, capture_output=True, text=True
    )
    return [int(word) for word in listed.stdout.split()]


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return f"process {pid}"


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
