"""The resources of the gateway process: the database, the bell and the client for authorization servers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.db.session import Database
from shared.outbound import Outbound
from shared.queue import Bell

# How many of the 40 requests worked on at once may make outgoing calls: however slow these are, there
# are threads left for events, which come only once.
MOST_CONVERSATIONS = 16


@dataclass(frozen=True)
class Gateway:
    """The gateway's resources. ``script_url`` is the vendor's script by which a page talks to the portal around it.

    ``most_accounts`` limits each cabinet.
    """

    db: Database
    bell: Bell
    http: Outbound
    oauth_servers: Sequence[str]
    allow_private: bool
    script_url: str
    most_accounts: int
    conversations: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST_CONVERSATIONS))

    def close(self) -> None:
        """All connections are closed."""
        self.http.close()
        self.db.close()
