"""When a portal that could not be read is asked again: a press never postpones it, and good news brings it forward."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from services.sync_worker.dispatching import tick
from services.sync_worker.heartbeat import beat
from services.sync_worker.worker import Worker
from shared.db import applications, refreshing
from tests.gateway_room import GatewayRoom
from tests.working import Impatient, work
from tools.simulator.portal import SimulatedPortal

MINUTE = timedelta(minutes=1)


def wait(room: GatewayRoom, portal_id: UUID) -> timedelta:
    """How long it is until the portal's next scheduled read."""
    ((found,),) = room.rows("select next_read_at - now() from portal where id = %s", portal_id)
    return found  # type: ignore[no-any-return]


def press(room: GatewayRoom, worker: Worker, portal_id: UUID) -> None:
    """Somebody presses «Обновить», and the read is over."""
    with room.db.session() as session:
        refreshing.request(session, portal_id)
    assert len(work(worker)) == 1


def due(room: GatewayRoom, worker: Worker) -> None:
    """The time of the scheduled read has come, and the read is over."""
    room.rows("update portal set next_read_at = now(), dirty_since = null")
    tick(worker)
    work(worker)


@pytest.fixture
def portal_id(room: GatewayRoom, worker: Worker, portal: SimulatedPortal) -> UUID:
    """A portal that was read just now."""
    found = room.installed(portal)
    work(worker)
    return found


def test_five_presses_in_a_trouble_postpone_nothing(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal, portal_id: UUID
) -> None:
    portal.faults.add("error_200", times=None)
    for _ in range(5):
        press(room, worker, portal_id)
        assert wait(room, portal_id) <= MINUTE


def test_only_reads_of_the_schedule_lengthen_the_pause(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal, portal_id: UUID
) -> None:
    portal.faults.add("error_200", times=None)
    due(room, worker)
    due(room, worker)
    assert MINUTE < wait(room, portal_id) <= 5 * MINUTE
    press(room, worker, portal_id)
    assert wait(room, portal_id) <= 5 * MINUTE
    due(room, worker)
    assert 5 * MINUTE < wait(room, portal_id) <= 30 * MINUTE


def test_a_press_that_takes_a_due_read_does_not_put_it_off_by_a_period(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal, portal_id: UUID
) -> None:
    portal.faults.add("error_200", times=None)
    room.rows("update portal set next_read_at = now(), dirty_since = null")
    tick(worker)
    press(room, worker, portal_id)
    assert wait(room, portal_id) <= MINUTE


@pytest.mark.usefixtures("portal_id")
@pytest.mark.parametrize("user", ["admin", "employee"])
@pytest.mark.parametrize("renewable", [True, False])
def test_an_opening_reads_a_portal_that_has_a_problem_at_once(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal, user: str, *, renewable: bool
) -> None:
    portal.edit("add_user", name="Пётр", last_name="Новиков")
    room.open_page(portal, user)
    portal.faults.add("error_200", times=None)
    due(room, worker)
    portal.faults.clear()
    opened = room.open_page(portal, user) if renewable else room.open_page(portal, user, REFRESH_ID=None)
    assert opened.status_code == 200
    assert len(work(worker)) == 1
    assert room.rows("select problem from portal") == [(None,)]


@pytest.mark.usefixtures("portal_id")
def test_the_answer_of_the_authorization_server_brings_all_back_who_waited_for_it(
    room: GatewayRoom, worker: Worker, other: SimulatedPortal
) -> None:
    room.installed(other)
    work(worker)
    room.rows("update chain set access_expires_at = now() - interval '1 second'")
    due(room, replace(worker, oauth_servers=["http://127.0.0.1:1"], stopping=Impatient()))
    assert room.rows("select distinct problem from portal") == [("authorization_away",)]
    room.rows("update portal set next_read_at = now() + interval '1 hour'")
    with room.db.session() as session:
        refreshing.request(session, room.portal_id(other))
    work(worker)
    tick(worker)
    work(worker)
    assert room.rows("select distinct problem from portal") == [(None,)]


def test_the_right_secret_brings_the_portals_of_the_application_back(
    room: GatewayRoom, worker: Worker, portal_id: UUID
) -> None:
    assert wait(room, portal_id) > timedelta(hours=5)
    right = room.application.secret
    for secret in ("a wrong one", right):
        room.rows("update chain set access_expires_at = now() - interval '1 second'")
        with room.db.session() as session:
            applications.register(
                session, room.db.keyring, client_id=room.application.client_id, secret=secret, title="CRMAP"
            )
        if secret != right:
            due(room, worker)
            assert room.rows("select problem from portal") == [("client_refused",)]
    tick(worker)
    assert len(work(worker)) == 1
    assert room.rows("select problem from portal") == [(None,)]


def test_after_an_outage_of_ours_every_portal_is_read_within_two_hours_those_of_people_first(
    room: GatewayRoom, worker: Worker, other: SimulatedPortal, portal_id: UUID
) -> None:
    linked = room.installed(other)
    work(worker)
    cabinet, _ = room.cabinet()
    link = (
        "insert into link (id, cabinet_id, portal_id, title, note) values (gen_random_uuid(), %s, %s, '', '')"
    )
    room.rows(link, cabinet, linked)
    room.rows("update chain set created_at = created_at - interval '1 month'")
    beat(worker)
    room.rows("update portal set next_read_at = now() + interval '6 hours'")
    room.rows("update attempt set window_at = now() + interval '1 hour' where bucket = 'last heartbeat'")
    beat(worker)
    assert wait(room, portal_id) > timedelta(hours=5), "that was no outage"
    room.rows("update attempt set window_at = now() - interval '11 sec' where bucket = 'last heartbeat'")
    beat(worker)
    assert wait(room, linked) < timedelta(minutes=30) < wait(room, portal_id) < timedelta(hours=2)
