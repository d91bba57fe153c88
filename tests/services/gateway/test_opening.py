"""What an opening of the application changes, and whom the gateway asks about it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from services.gateway.app_opening import guest_of, parse_opening
from services.gateway.places import MOST_CONVERSATIONS, Guest
from shared.db.sealed import Keyring
from shared.db.session import Role
from shared.frame import FrameSession, issue
from tests.gateway_room import KEY, Canary, GatewayRoom, policy
from tests.waiting import WITHIN_S
from tools.simulator.portal import SimulatedPortal


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for the rows of others is not refused meanwhile, however busy the machine is."""
    monkeypatch.setattr("shared.db.session._STATEMENT_MS", dict.fromkeys(Role, int(1000 * WITHIN_S)))


@pytest.mark.usefixtures("patient")
def test_any_order_and_number_of_openings_ends_in_one_portal(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    visits = [room.visit(portal) for _ in range(12)]
    forms = [room.opening(portal, visit) for visit in visits]
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda form: room.client.post("/bitrix24/app", data=form), forms * 2))
    assert {answer.status_code for answer in answers} == {200}
    assert room.rows("select count(*) from portal") == [(1,)]
    assert room.rows("select count(*) from installation") == [(1,)]
    assert room.rows("select count(*) from chain where state = 'active'") == [(1,)]
    assert room.rows("select count(*) from job") == [(1,)]
    assert room.rows("select count(*) from audit where action = 'portal.installed'") == [(1,)]


def test_an_employee_may_look_but_changes_nothing_of_the_portal(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    room.installed(portal)
    portal.edit("add_user", name="Пётр", last_name="Новиков")
    before = room.rows("select token_hash, version, removed_at from installation")
    answer = room.open_page(portal, "employee", APPLICATION_TOKEN="d" * 32)
    assert room.session_in(answer).is_admin is False
    assert room.rows("select token_hash, version, removed_at from installation") == before


def test_an_employee_does_not_bring_a_removed_portal_back(room: GatewayRoom, portal: SimulatedPortal) -> None:
    room.installed(portal)
    portal.edit("add_user", name="Пётр", last_name="Новиков")
    room.rows("update portal set state = 'removed', purge_at = now() + interval '30 days'")
    room.rows("delete from job")
    room.open_page(portal, "employee")
    assert room.rows("select state, purge_at is null from portal") == [("removed", False)]
    assert room.rows("select * from job") == []
    room.open_page(portal)
    assert room.rows("select state, purge_at is null from portal") == [("active", True)]


def test_a_setting_keeps_what_was_read_to_administrators(room: GatewayRoom, portal: SimulatedPortal) -> None:
    room.installed(portal)
    portal.edit("add_user", name="Пётр", last_name="Новиков")
    room.rows("update portal set admins_only = true")
    answer = room.open_page(portal, "employee")
    assert answer.status_code == 403
    assert policy(answer)["frame-ancestors"] == f"http://{portal.address}"
    assert 'name="session"' not in answer.text
    assert room.open_page(portal).status_code == 200


def test_a_renamed_portal_is_the_same_portal_under_its_new_address(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    portal_id = room.installed(portal)
    former = portal.domain
    portal.rename("localhost")
    assert room.open_page(portal).status_code == 200
    assert room.rows("select id, domain, former_domains, endpoint from portal") == [
        (portal_id, portal.domain, [former], portal.endpoint)
    ]
    assert room.rows("select facts from audit where action = 'portal.renamed'") == [
        ({"domain": portal.domain},)
    ]


def test_old_data_is_read_anew_once_a_minute(room: GatewayRoom, portal: SimulatedPortal) -> None:
    room.installed(portal)
    room.rows("update portal set read_at = now()")
    room.open_page(portal)
    wanted = []
    for minutes in (1, 10, 10):
        room.rows("delete from job")
        room.rows("update portal set read_at = now() - make_interval(mins => %s)", minutes)
        room.open_page(portal)
        wanted += [count for (count,) in room.rows("select count(*) from job")]
    assert wanted == [0, 1, 0]


def test_another_version_and_the_end_of_an_installation_have_the_handlers_looked_at(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    checked = "select handlers_checked_at is not null from installation"

    def opened() -> bool:
        room.rows("update installation set handlers_checked_at = now()")
        room.open_page(portal)
        ((found,),) = room.rows(checked)
        return bool(found)

    room.open_page(portal, page="install")
    portal.finish_install(room.application, event=False)
    assert opened() is False
    assert opened() is True
    portal.update(room.application, event=False)
    assert opened() is False
    assert room.rows("select version, finished from installation") == [("2", True)]


def test_where_the_subscription_has_ended_everybody_may_look_and_nobody_is_an_administrator(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    room.installed(portal)
    room.rows("update portal set state = 'subscription_ended'")
    portal.switches.rest_available = False
    answer = room.open_page(portal)
    assert answer.status_code == 200
    assert room.session_in(answer).is_admin is False
    assert room.rows("select state from portal") == [("subscription_ended",)]
    portal.switches.rest_available = True
    room.open_page(portal)
    assert room.rows("select state from portal") == [("active",)]
    assert room.rows("select count(*) from audit where action = 'portal.installed'") == [(1,)]


def test_an_installation_without_a_subscription_says_so_and_stays_open(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    portal.switches.rest_available = False
    answer = room.open_page(portal, page="install")
    assert answer.status_code == 409
    assert "тариф" in answer.text
    assert "installFinish" not in answer.text
    assert policy(answer)["frame-ancestors"] == f"http://{portal.address}"


# Whom it talks to.


def test_the_server_a_page_names_is_asked_first_and_the_other_one_next(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    cloud = room.cloud
    room.open_page(portal, SERVER_ENDPOINT=cloud.twin.endpoint)
    assert (sum(cloud.twin.counted.values()), sum(cloud.oauth.counted.values())) == (1, 0)
    room.open_page(portal, AUTH_ID="0" * 40, SERVER_ENDPOINT=cloud.twin.endpoint)
    assert (sum(cloud.twin.counted.values()), sum(cloud.oauth.counted.values())) == (2, 1)


@pytest.mark.parametrize("page", ["install", "app"])
def test_nobody_else_is_asked_whatever_a_page_names(
    room: GatewayRoom, portal: SimulatedPortal, page: str, bird: Canary
) -> None:
    form = room.opening(portal, room.visit(portal), SERVER_ENDPOINT=f"http://{bird.host}/rest/")
    named = ("DOMAIN", "CLIENT_ENDPOINT", "client_endpoint", "domain", "PLACEMENT", "URI")
    form |= dict.fromkeys(named, f"http://{bird.host}/")
    query = urlencode({"DOMAIN": bird.host, "PROTOCOL": "0", "LANG": "ru", "APP_SID": "a"})
    assert room.client.post(f"/bitrix24/{page}?{query}", data=form).status_code == 200
    assert bird.visits == 0
    assert room.rows("select domain from portal") == [(portal.domain,)]


def test_an_authorization_server_that_is_away_is_a_reason_to_come_back(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    form = room.opening(portal, room.visit(portal))
    room.cloud.close()
    answer = room.client.post("/bitrix24/app", data=form)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "30"
    assert "frame-ancestors *" in answer.headers["content-security-policy"]
    assert 'name="session"' not in answer.text


def test_a_database_that_is_away_is_a_reason_to_come_back(room: GatewayRoom, portal: SimulatedPortal) -> None:
    form, event = room.opening(portal, room.visit(portal)), room.event(portal)
    with room.another(database_url="postgresql://nobody@127.0.0.1:1/nothing") as away:
        answers = [
            away.post("/bitrix24/app", data=form),
            away.post("/bitrix24/events", data=event),
            away.get("/readyz"),
        ]
    assert [answer.status_code for answer in answers] == [503] * 3
    assert {answer.headers["retry-after"] for answer in answers} == {"30"}
    assert "Обновите страницу через минуту" in answers[0].text


def test_one_server_that_is_away_is_no_trouble_while_the_other_answers(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    form = room.opening(portal, room.visit(portal))
    with room.another(bitrix24_oauth_servers=f"http://127.0.0.1:1,{room.cloud.twin.url}/") as gateway:
        assert gateway.post("/bitrix24/app", data=form).status_code == 200
        unknown = gateway.post("/bitrix24/app", data={**form, "AUTH_ID": "0" * 40})
    assert unknown.status_code == 503


def test_people_who_wait_for_slow_portals_leave_room_for_events(
    room: GatewayRoom, portal: SimulatedPortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal_id = room.installed(portal)
    session = room.frame(portal)
    places = room.client.app.state.gateway.places  # type: ignore[attr-defined]
    loop = room.client.portal
    assert loop is not None
    share = [
        Guest(str(portal_id), f"192.0.2.{number}", is_known=True) for number in range(MOST_CONVERSATIONS // 4)
    ]
    for guest in share:
        loop.call(places.take, guest)
    with monkeypatch.context() as impatient:
        impatient.setattr("services.gateway.conversations._PLACE_WITHIN_S", 0.05)
        answers = [room.open_page(portal), room.call("links", session)]
    assert [answer.status_code for answer in answers] == [503, 503]
    assert {answer.headers["retry-after"] for answer in answers} == {"30"}
    assert room.send(room.event(portal)).status_code == 200
    loop.call(places.give_back, share[0])
    assert [room.open_page(portal).status_code for _ in range(3)] == [200] * 3


# For whom it takes a place.


def guest(room: GatewayRoom, **fields: str) -> Guest:
    """The guest whom an opening with these fields is for."""
    opening = parse_opening({"AUTH_ID": "a" * 32, **fields}, language="ru")
    return guest_of(room.client.app.state.gateway, opening, "192.0.2.1")  # type: ignore[attr-defined]


def test_a_portal_is_known_by_its_application_token(
    room: GatewayRoom, portal: SimulatedPortal, other: SimulatedPortal
) -> None:
    portal_id, _ = room.installed(portal), room.installed(other)
    token, others = (one.installation(room.application).application_token for one in (portal, other))
    known = Guest(str(portal_id), "192.0.2.1", is_known=True)
    stranger = Guest(portal.member_id, "192.0.2.1")
    assert guest(room, member_id=portal.member_id, APPLICATION_TOKEN=token) == known
    assert guest(room, member_id=portal.member_id, APPLICATION_TOKEN=others) == stranger
    assert guest(room, member_id=portal.member_id, APPLICATION_TOKEN="") == stranger
    assert guest(room, member_id=portal.member_id) == stranger
    assert guest(room, APPLICATION_TOKEN=token) == Guest("", "192.0.2.1")
    room.rows("update installation set removed_at = now()")
    assert guest(room, member_id=portal.member_id, APPLICATION_TOKEN=token) == stranger


def test_a_portal_is_known_by_a_session_of_ours_even_if_it_is_over(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    portal_id = room.installed(portal)
    person = FrameSession(portal_id, portal_id, 1, is_admin=False, language="ru")
    ((now,),) = room.rows("select now()")
    over = issue(Keyring([KEY]), person, now=now - timedelta(days=1))
    forged = issue(Keyring(["another key than ours"]), person, now=now)
    assert guest(room, session=over) == Guest(str(portal_id), "192.0.2.1", is_known=True)
    assert guest(room, session=forged, member_id=portal.member_id) == Guest(portal.member_id, "192.0.2.1")
    assert guest(room, session="\ud800.x") == Guest("", "192.0.2.1")
