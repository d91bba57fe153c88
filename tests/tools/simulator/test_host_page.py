"""The portal's pages over HTTP: what is posted into the frame, who sees what, what the server says to messages."""

from __future__ import annotations

import json

import pytest

from tests.tools.simulator.client import Json, Reply, call, request
from tests.tools.simulator.conftest import Clock
from tests.tools.simulator.framed import address
from tests.tools.simulator.listener import Listener
from tests.tools.simulator.reading_pages import ReadPage, look, send
from tools.simulator.applications import Application
from tools.simulator.cloud import SimulatedCloud
from tools.simulator.installation import Installation
from tools.simulator.portal import SimulatedPortal

UNFINISHED = "Приложение еще не установлено до конца. Обратитесь к администратору вашего Битрикс24"


@pytest.fixture
def installation(portal: SimulatedPortal, application: Application) -> Installation:
    return portal.install(application, page=False, event=False).installation


@pytest.fixture
def wizard(cloud: SimulatedCloud, portal: SimulatedPortal, listener: Listener) -> Installation:
    """An application with an installer that has not run yet."""
    application = cloud.register_application(
        handler_url=f"{listener.url}app", installer_url=f"{listener.url}install", kind="local", title="Мастер"
    )
    return portal.install(application, page=False).installation


def message(portal: SimulatedPortal, page: ReadPage, command: str, params: Json = None) -> Reply:
    """What the page's script asks its server after a message."""
    sid = page.forms[0].query["APP_SID"]
    return request("POST", f"{portal.base_url}_frame/{sid}/{command}", json.dumps(params or {}).encode())


def test_the_form_is_exactly_what_a_portal_posts(
    cloud: SimulatedCloud, portal: SimulatedPortal, installation: Installation, listener: Listener
) -> None:
    page = look(address(portal, installation))
    form = page.forms[0]
    assert form.action.partition("&")[0].startswith(f"{listener.url}app?from=portal")
    sid = form.query["APP_SID"]
    assert len(sid) == 32
    assert form.query == {
        "from": "portal", "DOMAIN": portal.domain, "PROTOCOL": "0", "LANG": "ru", "APP_SID": sid,
    }  # fmt: skip
    token, refresh = form.fields["AUTH_ID"], form.fields["REFRESH_ID"]
    assert form.fields == {
        "AUTH_ID": token,
        "AUTH_EXPIRES": "3600",
        "REFRESH_ID": refresh,
        "SERVER_ENDPOINT": portal.server_endpoint,
        "APPLICATION_TOKEN": installation.application_token,
        "APPLICATION_SCOPE": "crm,user_basic,department,userfieldconfig",
        "member_id": portal.member_id,
        "status": "L",
        "PLACEMENT": "DEFAULT",
        "PLACEMENT_OPTIONS": "[]",
    }
    (frame,) = page.frames
    assert form.target == frame["name"] == f"{portal.domain}|0|{sid}"
    assert set(frame) == {"id", "name", "title", "allow"}
    said = call(cloud.oauth.endpoint, "app.info", {"auth": token}).result
    assert (said["client_id"], said["install"]["member_id"]) == (
        installation.application.client_id, portal.member_id,
    )  # fmt: skip
    application = installation.application
    renewal = f"grant_type=refresh_token&client_id={application.client_id}&client_secret={application.secret}"
    renewed = request("GET", f"{cloud.oauth.url}/oauth/token/?{renewal}&refresh_token={refresh}").json
    assert renewed["refresh_token"] != refresh
    assert renewed["member_id"] == portal.member_id


def test_every_rendering_has_an_id_and_tokens_of_its_own(
    portal: SimulatedPortal, installation: Installation
) -> None:
    first, second = (look(address(portal, installation)).forms[0] for _ in range(2))
    assert first.query["APP_SID"] != second.query["APP_SID"]
    assert first.fields["AUTH_ID"] != second.fields["AUTH_ID"]


@pytest.mark.parametrize(
    ("query", "user"), [("", "1"), ("?as=admin", "1"), ("?as=employee", "3"), ("?as=5", "5")]
)
def test_the_address_says_who_looks(
    portal: SimulatedPortal, installation: Installation, query: str, user: str
) -> None:
    token = look(address(portal, installation, query)).forms[0].fields["AUTH_ID"]
    assert call(portal.endpoint, "profile", {"auth": token}).result["ID"] == user


def test_nobody_else_looks(portal: SimulatedPortal) -> None:
    assert request("GET", f"{portal.base_url}?as=9999").status == 404
    assert request("GET", f"{portal.base_url}?as=stranger").status == 404


def test_the_language_of_the_page_is_told_to_the_application(
    portal: SimulatedPortal, installation: Installation
) -> None:
    page = look(address(portal, installation, "?lang=en"))
    assert page.forms[0].query["LANG"] == "en"
    assert "Developer resources" in page.links
    assert page.links["Русский"] == "?lang=ru"
    assert page.links["Employee: Олег Зорин"] == "?lang=en&as=employee"


def test_parameters_of_the_page_go_on_to_the_application(
    portal: SimulatedPortal, installation: Installation
) -> None:
    form = look(address(portal, installation, "?install_finished=Y&lang=en&deny=setTitle")).forms[0]
    assert json.loads(form.fields["PLACEMENT_OPTIONS"]) == {"install_finished": "Y"}
    code = installation.application.client_id
    form = look(f"{portal.base_url}marketplace/view/{code}/?params[tab]=fields").forms[0]
    assert (form.fields["PLACEMENT"], json.loads(form.fields["PLACEMENT_OPTIONS"])) == (
        "REST_APP_URI", {"tab": "fields"},
    )  # fmt: skip


def test_the_installer_opens_for_administrators_until_it_has_finished(
    portal: SimulatedPortal, wizard: Installation, listener: Listener
) -> None:
    for _ in range(2):
        page = look(address(portal, wizard))
        assert page.forms[0].action.startswith(f"{listener.url}install?")
    employees = look(address(portal, wizard, "?as=employee"))
    assert UNFINISHED in employees.words
    assert employees.frames == []
    assert message(portal, page, "getInitData").json["reply"]["INSTALL"] is True
    assert message(portal, page, "setInstallFinish").json == {"reply": None}
    assert message(portal, page, "setInstallFinish").status == 204
    assert wizard.finished
    for query in ("", "?as=employee"):
        later = look(address(portal, wizard, query))
        assert later.forms[0].action.startswith(f"{listener.url}app?")
        assert message(portal, later, "getInitData").json["reply"]["INSTALL"] is False


def test_the_first_answer(portal: SimulatedPortal, installation: Installation) -> None:
    page = look(address(portal, installation, "?as=employee"))
    form = page.forms[0].fields
    first, again = (message(portal, page, "getInitData").json["reply"] for _ in range(2))
    assert first == {
        "LANG": "ru", "DOMAIN": portal.domain, "PROTOCOL": 0, "PATH": "/rest",
        "AUTH_ID": form["AUTH_ID"], "AUTH_EXPIRES": "3600", "REFRESH_ID": form["REFRESH_ID"],
        "MEMBER_ID": portal.member_id, "FIRST_RUN": True, "IS_ADMIN": False, "INSTALL": False,
        "USER_OPTIONS": [], "APP_OPTIONS": [], "PLACEMENT": "DEFAULT", "PLACEMENT_OPTIONS": [],
    }  # fmt: skip
    assert again == first | {"FIRST_RUN": False}


def test_fresh_tokens(portal: SimulatedPortal, installation: Installation, clock: Clock) -> None:
    page = look(address(portal, installation))
    clock.pass_by(3601)
    old = page.forms[0].fields["AUTH_ID"]
    assert call(portal.endpoint, "profile", {"auth": old}).error == "expired_token"
    fresh = message(portal, page, "refreshAuth").json["reply"]
    assert sorted(fresh) == ["AUTH_EXPIRES", "AUTH_ID", "REFRESH_ID"]
    assert call(portal.endpoint, "profile", {"auth": fresh["AUTH_ID"]}).status == 200
    portal.forbid(installation.application, "admin")
    assert message(portal, page, "refreshAuth").status == 403


@pytest.mark.parametrize("command", ["noSuchCommand", "setInstallFinish"])
def test_silence(portal: SimulatedPortal, installation: Installation, command: str) -> None:
    page = look(address(portal, installation))
    assert message(portal, page, command).status == 204
    stranger = f"{portal.base_url}_frame/{'0' * 32}/getInitData"
    assert request("POST", stranger, b"{}").status == 204


def test_a_removed_application_is_nowhere(portal: SimulatedPortal, installation: Installation) -> None:
    page = look(address(portal, installation))
    message(portal, page, "setUserOption", {"name": "tab", "value": 2})
    portal.uninstall(installation.application)
    assert request("GET", address(portal, installation)).status == 404
    assert message(portal, page, "getInitData").status == 204
    portal.install(installation.application, page=False, event=False)
    page = look(address(portal, installation))
    assert message(portal, page, "getInitData").json["reply"]["USER_OPTIONS"] == []


def test_a_market_application_is_installed_with_a_click(
    cloud: SimulatedCloud, portal: SimulatedPortal, listener: Listener
) -> None:
    market = cloud.register_application(handler_url=f"{listener.url}app", events_url=f"{listener.url}events")
    card = look(portal.base_url).links["CRMAP — не установлено"]
    url = portal.base_url.rstrip("/") + card
    assert request("GET", f"{url}?as=employee").status == 403
    assert "Установить" in look(url).words
    sent = send(url, {})
    installation = portal.installation(market)
    assert (sent.status, sent.headers["Location"]) == (303, f"/marketplace/app/{installation.row_id}/")
    portal.events.drain()
    assert listener.events == ["ONAPPINSTALL"]
    assert request("GET", url).status == 303


def test_a_local_application_is_offered_to_one_portal_only(
    cloud: SimulatedCloud, portal: SimulatedPortal, application: Application
) -> None:
    other = cloud.portal("fresh")
    assert "CRMAP — не установлено" in look(other.base_url).links
    portal.install(application, page=False, event=False)
    assert "CRMAP — не установлено" not in look(other.base_url).links
    assert "CRMAP" in look(portal.base_url).links


def test_whose_access_is_closed(portal: SimulatedPortal, installation: Installation) -> None:
    portal.forbid(installation.application, "employee")
    page = look(address(portal, installation, "?as=employee"))
    assert "У вас нет доступа к этому приложению." in page.words
    assert page.frames == []


def test_what_is_typed_never_becomes_markup(cloud: SimulatedCloud, portal: SimulatedPortal) -> None:
    rude = "</script><b>'\"$word_home"
    application = cloud.register_application(
        handler_url="http://127.0.0.1:9/?a='\"<", kind="local", title=rude
    )
    portal.crm.settings.title = portal.crm.users[0].name = rude
    installation = portal.install(application, page=False, event=False).installation
    text = request("GET", address(portal, installation)).body.decode()
    assert "<b>" not in text
    assert look(address(portal, installation)).links[rude]


def test_a_browser_may_send_json(portal: SimulatedPortal) -> None:
    reply = request("OPTIONS", f"{portal.base_url}rest/profile")
    assert (reply.status, reply.headers["Access-Control-Allow-Origin"]) == (200, "*")
    assert "content-type" in reply.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize(("path", "kind"), [("api/v1/", "javascript"), ("_pages/portal.css", "css")])
def test_files(portal: SimulatedPortal, path: str, kind: str) -> None:
    reply = request("GET", portal.base_url + path)
    assert (reply.status, reply.headers["Content-Type"]) == (200, f"text/{kind}; charset=utf-8")
    for no_file in ("layout.html", "nothing.js", "..%2Fportal.py"):
        assert request("GET", f"{portal.base_url}_pages/{no_file}").status == 404


def test_a_page_a_real_portal_would_have(portal: SimulatedPortal) -> None:
    assert "/crm/deal/details/5/" in look(f"{portal.base_url}crm/deal/details/5/").words
