"""Rows of user fields as portals spell them: say only what the case is about."""

from __future__ import annotations

from typing import Any

from shared.bitrix24.commands import Answer, Key


def classic(number: int, code: str, **changes: Any) -> dict[str, Any]:
    """A row of ``crm.deal.userfield.list``: a text field, unless told otherwise."""
    row = {"ID": str(number), "ENTITY_ID": "CRM_DEAL", "FIELD_NAME": code, "USER_TYPE_ID": "string"}
    return {**row, "SORT": "100", "MULTIPLE": "N", "MANDATORY": "N", **changes}


def settings(number: int, owner: str, code: str, **changes: Any) -> dict[str, Any]:
    """A row of ``userfieldconfig.list``: a text field, unless told otherwise."""
    row = {"id": str(number), "entityId": owner, "fieldName": code, "userTypeId": "string"}
    return {**row, "sort": "100", "multiple": "N", "mandatory": "N", **changes}


def deal_fields(*rows: dict[str, Any]) -> dict[Key, Answer]:
    """The fields of deals as the list and the description of the entity give them."""
    return {
        Key("fields", 2, "ru"): Answer("crm.deal.userfield.list", list(rows), len(rows)),
        Key("described", 2): described(*(row["FIELD_NAME"] for row in rows)),
    }


def settings_list(*rows: dict[str, Any]) -> dict[Key, Answer]:
    """The settings of every smart process and of invoices."""
    return {Key("settings"): Answer("userfieldconfig.list", {"fields": list(rows)}, len(rows))}


def described(*codes: str, **changes: Any) -> Answer:
    """What ``crm.item.fields`` says of these fields; the changes are for each of them."""
    return Answer(
        "crm.item.fields", {"fields": {name(code): {**there(code), **changes} for code in codes} or []}
    )


def there(code: str) -> dict[str, Any]:
    return {"type": "string", "isMultiple": False, "isRequired": False, "title": code, "upperName": code}


def name(code: str) -> str:
    """A universal name no rule would give: it can only be taken from the answer."""
    return f"ufTaken_{code.removeprefix('UF_')}"
