"""Every process has a clock that is an hour wrong, each in its own way, and nobody notices."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.cabinet_api import CabinetApi
from tests.faults.processes.test_dying_worker import holder
from tests.faults.processes.test_renewing import expire, renewals
from tests.machine_room import MachineRoom, machine_room
from tests.servers import Databases
from tests.stories.machine_room.frame import installed
from tests.waiting import HELD_MS, until
from tests.wrong_clocks import ABOUT, HOUR
from tools.simulator.portal import SimulatedPortal
from tools.standalone.valkey import valkey

# A session that the gateway makes lasts ten minutes; the cabinet believes that it ended long ago.
CLOCKS = {"gateway": -HOUR, "cabinet": HOUR, "worker-1": HOUR, "worker-2": -HOUR, "beat": HOUR}


@pytest.fixture(scope="module")
def room(postgres_server: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MachineRoom]:
    folder = tmp_path_factory.mktemp("wrong-clocks")
    with (
        valkey(folder / "broker") as broker,
        machine_room(
            folder,
            postgres_server.fresh(),
            broker.url,
            portals=10,
            clocks=CLOCKS,
            WORKER_LEASE="4s",
            WORKER_GRACE="3s",
        ) as found,
    ):
        yield found


def is_about_now(moment: str) -> bool:
    return abs(datetime.fromisoformat(moment) - datetime.now(UTC)) < ABOUT


@pytest.mark.parametrize("gone", ["worker-1", "worker-2"])
def test_a_worker_hears_every_bell(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal, gone: str
) -> None:
    room.processes[gone].kill()
    account_id = cabinet.connect(portal.webhook_url)
    account = cabinet.until_state(account_id, "fresh")
    assert is_about_now(account["read_at"])


def test_a_portal_is_installed_linked_shown_and_read_after_an_event(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    frame = installed(room, portal)
    account_id = frame.link(cabinet.link_token())["id"]
    cabinet.until_state(account_id, "fresh")
    page = frame.page()
    assert page.status_code == 200
    assert "час назад" not in page.text
    until(lambda: len(portal.installation(room.application).handlers) > 4, what="events are bound")
    cabinet.until_state(account_id, "fresh")
    room.rows("update portal set read_at = read_at - interval '2 min' where domain = %s", portal.domain)
    portal.edit("add_user_field", owner="CRM_DEAL", kind="string", label="Источник заявки")
    (change,) = cabinet.until_changes(account_id, 1, since=1)
    assert is_about_now(change["at"])


def test_an_expired_token_is_renewed_once(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    account_id = installed(room, portal).link(cabinet.link_token())["id"]
    cabinet.until_state(account_id, "fresh")
    assert renewals(room, portal) == (0, 0)
    expire(room, portal)
    assert cabinet.refreshed(account_id)["state"] == "done"
    assert renewals(room, portal) == (1, 0)


def test_a_read_whose_worker_dies_is_taken_over(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    portal.switches.latency_ms = HELD_MS
    account_id = cabinet.connect(portal.webhook_url)
    holder(room, portal).kill()
    portal.switches.latency_ms = 0
    cabinet.until_state(account_id, "fresh")
    assert [version["number"] for version in cabinet.snapshots(account_id)] == [1]


def test_every_process_that_knows_the_database_says_that_its_clock_is_wrong(room: MachineRoom) -> None:
    for name in ("gateway", "cabinet", "worker-1", "worker-2"):
        assert "clock.differs" in room.processes[name].log.read_text(), name
