"""What the page's scripts do can be done without them: a refresh, linking, settings, erasing."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from tests.builders import a_snapshot, a_user
from tests.gateway_room import GatewayRoom, policy
from tests.services.cabinet.in_portal.frames import Frame
from tests.services.cabinet.pages import Page
from tools.simulator.portal import SimulatedPortal

Read = Callable[..., UUID]
Open = Callable[..., Frame]
PLAIN = "/bitrix24/plain"


@pytest.fixture
def frame(portal: SimulatedPortal, read: Read, open_frame: Open) -> Frame:
    """An administrator looks at what was read."""
    read(portal, a_snapshot())
    return open_frame(portal)


def sent(frame: Frame, page: Page, action: str, **fields: str) -> Page:
    """What comes of the page's form to this address."""
    return frame.open(action, **{**page.form(action).fields, **fields})


# Reading.


def test_a_refresh_leads_to_how_it_gets_on_and_to_the_data(room: GatewayRoom, frame: Frame) -> None:
    page = sent(frame, frame.open(), f"{PLAIN}/refresh")
    ((job_id,),) = room.rows("select id from job where state = 'queued'")
    assert "ждёт очереди" in page.of("div", class_="reading")[0].text
    room.rows("update job set state = 'running'")
    page = sent(frame, page, f"/portal/refreshes/{job_id}")
    assert "читается" in page.of("div", class_="reading")[0].text
    room.rows("update job set state = 'done'")
    page = sent(frame, page, f"/portal/refreshes/{job_id}")
    assert page.of("div", class_="reading") == []
    assert "Портал прочитан." in page.text


def test_the_page_s_script_is_told_in_json(room: GatewayRoom, frame: Frame) -> None:
    answer = frame.ask("/bitrix24/refresh")
    assert answer.status_code == 202
    room.rows(
        "update job set state = 'running', progress = %s",
        '{"kinds": ["stages", "users"], "done": 3, "planned": 12}',
    )
    address = f"/portal/refreshes/{answer.json()['id']}"
    told = frame.ask(address)
    assert told.headers["cache-control"] == "no-store"
    assert told.json() == {
        "state": "reading",
        "step": "стадии, пользователи",
        "done": 3,
        "planned": 12,
        "error": "",
    }
    room.rows("update job set state = 'failed', error = 'unreachable'")
    told = frame.ask(address)
    assert told.json()["state"] == "failed"
    assert "недоступен" in told.json()["error"]


def test_a_read_is_asked_for_by_anybody_who_looks(
    room: GatewayRoom, portal: SimulatedPortal, frame: Frame, open_frame: Open
) -> None:
    portal.edit("add_user", name="Пётр", last_name="Новиков")
    employee = open_frame(portal, "employee")
    assert employee.open(f"{PLAIN}/refresh").status == 200
    assert frame.open(f"{PLAIN}/refresh").status == 200
    assert room.rows("select count(*) from job") == [(1,)]


# Linking.


def test_an_administrator_sees_whose_cabinet_it_is_and_links_the_portal(
    room: GatewayRoom, portal: SimulatedPortal, frame: Frame
) -> None:
    cabinet_id, token = room.cabinet("anna@agency.example", title="Агентство")
    page = sent(frame, frame.open("/portal/settings"), f"{PLAIN}/link/preview", token=f" {token.lower()} ")
    assert page.status == 200
    assert "Агентство" in page.text
    assert "a•••@agency.example" in page.text
    assert room.rows("select * from link") == []
    page = sent(frame, page, f"{PLAIN}/link")
    assert "Портал появился в кабинете" in page.text
    linked = room.rows("select cabinet_id, portal_id, linked_by from link")
    assert linked == [(cabinet_id, room.portal_id(portal), 1)]
    # Sent twice, as by a double click, it is still one link.
    assert sent(frame, sent(frame, page, "/portal/"), "/portal/settings").status == 200


def test_a_cabinet_is_cut_off_again(room: GatewayRoom, frame: Frame) -> None:
    _, token = room.cabinet("anna@agency.example", title="Агентство")
    preview = sent(frame, frame.open("/portal/settings"), f"{PLAIN}/link/preview", token=token)
    sent(frame, preview, f"{PLAIN}/link")
    page = frame.open(f"{PLAIN}/links")
    assert "Агентство" in page.text
    ((link_id,),) = room.rows("select id from link")
    page = sent(frame, page, f"{PLAIN}/links/{link_id}/cut")
    assert "не подключён ни к одному кабинету" in page.text
    assert room.rows("select * from link") == []


@pytest.mark.parametrize("token", ["", "x", "2" * 30, "<script>alert(1)</script>", "٣" * 30])
def test_a_wrong_token_is_a_sentence_and_the_way_back(frame: Frame, token: str) -> None:
    page = frame.open(f"{PLAIN}/link/preview", token=token)
    assert page.status == 404
    assert "Такого токена подключения нет" in page.text
    assert sent(frame, page, "/portal/").status == 200
    assert "alert(1)" not in page.html


def test_without_a_look_at_whose_cabinet_it_is_nothing_is_linked(room: GatewayRoom, frame: Frame) -> None:
    _, token = room.cabinet()
    page = frame.open(f"{PLAIN}/link", token=token, preview="")
    assert "Сначала посмотрите, чей это кабинет" in page.text
    assert room.rows("select * from link") == []


# Deciding.


def test_an_administrator_keeps_the_data_to_administrators(room: GatewayRoom, frame: Frame) -> None:
    page = sent(frame, frame.open("/portal/settings"), f"{PLAIN}/settings")
    # The form says what is ticked, and the parser of the tests has taken the box for ticked.
    assert "Сохранено." in page.text
    assert room.rows("select admins_only from portal") == [(True,)]
    assert "checked" in page.of("input", name="admins_only")[0].attributes
    frame.open(f"{PLAIN}/settings")
    assert room.rows("select admins_only from portal") == [(False,)]


def test_an_administrator_has_everything_erased_and_the_next_opening_begins_anew(
    room: GatewayRoom, portal: SimulatedPortal, frame: Frame, open_frame: Open
) -> None:
    _, token = room.cabinet()
    preview = sent(frame, frame.open("/portal/settings"), f"{PLAIN}/link/preview", token=token)
    sent(frame, preview, f"{PLAIN}/link")
    before = room.portal_id(portal)
    answer = frame.send(f"{PLAIN}/erase", confirmed="1")
    assert answer.status_code == 200
    assert "Данные портала удалены" in Page(answer).text
    assert policy(answer)["frame-ancestors"] == f"http://{portal.address}"
    for table in ("portal", "chain", "link", "snapshot", "part", "coverage", "job"):
        assert room.rows(f"select * from {table}") == [], table  # noqa: S608
    assert room.rows("select actor, portal_id from audit where action = 'portal.erased'") == [
        ("portal user 1", before)
    ]
    assert frame.open().status == 410
    assert "первый раз" in open_frame(portal).open().text


def test_nothing_is_erased_by_a_form_that_does_not_mean_it(room: GatewayRoom, frame: Frame) -> None:
    for path in (f"{PLAIN}/erase", "/bitrix24/erase"):
        assert frame.send(path).status_code == 400
    assert room.rows("select count(*) from portal") == [(1,)]


@pytest.mark.parametrize(
    "path",
    ["link/preview", "link", "links", "links/00000000-0000-4000-8000-000000000000/cut", "settings", "erase"],
)
def test_an_employee_is_told_who_may(
    room: GatewayRoom, portal: SimulatedPortal, frame: Frame, open_frame: Open, path: str
) -> None:
    portal.edit("add_user", name="Пётр", last_name="Новиков")
    employee = open_frame(portal, "employee")
    page = employee.open("/portal/settings")
    assert "администратор портала" in page.text
    assert page.of("input", name="token") == []
    before = room.contents()
    answer = employee.send(f"{PLAIN}/{path}", confirmed="1")
    assert answer.status_code == 403
    assert "администратор" in Page(answer).text
    assert policy(answer)["frame-ancestors"] == f"http://{portal.address}"
    assert room.contents() == before
    assert frame.session != employee.session


@pytest.mark.parametrize("path", ["refresh", "link/preview", "links", "settings", "erase"])
def test_a_session_that_is_forged_opens_no_form(room: GatewayRoom, path: str) -> None:
    answer = room.client.post(f"{PLAIN}/{path}", data={"session": "forged"})
    assert answer.status_code == 401
    assert policy(answer)["frame-ancestors"] == "'none'"
    assert "Сеанс закончился" in Page(answer).text


def test_the_page_s_script_asks_what_people_are_called(
    portal: SimulatedPortal, read: Read, open_frame: Open
) -> None:
    read(portal, a_snapshot(users=(a_user(id=1, name="Ветрова Мария"), a_user(id=2, name="Громов Иван"))))
    answer = open_frame(portal).ask("/portal/people", ids="1,3,x,")
    assert answer.json() == {"1": "Ветрова Мария"}
