"""Pipelines: the controller for every entity type, and the deprecated methods for deals."""

from __future__ import annotations

from typing import Any

from tools.simulator import ledger
from tools.simulator.answers import Answer, Refusal, classic_access_denied
from tools.simulator.callers import CRM_SCOPE
from tools.simulator.calling import Call
from tools.simulator.defaults import COMMON_PIPELINE, stage_directory
from tools.simulator.ledger import Pipeline
from tools.simulator.method import Method
from tools.simulator.methods.field_maps import property_map
from tools.simulator.naming import FIXED_TYPES
from tools.simulator.php import loose_int
from tools.simulator.selecting import exactly, in_order

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
    seen = [row for row in call.crm.pipelines_of(number) if call.caller.user.sees(row)]
    return number, [category_row(row) for row in seen]


def category_list(call: Call) -> Answer:
    rows = _readable(call)[1]
    code = call.exact_map("filter").get("code")
    found = [row for row in rows if code in (None, "") or row.get("code") == code]
    return Answer({"categories": in_order(call.unordered(found), {"sort": "ASC"})}, total=len(found))


def category_get(call: Call) -> Answer:
    rows = _readable(call)[1]
    wanted = call.integer("id")
    found = next((row for row in rows if row["id"] == wanted), None)
    if found is None:
        raise Refusal(400, "NOT_FOUND", "Category not found")
    return Answer({"category": found})


def category_fields(call: Call) -> Answer:
    number = _readable(call)[0]
    kinds = {
        "id": "integer",
        "name": "string",
        "sort": "integer",
        "entityTypeId": "integer",
        "isDefault": "boolean",
    }
    if number == ledger.DEAL:
        kinds |= {"originId": "string", "originatorId": "string"}
    read_only = ["id", "entityTypeId"] + (["isDefault"] if number == ledger.DEAL else [])
    return Answer({"fields": property_map(kinds, read_only=read_only, upper_names=True)})


def _deal_pipelines(call: Call) -> list[Pipeline]:
    if not call.caller.user.reads(ledger.DEAL):
        raise classic_access_denied()
    return [row for row in call.crm.pipelines_of(ledger.DEAL) if call.caller.user.sees(row)]


def deal_category_list(call: Call) -> Answer:
    rows = [
        {
            "ID": str(row.id),
            "CREATED_DATE": call.portal.iso(call.portal.born_at),
            "NAME": row.name,
            "IS_LOCKED": "N",
            "SORT": str(row.sort),
        }
        for row in _deal_pipelines(call)
        if row.id
    ]
    found = exactly(rows, call.loose_map("filter"), ("ID", "NAME", "SORT", "IS_LOCKED"))
    return Answer(in_order(call.unordered(found), call.loose_map("order") or {"SORT": "ASC"}))


def deal_category_default(call: Call) -> Answer:
    name = next((row.name for row in call.crm.pipelines_of(ledger.DEAL) if row.id == 0), "")
    return Answer({"ID": 0, "NAME": name})


def deal_category_stages(call: Call) -> Answer:
    _deal_pipelines(call)
    directory = call.crm.directories.get(stage_directory(ledger.DEAL, loose_int(call.loose("id") or 0)))
    rows = directory.ordered if directory is not None and not directory.leftover else []
    return Answer([{"NAME": row.name, "SORT": row.sort, "STATUS_ID": row.status_id} for row in rows])


def deal_category_status(call: Call) -> Answer:
    number = loose_int(call.loose("id") or 0)
    if number not in {row.id for row in _deal_pipelines(call)}:
        raise Refusal(400, "ERROR_NOT_FOUND", f"The entity with ID '{number}' is not found")
    return Answer(stage_directory(ledger.DEAL, number))


METHODS = {
    "crm.category.list": Method(category_list, CRM_SCOPE),
    "crm.category.get": Method(category_get, CRM_SCOPE),
    "crm.category.fields": Method(category_fields, CRM_SCOPE),
    "crm.dealcategory.list": Method(deal_category_list, CRM_SCOPE),
    "crm.dealcategory.default.get": Method(deal_category_default, CRM_SCOPE),
    "crm.dealcategory.stage.list": Method(deal_category_stages, CRM_SCOPE),
    "crm.dealcategory.status": Method(deal_category_status, CRM_SCOPE),
}
