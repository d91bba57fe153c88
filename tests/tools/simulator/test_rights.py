"""What a CRM administrator, an employee and a restricted employee get to see."""

from __future__ import annotations

import pytest

from tests.tools.simulator.client import call
from tools.simulator.portal import SimulatedPortal


def test_smart_processes_are_listed_to_those_who_administer_the_crm(portal: SimulatedPortal) -> None:
    for role in ("admin", "crm_admin"):
        assert call(portal.webhook(role), "crm.type.list").status == 200
    refused = call(portal.webhook("employee"), "crm.type.list")
    assert (refused.status, refused.error) == (400, "ACCESS_DENIED")


def test_anybody_may_list_owner_types_and_read_a_smart_process_by_number(portal: SimulatedPortal) -> None:
    url = portal.webhook("employee")
    numbers = [row["ID"] for row in call(url, "crm.enum.ownertype").result]
    assert numbers[-3:] == [162, 1040, 1042]
    found = call(url, "crm.type.getByEntityTypeId", {"entityTypeId": 1040}).result["type"]
    assert (found["id"], found["relations"]) == (162, {"parent": [], "child": []})


def test_an_employee_sees_only_the_pipelines_he_may_read(portal: SimulatedPortal) -> None:
    rows = call(portal.webhook(3), "crm.category.list", {"entityTypeId": 2}).json
    assert ([row["id"] for row in rows["result"]["categories"]], rows["total"]) == ([0], 1)
    everything = call(portal.webhook(4), "crm.category.list", {"entityTypeId": 2}).result
    assert [row["id"] for row in everything["categories"]] == [0, 3, 5]


def test_user_field_settings_are_for_administrators(portal: SimulatedPortal) -> None:
    refused = call(portal.webhook("employee"), "userfieldconfig.list", {"moduleId": "crm"})
    assert (refused.status, refused.error) == (400, "0")
    assert call(portal.webhook("employee"), "crm.deal.userfield.list").status == 200


def test_a_closed_entity_type_is_denied_without_a_code_by_classic_methods(portal: SimulatedPortal) -> None:
    portal.crm.user(4).closed_types = {2}
    url = portal.webhook(4)
    classic = call(url, "crm.deal.userfield.list")
    assert (classic.status, classic.json) == (400, {"error": "", "error_description": "Access denied."})
    assert call(url, "crm.item.fields", {"entityTypeId": 2}).error == "ACCESS_DENIED"
    assert call(url, "crm.status.list").status == 200, "something else may still be read"


def test_nothing_readable_means_no_directories_either(portal: SimulatedPortal) -> None:
    portal.crm.user(4).closed_types = {1, 2, 3, 4, 7, 31}
    assert call(portal.webhook(4), "crm.status.list").json == {
        "error": "",
        "error_description": "Access denied.",
    }


def test_only_portal_administrators_have_an_admin_mode(portal: SimulatedPortal) -> None:
    def ids(user: str) -> set[str]:
        return {row["ID"] for row in call(portal.webhook(user), "user.get", {"ADMIN_MODE": 1}).result}

    assert ids("admin") - ids("crm_admin") == {"10"}, "the one without a department"


def test_the_profile_tells_portal_administrators_from_others(portal: SimulatedPortal) -> None:
    flags = [
        call(portal.webhook(role), "profile").result["ADMIN"] for role in ("admin", "crm_admin", "employee")
    ]
    assert flags == [True, False, False]


@pytest.mark.parametrize("status", [401, 403])
def test_a_missing_scope_is_said_with_a_text(portal: SimulatedPortal, status: int) -> None:
    portal.switches.auth_status = status
    reply = call(portal.webhook(scopes=("user_basic",)), "crm.status.list")
    assert (reply.status, reply.error) == (status, "insufficient_scope")
    assert "webhook token" in reply.json["error_description"]


def test_user_field_settings_want_the_scope_of_the_module_too(portal: SimulatedPortal) -> None:
    reply = call(portal.webhook(scopes=("userfieldconfig",)), "userfieldconfig.list", {"moduleId": "crm"})
    assert (reply.status, reply.error) == (400, "insufficient_scope")
    assert reply.json["error_description"] == "The current method required more scopes. (crm)"


@pytest.mark.parametrize("who", ["boss", 4242])
def test_webhooks_are_made_for_users_who_exist(portal: SimulatedPortal, who: int | str) -> None:
    with pytest.raises((ValueError, LookupError)):
        portal.webhook(who)
