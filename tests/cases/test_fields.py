"""Reports about user fields: their names, codes, owners and values."""

from __future__ import annotations

from shared.bitrix24.commands import Answer, Key
from shared.bitrix24.errors import Fault, PortalError
from shared.bitrix24.read_portal import next_commands
from shared.domain.coverage import ReasonCode, State
from shared.domain.diff import diff
from shared.domain.digest import fingerprint
from shared.domain.findings import DAMAGED, FindingCode, findings
from shared.domain.snapshot import UserField
from tests.cases.fields import classic, deal_fields, described, settings, settings_list
from tests.shared.bitrix24.answering import Answered, answered, snapshot
from tests.shared.bitrix24.reading import gaps
from tests.shared.specification.reading_txt import FIELD_ROW, txt


def fields(answers: Answered) -> dict[int | None, UserField]:
    return {row.id: row for row in snapshot(answers).user_fields}


def test_a_field_without_any_label_is_unnamed_and_not_called_by_its_code() -> None:
    """github.com/kartochka/bitrix24-mcp/issues/20"""
    answers = answered(deal_fields(classic(501, "UF_CRM_1700000000001")))
    assert fields(answers)[501].labels == {}
    found = snapshot(answers)
    assert [finding.code for finding in findings(found)] == [FindingCode.NO_LABEL]
    row = next(line for line in txt(found).splitlines() if FIELD_ROW.match(line))
    assert row.count("UF_CRM_1700000000001") == 1
    assert "не задано" in row


def test_a_field_unnamed_in_its_list_is_named_by_the_description() -> None:
    """github.com/kartochka/bitrix24-mcp/issues/20"""
    answers = answered(deal_fields(classic(501, "UF_CRM_A")))
    answers[Key("described", 2)] = described("UF_CRM_A", formLabel="Способ доставки")
    assert fields(answers)[501].labels == {"ru": "Способ доставки"}


def test_labels_are_asked_for_in_the_portals_language_where_the_one_wanted_has_none() -> None:
    """github.com/kartochka/bitrix24-mcp/issues/20"""
    list_without = Answer("crm.deal.userfield.list", [classic(501, "UF_CRM_A", EDIT_FORM_LABEL=None)], 1)
    answers = answered(
        {Key("fields", 2, "en"): list_without, Key("described", 2): described("UF_CRM_A")}, language="en"
    )
    wanted = {command.key: command for command in next_commands(answers, "en")}
    assert wanted[Key("fields", 2, "ru")].params["filter"] == {"LANG": "ru"}
    own = Answer("crm.deal.userfield.list", [classic(501, "UF_CRM_A", EDIT_FORM_LABEL="Доставка")], 1)
    (field,) = snapshot({**answers, Key("fields", 2, "ru"): own}, "en").user_fields
    assert field.labels == {"ru": "Доставка"}


def test_a_universal_name_is_the_one_received_and_never_computed() -> None:
    """github.com/bitrix-tools/b24-rest-docs/issues/158"""
    answers = answered(deal_fields(classic(501, "UF_CRM_1700000000001")))
    assert fields(answers)[501].api_name == "ufTaken_CRM_1700000000001"
    requisite = Answer("crm.requisite.userfield.list", [classic(601, "UF_CRM_1700000000002")], 1)
    assert fields(answered({Key("fields", 8, "ru"): requisite}))[601].api_name is None


def test_a_pretty_code_of_a_smart_process_is_accepted_and_remarked() -> None:
    """digitalforsales.com/case/3oil1t2bd1-kak-pereimenovivat-kodi-polei-v-smart-pr"""
    smart = [{"id": 9, "entityTypeId": 162, "title": "Поставка"}]
    pretty = {
        **settings_list(settings(702, "CRM_9", "UF_STATUS_LINE")),
        Key("described_by_reference", 0): described("UF_STATUS_LINE", formLabel="Строка"),
    }
    usual = {
        **settings_list(settings(702, "CRM_9", "UF_CRM_9_LINE")),
        Key("described_by_reference", 0): described("UF_CRM_9_LINE", formLabel="Строка"),
    }
    found, before = snapshot(answered(pretty, smart=smart)), snapshot(answered(usual, smart=smart))
    assert [(row.entity_type, row.code) for row in found.user_fields] == [("dynamic_162", "UF_STATUS_LINE")]
    assert [finding.code for finding in findings(found)] == [FindingCode.UNUSUAL_CODE]
    changes = diff(before, found).changes
    assert {(change.item_id, change.op.value) for change in changes} == {(702, "edited")}


def test_the_number_in_an_owner_is_the_type_id_and_no_entity_type_id() -> None:
    """github.com/mesilov/bitrix24-php-sdk/issues/239"""
    smart = [
        {"id": 9, "entityTypeId": 162, "title": "Поставка"},
        {"id": 162, "entityTypeId": 1040, "title": "Ремонт"},
    ]
    answers = answered(
        {
            **settings_list(settings(801, "CRM_162", "UF_CRM_162_A")),
            Key("described_by_reference", 1): described("UF_CRM_162_A"),
        },
        smart=smart,
    )
    found = snapshot(answers)
    assert gaps(found) == {}
    assert [(row.entity_type, row.id) for row in found.user_fields] == [("dynamic_1040", 801)]
    numbers = {row.key: (row.entity_type_id, row.type_id, row.field_owner) for row in found.entity_types}
    assert numbers["dynamic_162"] == (162, 9, "CRM_9")
    assert numbers["dynamic_1040"] == (1040, 162, "CRM_162")


def test_only_a_list_field_has_values_of_its_own() -> None:
    """github.com/leshchenko1979/fast_bitrix24/issues/254, /issues/215, andrey-tech/bitrix24-api-php/issues/4"""
    value = {"ID": "71", "SORT": "10", "VALUE": "Курьер", "DEF": "Y", "XML_ID": "x71"}
    answers = answered(
        deal_fields(
            classic(501, "UF_CRM_A", USER_TYPE_ID="enumeration", EDIT_FORM_LABEL="Доставка", LIST=[value]),
            classic(502, "UF_CRM_B", USER_TYPE_ID="crm_status", SETTINGS={"ENTITY_TYPE": "INDUSTRY"}),
            classic(503, "UF_CRM_C", USER_TYPE_ID="iblock_element", SETTINGS={"IBLOCK_ID": "17"}),
            classic(504, "UF_CRM_D", USER_TYPE_ID="enumeration", EDIT_FORM_LABEL="Пустой список"),
        )
    )
    found = fields(answers)
    assert [(row.id, row.value, row.default) for row in found[501].values] == [(71, "Курьер", True)]
    assert found[502].settings == {"ENTITY_TYPE": "INDUSTRY"}
    assert found[503].settings == {"IBLOCK_ID": 17}
    assert [row.values for row in found.values()][1:] == [(), (), ()]
    assert gaps(snapshot(answers)) == {}
    empty = [finding for finding in findings(snapshot(answers)) if finding.code is FindingCode.EMPTY_LIST]
    assert [item.id for finding in empty for item in finding.items] == [504]
    text = txt(snapshot(answers))
    assert "справочник: INDUSTRY" in text
    assert "инфоблок: 17; значения не входят в метаданные CRM" in text
    assert "значения: список пуст" in text


def test_a_kind_without_a_single_item_is_complete() -> None:
    """github.com/leshchenko1979/fast_bitrix24/issues/173"""
    found = snapshot(answered({Key("fields", 7, "ru"): Answer("crm.quote.userfield.list", [], 0)}))
    assert gaps(found) == {}
    assert [entry.items for entry in found.coverage if entry.entity_type == "quote"] == [0]


def test_a_missing_right_and_a_missing_permission_are_told_apart() -> None:
    """github.com/bitrix24/b24restdocs/issues/5"""
    smart = [{"id": 9, "entityTypeId": 162, "title": "Поставка"}]
    texts = {
        "You do not have permission to view user field settings": ReasonCode.FIELD_SETTINGS_HIDDEN,
        "The current method required more scopes. (crm)": ReasonCode.SCOPE_MISSING,
    }
    for text, reason in texts.items():
        fault = Fault.SCOPE if reason is ReasonCode.SCOPE_MISSING else Fault.RIGHTS
        refused = Answer("userfieldconfig.list", error=PortalError(fault, "", text, "crm"))
        answers = answered(
            {
                **dict.fromkeys(
                    (
                        Key("settings"),
                        Key("settings", offset=50),
                        Key("settings", offset=100),
                        Key("settings", offset=150),
                    ),
                    refused,
                ),
                Key("described_by_reference", 0): described("UF_CRM_9_A"),
            },
            smart=smart,
        )
        assert gaps(snapshot(answers)) == {("user_fields", "dynamic_162"): (State.PARTIAL, reason)}
        assert next_commands(answers, "ru") == []


def test_equal_content_in_another_order_and_spelling_is_no_change() -> None:
    """github.com/open-metadata/OpenMetadata/issues/14522, airbytehq/airbyte/issues/23349"""
    one = answered(deal_fields(classic(501, "UF_CRM_A", SORT="100"), classic(502, "UF_CRM_B", SORT="200")))
    other_rows = (
        {**dict(reversed(classic(502, "UF_CRM_B", SORT=200).items())), "ID": 502},
        {**classic(501, "UF_CRM_A", SORT=100), "ERROR_MESSAGE": None},
    )
    before, after = snapshot(one), snapshot(answered(deal_fields(*other_rows)))
    assert diff(before, after).changes == ()
    assert fingerprint(before) == fingerprint(after)


def test_a_field_that_took_over_a_label_is_not_the_field_that_had_it() -> None:
    """github.com/open-metadata/OpenMetadata/issues/20470, /issues/12968"""
    before = snapshot(answered(deal_fields(classic(501, "UF_CRM_A", EDIT_FORM_LABEL="Доставка"))))
    renamed = classic(501, "UF_CRM_A", EDIT_FORM_LABEL="Способ доставки")
    after = snapshot(answered(deal_fields(renamed, classic(590, "UF_CRM_Z", EDIT_FORM_LABEL="Доставка"))))
    changes = {(change.item_id, change.op.value) for change in diff(before, after).changes}
    assert changes == {(501, "edited"), (590, "added")}


def test_a_nul_in_a_label_is_marked_and_its_spelling_is_kept() -> None:
    """github.com/turbot/steampipe/issues/292, certtools/intelmq/issues/2652"""
    answers = answered(
        deal_fields(
            classic(501, "UF_CRM_A", EDIT_FORM_LABEL="Доставка\x00"),
            classic(502, "UF_CRM_B", EDIT_FORM_LABEL=r"пишется как \u0000"),
        )
    )
    found = snapshot(answers)
    labels = {row.id: row.labels["ru"] for row in found.user_fields}
    assert labels == {501: f"Доставка{DAMAGED}", 502: r"пишется как \u0000"}
    damaged = [finding for finding in findings(found) if finding.code is FindingCode.DAMAGED_TEXT]
    assert [item.id for finding in damaged for item in finding.items] == [501]
    text = txt(found)
    assert r"пишется как \u0000" in text
    assert {sign for sign in text if ord(sign) < 32} == {"\n"}
