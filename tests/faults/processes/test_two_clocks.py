"""Two beats, and ticks without number: each due portal is read once."""

from __future__ import annotations

from tests.cabinet_api import CabinetApi
from tests.machine_room import MachineRoom
from tests.waiting import until


def test_with_two_beats_each_due_portal_is_read_once(room: MachineRoom, cabinet: CabinetApi) -> None:
    room.start("beat-2")
    try:
        portals = [room.portal() for _ in range(8)]
        accounts = [cabinet.connect(portal.webhook_url) for portal in portals]
        for account_id in accounts:
            cabinet.until_state(account_id, "fresh")
        for portal in portals:
            portal.log.clear()
        room.rows("update portal set next_read_at = now() - interval '6 hours' where kind = 'webhook'")
        until(lambda: all(portal.log.requests for portal in portals), what="all are read")
        # Both beats tick twice more.
        until(lambda: ticks(room) >= 4, what="both beats go on ticking")
        assert [len(portal.log.requests) for portal in portals] == [1] * len(portals)
    finally:
        room.processes.pop("beat-2").close()


def ticks(room: MachineRoom) -> int:
    """How often both beats together have sent a tick in the last lines of their logs."""
    return sum(
        process.log.read_text().count("crmap.tick")
        for process in room.processes.values()
        if process.name.startswith("beat")
    )
