"""Lists of classic entity types: which of them are asked for, and in which language."""

from __future__ import annotations

from shared.bitrix24.commands import Answer, Key
from shared.bitrix24.read_portal import next_commands
from tests.shared.bitrix24.answering import answered


def test_labels_missing_in_the_language_asked_for_are_asked_for_in_the_portals_own() -> None:
    row = {"ID": "501", "FIELD_NAME": "UF_CRM_A", "USER_TYPE_ID": "string", "EDIT_FORM_LABEL": None}
    fields = Answer("crm.deal.userfield.list", [row], 1)
    answers = answered({Key("fields", 2, "en"): fields}, language="en")
    asked = {command.key: command.params["filter"] for command in next_commands(answers, "en")}
    assert asked == {Key("fields", 2, "ru"): {"LANG": "ru"}}


def test_old_invoices_are_asked_for_where_they_have_stages() -> None:
    answers = answered()
    assert next_commands(answers, "ru") == []
    directories = answers[Key("directories")]
    rows = [*directories.value, {"ID": "INVOICE_STATUS", "NAME": "Статусы счёта"}]
    in_use = {**answers, Key("directories"): Answer(directories.method, rows, len(rows))}
    assert Key("fields", 5, "ru") in {command.key for command in next_commands(in_use, "ru")}
