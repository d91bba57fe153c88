"""Pipelines of every entity type."""

from __future__ import annotations

from typing import Any

from tools.simulator import ledger
from tools.simulator.answers import Answer, Refusal
from tools.simulator.callers import CRM_SCOPE
from tools.simulator.calling import Call
from tools.simulator.defaults import COMMON_PIPELINE
from tools.simulator.ledger import Pipeline
from tools.simulator.method import Method
from tools.simulator.naming import FIXED_TYPES
from tools.simulator.selecting import in_order

#: Entity types that exist but never have pipelines.
_WITHOUT = (ledger.LEAD, ledger.QUOTE, ledger.OLD_INVOICE, ledger.REQUISITE, ledger.ORDER)


def category_row(pipeline: Pipeline) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": pipeline.id,
        "name": pipeline.name,
        "sort": pipeline.sort,
        "entityTypeId": pipeline.entity_type_id,
        "isDefault": "Y" if pipeline.is_default else "N",
    }
    if pipeline.entity_type_id == ledger.DEAL and pipeline.id:
        row |= {"originId": "", "originatorId": ""}
    return row


def _readable(call: Call) -> tuple[int, list[dict[str, Any]]]:
    number = call.integer("entityTypeId")
    if number in _WITHOUT:
        symbol = FIXED_TYPES[number][0]
        raise Refusal(400, "ENTITY_TYPE_NOT_SUPPORTED", f"Entity type {symbol} is not supported")
    if number in (ledger.CONTACT, ledger.COMPANY):
        name = COMMON_PIPELINE.get(call.language, "General")
        row = {
            "id": 0,
            "name": name,
            "sort": 500,
            "entityTypeId": number,
            "isDefault": "Y",
            "isSystem": "N",
            "code": "",
        }
        return number, [row]
    processes = {row.entity_type_id for row in call.crm.smart_processes}
    invoices = {ledger.SMART_INVOICE} if call.crm.settings.smart_invoices else set()
    if number not in processes | invoices | {ledger.DEAL}:
        raise Refusal(400, "NOT_FOUND", "Entity type not found")
    visible = [row for row in call.crm.pipelines_of(number) if call.caller.user.sees(row)]
    return number, [category_row(row) for row in visible]


def category_list(call: Call) -> Answer:
    rows = _readable(call)[1]
    code = call.exact_map("filter").get("code")
    selected = [row for row in rows if code in (None, "") or row.get("code") == code]
    return Answer({"categories": in_order(call.unordered(selected), {"sort": "ASC"})}, total=len(selected))


METHODS = {
    "crm.category.list": Method(category_list, CRM_SCOPE),
}
