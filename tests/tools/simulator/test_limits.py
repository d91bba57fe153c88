from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tools.simulator.client import batch, call
from tools.simulator.cloud import PortalSpec, SimulatedCloud
from tools.simulator.portal import SimulatedPortal

START = 1_900_000_000.0


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def portal(clock: Clock) -> Iterator[SimulatedPortal]:
    with SimulatedCloud([PortalSpec("limited", "empty")], clock=clock) as cloud:
        yield cloud.portal("limited")


def test_nothing_is_limited_by_default(portal: SimulatedPortal) -> None:
    assert {call(portal.webhook_url, "profile").status for _ in range(60)} == {200}


def test_a_full_bucket_refuses_and_drains(portal: SimulatedPortal, clock: Clock) -> None:
    portal.switches.rate_per_s = 2
    statuses = [call(portal.webhook_url, "profile").status for _ in range(52)]
    assert statuses == [200] * 50 + [503] * 2
    assert call(portal.webhook_url, "profile").error == "QUERY_LIMIT_EXCEEDED"
    clock.now += 1
    assert [call(portal.webhook_url, "profile").status for _ in range(3)] == [200, 200, 503]


def test_a_batch_costs_one_request(portal: SimulatedPortal) -> None:
    portal.switches.rate_per_s, portal.switches.rate_burst = 2, 1
    assert len(batch(portal.webhook_url, {f"c{number}": "profile" for number in range(50)})["result"]) == 50
    assert call(portal.webhook_url, "profile").status == 503


def test_the_full_bucket_comes_before_everything_else(portal: SimulatedPortal) -> None:
    portal.switches.rate_per_s, portal.switches.rate_burst = 2, 0
    portal.switches.portal_deleted = True
    assert call(portal.webhook_url, "nothing").status == 503


def test_a_method_that_worked_too_long_is_blocked_alone(portal: SimulatedPortal, clock: Clock) -> None:
    portal.switches.operating_limit_s = 480
    portal.switches.durations_s = {"crm.item.fields": 300.0}
    url = portal.webhook_url
    first = call(url, "crm.item.fields", {"entityTypeId": 2}).json["time"]
    assert (first["operating"], first["operating_reset_at"]) == (300, START // 60 * 60 + 600)
    assert call(url, "crm.item.fields", {"entityTypeId": 2}).status == 200, (
        "the call that crosses is finished"
    )
    blocked = call(url, "crm.item.fields", {"entityTypeId": 2})
    assert (blocked.status, blocked.error) == (429, "OPERATION_TIME_LIMIT")
    assert call(url, "profile").status == 200
    inner = batch(url, {"a": "crm.item.fields?entityTypeId=2", "b": "profile"})
    assert inner["result_error"]["a"]["error"] == "OPERATION_TIME_LIMIT"
    assert call(portal.webhook(scopes=("crm",)), "crm.item.fields", {"entityTypeId": 2}).status == 200
    clock.now = float(first["operating_reset_at"])
    assert call(url, "crm.item.fields", {"entityTypeId": 2}).status == 200


def test_the_newest_servers_ban_for_a_fixed_time(portal: SimulatedPortal, clock: Clock) -> None:
    portal.switches.operating_limit_s, portal.switches.operating_ban_s = 420, 300
    portal.switches.durations_s = {"profile": 500.0}
    time = call(portal.webhook_url, "profile").json["time"]
    assert time["operating_reset_at"] == START + 300
    clock.now += 299
    assert call(portal.webhook_url, "profile").status == 429
    clock.now += 2
    assert call(portal.webhook_url, "profile").status == 200
