"""Descriptions of all fields of an entity type: ``crm.deal.fields``, ``crm.item.fields``, ``crm.requisite.fields``."""

from __future__ import annotations

from functools import partial
from typing import Any

from tools.simulator import ledger
from tools.simulator.answers import Answer, Refusal, access_denied
from tools.simulator.callers import CRM_SCOPE
from tools.simulator.calling import Call
from tools.simulator.defaults import localized
from tools.simulator.ledger import UserField
from tools.simulator.method import Method
from tools.simulator.methods.field_maps import properties
from tools.simulator.naming import universal_name, universal_names
from tools.simulator.php import php_map
from tools.simulator.standard_fields import standard_fields


def _standard_fields(call: Call, entity_type_id: int) -> dict[str, dict[str, Any]]:
    descriptions: dict[str, dict[str, Any]] = {}
    for field in call.unordered(standard_fields(entity_type_id)):
        shown = properties(
            field.type,
            localized(field.titles, call.language),
            isRequired=field.mandatory,
            isReadOnly=field.read_only,
            isMultiple=field.multiple,
        )
        if field.directory is not None:
            shown["statusType"] = field.directory or _default_stages(call, entity_type_id)
        descriptions[field.code] = shown
    return descriptions


def _default_stages(call: Call, entity_type_id: int) -> str:
    """The stage directory of the default pipeline."""
    return next(row.directory for row in call.crm.pipelines_of(entity_type_id) if row.is_default)


def _user_field(call: Call, field: UserField, *, title: str, empty_items: bool) -> dict[str, Any]:
    label = field.labels.get(call.language, "")
    shown = properties(
        field.type, title, isRequired=field.mandatory, isMultiple=field.multiple, isDynamic=True
    )
    if field.type == "enumeration" and (field.values or empty_items):
        shown["items"] = [
            {"ID": str(value.id), "VALUE": value.value} for value in call.unordered(field.ordered_values)
        ]
    return shown | {
        "listLabel": label,
        "formLabel": label,
        "filterLabel": label,
        "settings": php_map(field.settings),
    }


def classic_fields(call: Call, entity_type_id: int) -> Answer:
    shown = _standard_fields(call, entity_type_id)
    for field in call.unordered(call.crm.fields_of(ledger.FIELD_OWNERS[entity_type_id])):
        shown[field.code] = _user_field(call, field, title=field.code, empty_items=False)
    return Answer(shown)


def item_fields(call: Call) -> Answer:
    number = call.integer("entityTypeId")
    owners = {
        type_id: owner for owner, type_id in call.crm.field_owners().items() if type_id != ledger.REQUISITE
    }
    if number not in owners:
        raise Refusal(400, "NOT_FOUND", "Entity type not found")
    if not call.caller.user.reads(number):
        raise access_denied()
    original = call.params.get("useOriginalUfNames") == "Y"
    shown: dict[str, Any] = {}
    for code, described in _standard_fields(call, number).items():
        shown[universal_name(code)] = described | {"upperName": code}
    fields = call.unordered(call.crm.fields_of(owners[number]))
    names = universal_names([field.code for field in sorted(fields, key=lambda field: field.id)])
    for field in fields:
        title = field.labels.get(call.language) or field.code
        key = field.code if original else names[field.code]
        described = _user_field(call, field, title=title, empty_items=True)
        shown[key] = described | {"upperName": field.code}
    return Answer({"fields": shown})


_ENTITIES = {
    "lead": ledger.LEAD,
    "deal": ledger.DEAL,
    "contact": ledger.CONTACT,
    "company": ledger.COMPANY,
    "quote": ledger.QUOTE,
    "requisite": ledger.REQUISITE,
}
METHODS = {
    "crm.item.fields": Method(item_fields, CRM_SCOPE),
    **{
        f"crm.{name}.fields": Method(partial(classic_fields, entity_type_id=number), CRM_SCOPE)
        for name, number in _ENTITIES.items()
    },
}
