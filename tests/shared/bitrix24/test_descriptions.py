"""What makes no sense in a description costs only what is told nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from shared.bitrix24.commands import Key
from shared.domain.coverage import ReasonCode, State
from shared.domain.snapshot import ListValue, NotUnderstood
from tests.cases.fields import classic, deal_fields, described, name, settings, settings_list
from tests.shared.bitrix24.answering import answered, snapshot
from tests.shared.bitrix24.reading import gaps

Change = dict[str, Any]
NONSENSE: list[Change] = [
    {"type": None},
    {"isMultiple": "perhaps"},
    {"formLabel": ["?"]},
    {"items": [7]},
    {"items": [{"VALUE": "Юг"}]},
]
WHOLE = {"EDIT_FORM_LABEL": "Регион", "LIST": [{"ID": "61", "VALUE": "Юг"}]}
DEALS = ("user_fields", "deal")


@pytest.mark.parametrize("nonsense", NONSENSE, ids=str)
def test_a_list_that_tells_all_of_a_field_needs_its_universal_name_only(nonsense: Change) -> None:
    answers = answered(deal_fields(classic(501, "UF_CRM_A", **WHOLE)))
    (usual,) = snapshot(answers).user_fields
    found = snapshot({**answers, Key("described", 2): described("UF_CRM_A", **nonsense)})
    assert found.user_fields == (usual,)
    assert (usual.api_name, usual.values) == (name("UF_CRM_A"), (ListValue(61, "Юг"),))
    assert DEALS not in gaps(found)


@pytest.mark.parametrize(
    ("untold", "nonsense", "attribute", "came"),
    [
        ("MULTIPLE", {"isMultiple": "perhaps"}, "multiple", "perhaps"),
        ("EDIT_FORM_LABEL", {"formLabel": [["?"]]}, "labels", '[["?"]]'),
        ("LIST", {"items": [{"VALUE": "Юг"}]}, "values", ""),
    ],
)
def test_what_neither_tells_is_not_understood(
    untold: str, nonsense: Change, attribute: str, came: str
) -> None:
    row = {key: value for key, value in classic(501, "UF_CRM_A", **WHOLE).items() if key != untold}
    answers = answered({**deal_fields(row), Key("described", 2): described("UF_CRM_A", **nonsense)})
    found = snapshot(answers)
    assert [field.not_understood for field in found.user_fields] == [(NotUnderstood(attribute, came),)]
    values_missing = {DEALS: (State.PARTIAL, ReasonCode.VALUES_MISSING)}
    assert gaps(found) == (values_missing if attribute == "values" else {})


@pytest.mark.parametrize("nonsense", [{"type": None}, {"type": ["string"]}])
def test_a_field_that_only_a_description_tells_of_is_missed_where_it_has_no_type(nonsense: Change) -> None:
    smart = [{"id": 9, "entityTypeId": 162, "title": "Поставка"}]
    answers = answered(settings_list(settings(702, "CRM_9", "UF_CRM_9_A")), smart=smart)
    sense = described("UF_CRM_9_A", "UF_CRM_9_B")
    sense.value["fields"][name("UF_CRM_9_B")].update(nonsense)
    found = snapshot({**answers, Key("described_by_reference", 0): sense})
    assert [field.code for field in found.user_fields] == ["UF_CRM_9_A"]
    gap = (State.PARTIAL, ReasonCode.FIELDS_DISAGREE)
    assert gaps(found)["user_fields", "dynamic_162"] == gap
