"""Every portal due at the same moment: each is read once, and whoever asks meanwhile is among the first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from shared.db import portals as portal_rows
from tests.cabinet_api import CabinetApi
from tests.machine_room import MachineRoom
from tests.waiting import until

# One cabinet may ask for no more reads within a minute than a few times as many.
PORTALS = 16


@pytest.fixture
def cabinets(room: MachineRoom, times: int) -> Iterator[list[CabinetApi]]:
    with ExitStack() as stack:
        yield [stack.enter_context(closing(room.cabinet())) for _ in range(times)]


def test_each_is_read_once_and_whoever_waits_comes_first(
    room: MachineRoom, cabinets: list[CabinetApi]
) -> None:
    portals = []
    for cabinet in cabinets:
        mine = [room.portal() for _ in range(PORTALS)]
        accounts = [cabinet.connect(portal.webhook_url) for portal in mine]
        for account_id in accounts:
            cabinet.until_state(account_id, "fresh")
        portals += mine
    for portal in portals:
        portal.log.clear()
    for worker in room.workers():
        worker.freeze()
    domains = [portal.domain for portal in portals]
    room.rows("update portal set next_read_at = now() where domain = any(%s)", domains)
    with room.db.session() as session:
        assert portal_rows.request_due(session, most=10**6) >= len(portals)
    refresh_id = cabinet.refresh(accounts[-1])
    for worker in room.workers():
        worker.thaw()
    until(lambda: all(portal.log.requests for portal in portals), what="all are read")
    until(lambda: cabinet.refresh_state(refresh_id)["state"] == "done")
    assert {len(portal.log.requests) for portal in portals} == {1}
    ((before,),) = room.rows(
        "select count(*) from job mine, job other join portal p on p.id = other.portal_id"
        " where mine.id = %s and p.domain = any(%s) and other.lane = 3 and other.started_at < mine.started_at",
        refresh_id,
        domains,
    )
    # What a worker had begun already when it was frozen.
    assert before < 2 * len(room.workers())
