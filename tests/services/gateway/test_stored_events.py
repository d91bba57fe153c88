"""Events of a known portal: stored once, read for once, whatever their number and age."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import redis
from sqlalchemy import text

from services.gateway.event_handling import LATE_AFTER
from shared.contracts.tasks import QUEUE
from shared.db import jobs, recording
from shared.db.session import Database
from shared.db.tables.portals import PortalRow
from tests.builders import a_snapshot
from tests.gateway_room import GatewayRoom, said
from tests.plans import stated
from tests.waiting import until
from tests.wrong_clocks import ABOUT, HOUR, wrong_by
from tools.simulator.cloud import SimulatedCloud
from tools.simulator.portal import SimulatedPortal


def test_an_event_is_stored_and_its_portal_is_read_soon(room: GatewayRoom, portal: SimulatedPortal) -> None:
    portal_id = room.installed(portal)
    room.rows("delete from job")
    assert said(room.send(room.event(portal))) == (200, "ok")
    ((event, verdict, owner, body, secrets),) = room.rows(
        "select event, verdict, portal_id, body, secrets from inbox"
    )
    assert (event, verdict, owner, secrets) == ("ONCRMDEALUSERFIELDADD", "done", portal_id, None)
    assert body["fields"] == {"ID": "7405"}
    assert room.rows("select portal_id, lane, state from job") == [(portal_id, 2, "queued")]
    assert room.rows("select dirty_since is not null from portal") == [(True,)]


def test_the_name_of_an_event_is_taken_in_any_case(room: GatewayRoom, portal: SimulatedPortal) -> None:
    room.installed(portal)
    assert said(room.send(room.event(portal, event="onCrmDealUserFieldAdd"))) == (200, "ok")


def test_an_address_with_a_slash_at_its_end_takes_events_too(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    room.installed(portal)
    assert room.client.post("/bitrix24/events/", data=room.event(portal)).status_code == 200


def test_an_unknown_event_is_stored_and_starts_nothing(room: GatewayRoom, portal: SimulatedPortal) -> None:
    room.installed(portal)
    room.rows("delete from job")
    assert said(room.send(room.event(portal, event="ONFOOBAR"))) == (200, "ignored")
    assert room.rows("select event, verdict from inbox") == [("ONFOOBAR", "ignored")]
    assert room.rows("select * from job") == []


def test_copies_of_an_event_are_one_row_and_one_job(room: GatewayRoom, portal: SimulatedPortal) -> None:
    room.installed(portal)
    room.rows("delete from job")
    events = [room.event(portal, data__FIELDS__ID=str(number)) for number in range(20)] * 5
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(room.send, events))
    assert {answer.status_code for answer in answers} == {200}
    assert room.rows("select count(*), count(distinct dedupe) from inbox") == [(20, 20)]
    assert room.rows("select count(*) from job") == [(1,)]


def test_an_event_of_a_portal_that_is_read_soon_is_two_statements(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    room.installed(portal)
    room.send(room.event(portal, data__FIELDS__ID="1"))
    with stated(room.client.app.state.gateway.event_db.engine) as statements:  # type: ignore[attr-defined]
        assert said(room.send(room.event(portal, data__FIELDS__ID="2"))) == (200, "ok")
    assert len(statements) == 2, statements


def test_an_event_has_more_patience_with_the_database_than_people_have(room: GatewayRoom) -> None:
    gateway = room.client.app.state.gateway  # type: ignore[attr-defined]
    patience = {}
    for name, db in {"people": gateway.db, "events": gateway.event_db}.items():
        with db.session() as session:
            patience[name] = session.execute(text("show statement_timeout")).scalar_one()
    assert patience == {"people": "2s", "events": "10s"}


def test_a_copy_that_came_yesterday_is_a_copy(room: GatewayRoom, portal: SimulatedPortal) -> None:
    room.installed(portal)
    event = room.event(portal)
    room.send(event)
    room.rows("update inbox set received_on = received_on - 1")
    room.rows("delete from job")
    assert said(room.send(event)) == (200, "ok")
    assert room.rows("select count(*) from inbox") == [(1,)]
    assert room.rows("select * from job") == []


def test_events_of_a_portal_that_tells_no_time_are_not_taken_for_copies(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    room.installed(portal)
    event = room.event(portal, ts=None)
    room.send(event)
    room.rows("update inbox set dedupe = 'of another minute'")
    assert said(room.send(event)) == (200, "ok")
    assert room.rows("select count(*) from inbox") == [(2,)]


def test_late_events_are_stored_and_read_for_once_in_ten_minutes(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    room.installed(portal)
    two_days_ago = str(int(time.time()) - 2 * 24 * 3600)
    for number in range(3):
        room.rows("delete from job")
        late = room.event(portal, ts=two_days_ago, data__FIELDS__ID=str(number))
        assert said(room.send(late)) == (200, "late")
        assert room.rows("select count(*) from job") == [(1 if number == 0 else 0,)]
    assert room.rows("select distinct verdict from inbox") == [("late",)]


@pytest.mark.parametrize(
    ("ahead", "age", "word"), [(HOUR, LATE_AFTER - ABOUT, "ok"), (-HOUR, LATE_AFTER + ABOUT, "late")]
)
def test_an_event_is_late_by_the_clock_of_the_database(
    room: GatewayRoom, portal: SimulatedPortal, ahead: timedelta, age: timedelta, word: str
) -> None:
    room.installed(portal)
    event = room.event(portal, ts=str(int(time.time() - age.total_seconds())))
    with wrong_by(ahead):
        assert said(room.send(event)) == (200, word)


def test_an_event_of_a_removed_portal_brings_it_back_to_nobody(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    room.installed(portal)
    room.rows("delete from job")
    room.rows("update portal set state = 'removed', dirty_since = null")
    assert said(room.send(room.event(portal))) == (200, "ignored")
    assert room.rows("select * from job") == []
    assert room.rows("select state, dirty_since from portal") == [("removed", None)]


def test_the_former_token_is_accepted_for_ten_minutes_after_a_change(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    room.installed(portal)
    old = room.event(portal, data__FIELDS__ID="1")
    portal.installation(room.application).application_token = "c" * 32
    assert room.open_page(portal).status_code == 200
    assert room.send(old).status_code == 200
    room.rows("update installation set token_changed_at = now() - interval '11 min'")
    assert (
        room.send(room.event(portal, auth__application_token=old["auth[application_token]"])).status_code
        == 401
    )
    assert room.send(room.event(portal)).status_code == 200


def test_an_event_does_not_wait_while_a_read_of_its_portal_is_recorded(
    room: GatewayRoom, portal: SimulatedPortal, worker_db: Database
) -> None:
    portal_id = room.installed(portal)
    with worker_db.session() as session:
        claimed = jobs.claim(session, owner="worker")
    assert claimed is not None
    with worker_db.session() as session:
        recording.record(session, portal_id, a_snapshot())
        answers = [room.send(room.event(portal, data__FIELDS__ID=str(number))) for number in range(5)]
        settled = session.get_one(PortalRow, portal_id, populate_existing=True, with_for_update=True)
        dirty_since = settled.dirty_since
        jobs.finish(session, claimed)
    assert {answer.status_code for answer in answers} == {200}
    assert dirty_since is not None
    assert dirty_since > claimed.started_at


def test_a_worker_hears_of_an_event_once_it_is_stored(
    database_url: str, cloud: SimulatedCloud, portal: SimulatedPortal, broker_url: str
) -> None:
    room = GatewayRoom(database_url, cloud, broker_url)
    broker = redis.Redis.from_url(broker_url.replace("redis+socket://", "unix://"))
    try:
        room.installed(portal)
        until(lambda: broker.llen(QUEUE) > 0, what="a bell")
        broker.flushall()
        room.rows("delete from job")
        room.send(room.event(portal, auth__application_token="0" * 32))
        room.send(room.event(portal))
        until(lambda: broker.llen(QUEUE) > 0, what="a bell")
        (message,) = broker.lrange(QUEUE, 0, -1)
        for secret in (portal.member_id, portal.installation(room.application).application_token):
            assert secret.encode() not in message
    finally:
        broker.close()
        room.close()
