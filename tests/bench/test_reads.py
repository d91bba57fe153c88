from collections.abc import Iterator
from dataclasses import replace

import pytest

from bench.clients import crmap, floor, recording
from bench.portals import Front, counted_truth
from bench.reading import Portal, Stopwatch
from bench.run import measured
from tools.simulator.cloud import HOST, PortalSpec, SimulatedCloud
from tools.simulator.server import HttpServer


@pytest.fixture
def cloud() -> Iterator[SimulatedCloud]:
    with SimulatedCloud([PortalSpec("m", "M")]) as cloud:
        yield cloud


@pytest.fixture
def front(cloud: SimulatedCloud) -> Front:
    return Front(cloud.portal("m"), latency_s=0)


@pytest.fixture
def portal(cloud: SimulatedCloud, front: Front) -> Iterator[Portal]:
    simulated = cloud.portal("m")
    server = HttpServer((HOST, 0), front.answer)
    server.start()
    yield Portal(simulated.webhook_url.replace(simulated.domain, f"{HOST}:{server.port}"))
    server.close()


def test_crmap_brings_everything_the_portal_has(cloud: SimulatedCloud, portal: Portal) -> None:
    assert crmap.read(portal, Stopwatch()) == counted_truth(cloud.portal("m").truth())


def test_a_question_is_put_to_the_simulator_once_and_counted_each_time(portal: Portal, front: Front) -> None:
    crmap.read(portal, Stopwatch())
    first = front.counted()
    crmap.read(portal, Stopwatch())
    assert first["unheard"] == first["requests"] > 0
    assert front.counted() == first | {"unheard": 0}


def test_the_floor_sends_byte_for_byte_what_crmap_sends(portal: Portal, front: Front) -> None:
    recorded = recording.read(portal, Stopwatch())
    by_crmap = front.counted()
    floor.read(replace(portal, **recorded), Stopwatch())
    assert front.counted() == by_crmap | {"unheard": 0}


def test_each_client_is_measured_in_a_process_of_its_own() -> None:
    rows = measured(["S"], 2, clients=["crmap", "floor"], latency_ms=0)
    assert [(row.client, row.problem, len(row.reads)) for row in rows] == [
        ("crmap", None, 2),
        ("floor", None, 2),
    ]
    assert all(read.wall_s > 0 and read.cpu_s > 0 and read.peak_mb > 1 for row in rows for read in row.reads)
