"""What the gateway process has: its way to the database, to the bell and to the authorization servers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.db.session import Database
from shared.outbound import Outbound
from shared.queue import Bell

# How many requests talk to somebody outside at once, of the 40 that are worked on: whoever is slow out there, there
# are threads left for events, which come only once.
MOST_CONVERSATIONS = 16


@dataclass(frozen=True)
class Gateway:
    """The gateway's means. ``script_url`` is the vendor's script that speaks with the page around the frame."""

    db: Database
    bell: Bell
    http: Outbound
    oauth_servers: Sequence[str]
    allow_private: bool
    script_url: str
    conversations: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST_CONVERSATIONS))

    def close(self) -> None:
        """Nothing is connected afterwards."""
        self.http.close()
        self.db.close()
