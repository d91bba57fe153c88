"""The processes of the machine room, one command each: what a compose file or a supervisor starts."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tools.cli.applications import register_default
from tools.cli.console import Console
from tools.cli.context import service_settings
from tools.cli.sentences import MIGRATED, WRONG_SETTING, Complaint

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from shared.settings import Settings


@contextmanager
def process(service: str) -> Iterator[Settings]:
    """The settings of a process that runs until it is stopped. Its logging is set up."""
    with service_settings() as settings:
        from shared.logs import set_up  # noqa: PLC0415
        from shared.settings import Environment  # noqa: PLC0415

        set_up(service, as_json=settings.environment is Environment.PRODUCTION)
        yield settings


@contextmanager
def _celery_process(service: str) -> Iterator[Settings]:
    """The same for a Celery process, in which Celery does not set up its own logging."""
    with process(service) as settings:
        from celery.signals import setup_logging  # noqa: PLC0415

        setup_logging.connect(_leave_logging_alone)
        yield settings


def _leave_logging_alone(**_: object) -> None:
    """Does nothing. Celery sets up no logging when this signal has a receiver."""


def migrate() -> None:
    """The database has the current schema."""
    with service_settings() as settings:
        from shared.db.migrate import upgrade  # noqa: PLC0415

        upgrade(settings.service_database_url)
        register_default(settings)
        Console("en").say(MIGRATED)


def gateway() -> None:
    """The gateway answers until it is stopped."""
    with process("gateway") as settings:
        from services.gateway.app import create_app  # noqa: PLC0415

        register_default(settings)
        serve_web(create_app(settings), settings.gateway_listen, settings)


def cabinet() -> None:
    """The cabinet answers until it is stopped."""
    with process("cabinet") as settings:
        from services.cabinet.app import create_app  # noqa: PLC0415

        serve_web(create_app(settings), settings.cabinet_listen, settings)


def serve_web(app: ASGIApp, listen: str, settings: Settings) -> None:
    """The application is served until the process is stopped."""
    from shared.http_server.limits import Limits  # noqa: PLC0415
    from shared.http_server.serving import serve  # noqa: PLC0415

    limits = Limits(connections_per_address=settings.connections_per_address)
    serve(app, listen, hosts=settings.hosts, trusted_proxies=settings.trusted_proxies, limits=limits)


def worker() -> None:
    """Portals are read until the process is stopped; a read under way is finished first."""
    with _celery_process("worker") as settings:
        from services.sync_worker.app import create_app, create_worker  # noqa: PLC0415
        from services.sync_worker.metrics import count_queue  # noqa: PLC0415

        reading = create_worker(settings)
        app = create_app(reading)
        count_queue(reading.db)
        _serve_metrics(settings)
        app.worker_main(
            [
                "worker",
                "--pool=threads",
                f"--concurrency={settings.worker_slots}",
                "--loglevel=INFO",
                "--without-gossip",
                "--without-mingle",
                f"--hostname=crmap-{os.getpid()}-{secrets.token_hex(3)}@%h",
            ]
        )


def beat() -> None:
    """The tick is sent until the process is stopped."""
    with _celery_process("beat") as settings:
        from services.sync_worker.beat import create_beat  # noqa: PLC0415

        app = create_beat(settings.service_broker_url)
        _serve_metrics(settings)
        # The schedule is a constant, so there is nothing worth keeping in a file between two starts.
        app.Beat(loglevel="INFO", scheduler="celery.beat:Scheduler").run()


def _serve_metrics(settings: Settings) -> None:
    from services.sync_worker.metrics_server import serve_metrics  # noqa: PLC0415

    serve_metrics(settings.metrics_listen, settings.metrics_token)


def flower() -> None:
    """The workers can be watched until the process is stopped."""
    with service_settings() as settings:
        if settings.flower_password is None:
            raise Complaint(WRONG_SETTING, what="CRMAP_FLOWER_PASSWORD has to be set")
        from flower.views.monitor import Metrics  # noqa: PLC0415
        from tornado.web import authenticated  # noqa: PLC0415

        from shared.addresses import listen_parts  # noqa: PLC0415
        from shared.queue import celery_app  # noqa: PLC0415

        # Of Flower's pages this one alone would open without the password.
        Metrics.get = authenticated(Metrics.get)
        host, port = listen_parts(settings.flower_listen)
        app = celery_app(settings.service_broker_url)
        app.start(
            [
                "flower",
                f"--address={host}",
                f"--port={port}",
                f"--basic-auth=crmap:{settings.flower_password.get_secret_value()}",
            ]
        )
