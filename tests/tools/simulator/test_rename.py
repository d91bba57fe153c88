"""A portal that moves, and many portals behind one port: who is meant, and where he is now."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.tools.simulator.client import Reply, call, request
from tests.tools.simulator.listener import Listener
from tools.simulator.applications import Application
from tools.simulator.cloud import PortalSpec, SimulatedCloud
from tools.simulator.installing import Visit
from tools.simulator.portal import SimulatedPortal

SHARED = [PortalSpec(f"p{number}", "tiny", number) for number in range(3)]


@pytest.fixture
def shared() -> Iterator[SimulatedCloud]:
    with SimulatedCloud(SHARED, shared_port=True) as cloud:
        yield cloud


def profile(endpoint: str, visit: Visit) -> Reply:
    return call(endpoint, "profile", {"auth": visit.chain.access_token})


def facts(cloud: SimulatedCloud, visit: Visit) -> dict[str, str]:
    found: dict[str, str] = call(cloud.oauth.endpoint, "app.info", {"auth": visit.chain.access_token}).result[
        "install"
    ]
    return found


def test_the_old_address_sends_to_the_new_one(portal: SimulatedPortal, visit: Visit) -> None:
    old, old_webhook = portal.endpoint, portal.webhook_url
    portal.rename()
    assert portal.endpoint != old
    moved = request("POST", f"{old}crm.type.list?start=50")
    assert (moved.status, moved.body) == (302, b"")
    assert moved.headers["Location"] == f"{portal.endpoint}crm.type.list?start=50"
    assert call(old_webhook, "profile").status == 302
    assert profile(portal.endpoint, visit).status == 200
    assert call(portal.webhook_url, "profile").status == 200


def test_everybody_speaks_of_the_new_address_and_the_same_member_id(
    cloud: SimulatedCloud, portal: SimulatedPortal, application: Application, visit: Visit, listener: Listener
) -> None:
    before = facts(cloud, visit)
    portal.rename("new-name.example")
    after = facts(cloud, visit)
    port = portal.address.rpartition(":")[2]
    assert after["member_id"] == before["member_id"] == portal.member_id
    assert after["domain"] == portal.domain == f"new-name.example:{port}"
    assert after["client_endpoint"] == f"http://127.0.0.1:{port}/rest/" != before["client_endpoint"]
    portal.open_app(application)
    portal.update(application)
    portal.events.drain()
    page, event = listener.received
    assert page.query["DOMAIN"] == event.form["auth[domain]"] == portal.domain
    assert event.form["auth[client_endpoint]"] == portal.endpoint
    renewed = request(
        "POST",
        f"{cloud.oauth.url}/oauth/token/",
        urlencode(
            {
                "grant_type": "refresh_token",
                "client_id": application.client_id,
                "client_secret": application.secret,
                "refresh_token": visit.chain.refresh_token,
            }
        ).encode(),
    ).json
    assert (renewed["client_endpoint"], renewed["domain"]) == (portal.endpoint, cloud.oauth.address)
    assert portal.truth()["portal"]["domain"] == portal.domain


def test_an_address_left_twice_sends_to_the_newest(portal: SimulatedPortal) -> None:
    first = portal.endpoint
    portal.rename()
    second = portal.endpoint
    portal.rename()
    for old in (first, second):
        assert request("GET", f"{old}profile").headers["Location"] == f"{portal.endpoint}profile"


def test_the_old_address_may_answer_no_more(portal: SimulatedPortal, visit: Visit) -> None:
    old = portal.endpoint
    portal.rename(redirect=False)
    with pytest.raises(ConnectionRefusedError):
        request("GET", f"{old}profile")
    assert profile(portal.endpoint, visit).status == 200


def test_a_portal_is_renamed_over_http(cloud: SimulatedCloud, portal: SimulatedPortal) -> None:
    old = portal.base_url
    order = json.dumps({"rename": {"host": "moved.example", "redirect": True}}).encode()
    line = request("POST", f"{cloud.oauth.url}/_control/romashka", order).json["rename"]
    assert line == portal.line()
    assert line["domain"].startswith("moved.example:")
    assert request("GET", f"{old}_truth/romashka").status == 200, "what steers the cloud stays where it was"


def test_the_authorization_page_sends_to_the_application(
    cloud: SimulatedCloud, portal: SimulatedPortal, application: Application, visit: Visit
) -> None:
    url = f"{portal.base_url}oauth/authorize/"
    moved = request("GET", f"{url}?client_id={application.client_id}&state=opaque")
    target = urlsplit(moved.headers["Location"])
    told = {name: value for name, (value,) in parse_qs(target.query).items()}
    assert (moved.status, target.path) == (302, "/app")
    assert told | {"code": ""} == {
        "from": "portal",
        "code": "",
        "state": "opaque",
        "domain": portal.domain,
        "member_id": portal.member_id,
        "scope": "crm,user_basic,department,userfieldconfig",
        "server_domain": cloud.oauth.address,
    }
    chain = cloud.authority.chains.of_code(told["code"], application.client_id)
    assert chain is not None
    assert chain.user_id == visit.chain.user_id
    portal.uninstall(application)
    for client_id in (application.client_id, "unknown"):
        refused = request("GET", f"{url}?client_id={client_id}")
        assert (refused.status, refused.headers.get("Location")) == (404, None)


def test_portals_on_one_port_are_told_apart(shared: SimulatedCloud) -> None:
    assert len({portal.endpoint for portal in shared.portals}) == 1
    application = shared.register_application(handler_url="http://127.0.0.1:9/")
    visits = [portal.install(application, page=False, event=False) for portal in shared.portals]
    port = shared.portals[0].address.rpartition(":")[2]
    for portal, visit in zip(shared.portals, visits, strict=True):
        assert portal.domain == f"{portal.name}.localhost:{port}"
        assert facts(shared, visit)["domain"] == portal.domain
        assert facts(shared, visit)["client_endpoint"] == f"http://127.0.0.1:{port}/rest/"
        assert profile(portal.endpoint, visit).status == 200
        assert call(portal.webhook_url, "profile").status == 200
        assert portal.log.methods() == ["profile", "profile"]
        page = request("GET", portal.base_url, headers={"Host": portal.domain}).body.decode()
        assert portal.domain in page
        assert request("GET", f"{portal.base_url}_truth/{portal.name}").json == portal.truth()


@pytest.mark.parametrize(
    ("path", "params", "error"),
    [
        ("", {}, "NO_AUTH_FOUND"),
        ("", {"auth": "f" * 70}, "invalid_token"),
        ("1/0123456789abcdef/", {}, "INVALID_CREDENTIALS"),
    ],
)
def test_what_belongs_to_no_portal_is_refused(
    shared: SimulatedCloud, path: str, params: dict[str, str], error: str
) -> None:
    assert call(f"{shared.portals[0].endpoint}{path}", "profile", params).error == error


def test_one_of_many_portals_moves_out(shared: SimulatedCloud) -> None:
    moving, staying, _ = shared.portals
    application = shared.register_application(handler_url="http://127.0.0.1:9/")
    visit = moving.install(application, page=False, event=False)
    old = moving.endpoint
    moving.rename("own.example", redirect=False)
    moved = profile(old, visit)
    assert (moved.status, moved.headers["Location"]) == (302, f"{moving.endpoint}profile")
    assert profile(moving.endpoint, visit).status == 200
    assert call(staying.webhook_url, "profile").status == 200


def test_a_thousand_portals_answer_at_one_port() -> None:
    specs = [PortalSpec(f"p{number:04d}", "tiny", number) for number in range(1000)]
    with SimulatedCloud(specs, shared_port=True) as cloud:
        assert len({urlsplit(portal.base_url).port for portal in cloud.portals}) == 1
        assert call(cloud.portal("p0999").webhook_url, "profile").status == 200


@pytest.mark.parametrize("port", [0, 1])
def test_ports_of_authorization_servers(port: int) -> None:
    with pytest.raises(ValueError, match="two authorization servers from port 65535"):
        SimulatedCloud(SHARED, port, oauth_port=65535)
