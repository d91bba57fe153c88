"""Celery as a bell and a clock. The job table says what is to be done; a message only says "look there".

One bell is one piece of work, the most urgent when it is received. A message may be lost, doubled or forged without
harm: the next tick rings again for a lost one, and a bell does nothing when nothing is due. Hence early
acknowledgement, no delays and no retries inside the broker. Nor does a message expire: that would compare the clocks of
two machines, and a worker whose clock is ahead would hear nothing. The broker keeps the newest messages instead
(``shared.broker_transport``). Arguments and results are there for Flower only.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from celery import Celery
from celery.schedules import schedule
from kombu.exceptions import OperationalError
from kombu.transport import TRANSPORT_ALIASES

from shared.contracts.tasks import QUEUE, RING, TICK, RungFor

TICK_EVERY_S = 3.0
# Works that are due within this time of each other have one message; who has done one rings for the next.
_TOGETHER_S = 0.05
_AT_ONCE = timedelta(0)

# Celery finds a transport by the beginning of the broker's address.
TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), "shared.broker_transport:Transport"))

log = logging.getLogger(__name__)


def celery_app(broker_url: str) -> Celery:
    """The Celery application of every process: settings only, no task and no connection yet."""
    app = Celery("crmap", broker=broker_url, set_as_current=False)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_default_queue=QUEUE,
        task_acks_late=False,
        task_ignore_result=True,
        task_publish_retry=False,
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=True,
        worker_send_task_events=True,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": 1800,
            "socket_timeout": 5,
            "socket_connect_timeout": 2,
            "socket_keepalive": True,
            "health_check_interval": 25,
        },
        beat_schedule={"tick": {"task": TICK, "schedule": schedule(TICK_EVERY_S, nowfun=_steady_time)}},
        timezone="UTC",
    )
    return app


def _steady_time() -> datetime:
    """A time that only goes forward. With the one people set, beat would be silent for an hour that is put back."""
    return datetime.fromtimestamp(time.monotonic(), UTC)


class Bell:
    """Rings for the workers and never makes the caller wait.

    The broker may be away or frozen while a person or Bitrix24 waits for an answer. So a separate thread sends, and
    while it is stuck one ring waits for it; others are dropped. The job is already committed, and the next tick finds
    it, also when this process ends before it has rung.
    """

    def __init__(self, app: Celery) -> None:
        self._app = app
        # Whom to ring for, by the time of a clock that nobody can set.
        self._wanted: dict[float, RungFor] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def ring(self, job_id: UUID | None = None, portal: str = "", *, after: timedelta = _AT_ONCE) -> None:
        """Lets a worker do the most urgent due work soon, if the broker is there. Flower shows job and portal.

        ``after``: how long it is until that work is due. Works that are due together have one bell. Work that is due
        after the next tick has none: the worker that ticks looks ahead.
        """
        if after.total_seconds() > TICK_EVERY_S:
            return
        with self._changed:
            self._wanted.setdefault(_rings_at(after), RungFor(job=str(job_id or ""), portal=portal))
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._send, name="bell", daemon=True)
                self._thread.start()

    def _send(self) -> None:
        while True:
            try:
                ring_now(self._app, self._due())
            except Exception:
                # Who rings next would find no thread that does it.
                log.exception("bell.bug")

    def _due(self) -> list[RungFor]:
        """Those to ring for now, once there are any."""
        with self._changed:
            while not (due := [moment for moment in self._wanted if moment <= time.monotonic()]):
                self._changed.wait(min(self._wanted) - time.monotonic() if self._wanted else None)
            return [self._wanted.pop(moment) for moment in due]


def _rings_at(after: timedelta) -> float:
    """A time that all works have in common that are due together; never before they are due."""
    if after <= _AT_ONCE:
        return 0.0
    return math.ceil((time.monotonic() + after.total_seconds()) / _TOGETHER_S) * _TOGETHER_S


def ring_now(app: Celery, bells: Sequence[RungFor]) -> int:
    """Rings in the calling thread, which may wait for the broker. Returns how many bells the broker took."""
    rung_count = 0
    try:
        with app.producer_or_acquire() as producer:
            for bell in bells:
                app.send_task(RING, kwargs=bell.shown(), retry=False, producer=producer)
                rung_count += 1
    except (OperationalError, OSError, TimeoutError) as error:
        log.warning("bell.unheard", extra={"error": type(error).__name__})
    return rung_count
