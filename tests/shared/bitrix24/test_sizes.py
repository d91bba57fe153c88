"""Portals of every size are read whole, in as few requests as promised, and never changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.shared.bitrix24.reading import as_specification, comparable, gaps, read
from tools.simulator.cloud import PortalSpec, SimulatedCloud
from tools.simulator.field_making import add_field
from tools.simulator.founding import add_smart_process
from tools.simulator.portal import SimulatedPortal

SIZES = ("empty", "S", "showcase", "M", "L")
#: HTTP requests of one read, with references inside a batch working and not.
REQUESTS = {"empty": (1, 1), "S": (1, 2), "showcase": (1, 2), "M": (1, 2), "L": (4, 6)}


@pytest.fixture(scope="module")
def cloud() -> Iterator[SimulatedCloud]:
    with SimulatedCloud([PortalSpec(size, size, seed=7) for size in SIZES]) as portals:
        yield portals


@pytest.fixture(params=SIZES)
def portal(request: pytest.FixtureRequest, cloud: SimulatedCloud) -> Iterator[SimulatedPortal]:
    chosen = cloud.portal(request.param)
    chosen.log.clear()
    yield chosen
    chosen.switches.references = True
    chosen.switches.shuffle = None


@pytest.mark.parametrize("references", [True, False], ids=["references", "no references"])
def test_a_portal_is_read_whole(portal: SimulatedPortal, references: bool) -> None:  # noqa: FBT001
    portal.switches.references = references
    snapshot = read(portal.webhook_url)
    assert as_specification(snapshot) == comparable(portal.truth())
    assert gaps(snapshot) == {}
    assert len(portal.log.requests) <= REQUESTS[portal.name][not references]
    assert portal.log.writes == []


def test_the_order_of_rows_and_keys_makes_no_difference(portal: SimulatedPortal) -> None:
    portal.switches.shuffle = 5
    snapshot = read(portal.webhook_url)
    assert as_specification(snapshot) == comparable(portal.truth())
    assert gaps(snapshot) == {}


@pytest.mark.parametrize("seed", range(3))
def test_any_other_portal_of_a_size_is_read_whole_too(seed: int) -> None:
    with SimulatedCloud([PortalSpec("other", "M", seed=100 + seed)]) as cloud:
        portal = cloud.portal("other")
        snapshot = read(portal.webhook_url)
        assert as_specification(snapshot) == comparable(portal.truth())
        assert gaps(snapshot) == {}


@pytest.mark.parametrize("references", [True, False], ids=["references", "no references"])
@pytest.mark.parametrize("count", [10, 11, 31, 51])
def test_any_number_of_smart_processes_is_read_whole(count: int, references: bool) -> None:  # noqa: FBT001
    with SimulatedCloud([PortalSpec("many", "S")]) as cloud:
        portal = cloud.portal("many")
        for number in range(count):
            process = add_smart_process(portal.crm, f"Процесс {number}", isStagesEnabled=number % 5 != 1)
            for field in range(number % 3):
                kind, values = (("string", ()), ("enumeration", ("да", "нет")))[field]
                add_field(portal.crm, process.field_owner, kind, f"Поле {field}", values=values)
        portal.switches.references = references
        snapshot = read(portal.webhook_url)
        assert as_specification(snapshot) == comparable(portal.truth())
        assert gaps(snapshot) == {}
        assert len(portal.log.requests) <= 4
