"""How long a victim waits while others mean harm, and what memory the processes around him take meanwhile."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from tests.long_runs import Seen

#: More than any process takes for a scenario, on any machine.
MOST_MB = 400
#: The process of the tests, in which the service of many scenarios runs.
OURS = "tests"
_T = TypeVar("_T")


@dataclass
class Watch:
    """Notes how long the victim waits each time. ``pids`` gives the processes around him, by name."""

    pids: Callable[[], Mapping[str, int]] = dict
    waited_s: list[float] = field(default_factory=list)
    _before_mb: int = 0
    _peaks_mb: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for pid in (os.getpid(), *self.pids().values()):
            # What was before does not count. Where the system cannot forget it, it does.
            with contextlib.suppress(OSError):
                Path(f"/proc/{pid}/clear_refs").write_text("5")
        self._before_mb = _peak_mb(os.getpid())

    def timed(self, ask: Callable[[], _T]) -> _T:
        """What came of it."""
        began = time.monotonic()
        given = ask()
        self.waited_s.append(time.monotonic() - began)
        self.peaks_mb()
        return given

    def peaks_mb(self) -> dict[str, int]:
        """The most memory each process took until now, and how much more than before the tests' own."""
        self._peaks_mb |= {name: _peak_mb(pid) for name, pid in self.pids().items()}
        return {**self._peaks_mb, OURS: max(0, _peak_mb(os.getpid()) - self._before_mb)}

    def seen(self, scenario: str) -> Seen:
        """The line of the table."""
        waits = sorted(self.waited_s)
        p95_s = waits[max(0, -(-len(waits) * 95 // 100) - 1)]
        return Seen(scenario, len(waits), 1000 * p95_s, self.peaks_mb())


def _peak_mb(pid: int) -> int:
    """Zero for a process that has ended, and where the system does not tell."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024
