"""The worker's metrics, for Prometheus. The queue is counted at each scrape."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from prometheus_client import REGISTRY, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from shared.db import applications, due_jobs
from shared.db.session import DATABASE_TROUBLE, Database

READS = Counter(
    "crmap_worker_reads", "Reads that ended, by result: done, or the code of the error.", ["result"]
)
READ_SECONDS = Histogram(
    "crmap_worker_read_seconds",
    "How long a read took, from claiming its job to recording it.",
    buckets=(0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300),
)
READ_REQUESTS = Histogram(
    "crmap_worker_read_requests",
    "How many requests to the portal a read that was recorded took.",
    buckets=(1, 2, 3, 4, 6, 10, 20, 50),
)
TOKEN_RENEWALS = Counter(
    "crmap_worker_token_renewals",
    "Renewals of tokens, by result: renewed, or the code of the error.",
    ["result"],
)

log = logging.getLogger(__name__)


class QueueCollector(Collector):
    """The queue and the refused applications, read from the database at each scrape.

    Every worker reports the same numbers, and none while the database is away.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """No metrics, so that registering needs no database."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The current numbers."""
        try:
            with self._db.session() as session:
                queue = due_jobs.length(session)
                refused_applications = applications.refused(session)
        except DATABASE_TROUBLE as error:
            log.warning("metrics.without_queue", extra={"error": type(error).__name__})
            return
        yield GaugeMetricFamily(
            "crmap_worker_oldest_due_job_seconds",
            "How long the oldest due job has waited.",
            value=queue.oldest_due.total_seconds(),
        )
        length = GaugeMetricFamily(
            "crmap_worker_jobs", "Jobs in the queue, due and running.", labels=["state"]
        )
        length.add_metric(["due"], queue.due)
        length.add_metric(["running"], queue.running)
        yield length
        yield GaugeMetricFamily(
            "crmap_worker_refused_applications",
            "Applications whose id or secret the authorization server refuses in all portals.",
            value=len(refused_applications),
        )


def count_queue(db: Database) -> None:
    """The metrics of the process include the queue of this database from now on."""
    REGISTRY.register(QueueCollector(db))
