"""Tokens renewed while workers die, sleep or race: a chain is renewed once, and a lost answer costs no portal."""

from __future__ import annotations

import pytest

from tests.cabinet_api import CabinetApi
from tests.faults.processes.test_dying_worker import holder
from tests.machine_room import MachineRoom
from tests.stories.machine_room.frame import Frame, installed
from tests.waiting import HELD_MS, until
from tools.simulator.oauth.chains import Chain
from tools.simulator.portal import SimulatedPortal


@pytest.fixture
def account_id(room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal) -> str:
    """The account of a portal with one chain of tokens."""
    portal.install(room.application, event=False)
    portal.finish_install(room.application, event=False)
    found: str = Frame(room, portal.open_app(room.application)).link(cabinet.link_token())["id"]
    cabinet.until_state(found, "fresh")
    room.rows(
        "delete from chain where portal_id = %s and state <> 'active'",
        room.portal_id(portal),
    )
    return found


def expire(room: MachineRoom, portal: SimulatedPortal) -> None:
    room.rows("update chain set access_expires_at = now() where portal_id = %s", room.portal_id(portal))
    for chain in chains_of(room, portal):
        chain.access_expires_at = 0


def chains_of(room: MachineRoom, portal: SimulatedPortal) -> list[Chain]:
    return [chain for chain in room.cloud.authority.chains if chain.member_id == portal.member_id]


def renewals(room: MachineRoom, portal: SimulatedPortal) -> tuple[int, int]:
    """How often the portal's chains were renewed, and refused."""
    found = chains_of(room, portal)
    return sum(chain.refreshes for chain in found), sum(chain.invalid_grants for chain in found)


def test_six_expired_portals_at_once_are_renewed_once_each(room: MachineRoom, cabinet: CabinetApi) -> None:
    portals = [room.portal() for _ in range(6)]
    accounts = []
    for portal in portals:
        accounts.append(installed(room, portal).link(cabinet.link_token())["id"])
        cabinet.until_state(accounts[-1], "fresh")
        expire(room, portal)
    for account_id in accounts:
        cabinet.refresh(account_id)
    for account_id in accounts:
        cabinet.until_state(account_id, "fresh")
    until(lambda: [renewals(room, portal) for portal in portals] == [(1, 0)] * len(portals))


def test_a_worker_frozen_in_a_renewal_is_waited_for_not_overtaken(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal, account_id: str
) -> None:
    expire(room, portal)
    room.cloud.oauth.switches.latency_ms = HELD_MS
    first = cabinet.refresh(account_id)
    until(lambda: renewals(room, portal) == (1, 0), what="the answer is on its way")
    sleeper = holder(room, portal)
    sleeper.freeze()
    room.cloud.oauth.switches.latency_ms = 0
    until(
        lambda: cabinet.refresh_state(first)["state"] == "failed",
        what="the other worker gives way",
    )
    assert cabinet.refresh_state(first)["error"] == "renewal_under_way"
    sleeper.thaw()
    until(
        lambda: (
            not room.rows(
                "select 1 from chain where portal_id = %s and access_expires_at <= now()",
                room.portal_id(portal),
            )
        )
    )
    assert cabinet.refreshed(account_id)["state"] == "done"
    assert renewals(room, portal) == (1, 0)


def test_an_answer_lost_with_its_worker_is_made_good_by_a_spare_chain(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal, account_id: str
) -> None:
    first = portal.callers.user_id("admin")
    other = next(user for user in portal.crm.users if user.id != first and user.active and not user.hidden)
    other.admin = True
    portal.open_app(room.application, other.id)
    lose_an_answer(room, cabinet, portal, account_id)
    cabinet.until_state(account_id, "fresh")
    assert [change for change in cabinet.changes(account_id) if change["op"] == "removed"] == []


def test_an_answer_lost_without_a_spare_is_told_and_mended_by_the_next_opening(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal, account_id: str
) -> None:
    lose_an_answer(room, cabinet, portal, account_id)
    portal_id = room.portal_id(portal)

    def is_told() -> bool:
        # The time a refused chain rests passes at once.
        room.rows(
            "update chain set suspect_since = suspect_since - interval '1 min' where portal_id = %s",
            portal_id,
        )
        cabinet.refreshed(account_id)
        return bool(cabinet.account(account_id)["state"] == "access_lost")

    until(is_told, what="the account says that access is lost")
    assert "откройте приложение" in cabinet.account(account_id)["problem_detail"]
    assert cabinet.specification(account_id)
    portal.open_app(room.application)
    cabinet.until_state(account_id, "fresh")
    assert [version["number"] for version in cabinet.snapshots(account_id)] == [1]


def lose_an_answer(room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal, account_id: str) -> None:
    """A worker has died between the authorization server's answer and the storing of it; its leases are over."""
    expire(room, portal)
    room.cloud.oauth.switches.latency_ms = HELD_MS
    cabinet.refresh(account_id)
    until(lambda: renewals(room, portal)[0] == 1, what="the token is spent")
    holder(room, portal).kill()
    room.cloud.oauth.switches.latency_ms = 0
    room.rows("update chain set lease_until = now() where portal_id = %s", room.portal_id(portal))
