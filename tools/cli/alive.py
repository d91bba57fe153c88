"""``crmap alive``: says whether the service of this container works. The container engine runs it repeatedly."""

from __future__ import annotations

import http.client
import socket
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from tools.cli.context import service_settings

if TYPE_CHECKING:
    from shared.settings import Settings

DEAD = 1
_ANSWERS_WITHIN_S = 5.0
# Workers answer at once; this covers the round trip over the broker.
_WORKERS_ANSWER_WITHIN_S = 2.0


class Service(StrEnum):
    """A service that can be checked. Beat cannot: it listens on no address."""

    GATEWAY = "gateway"
    CABINET = "cabinet"
    WORKER = "worker"
    FLOWER = "flower"


def alive(service: Annotated[Service, typer.Argument(help="Which service this container runs.")]) -> None:
    """The exit code is 0 when the service answers, and can reach what it needs to."""
    with service_settings() as settings:
        answers = _worker_answers if service is Service.WORKER else _web_answers
        if not answers(service, settings):
            typer.echo(f"{service} does not answer", err=True)
            raise typer.Exit(DEAD)


def _web_answers(service: Service, settings: Settings) -> bool:
    listen, path = {
        Service.GATEWAY: (settings.gateway_listen, "/readyz"),
        Service.CABINET: (settings.cabinet_listen, "/readyz"),
        Service.FLOWER: (settings.flower_listen, "/healthcheck"),
    }[service]
    port = int(listen.rpartition(":")[2])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWERS_WITHIN_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _worker_answers(_service: Service, settings: Settings) -> bool:
    """True when a worker of this machine answers a ping. Workers of other machines answer too, but do not count."""
    from kombu.exceptions import OperationalError  # noqa: PLC0415

    from shared.queue import celery_app  # noqa: PLC0415

    app = celery_app(settings.service_broker_url)
    try:
        answers = app.control.ping(timeout=_WORKERS_ANSWER_WITHIN_S) or []
    except (OperationalError, OSError, TimeoutError):
        return False
    here = f"@{socket.gethostname()}"
    return any(name.endswith(here) for answer in answers for name in answer)
