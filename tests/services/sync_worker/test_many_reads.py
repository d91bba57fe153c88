"""One process reads for weeks: what a run leaves behind must not trouble the next."""

from __future__ import annotations

import threading

from services.sync_worker.dispatching import tick
from services.sync_worker.worker import Worker
from tests.gateway_room import GatewayRoom
from tests.working import work
from tools.simulator.portal import SimulatedPortal

RUNS = 50


def test_fifty_reads_in_one_process_go_well_with_a_second_try_in_the_middle(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal
) -> None:
    """github.com/yalding8/uhomesjob/issues/204, github.com/sqlalchemy/sqlalchemy/issues/6409"""
    room.installed(portal)
    work(worker)
    for number in range(1, RUNS):
        if number == RUNS // 2:
            # The call is refused, its token renewed and the call made once more.
            for chain in room.cloud.authority.chains:
                chain.access_expires_at = 0
        if number == RUNS // 2 + 1:
            portal.faults.add("error_200", times=1)
        room.rows("update portal set next_read_at = now(), dirty_since = null")
        tick(worker)
        # Every run in a thread of its own, as a pool hands them out.
        run = threading.Thread(target=work, args=(worker,))
        run.start()
        run.join()
    assert room.rows("select state, count(*) from job group by state order by state") == [
        ("done", RUNS - 1),
        ("failed", 1),
    ]
    assert room.rows("select problem, failures from portal") == [(None, 0)]
    assert sum(chain.refreshes for chain in room.cloud.authority.chains) == 1
