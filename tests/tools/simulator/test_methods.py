"""Shapes and odd habits of single methods that a reader depends on."""

from __future__ import annotations

import pytest

from tests.tools.simulator.client import Json, call
from tools.simulator.portal import SimulatedPortal


def result(portal: SimulatedPortal, method: str, **params: object) -> Json:
    return call(portal.webhook_url, method, params).result


def test_ids_are_texts_in_classic_methods_and_numbers_in_controllers(portal: SimulatedPortal) -> None:
    assert result(portal, "crm.status.list")[0]["ID"] == "1"
    assert result(portal, "crm.category.list", entityTypeId=2)["categories"][0]["id"] == 0
    assert result(portal, "crm.type.list")["types"][0]["id"] == 9
    field = result(portal, "userfieldconfig.list", moduleId="crm")["fields"][0]
    assert (field["id"], field["sort"]) == ("501", "10")


def test_labels_need_a_language(portal: SimulatedPortal) -> None:
    bare = result(portal, "crm.deal.userfield.list")[0]
    assert "EDIT_FORM_LABEL" not in bare
    named = result(portal, "crm.deal.userfield.list", filter={"LANG": "ru"})[0]
    assert (named["EDIT_FORM_LABEL"], named["ERROR_MESSAGE"]) == ("Способ доставки", None)
    foreign = result(portal, "crm.deal.userfield.list", filter={"LANG": "de"})[0]
    assert foreign["EDIT_FORM_LABEL"] is None


def test_a_single_field_has_labels_in_all_languages(portal: SimulatedPortal) -> None:
    field = result(portal, "crm.deal.userfield.get", id=505)
    assert field["EDIT_FORM_LABEL"] == {"ru": "Способ доставки", "en": "Delivery"}
    assert "XML_ID" not in field["LIST"][0]


@pytest.mark.parametrize(("number", "code"), [("x", ""), (0, ""), (999999, "ERROR_NOT_FOUND")])
def test_a_field_that_is_not_there(portal: SimulatedPortal, number: object, code: str) -> None:
    assert call(portal.webhook_url, "crm.deal.userfield.get", {"id": number}).error == code


def test_only_enumerations_have_a_list_and_they_always_do(portal: SimulatedPortal) -> None:
    rows = result(portal, "crm.deal.userfield.list")
    assert {row["USER_TYPE_ID"] for row in rows if "LIST" in row} == {"enumeration"}
    assert any(row.get("LIST") == [] for row in rows)
    assert any(len(row.get("LIST", [])) > 50 for row in rows)


def test_settings_without_entries_are_a_list(portal: SimulatedPortal) -> None:
    rows = {row["USER_TYPE_ID"]: row for row in result(portal, "crm.deal.userfield.list")}
    assert rows["employee"]["SETTINGS"] == []


def test_a_field_of_an_application_has_two_names(portal: SimulatedPortal) -> None:
    classic = [row for row in result(portal, "crm.deal.userfield.list") if "USER_TYPE_OWNER" in row]
    assert [row["USER_TYPE_ID"] for row in classic] == ["rating"]
    fields = result(portal, "crm.item.fields", entityTypeId=2)["fields"].values()
    assert "rest_8_rating" in {field["type"] for field in fields}


def test_userfieldconfig_gives_labels_only_with_a_language_and_never_list_values(
    portal: SimulatedPortal,
) -> None:
    params = {"moduleId": "crm", "filter": {"entityId": "CRM_9"}, "order": {"id": "ASC"}}
    bare = result(portal, "userfieldconfig.list", **params)["fields"][0]
    assert "editFormLabel" not in bare
    named = result(portal, "userfieldconfig.list", **params, select={"0": "*", "language": "ru"})["fields"][0]
    assert named["editFormLabel"] == {"ru": "Состояние груза"}
    assert "enum" not in named
    portal.crm.settings.server_language = "en"
    odd = result(portal, "userfieldconfig.list", **params, select={"0": "*", "language": "ru"})["fields"][0]
    assert odd["editFormLabel"] == {"en": "Состояние груза"}
    missing = result(portal, "userfieldconfig.list", **params, select={"0": "*", "language": "de"})["fields"][
        0
    ]
    assert missing["editFormLabel"] is None


def test_userfieldconfig_selects_by_column_names(portal: SimulatedPortal) -> None:
    row = result(portal, "userfieldconfig.list", moduleId="crm", select=["ID", "FIELD_NAME"])["fields"][0]
    assert set(row) == {"id", "fieldName"}


def test_userfieldconfig_get_has_list_values(portal: SimulatedPortal) -> None:
    number = next(field.id for field in portal.crm.user_fields if field.code == "UF_CRM_9_STATE")
    values = result(portal, "userfieldconfig.get", moduleId="crm", id=number)["field"]["enum"]
    assert [value["value"] for value in values] == ["В пути", "На таможне", "Принят", "Брак"]


@pytest.mark.parametrize(
    ("condition", "owners"),
    [
        ({"entityId": ["CRM_162", "CRM_4242"]}, {"CRM_162"}),
        ({"=entityId": "CRM_162"}, None),
        ({"fieldName": "UF_STATUS_LINE"}, {"CRM_162"}),
        ({"%fieldName": "STATUS"}, {"CRM_162"}),
    ],
)
def test_userfieldconfig_filters(portal: SimulatedPortal, condition: object, owners: set[str] | None) -> None:
    rows = result(portal, "userfieldconfig.list", moduleId="crm", filter=condition)["fields"]
    found = {row["entityId"] for row in rows}
    assert found == owners if owners else len(found) > 3


@pytest.mark.parametrize("code", ["0", ""])
def test_userfieldconfig_refuses_when_no_owner_is_left(portal: SimulatedPortal, code: str) -> None:
    portal.switches.userfieldconfig_code = code
    reply = call(
        portal.webhook_url, "userfieldconfig.list", {"moduleId": "crm", "filter": {"entityId": "CRM_4242"}}
    )
    assert (reply.status, reply.error) == (400, code)


def test_the_number_in_a_smart_process_code_is_its_type_id(portal: SimulatedPortal) -> None:
    types = {row["title"]: row for row in result(portal, "crm.type.list")["types"]}
    assert types["Поставка"]["entityTypeId"] == types["Ремонт"]["id"] == 162
    rows = result(portal, "userfieldconfig.list", moduleId="crm", filter={"entityId": "CRM_162"})["fields"]
    assert "UF_STATUS_LINE" in {row["fieldName"] for row in rows}


def test_universal_fields_pair_both_spellings_and_are_titled_by_label(portal: SimulatedPortal) -> None:
    fields = result(portal, "crm.item.fields", entityTypeId=2)["fields"]
    assert (fields["stageId"]["upperName"], fields["stageId"]["statusType"]) == ("STAGE_ID", "DEAL_STAGE")
    supply = result(portal, "crm.item.fields", entityTypeId=162)["fields"]
    assert supply["stageId"]["statusType"] == "DYNAMIC_162_STAGE_2"
    field = fields["ufCrmShipDate"]
    assert (field["upperName"], field["title"], field["isRequired"]) == (
        "UF_CRM_SHIP_DATE",
        "Дата отгрузки",
        True,
    )
    unlabelled = fields["ufCrm_5E1F3A77B0C1D"]
    assert (unlabelled["title"], unlabelled["formLabel"]) == ("UF_CRM_5E1F3A77B0C1D", "")
    original = result(portal, "crm.item.fields", entityTypeId=2, useOriginalUfNames="Y")["fields"]
    assert "UF_CRM_SHIP_DATE" in original


def test_classic_fields_are_titled_by_code(portal: SimulatedPortal) -> None:
    field = result(portal, "crm.deal.fields")["UF_CRM_SHIP_DATE"]
    assert (field["title"], field["formLabel"]) == ("UF_CRM_SHIP_DATE", "Дата отгрузки")


@pytest.mark.parametrize(
    ("number", "code"), [(8, "NOT_FOUND"), (999, "NOT_FOUND"), ("x", "100"), (None, "100")]
)
def test_universal_fields_of_something_else(portal: SimulatedPortal, number: object, code: str) -> None:
    assert call(portal.webhook_url, "crm.item.fields", {"entityTypeId": number}).error == code


@pytest.mark.parametrize(
    ("number", "code"),
    [(1, "ENTITY_TYPE_NOT_SUPPORTED"), (7, "ENTITY_TYPE_NOT_SUPPORTED"), (999, "NOT_FOUND")],
)
def test_entity_types_without_pipelines(portal: SimulatedPortal, number: int, code: str) -> None:
    assert call(portal.webhook_url, "crm.category.list", {"entityTypeId": number}).error == code


def test_the_first_deal_pipeline_has_no_origin(portal: SimulatedPortal) -> None:
    first, second, *_ = result(portal, "crm.category.list", entityTypeId=2)["categories"]
    assert (first["id"], first["isDefault"], "originId" in first) == (0, "Y", False)
    assert (second["isDefault"], second["originId"]) == ("N", "")


def test_only_some_stages_have_extra(portal: SimulatedPortal) -> None:
    rows = result(portal, "crm.status.list")
    extra = {row["ENTITY_ID"] for row in rows if "EXTRA" in row}
    assert extra == {"STATUS", "QUOTE_STATUS", "DEAL_STAGE", "DEAL_STAGE_3", "DEAL_STAGE_5", "DEAL_STAGE_7"}
    lost = [
        row["EXTRA"]["SEMANTICS"] for row in rows if row["ENTITY_ID"] == "STATUS" and row["SEMANTICS"] == "F"
    ]
    assert lost == ["failure", "apology"]


def test_statuses_filter_exactly_and_ignore_empty_values(portal: SimulatedPortal) -> None:
    everything = result(portal, "crm.status.list")
    assert result(portal, "crm.status.list", filter={"ENTITY_ID": ""}) == everything
    found = result(portal, "crm.status.list", filter={"STATUS_ID": "C3:NEW"})
    assert [row["ENTITY_ID"] for row in found] == ["DEAL_STAGE_3"]
    refused = call(portal.webhook_url, "crm.status.list", {"filter": {"ENTITY_ID": ["SOURCE"]}})
    assert refused.json["error_description"] == "Filter by ENTITY_ID must be a string"


def test_a_portal_may_want_one_directory_per_call(portal: SimulatedPortal) -> None:
    portal.switches.status_list_needs_directory = True
    assert result(portal, "crm.status.list") == []
    assert result(portal, "crm.status.list", filter={"ENTITY_ID": "SOURCE"})


def test_entity_types_tell_pipelines_to_everybody(portal: SimulatedPortal) -> None:
    rows = {row["ID"]: row for row in call(portal.webhook("employee"), "crm.status.entity.types").result}
    assert rows["DEAL_STAGE"]["CATEGORY_ID"] == 0
    assert rows["DEAL_STAGE_3"]["CATEGORY_ID"] == "3"
    assert rows["DEAL_STAGE_3"]["SEMANTIC_INFO"]["FINAL_SUCCESS_FIELD"] == "C3:WON"
    supply = rows["DYNAMIC_162_STAGE_2"]
    assert (supply["CATEGORY_ID"], supply["SEMANTIC_INFO"], supply["IS_DEFAULT_CATEGORY"]) == (2, [], True)
    assert rows["DYNAMIC_1042_STAGE_5"]["IS_ENABLED"] is False
    assert "DEAL_STAGE_7" not in rows, "the directory of a deleted pipeline"
    assert set(rows["SOURCE"]) == {"ID", "NAME"}


def test_unknown_sort_keys_of_smart_processes_are_refused_with_a_number(portal: SimulatedPortal) -> None:
    reply = call(portal.webhook_url, "crm.type.list", {"order": {"ID": "ASC"}})
    assert (reply.status, reply.error) == (400, 100)
    assert "`I_D`" in reply.json["error_description"]


def test_dates_of_users_may_be_objects_and_departments_false(portal: SimulatedPortal) -> None:
    rows = result(portal, "user.get", ADMIN_MODE=1)
    assert rows[0]["TIMESTAMP_X"] == {}
    assert rows[0]["ACTIVE"] is True
    assert rows[9]["UF_DEPARTMENT"] == []
    assert isinstance(result(portal, "user.current")["TIMESTAMP_X"], str)


@pytest.mark.parametrize(
    ("scope", "present", "absent"),
    [
        ("user", ["LAST_LOGIN", "EMAIL"], []),
        ("user_basic", ["EMAIL"], ["LAST_LOGIN"]),
        ("user_brief", [], ["EMAIL"]),
    ],
)
def test_scopes_decide_what_is_told_of_users(
    portal: SimulatedPortal, scope: str, present: list[str], absent: list[str]
) -> None:
    row = call(portal.webhook(scopes=(scope,)), "user.get").result[0]
    assert set(present) <= set(row)
    assert not set(absent) & set(row)


@pytest.mark.parametrize(
    ("params", "ids"),
    [
        ({"FILTER": {"ACTIVE": "N"}, "ADMIN_MODE": 1}, [7, 10, 14]),
        ({"ACTIVE": False, "ADMIN_MODE": 1}, [7, 10, 14]),
        ({"ACTIVE": False}, [7, 14]),
        ({"UF_DEPARTMENT": 3}, [3, 4, 5, 15]),
        ({"FILTER": {"@ID": [2, 4]}}, [2, 4]),
        ({"sort": "ID", "order": "DESC", "FILTER": {">=ID": 14}}, [15, 14]),
        ({"ID": 12}, [12]),
    ],
)
def test_users_filter(portal: SimulatedPortal, params: dict[str, object], ids: list[int]) -> None:
    assert [int(row["ID"]) for row in result(portal, "user.get", **params)] == ids


def test_integrators_are_never_listed(portal: SimulatedPortal) -> None:
    assert "16" not in {row["ID"] for row in result(portal, "user.get", ADMIN_MODE=1)}


def test_the_top_department_has_no_parent_and_a_missing_head_has_two_forms(portal: SimulatedPortal) -> None:
    rows = {row["ID"]: row for row in result(portal, "department.get")}
    assert "PARENT" not in rows["1"]
    assert "UF_HEAD" not in rows["6"]
    portal.crm.department(7).head_id = None
    assert result(portal, "department.get", ID=7)[0]["UF_HEAD"] == "0"


def test_departments_come_as_the_tree_is_walked(portal: SimulatedPortal) -> None:
    assert [row["ID"] for row in result(portal, "department.get")] == ["1", "2", "3", "4", "5", "6", "8", "7"]


@pytest.mark.parametrize(
    ("method", "params", "expected"),
    [
        ("crm.settings.mode.get", {}, 1),
        ("user.admin", {}, True),
        ("scope", {}, ["crm", "department", "user_basic", "userfieldconfig"]),
    ],
)
def test_small_answers(
    portal: SimulatedPortal, method: str, params: dict[str, object], expected: object
) -> None:
    assert result(portal, method, **params) == expected


def test_old_invoices_answer_only_where_they_are_in_use(portal: SimulatedPortal) -> None:
    assert call(portal.webhook_url, "crm.invoice.userfield.list").status == 404
    assert 5 not in {row["ID"] for row in result(portal, "crm.enum.ownertype")}
    portal.crm.settings.old_invoices = True
    assert result(portal, "crm.invoice.userfield.list") == []
    assert 5 in {row["ID"] for row in result(portal, "crm.enum.ownertype")}


def test_every_method_answers_or_refuses_whatever_it_is_given(portal: SimulatedPortal) -> None:
    odd: list[Json] = [None, "", "x", -1, [], {}, ["a"], {"a": {"b": 1}}, True]
    names = [
        "id",
        "ID",
        "filter",
        "order",
        "select",
        "start",
        "entityTypeId",
        "moduleId",
        "entityId",
        "FILTER",
        "type",
    ]
    for method in portal.methods:
        for value in odd:
            reply = call(portal.webhook_url, method, dict.fromkeys(names, value))
            assert reply.status in (200, 400, 403, 404), (method, value)
            assert ("result" in reply.json) is (reply.status == 200)
