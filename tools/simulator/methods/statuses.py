"""Directories and their rows: stages of every pipeline and all dictionaries."""

from __future__ import annotations

from typing import Any

from tools.simulator import ledger
from tools.simulator.answers import Answer, Refusal, classic_access_denied
from tools.simulator.callers import CRM_SCOPE
from tools.simulator.calling import Call
from tools.simulator.defaults import stage_prefix
from tools.simulator.ledger import Directory, Pipeline, Row
from tools.simulator.method import Method
from tools.simulator.naming import type_title
from tools.simulator.selecting import exactly, in_order

_FILTERS = ("ID", "ENTITY_ID", "STATUS_ID", "SORT", "SYSTEM", "CATEGORY_ID", "SEMANTICS")
#: Only these entity types answer with EXTRA.
_WITH_EXTRA = (ledger.LEAD, ledger.DEAL, ledger.QUOTE)


def _reads_something(call: Call) -> None:
    readable = (1, 2, 3, 4, 7, 31)
    if not any(call.caller.user.reads(number) for number in readable):
        raise classic_access_denied()


def status_row(directory: Directory, row: Row, *, first_failure: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "ID": str(row.id),
        "ENTITY_ID": directory.id,
        "STATUS_ID": row.status_id,
        "NAME": row.name,
        "NAME_INIT": row.name_init,
        "SORT": str(row.sort),
        "SYSTEM": "Y" if row.system else "N",
        "CATEGORY_ID": str(directory.pipeline_id) if directory.pipeline_id else None,
        "COLOR": row.color,
        "SEMANTICS": row.semantics,
    }
    if directory.entity_type_id in _WITH_EXTRA:
        meaning = {"S": "success", "F": "failure" if first_failure else "apology"}
        shown["EXTRA"] = {"SEMANTICS": meaning.get(row.semantics or "", "process"), "COLOR": row.color}
    return shown


def directory_rows(directory: Directory) -> list[dict[str, Any]]:
    failures = [row.id for row in directory.ordered if row.semantics == "F"]
    return [status_row(directory, row, first_failure=row.id in failures[:1]) for row in directory.ordered]


def status_list(call: Call) -> Answer:
    _reads_something(call)
    conditions = call.loose_map("filter")
    for name in _FILTERS:
        if isinstance(conditions.get(name), dict | list):
            raise Refusal(400, "", f"Filter by {name} must be a string")
    if call.portal.switches.status_list_needs_directory and not conditions.get("ENTITY_ID"):
        return Answer([], total=0)
    directory_id = conditions.get("ENTITY_ID")
    directories = call.crm.directories
    chosen = (
        [directories[str(directory_id)]] if str(directory_id) in directories else list(directories.values())
    )
    rows = [row for directory in chosen for row in directory_rows(directory)]
    selected = exactly(call.unordered(rows), conditions, _FILTERS)
    if name := str(conditions.get("NAME") or conditions.get("%NAME") or "").casefold():
        selected = [row for row in selected if name in str(row["NAME"]).casefold()]
    return Answer(in_order(selected, call.loose_map("order") or {"SORT": "ASC"}), total=len(selected))


def _semantic_info(directory: Directory) -> Any:
    rows = directory.ordered
    wins = [row.status_id for row in rows if row.semantics == "S"]
    losses = [row.status_id for row in rows if row.semantics == "F"]
    if directory.entity_type_id not in _WITH_EXTRA or not rows or not wins or not losses:
        return []
    return {
        "START_FIELD": rows[0].status_id,
        "FINAL_SUCCESS_FIELD": wins[0],
        "FINAL_UNSUCCESS_FIELD": losses[0],
        "FINAL_SORT": 0,
    }


def _entity_type(call: Call, directory: Directory) -> dict[str, Any]:
    shown: dict[str, Any] = {"ID": directory.id, "NAME": directory.name}
    number, pipeline_id = directory.entity_type_id, directory.pipeline_id
    if number is None:
        return shown
    if pipeline_id is None:
        return shown | {"SEMANTIC_INFO": _semantic_info(directory), "ENTITY_TYPE_ID": number}
    pipeline: Pipeline = call.crm.pipeline(number, pipeline_id)
    scope = f"category_{pipeline_id}"
    if number == ledger.DEAL:
        shown["SEMANTIC_INFO"] = _semantic_info(directory)
        if pipeline_id:
            shown["NAME"] = (
                f"{pipeline.name} — стадии сделки" if call.language == "ru" else f"{pipeline.name} stages"
            )
            shown |= {"PARENT_ID": "DEAL_STAGE", "PREFIX": stage_prefix(number, pipeline_id).rstrip(":")}
        category = str(pipeline_id) if pipeline_id else 0
        return shown | {"FIELD_ATTRIBUTE_SCOPE": scope, "ENTITY_TYPE_ID": number, "CATEGORY_ID": category}
    process = next((row for row in call.crm.smart_processes if row.entity_type_id == number), None)
    return shown | {
        "NAME": f"{type_title(call.crm, number, call.language)} ({pipeline.name})",
        "SEMANTIC_INFO": [],
        "PREFIX": stage_prefix(number, pipeline_id).rstrip(":"),
        "FIELD_ATTRIBUTE_SCOPE": scope,
        "ENTITY_TYPE_ID": number,
        "IS_ENABLED": process is None or process.stages_enabled,
        "CATEGORY_ID": pipeline_id,
        "CATEGORY_NAME": pipeline.name,
        "CATEGORY_SORT": pipeline.sort,
        "IS_DEFAULT_CATEGORY": pipeline.is_default,
    }


def entity_types(call: Call) -> Answer:
    """Every directory in use, without any check of rights; the order is fixed by the platform's code."""
    in_use = (row for row in call.crm.directories.values() if not row.leftover)
    return Answer([_entity_type(call, directory) for directory in in_use])


METHODS = {
    "crm.status.list": Method(status_list, CRM_SCOPE),
    "crm.status.entity.types": Method(entity_types, CRM_SCOPE),
}
