"""What becomes of a portal whose application is installed, left half installed, updated and removed."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from services.sync_worker.dispatching import tick
from services.sync_worker.worker import Worker
from shared.bitrix24.events import WANTED
from tests.gateway_room import GatewayRoom, said
from tests.services.sync_worker.conftest import PUBLIC_URL
from tests.waiting import HELD_MS, until
from tests.working import work
from tools.simulator.portal import SimulatedPortal

HANDLER = f"{PUBLIC_URL}/bitrix24/events"


def known(room: GatewayRoom) -> list[Any]:
    """Portals with their state and whether they were read, and how many installations and first installations."""
    return room.rows(
        "select p.id, p.state, p.read_at is not null,"
        " (select count(*) from installation), (select count(*) from audit where action = 'portal.installed')"
        " from portal p"
    )


def due(room: GatewayRoom) -> None:
    """The time of the next scheduled read has come."""
    room.rows("update portal set next_read_at = now(), dirty_since = null")


@pytest.mark.parametrize("scope", ["crm,user_basic,placement", "crm user_basic placement"])
def test_an_installation_is_accepted_once_however_its_event_is_spelt_and_repeated(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal, scope: str
) -> None:
    """github.com/mesilov/bitrix24-php-sdk/issues/296"""
    event = room.install_event(portal, room.visit(portal), auth__scope=scope)
    assert said(room.send(event)) == (202, "accepted")
    work(worker)
    first = known(room)
    assert [row[1:] for row in first] == [("active", True, 1, 1)]
    stored = room.rows("select scopes, encode(token_hash, 'hex') from installation")
    assert [set(scopes) for scopes, _ in stored] == [set(room.application.scopes)]
    assert said(room.send(event)) == (202, "accepted")
    work(worker)
    assert known(room) == first
    assert room.rows("select scopes, encode(token_hash, 'hex') from installation") == stored
    assert room.rows("select count(*) from inbox") == [(1,)]


def removal(room: GatewayRoom, portal: SimulatedPortal, **changed: Any) -> dict[str, str]:
    """ONAPPUNINSTALL, which brings no tokens but the application's own."""
    return room.event(
        portal, event="ONAPPUNINSTALL", data__FIELDS__ID=None, **{"data__CLEAN": "1", **changed}
    )


@pytest.mark.parametrize(("clean", "hours"), [("1", 1), ("0", 30 * 24)])
def test_a_removal_stops_what_is_wanted_of_the_portal_and_sets_the_time_of_its_erasure(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal, clean: str, hours: int
) -> None:
    """github.com/mesilov/bitrix24-php-sdk/issues/296"""
    room.installed(portal)
    work(worker)
    due(room)
    tick(worker)
    assert room.rows("select count(*) from job where state = 'queued'") == [(1,)]
    event = removal(room, portal, data__CLEAN=clean)
    portal.uninstall(room.application, event=False)
    portal.log.clear()
    assert said(room.send(event)) == (202, "accepted")
    work(worker)
    ended = room.rows(
        "select state, round(extract(epoch from purge_at - now()) / 3600), dirty_since, problem from portal"
    )
    assert ended == [("removed", hours, None, None)]
    assert room.rows("select count(*) from job where state in ('queued', 'running')") == [(0,)]
    assert room.rows("select count(*) from chain") == [(0,)]
    assert portal.log.requests == []
    after = room.contents()
    assert said(room.send(event)) == (401, "invalid_application_token")
    work(worker)
    due(room)
    tick(worker)
    work(worker)
    assert room.rows("select state from portal") == [("removed",)]
    assert {table: room.contents()[table] for table in ("chain", "inbox", "job")} == {
        table: after[table] for table in ("chain", "inbox", "job")
    }


@pytest.mark.parametrize("answer", ["good", "refused"])
def test_a_portal_that_is_removed_while_it_is_read_stays_removed(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal, answer: str
) -> None:
    room.installed(portal)
    work(worker)
    due(room)
    tick(worker)
    portal.log.clear()
    portal.switches.latency_ms = HELD_MS
    if answer == "refused":
        portal.faults.add("error_200", times=None)
    reading = threading.Thread(target=work, args=(worker,))
    reading.start()
    until(lambda: portal.log.requests)
    room.rows("update portal set state = 'removed', purge_at = now() + interval '1 hour', dirty_since = null")
    portal.switches.latency_ms = 0
    reading.join()
    assert room.rows("select state, purge_at is null, problem from portal") == [("removed", False, None)]
    assert room.rows("select count(*) from job where state in ('queued', 'running')") == [(0,)]


@pytest.mark.parametrize("first", ["page", "event"])
def test_an_installation_nobody_finished_is_taken_up_where_it_was(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal, first: str
) -> None:
    """github.com/bitrix24/b24phpsdk/issues/576, /issues/387"""
    assert room.open_page(portal, page="install").status_code == 200
    work(worker)
    before = known(room)
    assert [row[1:] for row in before] == [("active", True, 1, 1)], "nothing waits for the second half"
    for table, moment in (("portal", "read_at"), ("chain", "access_expires_at")):
        room.rows(f"update {table} set {moment} = {moment} - interval '25 hours'")  # noqa: S608
    late = room.install_event(portal, room.visit(portal))
    if first == "event":
        portal.finish_install(room.application, event=False)
        assert said(room.send(late)) == (202, "accepted")
        work(worker)
    answer = room.open_page(portal, page="install")
    assert ("BX24.installFinish()" in answer.text) is (first == "page"), "it can be finished, once"
    if first == "page":
        portal.finish_install(room.application, event=False)
        assert said(room.send(late)) == (202, "accepted")
    work(worker)
    assert known(room) == before
    assert room.rows("select finished from installation") == [(True,)]
    assert room.rows("select count(*) from inbox where verdict <> 'done'") == [(0,)]


def bound(room: GatewayRoom, portal: SimulatedPortal) -> list[str]:
    """The events that are sent to us, each as often as it is."""
    handlers = portal.installation(room.application).handlers
    return sorted(handler.event for handler in handlers if handler.url == HANDLER)


@pytest.mark.parametrize("noticed_by", ["schedule", "page", "event"])
def test_handlers_that_an_update_dropped_are_bound_again_once(
    room: GatewayRoom,
    worker: Worker,
    portal: SimulatedPortal,
    noticed_by: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """github.com/bitrix-tools/b24-rest-docs/pull/370"""
    caplog.set_level("INFO", "services.sync_worker.binding")
    room.installed(portal)
    room.open_page(portal)
    work(worker)
    assert bound(room, portal) == sorted(WANTED)
    before = known(room)
    portal.switches.handlers_dropped_on_update = True
    portal.update(room.application, event=False)
    assert bound(room, portal) == []
    portal.log.clear()
    caplog.clear()
    match noticed_by:
        case "schedule":
            # As long as two scheduled reads are apart, at the default.
            room.rows(
                "update installation set handlers_checked_at = handlers_checked_at - interval '6 hours'"
            )
        case "page":
            room.rows("update portal set read_at = read_at - interval '10 min'")
            room.open_page(portal)
        case _:
            updated = room.install_event(portal, room.visit(portal), event="ONAPPUPDATE", data__VERSION="2")
            assert said(room.send(updated)) == (202, "accepted")
    due(room)
    tick(worker)
    work(worker)
    assert bound(room, portal) == sorted(WANTED)
    assert [record.message for record in caplog.records] == ["handlers.bound"]
    room.rows("update installation set handlers_checked_at = null")
    due(room)
    tick(worker)
    work(worker)
    assert portal.log.methods().count("event.bind") == len(WANTED)
    assert known(room) == before, "an update is no installation"
