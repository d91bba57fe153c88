"""An event's fields, checked before anybody is looked for."""

from __future__ import annotations

from typing import Any

import pytest

from services.gateway.event_form import EventForm, host_in, parse_event
from services.gateway.form_refusals import FormRefused
from services.gateway.php_form import Tree

SERVERS = ("https://oauth.bitrix.info", "https://oauth.bitrix24.tech")
MEMBER = "a223c6b3710f85df22e9377d6c4f7553"


def fields(**auth: Any) -> Tree:
    return {
        "event": "ONCRMDEALUSERFIELDADD",
        "event_handler_id": "185",
        "data": {"FIELDS": {"ID": "7405"}},
        "ts": "1790000000",
        "auth": {
            "domain": "p1.bitrix24.ru",
            "client_endpoint": "https://p1.bitrix24.ru/rest/",
            "server_endpoint": "https://oauth.bitrix.info/rest/",
            "member_id": MEMBER,
            "application_token": "51856fefc120afa4b628cc82d3935cce",
            **auth,
        },
    }


def parsed(tree: Tree, *, allow_private: bool = False) -> EventForm:
    return parse_event(tree, SERVERS, allow_private=allow_private)


def code_of(tree: Tree, *, allow_private: bool = False) -> str:
    with pytest.raises(FormRefused) as refused:
        parsed(tree, allow_private=allow_private)
    return refused.value.code


def test_an_event_keeps_ids_and_nothing_else_of_its_data() -> None:
    tree = fields()
    tree["data"] = {"FIELDS": {"ID": "5", "ENTITY_ID": "CRM_7", "NAME": "Anna"}, "EMAIL": "anna@example.com"}
    assert parsed(tree).facts == {
        "ts": "1790000000",
        "handler": "185",
        "fields": {"ID": "5", "ENTITY_ID": "CRM_7"},
    }


def test_no_token_shows_in_the_representation_of_an_event() -> None:
    shown = repr(parsed(fields(access_token="SECRET-1", refresh_token="SECRET-2")))
    assert "SECRET" not in shown
    assert "51856fefc120afa4b628cc82d3935cce" not in shown


@pytest.mark.parametrize("name", ["onCrmDealUserFieldAdd", "ONCRMDEALUSERFIELDADD", "oncrmdealuserfieldadd"])
def test_the_name_of_an_event_may_be_spelled_in_any_case(name: str) -> None:
    assert parsed(fields() | {"event": name}).name == "ONCRMDEALUSERFIELDADD"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"event": ""}, "missing_field"),
        ({"auth": {"domain": "p1.bitrix24.ru"}}, "missing_field"),
        ({"auth": "x"}, "bad_shape"),
        ({"event": {"a": "b"}}, "bad_shape"),
        ({"data": "x"}, "bad_shape"),
        ({"event": " ONAPPINSTALL "}, "bad_value"),
        ({"event": "ON;DROP"}, "bad_value"),
        ({"event": "O" * 101}, "bad_value"),
        ({"ts": "yesterday"}, "bad_value"),
        ({"ts": "-1"}, "bad_value"),
        ({"ts": "١٧٩"}, "bad_value"),
        ({"ts": "1790000000\n"}, "bad_value"),
        ({"event_handler_id": "1" * 21}, "bad_value"),
        ({"event": "ONAPPUNINSTALL", "data": {"CLEAN": "2"}}, "bad_value"),
        ({"event": "ONAPPUNINSTALL", "data": {"CLEAN": "abc"}}, "bad_value"),
    ],
)
def test_an_event_that_is_not_well_formed_is_refused(changed: Tree, code: str) -> None:
    assert code_of(fields() | changed) == code


@pytest.mark.parametrize(
    ("data", "clean"),
    [({"CLEAN": "1"}, True), ({"CLEAN": "0"}, False), ({"CLEAN": ""}, False), ({}, False), ("", False)],
)
def test_a_removal_says_whether_to_erase(data: str | Tree, clean: bool) -> None:  # noqa: FBT001
    assert parsed(fields() | {"event": "ONAPPUNINSTALL", "data": data}).clean is clean


@pytest.mark.parametrize(
    "server",
    [
        "https://evil.test/rest/",
        "http://oauth.bitrix.info/rest/",
        "https://oauth.bitrix.info.evil.test/rest/",
        "https://oauth.bitrix.info@evil.test/rest/",
        "https://oauth.bitrix.info:444/rest/",
        "//oauth.bitrix.info/rest/",
        "oauth.bitrix.info",
        "https://[",
        "javascript:alert(1)",
    ],
)
def test_only_our_own_authorization_servers_may_be_named(server: str) -> None:
    assert code_of(fields(server_endpoint=server)) == "bad_endpoint"


@pytest.mark.parametrize(
    "domain",
    [
        "p1.bitrix24.ru@evil.test",
        "evil.test#.bitrix24.ru",
        "p1.bitrix24.ru\n",
        "p1.bitrix24.ru\x00",
        "bitrix24.ru。evil.test",
        "xn--a.bitrix24.ru",
        "xn--.bitrix24.ru",
        "xn--zzzzzz999.ru",
        "xn--1b7o.ru",
        "a" * 300,
        "a." * 127 + "ru",
        "a" * 64 + ".ru",
        "p2.bitrix24.ru",
        "-p1.bitrix24.ru",
        "p1..bitrix24.ru",
        "p1.bitrix24.ru.",
        "p1 .bitrix24.ru",
        "p1.bitrix24.ru:",
        "p1.bitrix24.ru:0",
        "p1.bitrix24.ru:99999",
        "p1.bitrix24.ru/",
        "ⓔvil.test",
    ],
)
def test_a_domain_that_is_none_or_another_than_the_endpoint_s_is_refused(domain: str) -> None:
    assert code_of(fields(domain=domain)) == "bad_domain"


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://p2.bitrix24.ru/rest/",
        "https://p1.bitrix24.ru@evil.test/rest/",
        "https://p1.bitrix24.ru\\@evil.test/rest/",
        "https://p1.bitrix24.ru\t/rest/",
        "ftp://p1.bitrix24.ru/rest/",
        "p1.bitrix24.ru/rest/",
        "https://[p1.bitrix24.ru/rest/",
    ],
)
def test_an_endpoint_that_is_none_or_elsewhere_is_refused(endpoint: str) -> None:
    assert code_of(fields(client_endpoint=endpoint)) == "bad_domain"


@pytest.mark.parametrize(
    ("domain", "endpoint"),
    [
        ("P1.Bitrix24.ru", "https://p1.bitrix24.ru/rest/"),
        ("p1.bitrix24.ru:443", "https://p1.bitrix24.ru/rest/"),
        ("crm.example:8443", "https://crm.example:8443/rest/"),
        ("1.1.1.1:8443", "https://1.1.1.1:8443/rest/"),
        ("crm.example:1024", "https://crm.example:1024/rest/"),
        ("crm.0xford.example", "https://crm.0xford.example/rest/"),
        ("xn--80ak6aa92e.com", "https://xn--80ak6aa92e.com/rest/"),
        ("", "https://p1.bitrix24.ru/rest/"),
        ("p1.bitrix24.ru", ""),
    ],
)
def test_a_domain_may_be_spelled_in_its_usual_ways(domain: str, endpoint: str) -> None:
    assert parsed(fields(domain=domain, client_endpoint=endpoint)).member_id == MEMBER


@pytest.mark.parametrize(
    ("host", "scheme"),
    [("127.0.0.1:8024", "http"), ("p1.localhost:8024", "http"), ("crm", "https"), ("10.1.2.3", "https")],
)
def test_a_portal_may_be_in_a_private_network_only_where_that_is_allowed(host: str, scheme: str) -> None:
    tree = fields(domain=host, client_endpoint=f"{scheme}://{host}/rest/")
    assert parsed(tree, allow_private=True).member_id == MEMBER
    assert code_of(tree) == "bad_domain"


_SHORTHANDS = ["127.1", "2130706433", "0x7f.1", "0177.0.0.1", "0x7f000001", "1.1.1", "1.2.3.4.5", "crm.0x"]
_PRIVATE = ["10.0.0.1", "127.0.0.1", "169.254.169.254", "192.168.1.1", "172.16.0.1", "100.64.0.1", "0.0.0.1"]
_PORTS = ["crm.example:22", "crm.example:25", "crm.example:80", "crm.example:1023", "crm.example:0022"]


@pytest.mark.parametrize("host", [*_SHORTHANDS, *_PRIVATE, *_PORTS, "localhost", "intranet:8443", "[::1]"])
def test_an_address_that_can_be_no_portal_s_is_refused(host: str) -> None:
    assert code_of(fields(domain=host, client_endpoint="")) == "bad_domain"
    assert code_of(fields(domain="", client_endpoint=f"https://{host}/rest/")) == "bad_domain"


@pytest.mark.parametrize("host", [*_SHORTHANDS, "crm.example:22"])
def test_a_private_network_allows_no_odd_spelling_and_no_port_of_others(host: str) -> None:
    assert code_of(fields(domain=host, client_endpoint=""), allow_private=True) == "bad_domain"


def test_a_host_is_named_without_its_usual_port() -> None:
    assert [host_in("A.ru:443"), host_in("a.ru:8443"), host_in("a.ru:80", scheme="http")] == [
        "a.ru",
        "a.ru:8443",
        "a.ru",
    ]


def test_copies_have_one_digest_and_anything_else_has_another() -> None:
    event = parsed(fields())
    same = parsed(dict(reversed(fields().items())))
    others = [
        parsed(fields() | {"ts": "1790000001"}),
        parsed(fields() | {"event_handler_id": "186"}),
        parsed(fields() | {"data": {"FIELDS": {"ID": "7406"}}}),
        parsed(fields() | {"event": "ONCRMDEALUSERFIELDUPDATE"}),
        parsed(fields(member_id="b" * 32)),
    ]
    assert event.digest("x") == same.digest("x")
    assert len({event.digest("x"), event.digest("y"), *(other.digest("x") for other in others)}) == 7
