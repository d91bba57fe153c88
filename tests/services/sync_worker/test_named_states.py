"""What a failed read says of its portal: the cause is named in the first attempt."""

from __future__ import annotations

from services.sync_worker.worker import Worker
from tests.gateway_room import GatewayRoom, code_of
from tests.services.sync_worker.test_asking_again import due
from tests.working import work
from tools.simulator.portal import SimulatedPortal


def test_a_lost_access_is_named_in_one_attempt(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal
) -> None:
    room.installed(portal)
    work(worker)
    frame = room.frame(portal)
    portal.log.clear()
    room.rows("delete from chain where state <> 'active'")
    room.rows("update chain set access_expires_at = now() - interval '1 second'")
    room.cloud.oauth.faults.add("error_500", times=None, status=400, code="invalid_grant")
    due(room, worker)
    assert room.rows("select state, problem from portal") == [("access_lost", "access_lost")]
    assert code_of(room.call("refresh", frame)) == (409, "access_lost")


def test_an_answer_without_any_command_is_a_failed_read_and_no_empty_portal(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal
) -> None:
    room.installed(portal)
    portal.faults.add("dropped", times=None)
    work(worker)
    assert room.rows("select read_at, problem from portal") == [(None, "bad_answer")]
    assert room.rows("select count(*) from snapshot") == [(0,)]
