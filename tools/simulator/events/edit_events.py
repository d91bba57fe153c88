"""Which event the platform sends for an edit of the ledger. Most edits have none.

There is no event for pipelines, stages, lists of values, departments and changes of users (Bitrix24 REST
documentation, events).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tools.simulator.edits.change import Change
from tools.simulator.events.names import FIELD_EVENT_OWNERS
from tools.simulator.ledger import Crm, User, UserField


@dataclass(frozen=True, slots=True)
class PortalEvent:
    """An event to send: ``data`` as it is in the event, ``user_id`` of the user who caused it, if there is one."""

    name: str
    data: Mapping[str, Any]
    user_id: int | None


def touched_field(crm: Crm, arguments: Mapping[str, Any]) -> UserField | None:
    """The user field an edit is about, looked up before the edit may remove it."""
    number = arguments.get("field_id")
    return next((row for row in crm.user_fields if row.id == number), None)


def events_of(crm: Crm, change: Change, touched: UserField | None, user_id: int) -> list[PortalEvent]:
    """The events that the platform sends for this change."""
    if change.kind in ("user_fields", "list_values"):
        field = touched or crm.user_field(change.id)
        return [
            PortalEvent(name, {"FIELDS": _field(field)}, user_id) for name in _field_events(field, change)
        ]
    if (change.kind, change.op) == ("entity_types", "edited"):
        process = crm.smart_process(change.id)
        return [PortalEvent("ONCRMTYPEUPDATE", {"FIELDS": {"ID": process.type_id}}, user_id)]
    if (change.kind, change.op) == ("users", "added"):
        return [PortalEvent("ONUSERADD", _user(crm.user(change.id)), user_id)]
    return []


def _field_events(field: UserField, change: Change) -> list[str]:
    owner = FIELD_EVENT_OWNERS.get(field.owner, "TYPE")
    if change.kind == "list_values":
        verbs = ["SETENUMVALUES"]
    else:
        verbs = [{"added": "ADD", "removed": "DELETE", "edited": "UPDATE"}[change.op]]
        if verbs == ["ADD"] and field.type == "enumeration":
            verbs.append("SETENUMVALUES")
    return [f"ONCRM{owner}USERFIELD{verb}" for verb in verbs]


def _field(field: UserField) -> dict[str, Any]:
    return {"ID": field.id, "ENTITY_ID": field.owner, "FIELD_NAME": field.code}


def _user(user: User) -> dict[str, Any]:
    return {
        "ID": user.id,
        "ACTIVE": "Y" if user.active else "N",
        "NAME": user.name,
        "LAST_NAME": user.last_name,
        "EMAIL": user.email,
        "WORK_POSITION": user.position,
        "UF_DEPARTMENT": user.departments,
    }
