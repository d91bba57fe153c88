"""What a worker tells Prometheus: its reads, the queue and the renewals of tokens."""

from __future__ import annotations

import pytest
from prometheus_client import REGISTRY

from services.sync_worker.metrics import QueueCollector
from services.sync_worker.worker import Worker
from shared.db.sealed import Keyring
from shared.db.session import Database, Role
from tests.gateway_room import GatewayRoom
from tests.working import work
from tools.simulator.portal import SimulatedPortal


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"crmap_worker_{name}", labels) or 0.0


def queue_of(worker: Worker) -> dict[tuple[str, ...], float]:
    """The figures of the queue, by name and state."""
    return {
        (sample.name.removeprefix("crmap_worker_"), *sample.labels.values()): sample.value
        for metric in QueueCollector(worker.db).collect()
        for sample in metric.samples
    }


def test_reads_are_counted_by_result_with_their_seconds_and_requests(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal, other: SimulatedPortal
) -> None:
    names = ("read_seconds_count", "read_requests_count", "read_requests_sum")
    before = [value(name) for name in names]
    done, ended = value("reads_total", result="done"), value("reads_total", result="subscription_ended")
    room.installed(portal)
    room.installed(other)
    other.switches.rest_available = False
    portal.log.clear()
    work(worker)
    assert value("reads_total", result="done") == done + 1
    assert value("reads_total", result="subscription_ended") == ended + 1
    seconds, reads, requests = (value(name) - old for name, old in zip(names, before, strict=True))
    assert (seconds, reads) == (2, 1)
    assert requests == len(portal.log.requests)


@pytest.mark.parametrize(("fault", "result"), [(None, "renewed"), ("invalid_client", "client_refused")])
def test_renewals_are_counted_by_result(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal, fault: str | None, result: str
) -> None:
    room.installed(portal)
    room.rows("update chain set access_expires_at = now()")
    before = value("token_renewals_total", result=result)
    if fault is not None:
        room.cloud.oauth.faults.add("error_500", status=401, code=fault)
    work(worker)
    assert value("token_renewals_total", result=result) == before + 1


def test_the_queue_is_told_as_it_is(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal, other: SimulatedPortal
) -> None:
    assert queue_of(worker) == {
        ("oldest_due_job_seconds",): 0,
        ("jobs", "due"): 0,
        ("jobs", "running"): 0,
        ("refused_applications",): 0,
    }
    waiting, running = room.installed(portal), room.installed(other)
    room.rows("update job set run_after = now() - interval '90 s' where portal_id = %s", waiting)
    room.rows("update job set state = 'running' where portal_id = %s", running)
    told = queue_of(worker)
    assert (told["jobs", "due"], told["jobs", "running"]) == (1, 1)
    assert told["oldest_due_job_seconds",] >= 90


def test_without_a_database_the_queue_is_left_out(keyring: Keyring) -> None:
    nowhere = Database("postgresql://nobody@127.0.0.1:1/none", Role.WORKER, keyring)
    assert list(QueueCollector(nowhere).collect()) == []
    nowhere.close()
