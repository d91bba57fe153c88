"""What whoever runs CRMAP sees of it: reads in Flower, figures for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.cabinet_api import CabinetApi
from tests.machine_room import MachineRoom, Process
from tests.waiting import WITHIN_S, until
from tools.simulator.portal import SimulatedPortal
from tools.standalone.serving import free_port

PASSWORD = "a password of the tests"


@pytest.fixture
def extra(room: MachineRoom, request: pytest.FixtureRequest) -> Iterator[str]:
    """One more process of the room, named by the parameter; the address it listens at."""
    listen = f"127.0.0.1:{free_port()}"
    own = {"FLOWER_LISTEN": listen, "FLOWER_PASSWORD": PASSWORD, "METRICS_LISTEN": listen}
    environment = room.environment | {f"CRMAP_{name}": value for name, value in own.items()}
    process = Process(request.param, room.folder, environment)
    process.start()
    yield f"http://{listen}"
    process.close()


def asked(address: str) -> httpx.Response | None:
    """The answer, or ``None`` while nobody listens there."""
    try:
        return httpx.get(address, auth=("crmap", PASSWORD), timeout=WITHIN_S)
    except httpx.TransportError:
        return None


@pytest.mark.parametrize("extra", ["flower"], indirect=True)
def test_flower_lists_reads_with_their_portal_duration_and_result(
    cabinet: CabinetApi, portal: SimulatedPortal, extra: str
) -> None:
    until(lambda: asked(f"{extra}/healthcheck"), within=60, what="Flower answers")
    account_id = cabinet.connect(portal.webhook_url)
    cabinet.until_state(account_id, "fresh")

    def listed() -> list[Any]:
        # What is listed begins with the first event Flower heard, so a read more may be needed.
        refresh_id = cabinet.refresh(account_id)
        until(lambda: cabinet.refresh_state(refresh_id)["state"] == "done")
        answer = asked(f"{extra}/api/tasks?taskname=crmap.ring")
        assert answer is not None
        result = f"'read {portal.domain}: version 1, 0 changes'"
        tasks = [task for task in answer.json().values() if task["result"] == result]
        return [task for task in tasks if refresh_id in task["kwargs"]]

    read, *_ = until(listed, within=30, what="the read is listed")
    assert f"'portal': '{portal.domain}'" in read["kwargs"]
    assert (read["state"], read["runtime"] > 0) == ("SUCCESS", True)


@pytest.mark.parametrize("extra", ["flower"], indirect=True)
def test_flower_tells_nothing_without_its_password(extra: str) -> None:
    until(lambda: asked(f"{extra}/healthcheck"), within=60, what="Flower answers")
    pages = ("/", "/tasks", "/broker", "/api/workers", "/api/tasks", "/metrics")
    assert {page: httpx.get(f"{extra}{page}", timeout=10).status_code for page in pages} == dict.fromkeys(
        pages, 401
    )
    metrics = asked(f"{extra}/metrics")
    assert metrics is not None
    assert metrics.status_code == 200


@pytest.mark.parametrize(
    ("extra", "figures"),
    [
        ("worker-3", ("crmap_worker_oldest_due_job_seconds ", 'crmap_worker_jobs{state="due"} ')),
        ("beat-2", ("crmap_beat_ticks_total ", "crmap_beat_last_tick_timestamp_seconds ")),
    ],
    indirect=["extra"],
)
def test_workers_and_beat_tell_prometheus_how_they_are(extra: str, figures: tuple[str, ...]) -> None:
    answer = until(lambda: asked(f"{extra}/metrics"), within=60, what="the metrics are told")
    assert [figure for figure in figures if figure not in answer.text] == []
