from __future__ import annotations

from typing import Any

import pytest

from tests.tools.simulator.client import batch, call, request
from tools.simulator.portal import SimulatedPortal
from tools.simulator.references import substituted

TYPES = "crm.type.list?order[id]=ASC"


def test_every_map_that_is_empty_arrives_as_a_list(portal: SimulatedPortal) -> None:
    found = batch(portal.webhook_url, {"me": "profile"})
    assert list(found) == ["result", "result_error", "result_total", "result_next", "result_time"]
    assert found["result"]["me"]["ID"] == "1"
    assert found["result_error"] == found["result_total"] == found["result_next"] == []
    assert set(found["result_time"]) == {"me"}


def test_no_commands_give_five_empty_lists(portal: SimulatedPortal) -> None:
    reply = call(portal.webhook_url, "batch")
    assert reply.status == 200
    assert set(map(str, reply.result.values())) == {"[]"}


def test_numeric_keys_make_lists(portal: SimulatedPortal) -> None:
    found = batch(portal.webhook_url, {"0": "profile", "1": "scope", "2": "nothing"})
    assert isinstance(found["result"], list)
    assert found["result_error"] == {
        "2": {"error": "ERROR_METHOD_NOT_FOUND", "error_description": "Method not found!"}
    }


def test_a_failed_command_stands_in_result_error_only(portal: SimulatedPortal) -> None:
    found = batch(portal.webhook_url, {"a": "crm.category.list", "b": "server.time"})
    assert found["result_error"]["a"]["error"] == "100"
    assert [set(found[name]) for name in ("result", "result_time")] == [{"b"}] * 2


def test_all_commands_may_fail_with_status_200(portal: SimulatedPortal) -> None:
    reply = call(portal.webhook_url, "batch", {"cmd": {"a": "nothing", "b": "batch"}})
    assert reply.status == 200
    codes = {key: error["error"] for key, error in reply.result["result_error"].items()}
    assert codes == {"a": "ERROR_METHOD_NOT_FOUND", "b": "ERROR_BATCH_METHOD_NOT_ALLOWED"}
    assert reply.result["result"] == []


@pytest.mark.parametrize(
    ("halt", "stops"),
    [
        (0, False),
        ("0", False),
        ("", False),
        (False, False),
        (1, True),
        (True, True),
        ("N", True),
        ("false", True),
    ],
)
def test_halt_follows_php_truthiness(portal: SimulatedPortal, halt: Any, *, stops: bool) -> None:
    found = batch(portal.webhook_url, {"a": "profile", "b": "nothing", "c": "scope"}, halt=halt)
    assert ("c" in found["result"]) is not stops


def test_the_fifty_first_command_is_refused_and_the_others_answered(portal: SimulatedPortal) -> None:
    found = batch(portal.webhook_url, {f"c{number}": "server.time" for number in range(52)})
    assert len(found["result"]) == 50
    assert {error["error"] for error in found["result_error"].values()} == {"ERROR_BATCH_LENGTH_EXCEEDED"}
    assert set(found["result_error"]) == {"c50", "c51"}


def test_a_command_that_is_no_text_vanishes_but_counts(portal: SimulatedPortal) -> None:
    commands: dict[str, Any] = {"odd": ["profile"]} | {f"c{number}": "server.time" for number in range(50)}
    found = batch(portal.webhook_url, commands)
    assert "odd" not in found["result"]
    assert set(found["result_error"]) == {"c49"}


def test_a_missing_scope_has_no_text_inside_a_batch(portal: SimulatedPortal) -> None:
    url = portal.webhook(scopes=("crm",))
    found = batch(url, {"a": "department.get"})
    assert found["result_error"]["a"] == {"error": "insufficient_scope", "error_description": ""}
    assert call(url, "department.get").json["error_description"] != ""


def test_a_form_carries_a_batch_too(portal: SimulatedPortal) -> None:
    body = b"halt=0&cmd[me]=profile&cmd[st]=crm.status.list%3Ffilter%255BENTITY_ID%255D%3DSOURCE"
    reply = request(
        "POST", portal.webhook_url + "batch", body, {"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert {row["ENTITY_ID"] for row in reply.result["result"]["st"]} == {"SOURCE"}


def test_references_bring_ids_of_smart_processes_into_later_commands(portal: SimulatedPortal) -> None:
    owners = "&".join(
        f"filter[entityId][{place}]=CRM_$result[types][types][{place}][id]" for place in range(5)
    )
    found = batch(
        portal.webhook_url,
        {
            "types": TYPES,
            "first": "crm.item.fields?entityTypeId=$result[types][types][0][entityTypeId]",
            "beyond": "crm.item.fields?entityTypeId=$result[types][types][7][entityTypeId]",
            "fields": f"userfieldconfig.list?moduleId=crm&order[id]=ASC&{owners}",
        },
    )
    assert "ufCrm9State" in found["result"]["first"]["fields"]
    assert found["result_error"]["beyond"]["error"] == "100"
    assert "{Array}" in found["result_error"]["beyond"]["error_description"]
    assert {row["entityId"] for row in found["result"]["fields"]["fields"]} == {"CRM_9", "CRM_11", "CRM_162"}


def test_without_references_the_text_stays_as_it_was_written(portal: SimulatedPortal) -> None:
    portal.switches.references = False
    found = batch(
        portal.webhook_url,
        {"types": TYPES, "first": "crm.item.fields?entityTypeId=$result[types][types][0][entityTypeId]"},
    )
    assert "$result[types]" in found["result_error"]["first"]["error_description"]


def test_commands_run_in_the_order_given(portal: SimulatedPortal) -> None:
    batch(portal.webhook_url, {"z": "scope", "a": "profile", "m": "server.time"})
    assert [command.key for command in portal.log.commands] == ["z", "a", "m", None]


MAPS: dict[str, dict[str, Any]] = {
    "result": {"a": [{"ID": "5"}, {"ID": "6"}], "b": {"n": 7, "gone": None}, "flag": True},
    "error": {"x": {"error": "NO"}},
    "total": {"a": 2},
    "next": {},
    "time": {},
}


@pytest.mark.parametrize(
    ("given", "becomes"),
    [
        ("plain", "plain"),
        ("$result[a][1][ID]", "6"),
        ("CRM_$result[a][0][ID]", "CRM_5"),
        ("$result[b][n]", 7),
        ("no $result[b][n] yes", "no 7 yes"),
        ("$total[a]", 2),
        ("$error[x][error]", "NO"),
        ("$result[a]", MAPS["result"]["a"]),
        ("$result[a][9][ID]", MAPS["result"]["a"]),
        ("$result[b][gone][deep]", MAPS["result"]["b"]),
        ("$result[unknown][ID]", MAPS["result"]),
        ("x$result[a][9][ID]", "x$result[a][9][ID]"),
        ("x$result[flag]", "x$result[flag]"),
        ("$result[a][0][ID]$result[a][1][ID]", "5"),
        ("$result[a][0][ID] $result[a][1][ID]", "5 6"),
        ({"@ID": "$result[a]"}, {"@ID": MAPS["result"]["a"]}),
        ({"k$result[b][n]": "v"}, {"k7": "v"}),
        (["$total[a]"], [2]),
    ],
)
def test_references(given: Any, becomes: Any) -> None:
    assert substituted(given, MAPS) == becomes
