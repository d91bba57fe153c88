"""User fields of every entity type through one controller; the only way to those of smart processes."""

from __future__ import annotations

from typing import Any

from tools.simulator.answers import Answer, Refusal, missing_parameter
from tools.simulator.calling import Call
from tools.simulator.defaults import localized
from tools.simulator.ledger import UserField
from tools.simulator.method import Method
from tools.simulator.methods.user_fields import TYPES, flag
from tools.simulator.paging import controller_page
from tools.simulator.php import as_map, php_map
from tools.simulator.selecting import in_order, matching

_COLUMNS = {
    "ID": "id",
    "ENTITY_ID": "entityId",
    "FIELD_NAME": "fieldName",
    "USER_TYPE_ID": "userTypeId",
    "XML_ID": "xmlId",
    "SORT": "sort",
    "MULTIPLE": "multiple",
    "MANDATORY": "mandatory",
    "SHOW_FILTER": "showFilter",
    "SHOW_IN_LIST": "showInList",
    "EDIT_IN_LIST": "editInList",
    "IS_SEARCHABLE": "isSearchable",
    "SETTINGS": "settings",
}
_LABELS = ("editFormLabel", "listColumnLabel", "listFilterLabel")
_MESSAGES = ("errorMessage", "helpMessage")


def _refused(call: Call) -> Refusal:
    ru = call.language == "ru"
    text = (
        "Нет прав на просмотр настроек пользовательских полей"
        if ru
        else "No permission to view field settings"
    )
    return Refusal(400, call.portal.switches.userfieldconfig_code, text)


def _module(call: Call) -> None:
    if "moduleId" not in call.params:
        raise missing_parameter("moduleId")
    if call.params["moduleId"] != "crm":
        raise Refusal(400, "0", "No settings for UserFieldAccess")
    if "crm" not in call.caller.scopes:
        raise Refusal(400, "insufficient_scope", "The current method required more scopes. (crm)")


def _owners(call: Call) -> set[str]:
    """Field owners in the filter that this caller administers. Raises Refusal if there is none."""
    owners = set(call.crm.field_owners()) if call.caller.user.administers_crm else set()
    owner_filter = call.exact_map("filter").get("entityId")
    if owner_filter is not None and owner_filter != "":
        requested = as_map(owner_filter).values() if isinstance(owner_filter, dict | list) else [owner_filter]
        owners &= {str(owner) for owner in requested}
    if not owners:
        raise _refused(call)
    return owners


def _row(field: UserField) -> dict[str, Any]:
    return {
        "id": str(field.id),
        "entityId": field.owner,
        "fieldName": field.code,
        "userTypeId": field.type,
        "xmlId": field.xml_id,
        "sort": str(field.sort),
        "multiple": flag(field.multiple),
        "mandatory": flag(field.mandatory),
        "showFilter": field.show_filter,
        "showInList": flag(field.show_in_list),
        "editInList": flag(field.edit_in_list),
        "isSearchable": flag(field.searchable),
        "settings": php_map(field.settings),
    }


def _labels(call: Call, field: UserField, language: str) -> dict[str, Any]:
    """Labels in one language; the key is the server's language, whichever was asked for."""
    key = call.crm.settings.server_language
    text = field.labels.get(language)
    shown = None if text is None else {key: text}
    return {"languageId": {key: language}} | dict.fromkeys(_LABELS, shown) | dict.fromkeys(_MESSAGES)


def config_list(call: Call) -> Answer:
    _module(call)
    owners = _owners(call)
    conditions = {name: value for name, value in call.exact_map("filter").items() if "entityId" not in name}
    order = call.exact_map("order")
    fields = {str(field.id): field for field in call.crm.user_fields if field.owner in owners}
    # Full rows are built only if the filter or the order needs more than the ids.
    plain = not conditions and order.keys() <= {"id"}
    shown = call.unordered(fields.values())
    rows = [{"id": str(field.id)} if plain else _row(field) for field in shown]
    selected = in_order(matching(rows, conditions), order)
    answer = controller_page(
        selected, call.start, wrap="fields", zero_total=call.portal.switches.start_minus_one_total
    )
    page = [fields[row["id"]] for row in answer.result["fields"]]
    answer.result["fields"] = [_selected(call, field) for field in page]
    return answer


def _selected(call: Call, field: UserField) -> dict[str, Any]:
    """The columns asked for, all of them by default; labels only in a language named."""
    select = call.exact_map("select")
    language = select.pop("language", None)
    columns = [str(column) for column in select.values()]
    chosen = {_COLUMNS[column] for column in columns if column in _COLUMNS}
    row = _row(field)
    if columns and "*" not in columns:
        row = {name: value for name, value in row.items() if name in chosen}
    return row | _labels(call, field, language) if isinstance(language, str) and language else row


def config_get(call: Call) -> Answer:
    _module(call)
    number = call.integer("id")
    owners = _owners(call)
    for field in call.crm.user_fields:
        if field.id == number and field.owner in owners:
            break
    else:
        raise Refusal(400, "0", "User field not found")
    languages = dict.fromkeys(["ru", "en", *field.labels])
    row = _row(field) | {"languageId": {language: language for language in languages}}
    row |= {name: {language: field.labels.get(language) for language in languages} for name in _LABELS}
    row |= {name: dict.fromkeys(languages) for name in _MESSAGES}
    if field.type == "enumeration":
        row["enum"] = [
            {
                "id": str(value.id),
                "userFieldId": str(field.id),
                "value": value.value,
                "def": flag(value.default),
                "sort": str(value.sort),
                "xmlId": value.xml_id,
            }
            for value in field.ordered_values
        ]
    return Answer({"field": row})


def config_types(call: Call) -> Answer:
    _module(call)
    kinds = {kind: localized(names, call.language) for kind, names in TYPES.items()}
    kinds |= {row.stored: row.title for row in call.crm.app_types}
    return Answer(
        {"types": {kind: {"userTypeId": kind, "description": title} for kind, title in kinds.items()}}
    )


_SCOPE = ("userfieldconfig",)
METHODS = {
    "userfieldconfig.list": Method(config_list, _SCOPE),
    "userfieldconfig.get": Method(config_get, _SCOPE),
    "userfieldconfig.gettypes": Method(config_types, _SCOPE),
}
