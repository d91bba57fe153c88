"""A worker asks a portal that it has read before for what it had, and finds what is new."""

from __future__ import annotations

from itertools import takewhile

from services.sync_worker.worker import Worker
from shared.db import refreshing
from tests.gateway_room import GatewayRoom
from tests.working import work
from tools.simulator.founding import add_smart_process
from tools.simulator.ledger import User
from tools.simulator.portal import SimulatedPortal


def asked(room: GatewayRoom, worker: Worker, portal: SimulatedPortal) -> tuple[int, int]:
    """How many commands the first batch of a read has now, and how many of them are refused."""
    (portal_id,) = room.rows("select id from portal")[0]
    portal.log.clear()
    with room.db.session() as session:
        refreshing.request(session, portal_id)
    assert len(work(worker)) == 1
    # A batch is logged when it is over; later ones may be those that bind handlers.
    commands = list(takewhile(lambda row: row.method != "batch", portal.log.commands))
    return len(commands), sum(command.error is not None for command in commands)


def test_only_the_first_read_asks_for_everything_that_portals_may_have(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal
) -> None:
    room.installed(portal)
    assert asked(room, worker, portal) == (50, 11)
    assert asked(room, worker, portal) == (25, 0)


def test_what_a_portal_has_besides_is_found_by_the_next_read(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal
) -> None:
    room.installed(portal)
    asked(room, worker, portal)
    portal.crm.users += [User(number, "Имя", "Новая") for number in range(1_000, 1_100)]
    process = add_smart_process(portal.crm, "Поставка")
    asked(room, worker, portal)
    counts = dict(room.rows("select kind || entity_type, items from coverage where state = 'complete'"))
    assert counts["users"] == len([user for user in portal.crm.users if not user.hidden])
    assert counts[f"user_fieldsdynamic_{process.entity_type_id}"] == 0
