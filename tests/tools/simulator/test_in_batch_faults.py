"""Every fault of a single answer, alone and inside a batch."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.tools.simulator.client import Json, batch, call
from tools.simulator.faults import IN_BATCH
from tools.simulator.portal import SimulatedPortal

COMMANDS = {"me": "profile", "st": "crm.status.list", "bad": "nothing", "ty": "crm.type.list"}

EXPECTED: dict[str, Callable[[Json], bool]] = {
    "error": lambda found: found["result_error"]["st"]["error"] == "ERROR_CORE",
    "dropped": lambda found: all("st" not in found[name] for name in found),
    "wrong_type": lambda found: found["result"]["st"] == 42,
    "null": lambda found: found["result"]["st"] is None,
    "empty_list": lambda found: found["result"]["st"] == [] and found["result_total"]["st"] > 50,
    "map_for_list": lambda found: found["result"]["st"]["0"]["ID"] == "1",
    "total_larger": lambda found: found["result_total"]["st"] == len(found["result"]["st"]) + 7,
    "total_missing": lambda found: "st" not in found["result_total"],
    "total_behind": lambda found: len(found["result"]["st"]) > found["result_total"]["st"] == 50,
    "next_forever": lambda found: found["result_next"]["st"] == 50,
    "next_missing": lambda found: "st" not in found["result_next"],
    "in_pages": lambda found: (len(found["result"]["st"]), found["result_next"]["st"]) == (50, 50),
    "page_repeated": lambda found: len(found["result"]["st"]) == found["result_total"]["st"],
    "rows_moved": lambda found: len(found["result"]["st"]) == found["result_total"]["st"],
    "row_hidden": lambda found: found["result"]["st"][0]["ID"] != "1",
    "page_missing": lambda found: found["result"]["st"] == [] and found["result_total"]["st"] > 50,
    "row_missing": lambda found: len(found["result"]["st"]) == found["result_total"]["st"] - 1,
    "emptied": lambda found: (found["result"]["st"], found["result_total"]["st"]) == ([], 0),
    "rows_doubled": lambda found: len(found["result"]["st"]) == 2 * found["result_total"]["st"],
    "result_error_list": lambda found: found["result_error"][0]["error"] == "ERROR_METHOD_NOT_FOUND",
    "result_error_empty": lambda found: found["result_error"] == [],
    "result_error_missing": lambda found: "result_error" not in found,
    "result_list": lambda found: isinstance(found["result"], list),
}


def test_every_fault_is_tested() -> None:
    assert set(EXPECTED) == set(IN_BATCH)


@pytest.mark.parametrize("name", list(IN_BATCH))
def test_a_command_is_spoiled_once(portal: SimulatedPortal, name: str) -> None:
    portal.faults.add(name, method="crm.status.list")
    assert EXPECTED[name](batch(portal.webhook_url, COMMANDS)), IN_BATCH[name].meaning
    healthy = batch(portal.webhook_url, COMMANDS)
    assert set(healthy["result_error"]) == {"bad"}
    assert len(healthy["result"]["st"]) == healthy["result_total"]["st"]


def test_a_fault_may_be_meant_for_one_key(portal: SimulatedPortal) -> None:
    portal.faults.add("error", command="b", status=429, code="OPERATION_TIME_LIMIT", text="later")
    found = batch(portal.webhook_url, {"a": "profile", "b": "profile"})
    assert set(found["result"]) == {"a"}
    assert found["result_error"]["b"] == {"error": "OPERATION_TIME_LIMIT", "error_description": "later"}


def test_a_call_outside_a_batch_is_spoiled_too(portal: SimulatedPortal) -> None:
    portal.faults.add("error", method="profile", status=403, code="ACCESS_DENIED", text="no")
    reply = call(portal.webhook_url, "profile")
    assert (reply.status, reply.error) == (403, "ACCESS_DENIED")


def test_rows_inside_an_object_are_found(portal: SimulatedPortal) -> None:
    portal.faults.add("page_missing", method="crm.type.list")
    found = call(portal.webhook_url, "crm.type.list").json
    assert (found["result"], found["total"]) == ({"types": []}, 3)


def test_a_next_page_for_ever(portal: SimulatedPortal) -> None:
    portal.faults.add("next_forever", method="user.get", times=None)
    starts = [0]
    for _ in range(3):
        starts.append(call(portal.webhook_url, "user.get", {"start": starts[-1]}).json["next"])
    assert starts == [0, 50, 100, 150]


def pages(portal: SimulatedPortal, method: str) -> list[Json]:
    """The pages of a list as ``next`` leads through them."""
    found = [call(portal.webhook_url, method).json]
    while "next" in found[-1]:
        found.append(call(portal.webhook_url, method, {"start": found[-1]["next"]}).json)
    return found


def test_a_list_in_pages_has_all_of_its_rows_once(portal: SimulatedPortal) -> None:
    whole = call(portal.webhook_url, "crm.status.list").result
    portal.faults.add("in_pages", method="crm.status.list", times=None)
    found = pages(portal, "crm.status.list")
    assert len(found) == 1 + (len(whole) - 1) // 50
    assert [row for page in found for row in page["result"]] == whole
    assert {page["total"] for page in found} == {len(whole)}


def test_a_page_repeated_shows_the_one_before(portal: SimulatedPortal) -> None:
    portal.faults.add("in_pages", method="crm.status.list", times=None)
    portal.faults.add("page_repeated", method="crm.status.list", after=1)
    first, second = pages(portal, "crm.status.list")[:2]
    assert second["result"] == first["result"]


def test_rows_that_move_leave_one_out_and_show_another_twice(portal: SimulatedPortal) -> None:
    whole = call(portal.webhook_url, "crm.status.list").result
    portal.faults.add("in_pages", method="crm.status.list", times=None)
    portal.faults.add("rows_moved", method="crm.status.list", after=1, times=None)
    shown = [row["ID"] for page in pages(portal, "crm.status.list") for row in page["result"]]
    assert len(shown) == len(whole)
    assert {row["ID"] for row in whole} - set(shown) == {whole[50]["ID"]}


def test_a_hidden_row_is_not_counted_either(portal: SimulatedPortal) -> None:
    whole = call(portal.webhook_url, "crm.type.list").json
    portal.faults.add("row_hidden", method="crm.type.list")
    found = call(portal.webhook_url, "crm.type.list").json
    assert found["result"]["types"] == whole["result"]["types"][1:]
    assert found["total"] == whole["total"] - 1


def test_faults_add_up(portal: SimulatedPortal) -> None:
    portal.faults.add("rows_doubled", method="crm.type.list")
    portal.faults.add("total_larger", method="crm.type.list", by=100)
    found = call(portal.webhook_url, "crm.type.list").json
    assert (len(found["result"]["types"]), found["total"]) == (6, 103)
