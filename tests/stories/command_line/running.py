"""The ``crmap`` command as a real process, and how it ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = Path(sys.executable).with_name("crmap")
ENVIRONMENT = {"PATH": os.environ["PATH"], "CRMAP_ALLOW_PRIVATE_PORTALS": "1"}
# Looks like the code of a webhook.
CODE = "0123456789abcdef"


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it left behind."""

    code: int
    out: bytes
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Crmap = Callable[..., Ended]


def only_sentence(ended: Ended) -> str:
    """What a command that failed has to say: one sentence, no document, no half-written file."""
    assert ended.code == 1
    assert ended.out == b""
    assert ended.err.count("\n") == 1
    return ended.err.strip()


@contextmanager
def started(*arguments: str | Path, stdout: int = subprocess.PIPE) -> Iterator[subprocess.Popen[bytes]]:
    """The command while it runs; it does not outlive the block."""
    with subprocess.Popen(
        [COMMAND, *arguments],
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        preexec_fn=_hear_interruptions,  # noqa: PLW1509 - one system call
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def _hear_interruptions() -> None:
    """Whoever runs the tests in the background hands on that Ctrl-C is not meant for him; here it is."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
