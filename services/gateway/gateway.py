"""What the gateway process has: its way to the database, to the bell and to the authorization servers."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from shared.db.session import Database
from shared.outbound import Outbound
from shared.queue import Bell
from shared.web import RETRY_AFTER_S, Problem

# Of the 40 threads that answer requests; the others are always there for events, which come only once.
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
    _conversations: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(MOST_CONVERSATIONS)
    )

    def close(self) -> None:
        """Nothing is connected afterwards."""
        self.http.close()
        self.db.close()

    @contextmanager
    def conversation(self) -> Iterator[None]:
        """A place to talk to somebody outside, who may be slow. Raises Problem 503 when all are taken."""
        if not self._conversations.acquire(timeout=2):
            raise Problem(503, "try_again_later", headers={"Retry-After": RETRY_AFTER_S})
        try:
            yield
        finally:
            self._conversations.release()
