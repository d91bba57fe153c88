"""The heartbeat of a worker process goes on whatever happens to it."""

from __future__ import annotations

import threading

import pytest

from services.sync_worker.heartbeat import keep_beating
from services.sync_worker.worker import Worker
from tests.gateway_room import GatewayRoom
from tests.waiting import until

_BEATS = "select 1 from attempt where bucket = 'last heartbeat'"


def test_a_fault_of_ours_does_not_end_it(
    room: GatewayRoom, worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    room.rows("alter table attempt rename to misplaced")
    beating = threading.Thread(target=keep_beating, args=(worker,))
    beating.start()
    try:
        until(lambda: "heartbeat.bug" in caplog.messages, what="the fault shows")
        room.rows("alter table misplaced rename to attempt")
        until(lambda: room.rows(_BEATS), what="it beats again")
    finally:
        worker.stopping.set()
        beating.join()
