"""What a perfect administrator's snapshot of a portal contains, built from the ledger alone.

Nothing here knows how answers look on the wire: if a reader and this agree, the reader is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from tools.simulator import ledger
from tools.simulator.defaults import localized
from tools.simulator.ledger import FIELD_OWNERS, Crm, Directory, Row, User, UserField
from tools.simulator.naming import binding_prefix, type_title, universal_name, universal_names
from tools.simulator.standard_fields import standard_fields

ORDER = (
    ledger.LEAD,
    ledger.DEAL,
    ledger.CONTACT,
    ledger.COMPANY,
    ledger.QUOTE,
    ledger.SMART_INVOICE,
    ledger.REQUISITE,
)
KEYS = {
    ledger.LEAD: "lead",
    ledger.DEAL: "deal",
    ledger.CONTACT: "contact",
    ledger.COMPANY: "company",
    ledger.QUOTE: "quote",
    ledger.SMART_INVOICE: "smart_invoice",
    ledger.REQUISITE: "requisite",
}
#: Full reads bring labels in these.
LANGUAGES = ("ru", "en")
#: Only these tell a failure under analysis from a plain one.
_WITH_APOLOGY = (ledger.LEAD, ledger.DEAL, ledger.QUOTE)


def type_key(entity_type_id: int) -> str:
    return KEYS.get(entity_type_id, f"dynamic_{entity_type_id}")


def type_order(crm: Crm) -> list[int]:
    """Entity type ids in the order of the specification: the fixed ones, then smart processes by number."""
    fixed = [number for number in ORDER if number != ledger.SMART_INVOICE or crm.settings.smart_invoices]
    return fixed + sorted(row.entity_type_id for row in crm.smart_processes)


def truth(crm: Crm, domain: str, *, full: bool = False) -> dict[str, Any]:
    """The snapshot in the shape of ``crmap-spec``, after a ``full`` read or an ordinary one."""
    return {
        "portal": {"domain": domain, "member_id": None, "language": crm.settings.language},
        "entity_types": [_entity_type(crm, number) for number in type_order(crm)],
        "pipelines": _pipelines(crm),
        "stages": _stages(crm),
        "dictionaries": [
            {
                "directory": directory.id,
                "name": directory.name,
                "items": [_list_value(row) for row in directory.ordered],
            }
            for directory in sorted(crm.directories.values(), key=lambda row: row.id)
            if not directory.holds_stages and not directory.leftover
        ],
        **({"standard_fields": _standard_fields(crm)} if full else {}),
        "user_fields": _user_fields(crm, full=full),
        "users": _users(crm),
        "departments": [
            {"id": row.id, "name": row.name, "parent_id": row.parent_id, "head_id": row.head_id}
            for row in sorted(crm.departments, key=lambda row: row.id)
        ],
        "orphan_stages": [
            stage
            for directory in crm.directories.values()
            if directory.leftover
            for stage in _stages_of(directory)
        ],
    }


def _entity_type(crm: Crm, number: int) -> dict[str, Any]:
    type_id = next((row.type_id for row in crm.smart_processes if row.entity_type_id == number), None)
    return {
        "key": type_key(number),
        "entity_type_id": number,
        "type_id": type_id,
        "title": type_title(crm, number, crm.settings.language),
        "field_owner": FIELD_OWNERS.get(number, f"CRM_{type_id}"),
        "binding_prefix": binding_prefix(number),
    }


def _pipelines(crm: Crm) -> list[dict[str, Any]]:
    return [
        {
            "entity_type": type_key(number),
            "id": row.id,
            "name": row.name,
            "sort": row.sort,
            "is_default": row.is_default,
            "directory": row.directory,
        }
        for number in type_order(crm)
        for row in crm.pipelines_of(number)
    ]


def _stages(crm: Crm) -> list[dict[str, Any]]:
    without_pipelines = {ledger.LEAD: "STATUS", ledger.QUOTE: "QUOTE_STATUS"}
    stages: list[dict[str, Any]] = []
    for number in type_order(crm):
        names = [row.directory for row in crm.pipelines_of(number)]
        if number in without_pipelines:
            names = [without_pipelines[number]]
        for name in names:
            stages += _stages_of(crm.directories[name])
    return stages


def _stages_of(directory: Directory) -> Iterable[dict[str, Any]]:
    failed = False
    for row in directory.ordered:
        meaning = {"S": "success", "F": "failure"}.get(row.semantics or "", "process")
        if meaning == "failure":
            if failed and directory.entity_type_id in _WITH_APOLOGY:
                meaning = "apology"
            failed = True
        yield {
            "entity_type": type_key(directory.entity_type_id or 0),
            "pipeline_id": directory.pipeline_id,
            "directory": directory.id,
            "status_id": row.status_id,
            "id": row.id,
            "name": row.name,
            "sort": row.sort,
            "meaning": meaning,
            "color": color(row.color),
            "system": row.system,
        }


def color(stored: str | None) -> str | None:
    """``#RRGGBB`` in capitals, however it is stored."""
    return "#" + stored.lstrip("#").upper() if stored else None


def _list_value(row: Row) -> dict[str, Any]:
    return {
        "status_id": row.status_id,
        "id": row.id,
        "name": row.name,
        "sort": row.sort,
        "system": row.system,
    }


def _standard_fields(crm: Crm) -> list[dict[str, Any]]:
    """The fields that only a full read brings."""
    return [
        {
            "entity_type": type_key(number),
            "code": field.code,
            "api_name": None if number == ledger.REQUISITE else universal_name(field.code),
            "type": field.type,
            "multiple": field.multiple,
            "mandatory": field.mandatory,
            "read_only": field.read_only,
            "label": localized(field.titles, crm.settings.language),
        }
        for number in type_order(crm)
        for field in sorted(standard_fields(number), key=lambda field: field.code)
    ]


def _user_fields(crm: Crm, *, full: bool) -> list[dict[str, Any]]:
    owners = {number: owner for owner, number in crm.field_owners().items()}
    rows: list[dict[str, Any]] = []
    for number in type_order(crm):
        fields = crm.fields_of(owners[number])
        codes = [row.code for row in sorted(fields, key=lambda row: row.id)]
        names: dict[str, str] = {} if number == ledger.REQUISITE else universal_names(codes)
        rows += [_user_field(crm, number, row, names.get(row.code), full=full) for row in fields]
    return rows


def _user_field(
    crm: Crm, number: int, field: UserField, api_name: str | None, *, full: bool
) -> dict[str, Any]:
    languages = LANGUAGES if full else (crm.settings.language,)
    # In an ordinary read only the classic lists show order, default and external code of a list value.
    has_details = full or (number in KEYS and number != ledger.SMART_INVOICE)
    values = field.ordered_values if has_details else sorted(field.values, key=lambda value: value.id)
    return {
        "entity_type": type_key(number),
        "id": field.id,
        "code": field.code,
        "api_name": api_name,
        "type": field.type,
        "multiple": field.multiple,
        "mandatory": field.mandatory,
        "sort": field.sort,
        "labels": {language: field.labels[language] for language in languages if language in field.labels},
        "values": [
            {
                "id": value.id,
                "value": value.value,
                "sort": value.sort if has_details else None,
                "default": value.default if has_details else None,
                "xml_id": value.xml_id if has_details else None,
            }
            for value in values
        ],
        "settings": _numbers_as_ints(field.settings),
    }


def _numbers_as_ints(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _numbers_as_ints(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_numbers_as_ints(inner) for inner in value]
    if isinstance(value, str) and re.fullmatch(r"0|-?[1-9]\d{0,17}", value):
        return int(value)
    return value


def full_name(user: User) -> str | None:
    """Last name first; None for a person without any name."""
    return f"{user.last_name} {user.name}".strip() or None


def _users(crm: Crm) -> list[dict[str, Any]]:
    return [
        {
            "id": user.id,
            "name": full_name(user),
            "active": user.active,
            "position": user.position or None,
            "departments": sorted(user.departments),
        }
        for user in sorted(crm.users, key=lambda user: user.id)
        if not user.hidden
    ]
