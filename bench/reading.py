"""What one reading client is given and how its read is timed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Portal:
    """Where a client finds its portal, and for the floor what to send it.

    ``rounds`` are the bodies of CRMAP's batches, round by round, at most ``parallel`` of them under way at once.
    """

    webhook_url: str
    https_domain: str | None = None
    certificate: str | None = None
    rounds: list[list[str]] = field(default_factory=list)
    parallel: int = 1


# What a client brought, counted: "users" → 3000. Portals count themselves the same way.
Found = dict[str, Any]


class Stopwatch:
    """Takes the time of one ``with`` block, in seconds on the clock and of this process's CPU."""

    wall_s = 0.0
    cpu_s = 0.0

    def __enter__(self) -> Self:
        self._started = time.perf_counter(), time.process_time()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        wall, cpu = self._started
        self.wall_s, self.cpu_s = time.perf_counter() - wall, time.process_time() - cpu
