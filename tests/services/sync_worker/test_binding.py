"""Event handlers are bound wherever an application of ours is installed, and what keeps them from it is known."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest

from services.sync_worker.dispatching import tick
from services.sync_worker.worker import Worker
from shared.bitrix24.events import WANTED
from shared.db import handlers
from shared.db.session import Database, Role
from shared.domain.events import Events, NoEvents
from tests.gateway_room import GatewayRoom, said
from tests.services.sync_worker.conftest import PUBLIC_URL
from tests.waiting import WAITS_FOR_LOCK, until
from tests.working import work
from tools.simulator.applications import Application
from tools.simulator.portal import SimulatedPortal

HANDLER = f"{PUBLIC_URL}/bitrix24/events"
EVERY_EVENT = sorted(WANTED)


def bound(portal: SimulatedPortal, application: Application) -> list[str]:
    """The events this application is sent, each as often as it is."""
    found = portal.installation(application).handlers
    return sorted(handler.event for handler in found if handler.url == HANDLER)


def events(room: GatewayRoom, portal: SimulatedPortal) -> Events:
    """What whoever sees the portal is told of its events."""
    portal_id = room.portal_id(portal)
    cabinet_db = Database(room.url, Role.CABINET, room.db.keyring)
    with cabinet_db.session(portal=portal_id) as session:
        found = handlers.events_of(session, portal_id)
    cabinet_db.close()
    return found


def settled(room: GatewayRoom, worker: Worker, portal: SimulatedPortal) -> None:
    """The application is installed and opened, the portal was read a while ago and is not due for hours."""
    room.installed(portal)
    room.open_page(portal)
    work(worker)
    room.rows("update job set run_after = now()")
    work(worker)
    tick(worker)
    work(worker)
    room.rows("update portal set read_at = read_at - interval '3 min', dirty_since = null")


def install_page(room: GatewayRoom, portal: SimulatedPortal, application: Application) -> None:
    """Somebody installs this application: the installer's page is opened, and nothing more."""
    visit = portal.install(application, page=False, event=False)
    query = urlencode({"DOMAIN": portal.domain, "PROTOCOL": "0", "LANG": "ru", "APP_SID": "a" * 32})
    answer = room.client.post(f"/bitrix24/install?{query}", data=room.opening(portal, visit))
    assert answer.status_code == 200, answer.text


def soon(room: GatewayRoom, worker: Worker) -> None:
    """What is put off for some seconds is done; what is hours away is not."""
    room.rows(
        "update job set run_after = now() where state = 'queued' and run_after < now() + interval '70 s'"
    )
    tick(worker)
    work(worker)


@pytest.mark.parametrize("way", ["page", "event", "page of the application"])
def test_after_a_removal_nobody_heard_of_a_new_installation_has_its_handlers_soon(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal, way: str
) -> None:
    if way == "page of the application":
        room.application = room.another_application(installer=False)
        room.visit(portal)
    settled(room, worker, portal)
    assert bound(portal, room.application) == EVERY_EVENT
    portal.uninstall(room.application, event=False)
    visit = portal.install(room.application, page=False, event=False)
    assert bound(portal, room.application) == []
    match way:
        case "page":
            install_page(room, portal, room.application)
        case "event":
            portal.finish_install(room.application, event=False)
            assert said(room.send(room.install_event(portal, visit))) == (202, "accepted")
        case _:
            # Nothing tells this from any other opening of old data, but the tokens of before are refused.
            room.rows("update portal set read_at = read_at - interval '3 min'")
            room.rows("delete from attempt")
            assert room.open_page(portal).status_code == 200
    soon(room, worker)
    soon(room, worker)
    assert bound(portal, room.application) == EVERY_EVENT
    assert events(room, portal).reason in (None, NoEvents.NOT_FINISHED)


@pytest.mark.parametrize("second", ["in the same second", "while the portal is read"])
def test_each_of_two_applications_has_its_handlers(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal, second: str
) -> None:
    other = room.another_application()
    install_page(room, portal, room.application)
    if second == "in the same second":
        install_page(room, portal, other)
    else:
        # What the read found is about to be recorded, and its own check of handlers is over.
        with psycopg.connect(room.url) as recording:
            recording.execute("lock table snapshot in exclusive mode")
            reading = threading.Thread(target=work, args=(worker,))
            reading.start()
            until(lambda: room.rows(WAITS_FOR_LOCK) == [(True,)])
            install_page(room, portal, other)
        reading.join()
    soon(room, worker)
    assert bound(portal, room.application) == EVERY_EVENT
    assert bound(portal, other) == EVERY_EVENT


def test_the_handlers_of_an_application_the_portal_is_not_read_with_are_checked_once_a_day(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal
) -> None:
    last = room.another_application()
    settled(room, worker, portal)
    install_page(room, portal, last)
    soon(room, worker)
    for application in (room.application, last):
        portal.installation(application).handlers.clear()

    def read_hours_later(hours: int) -> tuple[int, int]:
        """How many events each is sent after a read so many hours after the last check; it is read with the last."""
        room.rows("update installation set handlers_checked_at = now() - make_interval(hours => %s)", hours)
        room.rows("update portal set next_read_at = now()")
        tick(worker)
        work(worker)
        return len(bound(portal, last)), len(bound(portal, room.application))

    assert read_hours_later(6) == (len(WANTED), 0)
    assert read_hours_later(24) == (len(WANTED), len(WANTED))


def plan_ends(room: GatewayRoom, _portal: SimulatedPortal) -> None:
    room.rows("update portal set state = 'subscription_ended'")


def administrator_goes(room: GatewayRoom, _portal: SimulatedPortal) -> None:
    room.rows("update chain set is_admin = false")
    room.rows("update installation set handlers_checked_at = null")


def installation_begins_anew(room: GatewayRoom, portal: SimulatedPortal) -> None:
    install_page(room, portal, room.application)


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (plan_ends, NoEvents.PLAN),
        (administrator_goes, NoEvents.NO_ADMIN),
        (installation_begins_anew, NoEvents.NOT_FINISHED),
    ],
    ids=["plan", "administrator", "installation"],
)
def test_events_are_on_until_something_happens(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal, happens: Any, reason: NoEvents
) -> None:
    settled(room, worker, portal)
    assert events(room, portal) == Events("on")
    happens(room, portal)
    room.rows("update portal set next_read_at = now() where state = 'active'")
    soon(room, worker)
    assert events(room, portal) == Events("off", reason)


def test_an_application_without_the_permission_has_no_events(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal
) -> None:
    visit = room.visit(portal, scopes=["user_basic"])
    assert room.client.post("/bitrix24/install", data=room.opening(portal, visit)).status_code == 200
    soon(room, worker)
    assert events(room, portal) == Events("off", NoEvents.SCOPE)


def test_a_portal_that_refuses_our_address_is_read_on_schedule(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal
) -> None:
    portal.switches.local_handlers = False
    room.installed(portal)
    work(replace(worker, public_url="https://crmap"))
    assert events(room, portal) == Events("off", NoEvents.REFUSED)
    assert room.rows("select state from portal") == [("active",)]


def test_a_portal_without_some_events_sends_the_others(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal
) -> None:
    missing = {event for event in WANTED if event.startswith("ONCRMTYPE")} | {"ONUSERADD"}
    portal.switches.missing_events = missing
    settled(room, worker, portal)
    assert bound(portal, room.application) == sorted(set(WANTED) - missing)
    assert events(room, portal) == Events("on")


def test_a_portal_that_does_not_answer_is_asked_again_within_the_hour(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal
) -> None:
    portal.faults.add("error", times=None, method="event.get", status=500, code="INTERNAL_SERVER_ERROR")
    room.installed(portal)
    work(worker)
    assert events(room, portal) == Events("off", NoEvents.NOT_ANSWERED)
    assert room.rows("select run_after <= now() + interval '1 hour' from job where state = 'queued'") == [
        (True,)
    ]
    portal.faults.clear()
    room.rows("update job set run_after = now()")
    work(worker)
    assert bound(portal, room.application) == EVERY_EVENT


def test_an_administrator_who_comes_back_has_the_handlers_bound(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal
) -> None:
    settled(room, worker, portal)
    portal.installation(room.application).handlers.clear()
    room.rows("update installation set handlers_problem = %s", str(NoEvents.NO_ADMIN))
    room.open_page(portal)
    soon(room, worker)
    assert bound(portal, room.application) == EVERY_EVENT
    assert events(room, portal) == Events("on")
