"""The beat process: it sends ticks and counts them. It uses the broker and nothing else."""

from __future__ import annotations

from celery import Celery
from celery.signals import after_task_publish
from prometheus_client import Counter, Gauge

from shared.contracts.tasks import TICK
from shared.queue import celery_app

TICKS = Counter("crmap_beat_ticks", "Ticks that the broker took.")
LAST_TICK = Gauge("crmap_beat_last_tick_timestamp_seconds", "When the broker took the last tick.")


def create_beat(broker_url: str) -> Celery:
    """The Celery application of beat, which counts every tick it sends."""

    def count(sender: str | None = None, **_: object) -> None:
        if sender == TICK:
            TICKS.inc()
            LAST_TICK.set_to_current_time()

    after_task_publish.connect(count, weak=False)
    return celery_app(broker_url)
