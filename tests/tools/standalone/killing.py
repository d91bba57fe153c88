"""A parent that is killed while its servers run."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PARENT = """
import sys
from pathlib import Path
from tools.standalone.{module} import {module}
with {module}(Path(sys.argv[1]), durable=True) as server:
    print(server.url() if callable(server.url) else server.url, flush=True)
    sys.stdin.read()
"""


@contextmanager
def doomed(module: str, data: Path) -> Iterator[str]:
    """The address of a server whose parent is killed at the end of the block."""
    command = [sys.executable, "-c", _PARENT.format(module=module), str(data)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        yield parent.stdout.readline().strip()
        parent.send_signal(signal.SIGKILL)
