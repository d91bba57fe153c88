"""What one client of our web services may cost."""

from __future__ import annotations

import resource
from dataclasses import dataclass, field

_MOST_FILES = 4096


def _most_connections() -> int:
    """Half of the files this process may open, which are as many as the system allows, up to a limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = _MOST_FILES if hard == resource.RLIM_INFINITY else min(_MOST_FILES, hard)
    if soft < limit:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    return max(soft, limit) // 2


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client may cost. Sizes are in bytes, times in seconds, speeds in bytes a second."""

    head_size: int = 32_000
    # The longest form of a browser, with the accounts of a full group, has half of it; of Bitrix24 64 KiB are read.
    body_size: int = 128_000
    head_s: float = 10
    # A body may take ``body_grace_s`` and what its size takes at the slowest speed, at most ``body_s`` in all.
    body_s: float = 15
    body_grace_s: float = 8
    idle_s: float = 15
    slowest: float = 1_000
    # How long nothing of an answer may be taken. The system's own buffers hide what a slow reader takes meanwhile.
    stalled_s: float = 60
    stop_s: int = 10
    # How long and how far a refused client is still listened to, so that it reads the refusal.
    refused_s: float = 1
    refused_size: int = 4_000_000
    # A burst of events waits in these connections; an event refused here would be lost.
    connections: int = field(default_factory=_most_connections)
    connections_per_address: int = 100

    @property
    def connections_of_strangers(self) -> int:
        """The rest is kept for proxies and for health checks."""
        return self.connections - self.connections // 8
