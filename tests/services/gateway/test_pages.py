"""Pages in the frame: who gets one, and what stands in it."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from tests.gateway_room import FORM, GatewayRoom, policy
from tools.simulator.cloud import SimulatedCloud
from tools.simulator.portal import SimulatedPortal

PAGES = ["install", "app"]


# Who gets no page.


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "changed",
    [
        {"AUTH_ID": None},
        {"AUTH_ID": ""},
        {"AUTH_ID": "9f8e7d6c5b4a39281706f5e4d3c2b1a0"},
        {"AUTH_ID": "with spaces and so on"},
        {"AUTH_ID": "x" * 5000},
        {"REFRESH_ID": None},
        {"REFRESH_ID": ""},
        {"REFRESH_ID": "with spaces"},
        {"member_id": "f" * 32},
        {"member_id": "not hexadecimal"},
    ],
)
def test_an_opening_nobody_vouches_for_gets_a_page_that_nobody_may_frame(
    room: GatewayRoom, portal: SimulatedPortal, page: str, changed: dict[str, str | None]
) -> None:
    before = room.contents()
    answer = room.open_page(portal, "admin", page, **changed)
    assert answer.status_code == 403
    assert policy(answer)["frame-ancestors"] == "'none'"
    assert 'name="session"' not in answer.text
    assert room.contents() == before


@pytest.mark.parametrize("page", PAGES)
def test_a_token_of_another_application_is_nobody_s(
    room: GatewayRoom, portal: SimulatedPortal, page: str
) -> None:
    stranger = room.cloud.register_application(handler_url="http://127.0.0.1:1/stranger")
    visit = portal.install(stranger, page=False, event=False)
    answer = room.client.post(f"/bitrix24/{page}", data=room.opening(portal, visit))
    assert answer.status_code == 403
    assert room.rows("select * from portal") == []


@pytest.mark.parametrize("page", PAGES)
def test_a_post_without_a_body_or_with_another_kind_of_body_gets_no_page(
    room: GatewayRoom, page: str
) -> None:
    assert room.client.post(f"/bitrix24/{page}").status_code == 403
    assert room.client.post(f"/bitrix24/{page}", json={"AUTH_ID": "x" * 32}).status_code == 400


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "options", ['{"a":', "x" * 100_000, "[" * 10_000, '{"a": ' * 2_000, "a=\x00", "NaN}", '{"a" 1}']
)
def test_options_that_are_no_json_are_refused(
    room: GatewayRoom, portal: SimulatedPortal, page: str, options: str
) -> None:
    answer = room.open_page(portal, page=page, PLACEMENT_OPTIONS=options)
    assert answer.status_code == 400
    assert room.rows("select * from portal") == []


@pytest.mark.parametrize("options", ["", "undefined", "{}", "[]", '{"ID":"42"}', None])
def test_options_may_be_anything_else(
    room: GatewayRoom, portal: SimulatedPortal, options: str | None
) -> None:
    assert room.open_page(portal, PLACEMENT_OPTIONS=options).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_a_portal_without_encryption_gets_a_sentence(
    database_url: str, cloud: SimulatedCloud, portal: SimulatedPortal, page: str
) -> None:
    room = GatewayRoom(database_url, cloud, settings={"allow_private_portals": False})
    answer = room.open_page(portal, page=page)
    room.close()
    assert answer.status_code == 403
    assert "https://" in answer.text
    assert 'name="session"' not in answer.text


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["get", "head"])
def test_whoever_opens_the_address_himself_is_told_what_it_is_for(
    room: GatewayRoom, page: str, method: str
) -> None:
    for path in (f"/bitrix24/{page}", f"/bitrix24/{page}/"):
        answer = room.client.request(method, path)
        assert answer.status_code == 200
        assert policy(answer)["frame-ancestors"] == "'none'"
        assert ("CRMAP" in answer.text) is (method == "get")


# Who gets one.


def test_the_page_belongs_to_the_portal_that_was_verified_and_to_no_other(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    form = room.opening(portal, room.visit(portal))
    query = urlencode({"DOMAIN": "evil.test; script-src *", "PROTOCOL": "0", "LANG": "ru"})
    answer = room.client.post(f"/bitrix24/app?{query}", data=form)
    assert answer.status_code == 200
    assert policy(answer)["frame-ancestors"] == f"http://{portal.address}"
    assert "evil.test" not in answer.text + str(answer.headers)


def test_a_portal_with_a_name_of_its_own_may_show_the_page_at_either_address(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    portal.domain = f"romashka.localhost:{portal.address.rpartition(':')[2]}"
    answer = room.open_page(portal)
    assert policy(answer)["frame-ancestors"] == f"http://{portal.address} http://{portal.domain}"
    portal.domain = "evil.test; script-src *"
    assert policy(room.open_page(portal))["frame-ancestors"] == f"http://{portal.address}"


def test_the_page_has_the_headers_of_a_frame(room: GatewayRoom, portal: SimulatedPortal) -> None:
    room.installed(portal)
    answer = room.open_page(portal)
    found = policy(answer)
    nonce = found["style-src"]
    assert found["default-src"] == "'none'"
    assert found["script-src"] == nonce
    assert answer.text.count(f'nonce="{nonce.removeprefix(chr(39) + "nonce-").rstrip(chr(39))}"') == 2
    assert found["form-action"] == "'self'"
    for name in (
        "x-frame-options",
        "set-cookie",
        "cross-origin-opener-policy",
        "cross-origin-resource-policy",
    ):
        assert name not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert (
        room.open_page(portal).headers["content-security-policy"] != answer.headers["content-security-policy"]
    )


def test_the_page_carries_a_session_and_goes_on_to_the_cabinet_s_pages(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    room.installed(portal)
    answer = room.open_page(portal)
    session = room.session_in(answer)
    assert '<form id="open" method="post" action="/portal/">' in answer.text
    assert ".submit()" in answer.text
    assert "BX24" not in answer.text
    assert (session.portal_id, session.user_id, session.is_admin) == (room.portal_id(portal), 1, True)
    assert session.origins == f"http://{portal.address}"
    assert room.rows("select id from chain where id = %s", session.chain_id)


def test_no_token_of_the_portal_stands_in_the_page(room: GatewayRoom, portal: SimulatedPortal) -> None:
    visit = room.visit(portal)
    answer = room.client.post("/bitrix24/app", data=room.opening(portal, visit))
    for token in (visit.chain.access_token, visit.chain.refresh_token, visit.installation.application_token):
        assert token not in answer.text


@pytest.mark.parametrize(
    ("lang", "language"), [("ru", "ru"), ("", "ru"), ("kz", "ru"), ("de", "en"), ("<b>", "en")]
)
def test_the_page_speaks_the_language_of_its_user(
    room: GatewayRoom, portal: SimulatedPortal, lang: str, language: str
) -> None:
    form = room.opening(portal, room.visit(portal))
    answer = room.client.post(f"/bitrix24/app?{urlencode({'LANG': lang})}", data=form)
    assert f'<html lang="{language}">' in answer.text
    assert room.session_in(answer).language == language


def test_the_installer_s_page_ends_the_installation_after_everything_is_stored(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    answer = room.open_page(portal, page="install")
    assert answer.status_code == 200
    assert "BX24.installFinish()" in answer.text
    assert 'src="https://api.bitrix24.com/api/v1/"' in answer.text
    assert policy(answer)["script-src"].endswith("' https://api.bitrix24.com")
    portal_id = room.portal_id(portal)
    assert room.rows("select state, domain, endpoint, language, next_read_at <= now() from portal") == [
        ("active", portal.address, portal.endpoint, "ru", True)
    ]
    assert room.rows("select portal_id, lane, state from job") == [(portal_id, 1, "queued")]
    assert room.rows("select state, is_admin, b24_user_id from chain") == [("active", True, 1)]
    assert room.rows("select token_hash is not null, finished, version from installation") == [
        (True, False, "1")
    ]
    assert room.rows("select action from audit where portal_id = %s", portal_id) == [("portal.installed",)]


def test_the_installer_s_page_says_what_goes_on_and_can_try_again(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    answer = room.open_page(portal, page="install")
    assert "<progress" in answer.text
    assert "Повторить" in answer.text
    assert "разрешите в браузере JavaScript" in answer.text


def test_the_installer_s_page_of_a_finished_installation_is_the_application(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    room.installed(portal)
    answer = room.open_page(portal, page="install")
    assert "installFinish" not in answer.text
    assert 'action="/portal/"' in answer.text


def test_an_application_opened_before_its_installation_has_ended_ends_it_first(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    """github.com/bitrix24/b24jssdk/issues/336, /pull/377: until then everything is bound and no event comes."""
    room.visit(portal)
    answer = room.open_page(portal)
    assert "BX24.installFinish()" in answer.text
    assert 'id="silent" role="alert"' in answer.text, "where it does not end, somebody is told"
    assert "Установка не завершена" in answer.text
    assert '[role="alert"] { color: #a8201a }' in answer.text
    assert 'id="again" type="button" class="primary"' in answer.text
    noscript = answer.text.partition("<noscript>")[2].partition("</noscript>")[0]
    assert 'action="/portal/"' in noscript, "whoever has no scripts goes on all the same"
    portal.finish_install(room.application, event=False)
    assert "installFinish" not in room.open_page(portal).text


def test_an_employee_is_not_asked_to_end_an_installation(room: GatewayRoom, portal: SimulatedPortal) -> None:
    room.visit(portal)
    portal.edit("add_user", name="Пётр", last_name="Новиков")
    answer = room.open_page(portal, "employee")
    assert "installFinish" not in answer.text
    assert 'action="/portal/"' in answer.text


def test_an_application_without_an_installer_never_asks_for_its_end(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    """github.com/bitrix24/b24jssdk/pull/377"""
    room.application = room.another_application(installer=False)
    for page in ("install", "app"):
        answer = room.open_page(portal, page=page)
        assert answer.status_code == 200
        assert "installFinish" not in answer.text


def test_nobody_but_an_administrator_ends_an_installation(room: GatewayRoom, portal: SimulatedPortal) -> None:
    portal.edit("add_user", name="Пётр", last_name="Новиков")
    answer = room.open_page(portal, "employee", page="install")
    assert answer.status_code == 403
    assert "администратор" in answer.text
    assert "installFinish" not in answer.text
    assert policy(answer)["frame-ancestors"] == f"http://{portal.address}"
    assert room.rows("select * from portal") == []


def test_an_application_without_pages_installs_itself_with_an_event(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    event = room.install_event(portal, room.visit(portal))
    answer = room.client.post("/bitrix24/install", data=event)
    assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})
    assert room.rows("select event, verdict from inbox") == [("ONAPPINSTALL", "new")]
    forged = room.client.post("/bitrix24/install", data={**event, "event": "ONAPPUNINSTALL"})
    assert forged.status_code == 401


def test_a_language_or_a_name_from_outside_never_becomes_markup(
    room: GatewayRoom, portal: SimulatedPortal
) -> None:
    hostile = '"><script>alert(1)</script>'
    form = room.opening(portal, room.visit(portal)) | {"PLACEMENT": hostile, "status": hostile}
    form["PLACEMENT_OPTIONS"] = json.dumps({"a": hostile})
    query = urlencode({"LANG": hostile, "DOMAIN": hostile, "APP_SID": hostile})
    answer = room.client.post(f"/bitrix24/app?{query}", data=form)
    assert answer.status_code == 200
    assert "alert(1)" not in answer.text
    assert room.client.post(f"/bitrix24/app?{query}", data={"AUTH_ID": hostile}).text.count("alert(1)") == 0
    assert room.client.post("/bitrix24/app", content=b"[", headers={"Content-Type": FORM}).status_code == 400
