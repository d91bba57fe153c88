"""The resources of the gateway process: the database, the bell and the client for authorization servers."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from services.gateway.places import MOST_CONVERSATIONS, Places
from shared.db.session import Database
from shared.outbound import Outbound
from shared.queue import Bell

# How many events are being stored at once. Each of their threads has a connection to the database, for which so none of
# them ever waits; more of either would only wait for the processor.
EVENTS_AT_ONCE = 8
# A person would not wait so long for the database, but an event that is refused is lost.
EVENT_PATIENCE_S = 10


@dataclass(frozen=True)
class Gateway:
    """The gateway's resources. ``script_url`` is the vendor's script by which a page talks to the portal around it.

    ``most_accounts`` limits each cabinet. ``places`` are for conversations, which are held in ``talking``. An event
    comes only once, so threads and connections of its own store it: ``storing``, ``event_db`` (decision 0025).
    """

    db: Database
    event_db: Database
    bell: Bell
    http: Outbound
    oauth_servers: Sequence[str]
    allow_private: bool
    script_url: str
    most_accounts: int
    places: Places = field(default_factory=Places)
    talking: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(MOST_CONVERSATIONS, "conversation")
    )
    storing: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(EVENTS_AT_ONCE, "event"))

    def close(self) -> None:
        """All connections are closed, and threads end as soon as their work does."""
        for threads in (self.talking, self.storing):
            threads.shutdown(wait=False)
        self.http.close()
        self.db.close()
        self.event_db.close()
