"""A worker as if its bell rang until there is nothing left to do."""

from __future__ import annotations

import threading

from services.sync_worker.next_job import do_next
from services.sync_worker.worker import Worker


def work(worker: Worker) -> list[str]:
    """What came of everything that was due, events and reads, in the order it was done."""
    done: list[str] = []
    while (summary := do_next(worker)) is not None:
        done.append(summary)
    return done


class Impatient(threading.Event):
    """A process that is not stopping, and does not wait to learn that."""

    def wait(self, timeout: float | None = None) -> bool:
        return super().wait(0 if timeout else None)
