"""An application's life in a portal: installed, opened, updated, unpaid, removed, and installed again."""

from __future__ import annotations

import json
import socket

import pytest

from tests.tools.simulator.client import Json, Reply, call
from tests.tools.simulator.conftest import Clock
from tests.tools.simulator.listener import Listener, Received
from tools.simulator.applications import Application
from tools.simulator.cloud import SimulatedCloud
from tools.simulator.installing import Visit
from tools.simulator.portal import SimulatedPortal


@pytest.fixture
def wizard(cloud: SimulatedCloud, listener: Listener) -> Application:
    """A market application whose installer has to finish the installation."""
    return cloud.register_application(
        handler_url=f"{listener.url}app",
        installer_url=f"{listener.url}install",
        events_url=f"{listener.url}events",
    )


def use(portal: SimulatedPortal, visit: Visit, method: str = "app.info") -> Reply:
    return call(portal.endpoint, method, {"auth": visit.chain.access_token})


def test_what_the_browser_posts(
    portal: SimulatedPortal, application: Application, listener: Listener
) -> None:
    visit = portal.install(application, event=False)
    assert visit.page is not None
    assert (visit.page.status, visit.page.text) == (200, "<!doctype html>Hello")
    (received,) = listener.received
    assert (received.path, received.content_type) == ("/app", "application/x-www-form-urlencoded")
    sid = received.query["APP_SID"]
    assert len(sid) == 32
    assert received.query == {
        "from": "portal", "DOMAIN": portal.domain, "PROTOCOL": "0", "LANG": "ru", "APP_SID": sid,
    }  # fmt: skip
    assert received.form == {
        "AUTH_ID": visit.chain.access_token,
        "AUTH_EXPIRES": "3600",
        "REFRESH_ID": visit.chain.refresh_token,
        "SERVER_ENDPOINT": portal.server_endpoint,
        "APPLICATION_TOKEN": visit.installation.application_token,
        "APPLICATION_SCOPE": "crm,user_basic,department,userfieldconfig",
        "member_id": portal.member_id,
        "status": "L",
        "PLACEMENT": "DEFAULT",
    }


def test_older_and_newer_portals_post_less_and_more(
    cloud: SimulatedCloud, portal: SimulatedPortal, application: Application, listener: Listener
) -> None:
    visit = portal.install(application, page=False, event=False)
    portal.switches.page_server_endpoint = portal.switches.page_application_token = False
    portal.open_app(application)
    old = {"SERVER_ENDPOINT", "APPLICATION_TOKEN", "APPLICATION_SCOPE"}
    assert old.isdisjoint(listener.received[-1].form)
    portal.switches.page_server_endpoint = portal.switches.page_application_token = True
    portal.switches.second_oauth_server = True
    portal.open_app(application, placement="CRM_DEAL_DETAIL_TAB", options={"ID": "42"}, language="de")
    form = listener.received[-1].form
    assert form["SERVER_ENDPOINT"] == cloud.twin.endpoint
    assert form["APPLICATION_TOKEN"] == visit.installation.application_token
    assert form["APPLICATION_SCOPE"] == "crm,user_basic,department,userfieldconfig"
    assert (form["PLACEMENT"], json.loads(form["PLACEMENT_OPTIONS"])) == ("CRM_DEAL_DETAIL_TAB", {"ID": "42"})
    assert listener.received[-1].query["LANG"] == "de"


def test_an_application_without_installer_is_installed_at_once(
    portal: SimulatedPortal, application: Application, listener: Listener
) -> None:
    visit = portal.install(application)
    assert use(portal, visit).result["INSTALLED"] is True
    portal.events.drain()
    assert [received.path for received in listener.received] == ["/app", "/events"]
    assert listener.events == ["ONAPPINSTALL"]


def test_an_installer_has_to_finish(portal: SimulatedPortal, wizard: Application, listener: Listener) -> None:
    visit = portal.install(wizard)
    assert [received.path for received in listener.received] == ["/install"]
    assert use(portal, visit).result["INSTALLED"] is False
    portal.edit("add_user", name="Ева", last_name="Линд")
    portal.events.drain()
    assert listener.events == [], "nothing is told to an application that is not installed to the end"
    assert portal.open_app(wizard, user="employee").page is None
    portal.open_app(wizard)
    assert listener.received[-1].path == "/install"
    portal.finish_install(wizard)
    portal.finish_install(wizard)
    portal.events.drain()
    assert use(portal, visit).result["INSTALLED"] is True
    assert listener.events == ["ONAPPINSTALL"]
    portal.open_app(wizard, user="employee")
    assert listener.received[-1].path == "/app"


def test_the_application_may_ask_the_portal_while_the_browser_waits(
    cloud: SimulatedCloud, portal: SimulatedPortal, application: Application, listener: Listener
) -> None:
    answers: list[Json] = []

    def ask(received: Received) -> None:
        token = {"auth": received.form["AUTH_ID"]}
        answers.append(call(cloud.oauth.endpoint, "app.info", token).result["install"]["domain"])
        answers.append(call(portal.endpoint, "profile", token).result["ID"])

    listener.meanwhile = ask
    portal.install(application, event=False)
    assert answers == [portal.domain, "1"]


def test_everybody_who_opens_it_has_tokens_of_his_own(
    portal: SimulatedPortal, application: Application
) -> None:
    admin = portal.install(application, page=False, event=False)
    employee = portal.open_app(application, user="employee", page=False)
    narrow = portal.open_app(application, scopes=["user_basic"], page=False)
    assert use(portal, admin, "user.admin").result is True
    assert use(portal, employee, "user.admin").result is False
    assert use(portal, admin, "crm.status.list").status == 200
    reply = use(portal, narrow, "crm.status.list")
    assert (reply.status, reply.error) == (401, "insufficient_scope")
    assert reply.json["error_description"].endswith("provided by the access token")


def test_a_dismissed_user_opens_nothing(portal: SimulatedPortal, application: Application) -> None:
    admin = portal.install(application, page=False, event=False)
    visit = portal.open_app(application, user="employee", page=False)
    portal.dismiss(visit.chain.user_id)
    reply = use(portal, visit)
    assert (reply.status, reply.error) == (401, "authorization_error")
    assert use(portal, admin).status == 200


def test_a_hidden_user_may_inherit_the_tokens_of_market_applications(
    cloud: SimulatedCloud, portal: SimulatedPortal, application: Application
) -> None:
    portal.switches.system_users = True
    market = cloud.register_application(handler_url="http://127.0.0.1:9/", title="Карта")
    of_market, of_local = (
        portal.install(known, by="employee", page=False, event=False) for known in (market, application)
    )
    employee = of_local.chain.user_id
    portal.dismiss(employee)
    assert use(portal, of_local).error == "authorization_error"
    profile = use(portal, of_market, "profile").result
    assert (profile["NAME"], profile["ID"] == str(employee)) == ("Карта", False)
    listed = {user["id"] for user in portal.truth()["users"]}
    assert int(profile["ID"]) not in listed


def test_access_to_an_application_can_be_closed(portal: SimulatedPortal, application: Application) -> None:
    portal.install(application, page=False, event=False)
    visit = portal.open_app(application, user="employee", page=False)
    visit.installation.closed_to.add(visit.chain.user_id)
    assert use(portal, visit).error == "user_access_error"
    assert portal.open_app(application, user="employee").page is None


def test_removed_and_installed_again(portal: SimulatedPortal, application: Application) -> None:
    first = portal.install(application, page=False, event=False)
    old_token = first.installation.application_token
    portal.uninstall(application)
    assert use(portal, first).error == "NOT_INSTALLED"
    with pytest.raises(LookupError, match="is not installed on romashka"):
        portal.open_app(application)
    again = portal.install(application, page=False, event=False)
    assert again.installation.application_token == old_token
    assert use(portal, again).status == 200
    assert use(portal, first).error == "invalid_token"
    portal.uninstall(application)
    other = portal.install(application, page=False, event=False, new_token=True)
    assert other.installation.application_token != old_token
    assert use(portal, other).result["ID"] == use(portal, other).result["ID"]


def test_a_refused_token_may_stay_refused_for_an_hour(
    portal: SimulatedPortal, application: Application, clock: Clock
) -> None:
    portal.switches.negative_cache_s = 3600
    visit = portal.install(application, page=False, event=False)
    portal.installations[application.client_id].active = False
    assert use(portal, visit).error == "NOT_INSTALLED"
    portal.installations[application.client_id].active = True
    assert use(portal, visit).error == "NOT_INSTALLED"
    assert use(portal, portal.open_app(application, page=False)).status == 200
    clock.pass_by(3600)
    assert use(portal, visit).error == "expired_token"


def test_payment_for_one_application(portal: SimulatedPortal, application: Application) -> None:
    visit = portal.install(application, page=False, event=False)
    portal.end_payment(application)
    reply = use(portal, visit)
    assert (reply.status, reply.error) == (401, "PAYMENT_REQUIRED")
    assert call(portal.webhook_url, "profile").status == 200
    portal.pay(application)
    assert use(portal, visit).result["PAYMENT_EXPIRED"] == "N"


@pytest.mark.parametrize(
    ("token", "error"),
    [("", "NO_AUTH_FOUND"), ("AT-1", "NO_AUTH_FOUND"), ("0" * 70, "invalid_token")],
)
def test_strange_tokens(portal: SimulatedPortal, token: str, error: str) -> None:
    reply = call(portal.endpoint, "profile", {"auth": token})
    assert (reply.status, reply.error) == (401, error)


def test_a_token_opens_its_own_portal_only(
    cloud: SimulatedCloud, portal: SimulatedPortal, application: Application
) -> None:
    visit = portal.install(application, page=False, event=False)
    assert use(cloud.portal("fresh"), visit).error == "invalid_token"


def test_rest_can_be_blocked_by_support(portal: SimulatedPortal, application: Application) -> None:
    visit = portal.install(application, page=False, event=False)
    portal.switches.overload_limit = True
    assert (use(portal, visit).status, use(portal, visit).error) == (503, "OVERLOAD_LIMIT")


def test_an_application_that_does_not_answer(cloud: SimulatedCloud, portal: SimulatedPortal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        nobody = f"http://127.0.0.1:{probe.getsockname()[1]}/"
    visit = portal.install(cloud.register_application(handler_url=nobody), event=False)
    assert visit.page is not None
    assert visit.page.status is None
    assert str(visit.page.error).startswith("ConnectionRefusedError")
    assert use(portal, visit).status == 200


def test_applications_are_known_by_their_ids(cloud: SimulatedCloud) -> None:
    market = cloud.register_application(handler_url="http://a.example/")
    local = cloud.register_application(handler_url="http://a.example/", kind="local")
    named = cloud.register_application("app.1.2", "secret", handler_url="http://a.example/", status="P")
    assert market.client_id.startswith("app.")
    assert local.client_id.startswith("local.")
    assert (market.status, local.status, named.status) == ("F", "L", "P")
    assert len({market.secret, local.secret, named.secret}) == 3
    with pytest.raises(ValueError, match="registered already"):
        cloud.register_application("app.1.2", handler_url="http://b.example/")
