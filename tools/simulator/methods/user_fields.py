"""User fields, the classic way: one list per entity type, labels only in the language asked for."""

from __future__ import annotations

from functools import partial
from typing import Any

from tools.simulator import ledger
from tools.simulator.answers import Answer, Refusal, classic_access_denied, method_not_found
from tools.simulator.callers import CRM_SCOPE
from tools.simulator.calling import Call
from tools.simulator.defaults import localized
from tools.simulator.ledger import UserField
from tools.simulator.method import Method
from tools.simulator.php import loose_int, php_map
from tools.simulator.selecting import exactly, in_order

_FILTERS = (
    "ID",
    "FIELD_NAME",
    "USER_TYPE_ID",
    "XML_ID",
    "SORT",
    "MULTIPLE",
    "MANDATORY",
    "SHOW_FILTER",
    "SHOW_IN_LIST",
    "EDIT_IN_LIST",
    "IS_SEARCHABLE",
)
LABELS = ("EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL")
MESSAGES = ("ERROR_MESSAGE", "HELP_MESSAGE")

#: Field types every portal has, with Russian and English names.
TYPES = {
    "string": ("Строка", "Text"),
    "integer": ("Целое число", "Integer"),
    "double": ("Число", "Number"),
    "boolean": ("Да/Нет", "Yes/No"),
    "enumeration": ("Список", "List"),
    "date": ("Дата", "Date"),
    "datetime": ("Дата со временем", "Date/Time"),
    "money": ("Деньги", "Money"),
    "url": ("Ссылка", "Link"),
    "address": ("Адрес", "Address"),
    "file": ("Файл", "File"),
    "employee": ("Привязка к сотруднику", "Employee"),
    "crm": ("Привязка к элементам CRM", "CRM items"),
    "crm_status": ("Привязка к справочникам CRM", "CRM directory"),
    "iblock_element": ("Привязка к элементам инфоблоков", "Block element"),
    "iblock_section": ("Привязка к разделам инфоблоков", "Block section"),
    "resourcebooking": ("Бронирование ресурсов", "Resource booking"),
}


def flag(value: object) -> str:
    return "Y" if value else "N"


def list_rows(call: Call, field: UserField, *, with_xml_id: bool = True) -> list[dict[str, Any]]:
    values = in_order(
        [{"SORT": value.sort, "row": value} for value in call.unordered(field.values)], {"SORT": "ASC"}
    )
    rows = []
    for value in (row["row"] for row in values):
        shown = {
            "ID": str(value.id),
            "SORT": str(value.sort),
            "VALUE": value.value,
            "DEF": flag(value.default),
        }
        rows.append(shown | {"XML_ID": value.xml_id} if with_xml_id else shown)
    return rows


def field_row(call: Call, field: UserField) -> dict[str, Any]:
    """A user field without labels, as stored."""
    row: dict[str, Any] = {
        "ID": str(field.id),
        "ENTITY_ID": field.owner,
        "FIELD_NAME": field.code,
        "USER_TYPE_ID": field.type,
        "XML_ID": field.xml_id,
        "SORT": str(field.sort),
        "MULTIPLE": flag(field.multiple),
        "MANDATORY": flag(field.mandatory),
        "SHOW_FILTER": field.show_filter,
        "SHOW_IN_LIST": flag(field.show_in_list),
        "EDIT_IN_LIST": flag(field.edit_in_list),
        "IS_SEARCHABLE": flag(field.searchable),
        "SETTINGS": php_map(field.settings),
    }
    for app_type in call.crm.app_types:
        if app_type.stored == field.type:
            row |= {"USER_TYPE_ID": app_type.code, "USER_TYPE_OWNER": app_type.client_id}
    return row


def _own_fields(call: Call, entity_type_id: int) -> list[UserField]:
    if entity_type_id == ledger.OLD_INVOICE and not call.crm.settings.old_invoices:
        raise method_not_found()
    if not call.caller.user.reads(entity_type_id):
        raise classic_access_denied()
    return call.crm.fields_of(ledger.FIELD_OWNERS.get(entity_type_id, "CRM_INVOICE"))


def _list(call: Call, entity_type_id: int) -> Answer:
    conditions = call.loose_map("filter")
    language = conditions.get("LANG")
    rows = []
    for field in _own_fields(call, entity_type_id):
        row = field_row(call, field)
        if isinstance(language, str) and language:
            row |= dict.fromkeys(LABELS, field.labels.get(language)) | dict.fromkeys(MESSAGES)
        if field.type == "enumeration":
            row["LIST"] = list_rows(call, field)
        rows.append(row)
    selected = exactly(call.unordered(rows), conditions, _FILTERS)
    order = call.loose_map("order") or {"SORT": "ASC", "ID": "ASC"}
    return Answer(in_order(selected, order), total=len(selected))


def _one(call: Call, entity_type_id: int) -> Answer:
    field_id = loose_int(call.loose("id") or 0)
    if field_id <= 0:
        raise Refusal(400, "", "ID is not defined or invalid.")
    for field in _own_fields(call, entity_type_id):
        if field.id == field_id:
            row = field_row(call, field)
            shown = {language: field.labels.get(language, "") for language in ("ru", "en")} | field.labels
            row |= {name: dict(shown) for name in LABELS} | {name: {"ru": "", "en": ""} for name in MESSAGES}
            if field.type == "enumeration":
                row["LIST"] = list_rows(call, field, with_xml_id=False)
            return Answer(row)
    raise Refusal(400, "ERROR_NOT_FOUND", f"The entity with ID '{field_id}' is not found")


def types(call: Call) -> Answer:
    rows = [{"ID": kind, "title": localized(names, call.language)} for kind, names in TYPES.items()]
    app = call.caller.app
    own = [row for row in call.crm.app_types if app is not None and row.client_id == app.client_id]
    return Answer(call.unordered(rows + [{"ID": row.code, "title": row.title} for row in own]))


_ENTITIES = {
    "lead": ledger.LEAD,
    "deal": ledger.DEAL,
    "contact": ledger.CONTACT,
    "company": ledger.COMPANY,
    "quote": ledger.QUOTE,
    "requisite": ledger.REQUISITE,
    "invoice": ledger.OLD_INVOICE,
}
METHODS = {
    "crm.userfield.types": Method(types, CRM_SCOPE),
    **{
        f"crm.{name}.userfield.{verb}": Method(partial(answer, entity_type_id=number), CRM_SCOPE)
        for name, number in _ENTITIES.items()
        for verb, answer in (("list", _list), ("get", _one))
    },
}
