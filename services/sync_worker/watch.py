"""The watch over a read: what time it is, and how far the read has come."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from shared.bitrix24.read_portal import Progress
from shared.db import jobs
from shared.db.jobs import ClaimedJob
from shared.db.session import Database

# Nobody looks more often, and most reads are over before.
_STORED_EVERY_S = 1.0


class Watch:
    """Is made when the job has just been claimed, at a moment of the database's clock.

    From then on a clock that nobody can set counts the time: never ahead of the database's, and without asking it.
    """

    def __init__(self, db: Database, job: ClaimedJob, steady: Callable[[], float] = time.monotonic) -> None:
        self._db = db
        self._job = job
        self._steady = steady
        self._started_s = self._stored_s = steady()

    def now(self) -> datetime:
        """The time by the database's clock."""
        return self._job.started_at + timedelta(seconds=self._steady() - self._started_s)

    def report(self, progress: Progress) -> None:
        """The progress is stored, if none was for a second, and the lease starts again. Raises LeaseLost."""
        if self._steady() - self._stored_s < _STORED_EVERY_S:
            return
        document = {"done": progress.done, "planned": progress.planned, "kinds": list(progress.kinds)}
        with self._db.session(autocommit=True) as session:
            jobs.report(session, self._job, document)
        self._stored_s = self._steady()
