"""The worker process: Celery's pool of threads around ``work``, a heart that keeps its leases, a clean stop."""

from __future__ import annotations

import threading

from celery import Celery
from celery.signals import worker_process_shutdown, worker_ready, worker_shutting_down

from services.sync_worker.dispatching import tick
from services.sync_worker.heart import keep_beating
from services.sync_worker.worker import Worker
from services.sync_worker.working import work
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
    """Celery with our two tasks, beating heart and clean stop, around this worker."""
    app = worker.celery

    @app.task(name=RING, ignore_result=True)
    def ring() -> None:
        """Somebody says there is work. The job table knows which."""
        work(worker)

    @app.task(name=TICK, ignore_result=True)
    def dispatch() -> None:
        """What is due becomes jobs."""
        tick(worker)

    def start_heart(**_: object) -> None:
        threading.Thread(target=keep_beating, args=(worker,), name="heartbeat", daemon=True).start()

    def stop(**_: object) -> None:
        worker.stopping.set()

    # Celery keeps weak references: these functions live as long as the application does.
    worker_ready.connect(start_heart, weak=False)
    worker_shutting_down.connect(stop, weak=False)
    worker_process_shutdown.connect(stop, weak=False)
    return app
