"""One bell is one piece of work: what a worker does when it hears one, and when it rings again."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from celery import Celery
from celery.result import EagerResult
from redis import Redis

from services.sync_worker.app import create_app
from services.sync_worker.dispatching import MOST_BELLS, tick
from services.sync_worker.next_job import do_next, ring_if_due
from services.sync_worker.worker import Worker
from shared.contracts.tasks import QUEUE, RING, TICK, RungFor
from shared.db import jobs
from shared.domain.schedule import Lane
from tests.gateway_room import GatewayRoom
from tests.services.sync_worker.conftest import running_worker
from tests.waiting import until
from tools.simulator.portal import SimulatedPortal


def heard(app: Celery, task: str = RING, arguments: dict[str, object] | None = None) -> Any:
    """What Flower shows as the result of this task."""
    result: EagerResult[Any] = app.tasks[task].apply(kwargs=arguments or {})
    return result.get()


@pytest.fixture
def bells(broker_url: str) -> Iterator[Bells]:
    client = Redis.from_url(broker_url.replace("redis+socket://", "unix://"))
    yield Bells(client)
    client.close()


class Bells:
    """The bells nobody has heard yet."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    def unheard(self) -> list[dict[str, str]]:
        """The arguments of each, in the order they were rung; none of them is left."""
        # In one step, or a bell that is rung in between would be lost.
        with self._client.pipeline() as both:
            both.lrange(QUEUE, 0, -1)
            both.delete(QUEUE)
            taken, _ = both.execute()
        messages = [json.loads(text) for text in taken]
        return [json.loads(base64.b64decode(message["body"]))[1] for message in reversed(messages)]


@pytest.fixture
def worker(room: GatewayRoom, broker_url: str) -> Iterator[Worker]:
    """Its bells are heard by the tests alone; those of the gateway go elsewhere."""
    with running_worker(room, broker_url) as found:
        yield found


@pytest.fixture
def app(worker: Worker) -> Celery:
    return create_app(worker)


def test_a_worker_that_hears_a_bell_does_one_job_and_rings_for_the_next(
    room: GatewayRoom, app: Celery, portal: SimulatedPortal, other: SimulatedPortal, bells: Bells
) -> None:
    first, second = room.installed(portal), room.installed(other)
    assert heard(app) == f"read {portal.domain}: version 1, 0 changes"
    assert room.rows("select read_at is not null from portal where id = %s", second) == [(False,)]
    ((job_id,),) = room.rows("select id from job where portal_id = %s", second)
    assert bells.unheard() == [RungFor(job=str(job_id), portal=other.domain).shown()]
    assert heard(app) == f"read {other.domain}: version 1, 0 changes"
    assert bells.unheard() == [], "nothing more is due"
    assert heard(app) == "nothing to do"
    assert room.rows("select read_at is not null from portal where id = %s", first) == [(True,)]


def test_what_a_bell_was_rung_for_decides_nothing(
    room: GatewayRoom, app: Celery, portal: SimulatedPortal, bells: Bells
) -> None:
    room.installed(portal)
    forged: dict[str, object] = {
        "job": "'; drop table job",
        "kind": "erase",
        "portal": "another.example",
        "more": 1,
    }
    assert heard(app, arguments=forged) == f"read {portal.domain}: version 1, 0 changes"
    assert bells.unheard() == []


def test_an_event_is_a_piece_of_work_too_and_comes_after_reads_somebody_waits_for(
    room: GatewayRoom, app: Celery, portal: SimulatedPortal, other: SimulatedPortal
) -> None:
    room.installed(other)
    room.send(room.install_event(portal, room.visit(portal)))
    assert heard(app) == f"read {other.domain}: version 1, 0 changes"
    room.rows("update portal set next_read_at = now()")
    heard(app, TICK)
    assert heard(app) == "event ONAPPINSTALL: done"
    assert room.rows("select lane from job where state = 'queued' order by lane") == [(1,), (3,)]


def test_a_failed_read_says_so_where_an_operator_looks(
    room: GatewayRoom, app: Celery, portal: SimulatedPortal
) -> None:
    room.installed(portal)
    portal.switches.rest_available = False
    assert heard(app) == f"read {portal.domain}: failed, subscription_ended"


@pytest.mark.parametrize("task", [RING, TICK])
def test_the_bell_of_a_read_that_was_put_off_a_little_rings_when_it_is_due(
    room: GatewayRoom, app: Celery, portal: SimulatedPortal, bells: Bells, task: str
) -> None:
    portal_id = room.installed(portal)
    heard(app)
    bells.unheard()
    with room.db.session() as session:
        job_id = jobs.request_job(session, portal_id, lane=Lane.EVENT, after=timedelta(seconds=2.5))
    assert heard(app, task) in ("nothing to do", "0 bells rung")
    assert until(bells.unheard) == [RungFor(job=str(job_id), portal=portal.domain).shown()]
    assert room.rows("select run_after <= now() from job where id = %s", job_id) == [(True,)]


def test_the_tick_rings_once_for_each_due_job(
    room: GatewayRoom, app: Celery, portal: SimulatedPortal, other: SimulatedPortal, bells: Bells
) -> None:
    room.installed(portal)
    room.installed(other)
    assert heard(app, TICK) == "2 bells rung"
    assert {bell["portal"] for bell in bells.unheard()} == {portal.domain, other.domain}


@pytest.mark.parametrize(
    ("due", "rung"),
    [(MOST_BELLS - 1, MOST_BELLS - 1), (MOST_BELLS, MOST_BELLS), (MOST_BELLS + 1, MOST_BELLS)],
)
def test_a_tick_rings_no_more_bells_than_anybody_hears(
    room: GatewayRoom, worker: Worker, due: int, rung: int, bells: Bells
) -> None:
    room.rows(
        "insert into portal (id, kind, member_id, state, domain, failures)"
        " select gen_random_uuid(), 'app', md5(n::text), 'active', n || '.example', 0"
        " from generate_series(1, %s) n",
        due,
    )
    assert tick(worker) == rung
    assert room.rows("select count(*) from job where state = 'queued'") == [(due,)]
    assert len(bells.unheard()) == rung


def test_a_process_that_stops_begins_nothing_and_rings_for_nobody(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal, bells: Bells
) -> None:
    room.installed(portal)
    worker.stopping.set()
    assert do_next(worker) is None
    assert not ring_if_due(worker)
    assert bells.unheard() == []
    assert room.rows("select state from job") == [("queued",)]
