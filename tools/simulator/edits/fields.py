"""Edits of user fields and their lists."""

from __future__ import annotations

from collections.abc import Sequence

from tools.simulator.edits.change import Change
from tools.simulator.field_making import add_field, add_value
from tools.simulator.ledger import Crm, ListValue, UserField
from tools.simulator.truth import type_key


def _change(crm: Crm, field: UserField, op: str, attribute: str | None = None, *values: object) -> Change:
    owner = type_key(crm.field_owners()[field.owner])
    label = field.labels.get(crm.settings.language)
    return Change("user_fields", owner, field.id, op, label, attribute, *values)


def add_user_field(
    crm: Crm, owner: str, kind: str, label: str, values: Sequence[str] = (), sort: int = 900
) -> Change:
    """One more field; ``owner`` as the platform writes it: CRM_DEAL, CRM_162, CRM_SMART_INVOICE."""
    if owner not in crm.field_owners():
        raise LookupError(f"no owner of fields {owner}, there are: {', '.join(crm.field_owners())}")
    return _change(crm, add_field(crm, owner, kind, label, values=values, sort=sort), "added")


def remove_user_field(crm: Crm, field_id: int) -> Change:
    field = crm.user_field(field_id)
    change = _change(crm, field, "removed")
    crm.user_fields.remove(field)
    return change


def rename_user_field(crm: Crm, field_id: int, to: str) -> Change:
    """The field has another label in the portal's language; an empty one removes the label."""
    field, language = crm.user_field(field_id), crm.settings.language
    before = {language: field.labels[language]} if language in field.labels else {}
    field.labels.pop(language, None)
    if to:
        field.labels[language] = to
    return _change(crm, field, "edited", "labels", before, {language: to} if to else {})


def set_mandatory(crm: Crm, field_id: int, to: bool) -> Change:  # noqa: FBT001 - named in JSON like the rest
    field = crm.user_field(field_id)
    before, field.mandatory = field.mandatory, to
    return _change(crm, field, "edited", "mandatory", before, to)


def move_user_field(crm: Crm, field_id: int, sort: int) -> Change:
    field = crm.user_field(field_id)
    before, field.sort = field.sort, sort
    return _change(crm, field, "edited", "sort", before, sort)


def _value_change(
    crm: Crm, field: UserField, value: ListValue, op: str, attribute: str | None = None, *values: object
) -> Change:
    owner = type_key(crm.field_owners()[field.owner])
    return Change("list_values", owner, value.id, op, value.value, attribute, *values)


def _value(field: UserField, value_id: int) -> ListValue:
    for value in field.values:
        if value.id == value_id:
            return value
    raise LookupError(f"field {field.id} has no list value {value_id}")


def rename_list_value(crm: Crm, field_id: int, value_id: int, to: str) -> Change:
    field = crm.user_field(field_id)
    value = _value(field, value_id)
    before, value.value = value.value, to
    return _value_change(crm, field, value, "edited", "value", before, to)


def add_list_value(crm: Crm, field_id: int, value: str) -> Change:
    field = crm.user_field(field_id)
    if field.type != "enumeration":
        raise ValueError(f"field {field_id} is no list but of type {field.type}")
    return _value_change(crm, field, add_value(crm, field, value), "added")


def remove_list_value(crm: Crm, field_id: int, value_id: int) -> Change:
    field = crm.user_field(field_id)
    value = _value(field, value_id)
    field.values.remove(value)
    return _value_change(crm, field, value, "removed")
