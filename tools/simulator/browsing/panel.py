"""A few of the portal's edits as buttons, so that a person can change it and watch who notices."""

from __future__ import annotations

from html import escape
from typing import Any

import orjson

from tools.simulator import ledger
from tools.simulator.browsing.visitor import Visitor
from tools.simulator.portal import SimulatedPortal

#: The page's script replaces this with the time of day, so that each press makes another name.
_TIME = "{time}"


def panel(portal: SimulatedPortal, visitor: Visitor) -> str:
    """Buttons; each carries what it orders under ``_control``."""
    return "".join(
        f"<button type='button' data-order='{escape(orjson.dumps(order).decode(), quote=True)}'>{escape(text)}</button>"
        for text, order in _orders(portal, visitor)
    )


def _orders(portal: SimulatedPortal, visitor: Visitor) -> list[tuple[str, dict[str, Any]]]:
    orders: list[tuple[str, dict[str, Any]]] = []
    pipelines = portal.crm.pipelines_of(ledger.DEAL)
    if pipelines:
        first = pipelines[0]
        # When pressed again, the new time replaces that of the last press.
        name = first.name.partition(" · ")[0]
        renaming = {"entity_type_id": ledger.DEAL, "pipeline_id": first.id, "to": f"{name} · {_TIME}"}
        orders.append((visitor.word("rename_pipeline").format(name=name), _edit("rename_pipeline", renaming)))
        stage = {"directory": first.directory, "name": f"{visitor.word('new_stage')} {_TIME}"}
        orders.append((visitor.word("add_stage"), _edit("add_stage", stage)))
    field = {"owner": ledger.FIELD_OWNERS[ledger.DEAL], "kind": "string"}
    field["label"] = f"{visitor.word('new_field')} {_TIME}"
    return [
        *orders,
        (visitor.word("add_field"), _edit("add_user_field", field)),
        (visitor.word("end_subscription"), {"end_payment": True}),
        (visitor.word("pay"), {"pay": True}),
    ]


def _edit(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {"edit": {name: arguments}}
