"""What a worker process has: its way to the database, to the outside and to the broker. Made once per process."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

from celery import Celery

from shared.db.session import Database
from shared.outbound import Outbound


class Occupancy:
    """How many jobs run in this process, of which kind, and whether one demands to be alone."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running = 0
        self._routine = 0
        self._alone = False

    @contextmanager
    def slot(self) -> Iterator[None]:
        """A place to work in; waits while another job runs alone."""
        with self._changed:
            self._changed.wait_for(lambda: not self._alone)
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    @contextmanager
    def routine(self) -> Iterator[None]:
        """Counts a routine job while it runs."""
        with self._changed:
            self._routine += 1
        try:
            yield
        finally:
            with self._changed:
                self._routine -= 1

    def takes_routine(self, slots: int) -> bool:
        """True while fewer than three quarters of the slots do routine work."""
        with self._changed:
            return self._routine < slots - max(1, slots // 4)

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """True inside when nothing else runs in the process, and nothing else starts until the end."""
        with self._changed:
            # The caller itself stands in a slot.
            granted = self._running == 1 and not self._alone
            self._alone = self._alone or granted
        try:
            yield granted
        finally:
            if granted:
                with self._changed:
                    self._alone = False
                    self._changed.notify_all()


@dataclass(frozen=True)
class Worker:
    """One worker process. ``name`` is unique, so a lease tells who holds it.

    Of its ``slots`` a quarter never takes routine work: there is always one for somebody who waits. A job that lost
    its worker before runs while nothing else does.
    """

    db: Database
    http: Outbound
    celery: Celery
    oauth_servers: Sequence[str]
    allow_private: bool
    sync_every: timedelta
    slots: int
    public_url: str
    name: str = field(default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}")
    stopping: threading.Event = field(default_factory=threading.Event)
    occupancy: Occupancy = field(default_factory=Occupancy)
