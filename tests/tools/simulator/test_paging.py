"""Three habits of paging, on a portal with 300 users, 25 departments and 330 user fields."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tools.simulator.client import Json, call
from tools.simulator.cloud import PortalSpec, SimulatedCloud
from tools.simulator.ledger import Department
from tools.simulator.portal import SimulatedPortal

CONFIG = {"moduleId": "crm", "order": {"id": "ASC"}}


@pytest.fixture(scope="module")
def medium() -> Iterator[SimulatedPortal]:
    with SimulatedCloud([PortalSpec("medium", "M", seed=5)]) as cloud:
        portal = cloud.portal("medium")
        portal.crm.departments += [
            Department(number, f"Отдел {number}", parent_id=1) for number in range(26, 61)
        ]
        yield portal


def page(portal: SimulatedPortal, method: str, start: object, **params: object) -> Json:
    return call(portal.webhook_url, method, {**params, "start": start}).json


def test_the_first_page_has_fifty_rows_total_and_next(medium: SimulatedPortal) -> None:
    found = page(medium, "user.get", 0, ADMIN_MODE=1)
    assert (len(found["result"]), found["total"], found["next"]) == (50, 300, 50)
    assert list(found) == ["result", "next", "total", "time"]


def test_the_last_page_has_no_next(medium: SimulatedPortal) -> None:
    assert "next" not in page(medium, "user.get", 250, ADMIN_MODE=1)


def test_users_beyond_the_end_are_a_bare_list(medium: SimulatedPortal) -> None:
    found = page(medium, "user.get", 300, ADMIN_MODE=1)
    assert found["result"] == []
    assert set(found) == {"result", "time"}


def test_controllers_beyond_the_end_are_empty_with_a_total(medium: SimulatedPortal) -> None:
    found = page(medium, "userfieldconfig.list", 350, **CONFIG)
    assert (found["result"], found["total"]) == ({"fields": []}, 330)


def test_controllers_know_whole_pages_only(medium: SimulatedPortal) -> None:
    first = page(medium, "userfieldconfig.list", 0, **CONFIG)
    assert page(medium, "userfieldconfig.list", 10, **CONFIG)["result"] == first["result"]


def test_departments_beyond_the_end_are_the_first_page_again(medium: SimulatedPortal) -> None:
    first = page(medium, "department.get", 0)
    again = page(medium, "department.get", 100)
    assert again["result"] == first["result"]
    assert (again["total"], again["next"]) == (60, 50)


@pytest.mark.parametrize(("switched", "total"), [(False, None), (True, 0)])
def test_start_minus_one_counts_nothing(
    medium: SimulatedPortal, *, switched: bool, total: int | None
) -> None:
    medium.switches.start_minus_one_total = switched
    found = page(medium, "userfieldconfig.list", -1, **CONFIG)
    assert len(found["result"]["fields"]) == 50
    assert found.get("total") == total
    assert "next" not in found


def test_start_minus_one_of_a_legacy_method_says_zero(medium: SimulatedPortal) -> None:
    found = page(medium, "department.get", -1)
    assert (len(found["result"]), found["total"]) == (50, 0)
    assert "next" not in found


def test_start_may_be_a_text(medium: SimulatedPortal) -> None:
    assert len(page(medium, "user.get", "290", ADMIN_MODE=1)["result"]) == 10


def test_users_can_be_walked_by_id(medium: SimulatedPortal) -> None:
    found = page(medium, "user.get", -1, FILTER={">ID": 290}, ADMIN_MODE=1)
    assert [int(row["ID"]) for row in found["result"]] == list(range(291, 301))


@pytest.mark.parametrize("method", ["crm.status.list", "crm.deal.userfield.list", "crm.category.list"])
def test_some_lists_come_all_at_once(medium: SimulatedPortal, method: str) -> None:
    found = page(medium, method, 50, entityTypeId=2)
    assert "next" not in found
    rows = found["result"]["categories"] if method == "crm.category.list" else found["result"]
    assert found["total"] == len(rows)
