"""Several cabinets register one local application: the one with the right secret has it, whoever was first."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from services.sync_worker.worker import Worker
from shared.db import applications
from shared.db.applications import ApplicationCard, ClientIdTaken
from shared.db.session import Database
from tests.gateway_room import GatewayRoom
from tests.working import work
from tools.simulator.portal import SimulatedPortal

WRONG = "the secret of somebody who guesses"


@pytest.fixture(autouse=True)
def local(room: GatewayRoom) -> None:
    """The application of the portal is not the operator's, and nobody has registered it yet."""
    room.application = room.cloud.register_application(
        handler_url="http://127.0.0.1:1/bitrix24/app", installer_url="http://127.0.0.1:1/bitrix24/install"
    )


def register(room: GatewayRoom, cabinet_db: Database, email: str, secret: str) -> UUID:
    """Somebody's new cabinet has registered the application."""
    cabinet_id, _ = room.cabinet(email)
    card = ApplicationCard(room.application.client_id, secret, "Ромашка")
    with cabinet_db.session(cabinet=cabinet_id) as session:
        return applications.save_own(session, cabinet_db.keyring, cabinet_id, card, actor="test")


def read_with_a_new_token(room: GatewayRoom, worker: Worker) -> str:
    """The portal's state after a read that had to renew its access first."""
    room.rows("update chain set access_expires_at = now(), lease_until = null")
    for chain in room.cloud.authority.chains:
        chain.access_expires_at = 0
    room.rows(
        "insert into job (id, portal_id, lane, state) select gen_random_uuid(), id, 0, 'queued' from portal"
        " on conflict do nothing"
    )
    room.rows("update job set run_after = now()")
    work(worker)
    ((state, problem),) = room.rows("select state, problem from portal")
    return str(problem or state)


def owners(room: GatewayRoom) -> list[Any]:
    return room.rows(
        "select (select array_agg(id) from application where proven_at is not null and client_id = %s),"
        " (select array_agg(distinct application_id) from installation),"
        " (select array_agg(distinct application_id) from chain)",
        room.application.client_id,
    )


@pytest.mark.parametrize("registered", ["before the installation", "after a refused renewal"])
def test_who_registers_first_with_a_wrong_secret_keeps_nobody_out(
    room: GatewayRoom,
    worker: Worker,
    cabinet_db: Database,
    portal: SimulatedPortal,
    registered: str,
) -> None:
    register(room, cabinet_db, "first@example.com", WRONG)
    if registered == "before the installation":
        owner = register(room, cabinet_db, "owner@example.com", room.application.secret)
        room.installed(portal)
    else:
        room.installed(portal)
        assert read_with_a_new_token(room, worker) == "client_refused"
        owner = register(room, cabinet_db, "owner@example.com", room.application.secret)
    assert read_with_a_new_token(room, worker) == "active"
    assert owners(room) == [([owner], [owner], [owner])]
    assert read_with_a_new_token(room, worker) == "active"
    assert room.open_page(portal).status_code == 200
    assert owners(room) == [([owner], [owner], [owner])]
    with pytest.raises(ClientIdTaken):
        register(room, cabinet_db, "third@example.com", WRONG)


def test_the_right_secret_has_its_turn_among_any_number_of_wrong_ones(
    room: GatewayRoom, worker: Worker, cabinet_db: Database, portal: SimulatedPortal
) -> None:
    for number in range(12):
        register(room, cabinet_db, f"{number}@example.com", WRONG)
    owner = register(room, cabinet_db, "owner@example.com", room.application.secret)
    room.installed(portal)
    while read_with_a_new_token(room, worker) != "active":
        assert owners(room)[0][0] is None
    assert owners(room) == [([owner], [owner], [owner])]


def test_a_secret_that_is_right_the_first_time_is_proven_by_it(
    room: GatewayRoom, worker: Worker, cabinet_db: Database, portal: SimulatedPortal
) -> None:
    owner = register(room, cabinet_db, "owner@example.com", room.application.secret)
    room.installed(portal)
    work(worker)
    assert owners(room) == [(None, [owner], [owner])]
    assert read_with_a_new_token(room, worker) == "active"
    assert owners(room) == [([owner], [owner], [owner])]
    assert room.rows(
        "select count(*) from audit where action = 'application.proven' and cabinet_id is not null"
    ) == [(1,)]
