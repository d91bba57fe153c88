"""Fields of smart processes: what is asked for when a list and a description do not tell everything."""

from __future__ import annotations

from typing import Any

import pytest

from shared.bitrix24.commands import Answer, Command, Key
from shared.bitrix24.read_portal import next_commands
from tests.shared.bitrix24.answering import answered


@pytest.mark.parametrize("items", [{}, {"items": None}, {"items": [7]}, {"items": [{"VALUE": "Юг"}]}])
def test_a_list_field_without_values_in_its_description_is_asked_for_by_itself(items: dict[str, Any]) -> None:
    row = {"id": "701", "entityId": "CRM_7", "fieldName": "UF_CRM_7_A", "userTypeId": "enumeration"}
    there = {"type": "enumeration", "upperName": "UF_CRM_7_A", **items}
    answers = answered(
        {
            Key("settings"): Answer("userfieldconfig.list", {"fields": [row]}, 1),
            Key("described_by_reference", 0): Answer("crm.item.fields", {"fields": {"ufCrm7A": there}}),
        },
        smart=[{"id": 7, "entityTypeId": 1030, "title": "Поставка"}],
    )
    wanted = Command(Key("values", "701"), "userfieldconfig.get", {"moduleId": "crm", "id": "701"})
    assert next_commands(answers, "ru") == [wanted]
