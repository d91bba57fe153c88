"""The worker process: Celery's thread pool calls ``do_next``, a heartbeat prolongs leases, and it stops cleanly."""

from __future__ import annotations

import threading

from celery import Celery
from celery.signals import worker_process_shutdown, worker_ready, worker_shutting_down

from services.sync_worker.dispatching import tick
from services.sync_worker.heartbeat import keep_beating
from services.sync_worker.next_job import do_next, ring_if_due
from services.sync_worker.worker import Worker
from shared.contracts.tasks import RING, TICK
from shared.db.sealed import Keyring
from shared.db.session import Database, Role
from shared.outbound import Outbound
from shared.queue import celery_app
from shared.settings import Settings


def create_worker(settings: Settings) -> Worker:
    """A worker for these settings; nothing is connected yet."""
    return Worker(
        db=Database(
            settings.service_database_url,
            Role.WORKER,
            Keyring(settings.keys),
            pool_size=settings.worker_slots,
        ),
        http=Outbound(allow_private=settings.allow_private_portals),
        celery=celery_app(settings.service_broker_url),
        oauth_servers=settings.bitrix24_oauth_servers,
        allow_private=settings.allow_private_portals,
        sync_every=settings.sync_every,
        keep_versions=settings.keep_versions,
        slots=settings.worker_slots,
        lease=settings.worker_lease,
        grace=settings.worker_grace,
        public_url=settings.public_url.rstrip("/"),
    )


def create_app(worker: Worker) -> Celery:
    """The Celery application of this worker, with our two tasks, the heartbeat and the clean stop.

    Tasks return texts for Flower only. No results are stored.
    """
    app = worker.celery

    @app.task(name=RING, ignore_result=True, shared=False)
    def ring(*_args: object, **_rung_for: object) -> str:
        """There is work; the job table says which. The arguments, whom the bell was rung for, are ignored."""
        summary = do_next(worker)
        if summary is not None:
            ring_if_due(worker)
        return summary or "nothing to do"

    @app.task(name=TICK, ignore_result=True, shared=False)
    def dispatch() -> str:
        """Due portals get jobs."""
        return f"{tick(worker)} bells rung"

    def start_heartbeat(**_: object) -> None:
        threading.Thread(target=keep_beating, args=(worker,), name="heartbeat", daemon=True).start()

    def stop(**_: object) -> None:
        worker.stopping.set()

    # Celery keeps weak references, so the application keeps these functions alive.
    worker_ready.connect(start_heartbeat, weak=False)
    worker_shutting_down.connect(stop, weak=False)
    worker_process_shutdown.connect(stop, weak=False)
    return app
