"""An application that may do less than before: said as what it is, and nothing looks deleted."""

from __future__ import annotations

import pytest

from services.sync_worker.dispatching import tick
from services.sync_worker.worker import Worker
from tests.gateway_room import GatewayRoom
from tests.working import work
from tools.simulator.portal import SimulatedPortal

FEWER = ("crm", "userfieldconfig")


@pytest.mark.parametrize("noticed_by", ["renewal", "opening"])
def test_permissions_that_were_taken_away_are_told_and_nothing_is_called_deleted(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal, noticed_by: str
) -> None:
    """github.com/NangoHQ/nango/issues/298"""
    portal_id = room.installed(portal)
    work(worker)
    for chain in room.cloud.authority.chains:
        chain.scopes = FEWER
        chain.access_expires_at = 0
    if noticed_by == "opening":
        visit = portal.open_app(room.application, page=False, scopes=FEWER)
        for _ in range(2):
            assert room.client.post("/bitrix24/app", data=room.opening(portal, visit)).status_code == 200
        assert room.rows("select count(*) from audit where action = 'rights.reduced'") == [(1,)]
    for _ in range(2):
        room.rows("update portal set next_read_at = now(), dirty_since = null")
        room.rows("update chain set access_expires_at = now()")
        tick(worker)
        work(worker)
    lost = sorted(set(room.application.scopes) - set(FEWER))
    told = room.rows("select portal_id, facts from audit where action = 'rights.reduced' order by id")
    assert told
    assert {(told_of, tuple(facts["scopes"])) for told_of, facts in told} == {(portal_id, tuple(lost))}
    assert len(told) <= 2, "once for the installation, once for the chain"
    assert set(FEWER) in [set(scopes) for (scopes,) in room.rows("select scopes from chain")]
    assert room.rows("select reason_code from coverage where kind = 'users'") == [("scope_missing",)]
    assert room.rows("select op from change where kind = 'users'") == []
