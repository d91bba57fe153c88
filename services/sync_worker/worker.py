"""The resources of a worker process: database, HTTP client and broker. Made once per process."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from celery import Celery

from shared.db.session import Database
from shared.domain.shares import Shares
from shared.outbound import Outbound


class Occupancy:
    """What runs in this process: the number of busy threads, how many do routine work or verify events, their jobs."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running = 0
        self._busy: Counter[str] = Counter()
        self._alone = False
        self._in_progress: set[UUID] = set()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """A slot to work in. Waits while another job runs alone."""
        with self._changed:
            self._changed.wait_for(lambda: not self._alone)
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def routine(self, slots: int) -> AbstractContextManager[bool]:
        """True inside when routine work may be done now: it never takes more than its share of the slots."""
        return self._one_of("routine", most=Shares.of(slots).routine)

    def verification(self, slots: int) -> AbstractContextManager[bool]:
        """True inside when an event may be verified now: never in more than their share of the slots."""
        return self._one_of("verification", most=Shares.of(slots).verification)

    @contextmanager
    def _one_of(self, kind: str, *, most: int) -> Iterator[bool]:
        with self._changed:
            granted = self._busy[kind] < most
            self._busy[kind] += granted
        try:
            yield granted
        finally:
            with self._changed:
                self._busy[kind] -= granted

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """True inside when nothing else runs in the process, and nothing else starts until the end."""
        with self._changed:
            # The caller itself holds a slot.
            granted = self._running == 1 and not self._alone
            self._alone = self._alone or granted
        try:
            yield granted
        finally:
            if granted:
                with self._changed:
                    self._alone = False
                    self._changed.notify_all()

    @contextmanager
    def working_on(self, job_id: UUID) -> Iterator[None]:
        """The job is in progress while the block runs."""
        with self._changed:
            self._in_progress.add(job_id)
        try:
            yield
        finally:
            with self._changed:
                self._in_progress.discard(job_id)

    def in_progress(self) -> frozenset[UUID]:
        """The ids of the jobs this process works on."""
        with self._changed:
            return frozenset(self._in_progress)


class Hourly:
    """An action that is due once an hour in each process, the first time at once."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due_at = clock()
        self._lock = threading.Lock()

    def is_due(self) -> bool:
        """True for the one caller that has to do it now."""
        with self._lock:
            is_due = self._clock() >= self._due_at
            if is_due:
                self._due_at = self._clock() + 3600
            return is_due


class Alarm:
    """Something that is to be done a little later, in a thread of its own. One alarm is set at a time, the earliest."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._rings_at = 0.0

    def set(self, wait: timedelta, act: Callable[[], object]) -> None:
        """``act`` is called after this time, unless an alarm is set that rings earlier."""
        rings_at = time.monotonic() + wait.total_seconds()
        with self._lock:
            if self._timer is not None:
                if self._rings_at <= rings_at:
                    return
                self._timer.cancel()
            self._rings_at = rings_at
            self._timer = threading.Timer(wait.total_seconds(), self._ring, [act])
            self._timer.daemon = True
            self._timer.start()

    def _ring(self, act: Callable[[], object]) -> None:
        with self._lock:
            self._timer = None
        act()


@dataclass(frozen=True)
class Worker:
    """One worker process. ``name`` is unique, so a lease tells who holds it.

    Its ``slots`` are shared out, so one is free for a person who waits, and a silent authorization server stops no
    reads. ``claiming`` lets one thread claim at a time, so that each counts what the others hold. A job that lost its
    worker before runs while nothing else runs. ``alarm`` rings when the next job that was put off is due.
    """

    db: Database
    http: Outbound
    celery: Celery
    oauth_servers: Sequence[str]
    allow_private: bool
    sync_every: timedelta
    keep_versions: timedelta
    slots: int
    lease: timedelta
    grace: timedelta
    public_url: str
    name: str = field(default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}")
    stopping: threading.Event = field(default_factory=threading.Event)
    claiming: threading.Lock = field(default_factory=threading.Lock)
    occupancy: Occupancy = field(default_factory=Occupancy)
    cleaning: Hourly = field(default_factory=Hourly)
    alarm: Alarm = field(default_factory=Alarm)
