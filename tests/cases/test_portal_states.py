"""Portals that say they are closed, and an authorization server that refuses: what was only said is not believed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.sync_worker.app import create_worker
from services.sync_worker.dispatching import tick
from services.sync_worker.metrics import QueueCollector
from services.sync_worker.worker import Worker
from shared.bitrix24.access import parse_webhook
from shared.db import accounts, applications
from shared.db.accounts import Account
from shared.domain.portal import AccountState
from shared.settings import Settings
from shared.wording.errors import code_sentence
from tests.gateway_room import KEY, GatewayRoom
from tests.working import Impatient, work
from tools.simulator.cloud import PortalSpec, SimulatedCloud
from tools.simulator.portal import SimulatedPortal

EVERY = timedelta(hours=6)


@pytest.fixture
def cloud() -> Iterator[SimulatedCloud]:
    specs = [PortalSpec(name, "tiny", seed) for seed, name in enumerate(("sklad", "zakaz", "dom"))]
    with SimulatedCloud(specs) as found:
        yield found


@pytest.fixture
def portal(cloud: SimulatedCloud) -> SimulatedPortal:
    return cloud.portal("sklad")


@pytest.fixture
def room(database_url: str, cloud: SimulatedCloud) -> Iterator[GatewayRoom]:
    found = GatewayRoom(database_url, cloud)
    yield found
    found.close()


@pytest.fixture
def worker(room: GatewayRoom) -> Iterator[Worker]:
    settings: dict[str, Any] = {
        "database_url": room.url,
        "broker_url": room.broker_url,
        "secret_keys": KEY,
        "allow_private_portals": True,
        "bitrix24_oauth_servers": f"{room.cloud.oauth.url},{room.cloud.twin.url}",
    }
    found = create_worker(Settings(**settings))
    with found.http:
        yield found
    found.db.close()
    found.celery.close()


def connect(room: GatewayRoom, cabinet_id: UUID, portal: SimulatedPortal) -> Account:
    """The account of this cabinet that the portal's webhook opens."""
    access = parse_webhook(portal.webhook_url, allow_private=True)
    with room.db.session() as session:
        account_id, _ = accounts.connect_webhook(
            session, room.db.keyring, cabinet_id, url=access.endpoint, host=access.host
        )
    return account(room, cabinet_id, account_id)


def account(room: GatewayRoom, cabinet_id: UUID, account_id: UUID) -> Account:
    with room.db.session() as session:
        found = accounts.one(session, cabinet_id, account_id, every=EVERY)
    assert found is not None
    return found


def later(room: GatewayRoom, worker: Worker, *, minutes: int) -> None:
    """So much time has passed, and whatever was due by then was done."""
    ago = f"interval '{minutes} min'"
    room.rows(
        f"update portal set next_read_at = next_read_at - {ago}, gone_said_at = gone_said_at - {ago}"  # noqa: S608
    )
    room.rows(f"update job set run_after = run_after - {ago} where state = 'queued'")  # noqa: S608
    tick(worker)
    work(worker)


def kept(room: GatewayRoom) -> dict[str, Any]:
    """What was read of the portals, and what opens them."""
    return {
        table: room.rows(f"select * from {table} order by 1")  # noqa: S608
        for table in ("snapshot", "snapshot_part", "part", "change", "link", "installation", "chain")
    }


@pytest.mark.parametrize("way", ["webhook", "application"])
def test_a_portal_that_says_it_is_deleted_for_a_quarter_of_an_hour_is_read_again_by_itself(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal, way: str
) -> None:
    """FC-63"""
    if way == "webhook":
        connect(room, room.cabinet()[0], portal)
    else:
        room.installed(portal)
    work(worker)
    before = kept(room)
    portal.switches.portal_deleted = True
    portal.switches.portal_deleted_status = 500
    later(room, worker, minutes=7 * 60)
    later(room, worker, minutes=15)
    assert room.rows("select state, problem, purge_at from portal") == [("closed", "portal_gone", None)]
    assert kept(room) == before, "history, and the way in, are kept"
    portal.switches.portal_deleted = False
    later(room, worker, minutes=24 * 60)
    assert room.rows("select state, problem, failures from portal") == [("active", None, 0)]
    assert room.rows("select count(*) from audit where action = 'portal.removed'") == [(0,)]


def test_a_closed_portal_is_asked_every_day_for_a_month_and_more(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal
) -> None:
    """FC-63"""
    connect(room, room.cabinet()[0], portal)
    work(worker)
    portal.switches.portal_deleted = True
    for _day in range(40):
        portal.log.clear()
        later(room, worker, minutes=25 * 60)
        assert portal.log.requests, "it was asked"
        assert room.rows("select state, next_read_at - now() <= interval '1 day' from portal") == [
            ("closed", True)
        ]


@pytest.mark.parametrize("state", ["closed", "removed"])
def test_the_same_webhook_connected_again_revives_the_portal_with_its_history(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal, state: str
) -> None:
    """FC-63"""
    cabinet_id, _ = room.cabinet()
    first = connect(room, cabinet_id, portal)
    work(worker)
    room.rows(f"update portal set state = '{state}', purge_at = now() + interval '30 days'")  # noqa: S608
    again = connect(room, cabinet_id, portal)
    assert (again.id, again.state) == (first.id, AccountState.READING)
    work(worker)
    assert account(room, cabinet_id, first.id).state is AccountState.FRESH
    assert room.rows("select state, purge_at from portal") == [("active", None)]
    assert room.rows("select number from snapshot") == [(1,)]


@pytest.mark.parametrize("token", ["expired", "refused by the portal itself"])
def test_the_authorization_servers_word_removes_a_portal_when_it_is_said_twice(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal, token: str
) -> None:
    """FC-63"""
    room.installed(portal)
    work(worker)
    portal.uninstall(room.application, event=False)
    lives = "0" if token == "expired" else "1 day"
    room.rows("update chain set access_expires_at = now() + cast(%s as interval)", lives)
    later(room, worker, minutes=7 * 60)
    assert room.rows("select state, problem from portal") == [("active", "application_removed")]
    later(room, worker, minutes=11)
    assert room.rows("select state, purge_at > now() + interval '29 days' from portal") == [("removed", True)]
    assert room.rows("select count(*) from chain") == [(0,)]


def expired(room: GatewayRoom) -> None:
    room.rows("update chain set access_expires_at = now()")
    for chain in room.cloud.authority.chains:
        chain.access_expires_at = 0


def test_the_cause_of_a_failed_renewal_is_not_hidden_by_the_lock_of_the_renewal(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal
) -> None:
    """FC-67"""
    room.installed(portal)
    work(worker)
    expired(room)
    worker = replace(worker, stopping=Impatient())
    room.cloud.oauth.faults.add("html_502", times=2)
    later(room, worker, minutes=7 * 60)
    assert room.rows("select problem, problem_at is not null from portal") == [("authorization_away", True)]
    assert room.rows("select lease_owner from chain") == [(None,)], "it is not under way any more"
    # Another worker renews this very token and has not come back.
    room.rows("update chain set lease_owner = 'another', lease_until = now() + interval '40 seconds'")
    later(room, worker, minutes=2)
    assert room.rows("select problem, problem_at is not null from portal") == [("authorization_away", True)]


def test_an_application_refused_for_one_portal_of_three_is_told_to_its_people(
    room: GatewayRoom, worker: Worker, cloud: SimulatedCloud, caplog: pytest.LogCaptureFixture
) -> None:
    """FC-67"""
    for portal in cloud.portals:
        room.installed(portal)
    work(worker)
    chains = room.rows("select id, refresh_token from chain order by id")
    expired(room)
    cloud.oauth.faults.add("error_500", times=1, status=401, code="invalid_client")
    later(room, worker, minutes=7 * 60)
    told = sorted(room.rows("select state, problem from portal"), key=str)
    assert told == [("access_lost", "client_refused"), ("active", None), ("active", None)]
    assert room.rows("select count(*) from chain where state in ('dead', 'suspect')") == [(0,)]
    assert len(room.rows("select id from chain")) == len(chains)
    with room.db.session() as session:
        assert applications.refused(session) == []
    assert "application.refused" not in caplog.text
    assert "приложение удалено или его секретный ключ изменился" in code_sentence("client_refused", "ru")


def test_an_application_refused_for_all_portals_alarms_the_operator(
    room: GatewayRoom, worker: Worker, cloud: SimulatedCloud, caplog: pytest.LogCaptureFixture
) -> None:
    """FC-67"""
    for portal in cloud.portals:
        room.installed(portal)
    work(worker)
    expired(room)
    right = room.application
    cloud.authority.applications.change(right, secret="changed at the vendor's")
    later(room, worker, minutes=7 * 60)
    assert set(room.rows("select state, problem from portal")) == {("access_lost", "client_refused")}
    with room.db.session() as session:
        assert [(one.client_id, one.portals) for one in applications.refused(session)] == [
            (right.client_id, 3)
        ]
    alarms = [record for record in caplog.records if record.message == "application.refused"]
    assert [record.levelname for record in alarms] == ["ERROR"]
    gauges = {metric.name: metric.samples for metric in QueueCollector(worker.db).collect()}
    assert gauges["crmap_worker_refused_applications"][0].value == 1
    cloud.authority.applications.change(right, secret=right.secret)
    later(room, worker, minutes=24 * 60)
    assert set(room.rows("select state, problem from portal")) == {("active", None)}, "by themselves"
    with room.db.session() as session:
        assert applications.refused(session) == []
