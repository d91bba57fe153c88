"""Workers killed and stopped again and again, at any moment of their reads: each change is told, and told once."""

from __future__ import annotations

from random import Random

import pytest

from tests.cabinet_api import CabinetApi
from tests.machine_room import MachineRoom
from tests.waiting import until
from tools.simulator.portal import SimulatedPortal


def begun(portals: list[SimulatedPortal]) -> int:
    return sum(len(portal.log.requests) for portal in portals)


def answered(portals: list[SimulatedPortal]) -> int:
    return sum(request.status is not None for portal in portals for request in list(portal.log.requests))


@pytest.mark.parametrize("how", ["killed", "told to stop"])
def test_every_change_is_told_once_whenever_a_worker_ends(
    room: MachineRoom, cabinet: CabinetApi, dice: Random, times: int, how: str
) -> None:
    portals = [room.portal() for _ in range(4)]
    accounts = [cabinet.connect(portal.webhook_url) for portal in portals]
    for account_id in accounts:
        cabinet.until_state(account_id, "fresh")
    rounds = 3 * times
    for number in range(rounds):
        moment = dice.choice((begun, answered))
        before, enough = moment(portals), dice.randrange(1, len(portals) + 1)
        for portal in portals:
            portal.switches.latency_ms = dice.randrange(200)
            portal.edit("add_user_field", owner="CRM_DEAL", kind="string", label=f"Поле {number}")
        refreshes = [cabinet.refresh(account_id) for account_id in accounts]
        until(lambda: moment(portals) >= before + enough, what="the moment has come")  # noqa: B023
        worker = dice.choice(room.workers())
        if how == "killed":
            worker.kill()
        else:
            worker.ask_to_stop()
            assert worker.ended() == 0
        room.start(worker.name)
        for refresh_id in refreshes:
            until(
                lambda: cabinet.refresh_state(refresh_id)["state"] in ("done", "failed"),  # noqa: B023
                what="each read has its end",
            )
    labels = [f"Поле {number}" for number in range(rounds)]
    for account_id in accounts:
        # A portal whose reads saw too many deaths is left alone until somebody asks.
        assert cabinet.refreshed(account_id)["state"] == "done"
        changes = cabinet.until_changes(account_id, rounds, since=1)
        assert sorted(change["item"]["label"] for change in changes) == sorted(labels)
    if how == "told to stop":
        assert room.rows(
            "select sum(losses), bool_or(alone) from job j join link l using (portal_id) where l.id = any(%s)",
            accounts,
        ) == [(0, False)]
