"""Reports about smart processes, pipelines, stages and people."""

from __future__ import annotations

import re
from typing import Any

import pytest

from shared.bitrix24 import rows
from shared.bitrix24.body import batch_answers
from shared.bitrix24.commands import Answer, Command, Key
from shared.bitrix24.errors import Fault, PortalError, portal_error
from shared.bitrix24.read_portal import first_commands, next_commands
from shared.domain.coverage import Kind, ReasonCode, State
from shared.domain.diff import diff
from shared.domain.findings import FindingCode, findings
from shared.domain.identity import ComparedKind
from shared.domain.names import fold
from shared.domain.search import entries
from tests.cases.fields import described, settings, settings_list
from tests.shared.bitrix24.answering import answered, snapshot
from tests.shared.bitrix24.reading import gaps
from tests.shared.specification.reading_txt import section, txt


def test_every_method_is_sorted_by_the_key_it_knows() -> None:
    """github.com/leshchenko1979/fast_bitrix24/issues/196"""
    first = {command.key: command for command in first_commands("ru")}
    assert first[Key("types")].text == "crm.type.list?order%5Bid%5D=ASC"
    assert portal_error(100, "Unknown field definition `I_D` (I_D) for Type Entity.").fault is Fault.OTHER


def test_a_numeric_error_code_is_an_error_like_any_other() -> None:
    """github.com/leshchenko1979/fast_bitrix24/issues/196"""
    wire = {"error": 100, "error_description": "Unknown field definition `I_D` (I_D) for Type Entity."}
    (answer,) = batch_answers(
        {"result": [], "result_error": {"types": wire}}, [Command(Key("types"), "crm.type.list")]
    ).values()
    assert not answer.ok
    smart = [{"id": 9, "entityTypeId": 162, "title": "Поставка"}]
    asked = next_commands(answered({Key("types"): answer}, smart=smart), "ru")
    assert Key("type", 162) in {command.key for command in asked}


ENVELOPES: dict[Key, tuple[str, Any]] = {
    Key("pipelines", 2): ("pipelines", {"items": []}),
    Key("statuses"): ("stages", {"fields": 1}),
    Key("users"): ("users", {"items": [{"ID": "1"}], "total": 1}),
    Key("fields", 2, "ru"): ("user_fields", {"fields": "unexpected"}),
}


@pytest.mark.parametrize(("key", "kind", "value"), [(key, *row) for key, row in ENVELOPES.items()])
def test_a_payload_in_the_wrong_envelope_is_said_to_be_unexpected(key: Key, kind: str, value: Any) -> None:
    """github.com/bitrix-tools/b24-rest-docs/issues/246, /issues/165"""
    ordinary = answered()
    method = ordinary[key].method
    found = snapshot({**ordinary, key: Answer(method, value)})
    reasons = {entry.kind.value: entry.reason for entry in found.coverage if entry.reason}
    assert reasons.keys() <= {kind, "dictionaries"}
    assert (reasons[kind].code, reasons[kind].detail) == (ReasonCode.UNEXPECTED_SHAPE, method)


@pytest.mark.parametrize("method", rows.ENVELOPES)
@pytest.mark.parametrize("other", [None, [], [{"id": 1}], {}, {"items": []}, "unexpected", 1])
def test_whatever_stands_outside_the_envelope_of_its_method_is_told_with_the_method(
    method: str, other: Any
) -> None:
    """github.com/bitrix-tools/b24-rest-docs/issues/246, /issues/165"""
    for take in (rows.content, rows.rows_of, rows.map_of):
        with pytest.raises(rows.UnexpectedShape, match=re.escape(method)):
            take(Answer(method, other))


def test_list_values_that_a_list_of_settings_does_not_bring_are_asked_for() -> None:
    """github.com/bitrix-tools/b24-rest-docs/issues/246"""
    smart = [{"id": 9, "entityTypeId": 162, "title": "Поставка"}]
    changes = {
        **settings_list(settings(701, "CRM_9", "UF_CRM_9_STATE", userTypeId="enumeration")),
        Key("described_by_reference", 0): described(
            "UF_CRM_9_STATE", type="enumeration", formLabel="Состояние"
        ),
    }
    answers = answered(changes, smart=smart)
    (wanted,) = next_commands(answers, "ru")
    assert (wanted.method, wanted.params) == ("userfieldconfig.get", {"moduleId": "crm", "id": "701"})
    value = {"id": "71", "value": "Новый", "def": "N", "sort": "100", "xmlId": "x1"}
    got = Answer("userfieldconfig.get", {"field": {"id": "701", "enum": [value]}})
    (field,) = snapshot({**answers, wanted.key: got}).user_fields
    assert [(row.id, row.value) for row in field.values] == [(71, "Новый")]
    refused = Answer("userfieldconfig.get", error=PortalError(Fault.OTHER, "X"))
    assert gaps(snapshot({**answers, wanted.key: refused})) == {
        ("user_fields", "dynamic_162"): (State.PARTIAL, ReasonCode.VALUES_MISSING)
    }


def test_answers_of_a_batch_belong_to_their_keys_in_whatever_order_they_come() -> None:
    """github.com/leshchenko1979/fast_bitrix24/issues/202"""
    commands = [
        Command(Key("p", 0), "crm.dealcategory.stage.list"),
        Command(Key("p", 3), "crm.dealcategory.stage.list"),
    ]
    late = [{"NAME": "Обращение", "SORT": 10, "STATUS_ID": "C3:NEW"}]
    early = [{"NAME": "Новая", "SORT": 10, "STATUS_ID": "NEW"}]
    found = batch_answers({"result": {"p_of_3": late, "p_of_0": early}, "result_error": []}, commands)
    assert (found[Key("p", 0)].value, found[Key("p", 3)].value) == (early, late)


def test_a_stage_without_a_prefix_belongs_to_the_default_pipeline() -> None:
    """github.com/leshchenko1979/fast_bitrix24/issues/202"""
    stages = {(row.entity_type, row.status_id): row.pipeline_id for row in snapshot(answered()).stages}
    assert stages["deal", "NEW"] == 0
    assert stages["lead", "NEW"] is None


def pipelines(*numbers: int) -> Answer:
    rows = [{"id": number, "name": f"Воронка {number}", "isDefault": "N"} for number in numbers]
    return Answer("crm.category.list", {"categories": rows}, len(rows))


def test_a_pipeline_the_reader_may_not_see_is_hidden_and_not_deleted() -> None:
    """github.com/open-metadata/OpenMetadata/issues/25999"""
    directories = answered()[Key("directories")]
    known = Answer(directories.method, [*directories.value, {"ID": "DEAL_STAGE_3", "CATEGORY_ID": "3"}])
    all_three = Answer(directories.method, [*known.value, {"ID": "DEAL_STAGE_5", "CATEGORY_ID": "5"}])
    manager = {Key("me"): Answer("profile", {"ID": "2", "ADMIN": False})}
    before = snapshot(answered({Key("pipelines", 2): pipelines(0, 3, 5), Key("directories"): all_three}))
    after = snapshot(answered({**manager, Key("pipelines", 2): pipelines(0), Key("directories"): known}))
    assert {row.id for row in after.pipelines if row.entity_type == "deal"} == {0, 3}
    assert gaps(after)["pipelines", None] == (State.PARTIAL, ReasonCode.PIPELINES_HIDDEN)
    compared = diff(before, after)
    assert [change for change in compared.changes if change.kind.value == "pipelines"] == []
    assert Kind.PIPELINES in {gap.kind for gap in compared.not_compared}
    assert "Часть воронок" in section(txt(after), "1")


def test_a_renamed_stage_that_moved_is_the_same_stage() -> None:
    """github.com/open-metadata/OpenMetadata/issues/20470"""
    table = answered()[Key("statuses")]
    stage = {**table.value[-1], "ID": "317", "STATUS_ID": "C3:UC_A1B2C3", "ENTITY_ID": "DEAL_STAGE"}

    def with_stage(name: str, sort: str) -> dict[Key, Answer]:
        rows = [*table.value, {**stage, "NAME": name, "SORT": sort, "SEMANTICS": None}]
        return {Key("statuses"): Answer(table.method, rows, len(rows))}

    before = snapshot(answered(with_stage("Примерка", "40")))
    after = snapshot(answered(with_stage("Примерка в зале", "5")))
    changes = diff(before, after).changes
    assert {change.item_id for change in changes} == {317}
    assert {change.op.value for change in changes} == {"edited"}


def test_people_without_a_name_dismissed_or_unlisted_are_all_accounted_for() -> None:
    """helpdesk.bitrix24.com/open/12608390, en.flamix.solutions/faq/en-integrator-rights/"""
    people = [
        {"ID": "12", "ACTIVE": True, "NAME": "Иван", "LAST_NAME": "Пример", "USER_TYPE": "employee"},
        {"ID": "31", "ACTIVE": False, "NAME": "", "LAST_NAME": "", "USER_TYPE": "employee"},
    ]
    answers = answered(
        {
            Key("users"): Answer("user.get", people, 2),
            Key("me"): Answer(
                "profile", {"ID": "77", "ADMIN": True, "NAME": "Интегратор", "LAST_NAME": "Пример"}
            ),
        }
    )
    found = snapshot(answers)
    assert gaps(found) == {}
    assert [(row.id, row.name, row.active) for row in found.users] == [
        (12, "Пример Иван", True),
        (31, None, False),
    ]
    assert FindingCode.UNLISTED_READER in {finding.code for finding in findings(found)}
    text = txt(found)
    assert re.search(r"^ 31  id 31 +УВОЛЕН", section(text, "6"), re.MULTILINE)
    assert re.search(r"^ 77  Пример Интегратор +не в списке", section(text, "6"), re.MULTILINE)
    assert "скрыт порталом: интегратор или системный пользователь" in section(text, "6")
    assert "если портал заменит его" in section(text, "7")
    assert not re.search("@|почт", section(text, "6"))


def test_one_odd_smart_process_does_not_stop_the_document() -> None:
    """github.com/hardisgroupcom/sfdx-hardis/issues/1019, salto-io/salto/pull/4212"""
    good = {"id": 9, "entityTypeId": 162, "title": "Поставка"}
    odd = {"id": 12, "entityTypeId": 175, "title": None}
    answers = answered(
        {
            Key("types"): Answer("crm.type.list", {"types": [good, odd]}, 2),
            Key("described_by_reference", 1): described("UF_CRM_12_A"),
            Key("pipelines", 175): Answer(
                "crm.category.list", error=PortalError(Fault.RIGHTS, "ACCESS_DENIED")
            ),
            Key("settings", "CRM_12"): Answer("userfieldconfig.list", {"fields": "unexpected"}),
        },
        smart=[good],
    )
    found = snapshot(answers)
    assert gaps(found) == {
        ("pipelines", None): (State.PARTIAL, ReasonCode.NO_RIGHTS),
        ("user_fields", "dynamic_175"): (State.PARTIAL, ReasonCode.UNEXPECTED_SHAPE),
    }
    assert {row.key: row.title for row in found.entity_types}["dynamic_175"] is None
    missing = section(txt(found), "1")
    assert "нет прав" in missing
    assert "175" in missing
    assert "не так, как описано" in missing
    assert {(row.kind, row.entity_type) for row in found.coverage if row.entity_type == "dynamic_162"} == {
        (Kind.USER_FIELDS, "dynamic_162")
    }


@pytest.mark.parametrize("asked", ["T80", "t80", "128", "DYNAMIC_128"])
def test_a_smart_process_is_found_by_its_prefix_its_number_and_its_code(asked: str) -> None:
    """github.com/bitrix-tools/b24-rest-docs/issues/75, /issues/272"""
    found = snapshot(
        answered(smart=[{"id": 9, "entityTypeId": number, "title": "Поставка"} for number in (128, 1040)])
    )
    types = {
        row.entity_type
        for row in entries(found)
        if row.kind is ComparedKind.ENTITY_TYPES and fold(asked) in row.folded
    }
    assert types == {"dynamic_128"}


@pytest.mark.parametrize(("number", "prefix"), [(128, "T80"), (162, "Ta2"), (1040, "T410")])
def test_a_binding_prefix_is_the_number_in_small_hexadecimal_letters(number: int, prefix: str) -> None:
    """github.com/bitrix-tools/b24-rest-docs/issues/75, /issues/272"""
    found = snapshot(answered(smart=[{"id": 9, "entityTypeId": number, "title": "Поставка"}]))
    smart = next(row for row in found.entity_types if row.entity_type_id == number)
    assert smart.binding_prefix == prefix
    assert prefix in section(txt(found), "3")


def test_old_and_new_invoices_are_two_kinds_of_items() -> None:
    """github.com/bitrix-tools/b24-rest-docs/issues/272"""
    directories = answered()[Key("directories")]
    both = Answer(directories.method, [*directories.value, {"ID": "INVOICE_STATUS", "NAME": "Статусы счёта"}])
    found = snapshot(answered({Key("directories"): both}))
    prefixes = {row.key: row.binding_prefix for row in found.entity_types}
    assert (prefixes["dynamic_5"], prefixes["smart_invoice"]) == ("I", "SI")
