"""The cloud as a whole: ports, names, sizes, determinism, life and death."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.tools.simulator.client import call, request
from tests.waiting import WITHIN_S
from tools.simulator.cloud import HOST, PortalSpec, PortTaken, SimulatedCloud
from tools.simulator.seeds import NUMBERED, SIZES, seeded
from tools.simulator.truth import truth


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("shop:S", PortalSpec("shop", "S")),
        ("big-1:L:7", PortalSpec("big-1", "L", 7)),
        ("romashka:showcase", PortalSpec("romashka", "showcase")),
        ("новый:empty:0", PortalSpec("новый", "empty")),
    ],
)
def test_a_portal_is_described_in_a_word(text: str, spec: PortalSpec) -> None:
    assert PortalSpec.parse(text) == spec


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("shop", "'shop' is no portal: write NAME:SIZE or NAME:SIZE:SEED"),
        ("a:b:c:d", "write NAME:SIZE"),
        ("shop:XXL", "portal size 'XXL' is unknown, choose one of tiny, S, M, L, showcase, empty"),
        ("shop:S:x", "portal seed 'x' is no whole number"),
        ("shop:S:-1", "portal seed '-1' is no whole number"),
        (":S", "portal name ''"),
        ("a/b:S", "portal name 'a/b'"),
    ],
)
def test_a_wrong_description_gets_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match="portal") as refused:
        PortalSpec.parse(text)
    assert sentence in str(refused.value)


def test_two_portals_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="same name"):
        SimulatedCloud([PortalSpec("a", "S"), PortalSpec("a", "M")])


def test_ports_do_not_run_out() -> None:
    with pytest.raises(ValueError, match="2 portals from port 65535 on"):
        SimulatedCloud([PortalSpec("a", "empty"), PortalSpec("b", "empty")], port=65535)


def test_each_portal_has_a_port_and_a_line_of_json(cloud: SimulatedCloud) -> None:
    lines = [json.loads(line) for line in cloud.json_lines()]
    assert [line["name"] for line in lines] == ["romashka", "fresh"]
    for line in lines:
        assert line["domain"].startswith("127.0.0.1:")
        assert line["webhook_url"].startswith(f"http://{line['domain']}/rest/1/")
        assert line["host_page"] == f"http://{line['domain']}/"
    assert len({line["domain"] for line in lines}) == 2


def test_each_application_has_a_line_after_the_portals(cloud: SimulatedCloud) -> None:
    application = cloud.register_application(handler_url="http://127.0.0.1:9/app", kind="local")
    last = json.loads(cloud.json_lines()[-1])
    assert last == {
        "application": "http://127.0.0.1:9/app",
        "title": "CRMAP",
        "kind": "local",
        "client_id": application.client_id,
        "client_secret": application.secret,
    }
    servers = [f"http://{server.address}" for server in (cloud.oauth, cloud.twin)]
    assert all(json.loads(line)["oauth_servers"] == servers for line in cloud.json_lines()[:-1])


def test_a_base_port_is_counted_up_from() -> None:
    with socket.create_server((HOST, 0)) as probe:
        base = probe.getsockname()[1]
    with SimulatedCloud([PortalSpec("a", "empty")], port=base) as cloud:
        assert cloud.portal("a").domain == f"127.0.0.1:{base}"


def second_of_two_ports() -> socket.socket:
    """A listening socket, whose port comes after one that is free."""
    while True:
        taken = socket.create_server((HOST, 0))
        with contextlib.suppress(OSError), socket.create_server((HOST, taken.getsockname()[1] - 1)):
            return taken
        taken.close()


def test_a_taken_port_gives_one_sentence_and_frees_the_others() -> None:
    with second_of_two_ports() as taken:
        port = taken.getsockname()[1]
        cloud = SimulatedCloud([PortalSpec("a", "empty"), PortalSpec("b", "empty")], port=port - 1)
        with pytest.raises(PortTaken, match=f"port {port} is taken"):
            cloud.start()
    with socket.create_server((HOST, port - 1)):
        pass


def test_an_unknown_portal_is_named(cloud: SimulatedCloud) -> None:
    with pytest.raises(LookupError, match="there are: romashka, fresh"):
        cloud.portal("shop")


def test_the_cloud_serves_until_told_to_stop() -> None:
    cloud, stop = SimulatedCloud([PortalSpec("a", "empty")]), threading.Event()
    serving = threading.Thread(target=cloud.serve_until, args=(stop,))
    serving.start()
    while not cloud.portal("a").domain:
        pass
    assert call(cloud.portal("a").webhook_url, "profile").status == 200
    stop.set()
    serving.join(WITHIN_S)
    with pytest.raises(ConnectionRefusedError):
        call(cloud.portal("a").webhook_url, "profile")


def test_many_clients_at_once_get_their_own_answers(cloud: SimulatedCloud) -> None:
    portal = cloud.portal("romashka")
    with ThreadPoolExecutor(16) as pool:
        replies = pool.map(
            lambda number: call(portal.webhook_url, "batch", {"cmd": {f"k{number}": "profile"}}), range(64)
        )
        assert [list(reply.result["result"]) for reply in replies] == [[f"k{number}"] for number in range(64)]


def test_a_head_request_has_no_body(cloud: SimulatedCloud) -> None:
    reply = request("HEAD", cloud.portal("romashka").base_url)
    assert (reply.status, reply.body) == (200, b"")


@pytest.mark.parametrize("size", list(NUMBERED))
def test_sizes_hold_what_they_promise(size: str) -> None:
    found, promised = truth(seeded("one", size, 1), ""), NUMBERED[size]
    deal_pipelines = [row for row in found["pipelines"] if row["entity_type"] == "deal"]
    dynamic = [row for row in found["entity_types"] if row["key"].startswith("dynamic_")]
    of_dynamic = [row for row in found["user_fields"] if row["entity_type"].startswith("dynamic_")]
    assert len(deal_pipelines) == promised.pipelines
    assert len(found["users"]) == promised.users
    assert len(found["departments"]) == promised.departments
    assert len(dynamic) == promised.smart_processes
    assert len(of_dynamic) == promised.smart_processes * promised.fields_each
    assert len(found["user_fields"]) - len(of_dynamic) == promised.fields


def test_numbers_of_the_sizes() -> None:
    counts = {name: (size.pipelines, size.fields, size.users) for name, size in NUMBERED.items()}
    assert counts == {"tiny": (1, 3, 2), "S": (1, 20, 10), "M": (10, 300, 300), "L": (60, 2_000, 3_000)}


def test_a_large_portal_has_every_kind_of_field() -> None:
    found = truth(seeded("one", "L", 1), "")
    kinds = {row["type"] for row in found["user_fields"]}
    assert {
        "string",
        "enumeration",
        "money",
        "address",
        "file",
        "crm",
        "crm_status",
        "iblock_element",
    } <= kinds
    assert {"rest_8_rating", "rest_9_gone"} <= kinds
    sorts = [row["sort"] for row in found["user_fields"] if row["entity_type"] == "deal"]
    assert len(set(sorts)) < len(sorts), "ties"
    assert any(not row["labels"] for row in found["user_fields"])
    assert {True, False} == {row["multiple"] for row in found["user_fields"]}
    assert {"process", "success", "failure", "apology"} == {row["meaning"] for row in found["stages"]}
    codes = [(row["entity_type"], row["code"]) for row in found["user_fields"]]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("size", SIZES)
def test_the_same_seed_gives_the_same_portal(size: str) -> None:
    assert truth(seeded("one", size, 7), "") == truth(seeded("one", size, 7), "")


@pytest.mark.parametrize("size", ["S", "M"])
def test_another_seed_gives_another_portal(size: str) -> None:
    assert truth(seeded("one", size, 7), "") != truth(seeded("one", size, 8), "")


def test_a_brand_new_portal_has_what_the_platform_puts_there() -> None:
    found = truth(seeded("one", "empty"), "")
    assert found["user_fields"] == []
    assert [row["name"] for row in found["users"]] == ["Первая Анна"]
    assert [row["id"] for row in found["pipelines"]] == [0, 1]
    deal = [(row["status_id"], row["meaning"]) for row in found["stages"] if row["entity_type"] == "deal"]
    assert deal == [
        ("NEW", "process"),
        ("PREPARATION", "process"),
        ("PREPAYMENT_INVOICE", "process"),
        ("EXECUTING", "process"),
        ("FINAL_INVOICE", "process"),
        ("WON", "success"),
        ("LOSE", "failure"),
        ("APOLOGY", "apology"),
    ]
    names = {row["directory"] for row in found["dictionaries"]}
    assert {"SOURCE", "CONTACT_TYPE", "COMPANY_TYPE", "EMPLOYEES", "CALL_LIST"} <= names


def test_the_showcase_has_a_bit_of_everything() -> None:
    found = truth(seeded("one", "showcase"), "")
    fields = found["user_fields"]
    labels = [row["labels"].get("ru") for row in fields]
    assert 35 <= len(fields) <= 45
    assert labels.count("Комментарий логиста") == 2
    assert None in labels
    assert "UF_STATUS_LINE" in {row["code"] for row in fields}
    assert any(len(row["values"]) > 50 for row in fields)
    assert any(row["type"] == "enumeration" and not row["values"] for row in fields)
    assert len([row for row in found["pipelines"] if row["entity_type"] == "deal"]) == 3
    assert [row["name"] for row in found["users"] if not row["active"]] == [
        "Морозова Дарья",
        "Снегов Лев",
        None,
    ]
    assert found["orphan_stages"]
    numbers = {
        row["key"]: (row["entity_type_id"], row["type_id"], row["binding_prefix"])
        for row in found["entity_types"]
    }
    assert numbers["dynamic_162"] == (162, 9, "Ta2")
    assert numbers["dynamic_1040"] == (1040, 162, "T410")
    assert not [row for row in found["stages"] if row["entity_type"] == "dynamic_1042"], (
        "its stages are switched off"
    )
