"""Entity types: the fixed ones, smart processes, and the sections that group them."""

from __future__ import annotations

from typing import Any

from tools.simulator.answers import Answer, Refusal, access_denied
from tools.simulator.callers import CRM_SCOPE
from tools.simulator.calling import Call
from tools.simulator.ledger import OLD_INVOICE, SMART_INVOICE, SmartProcess
from tools.simulator.method import Method
from tools.simulator.methods.field_maps import snake
from tools.simulator.naming import FIXED_TYPES, binding_prefix, type_title
from tools.simulator.paging import controller_page
from tools.simulator.selecting import in_order, matching, split_prefix

FLAGS = (
    "isCategoriesEnabled",
    "isStagesEnabled",
    "isBeginCloseDatesEnabled",
    "isClientEnabled",
    "isUseInUserfieldEnabled",
    "isLinkWithProductsEnabled",
    "isMycompanyEnabled",
    "isDocumentsEnabled",
    "isSourceEnabled",
    "isObserversEnabled",
    "isRecyclebinEnabled",
    "isAutomationEnabled",
    "isBizProcEnabled",
    "isSetOpenPermissions",
    "isPaymentsEnabled",
    "isCountersEnabled",
)


def owner_types(call: Call) -> Answer:
    numbers = [number for number in FIXED_TYPES if number not in (OLD_INVOICE, SMART_INVOICE)]
    if call.crm.settings.old_invoices:
        numbers.append(OLD_INVOICE)
    if call.crm.settings.smart_invoices:
        numbers.append(SMART_INVOICE)
    numbers += [row.entity_type_id for row in call.crm.smart_processes]
    return Answer(
        call.unordered(
            {
                "ID": number,
                "NAME": type_title(call.crm, number, call.language),
                "SYMBOL_CODE": FIXED_TYPES[number][0] if number in FIXED_TYPES else f"DYNAMIC_{number}",
                "SYMBOL_CODE_SHORT": binding_prefix(number),
            }
            for number in numbers
        )
    )


def type_row(call: Call, process: SmartProcess) -> dict[str, Any]:
    born = call.portal.iso(call.portal.born_at)
    flags = {flag: "Y" if process.flags.get(flag) else "N" for flag in FLAGS}
    return {
        "id": process.type_id,
        "title": process.title,
        "code": process.code,
        "createdBy": 1,
        "entityTypeId": process.entity_type_id,
        "customSectionId": process.solution_id,
        **flags,
        "createdTime": born,
        "updatedTime": born,
        "updatedBy": 1,
    }


def _known_keys(params: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    for name in params:
        key = split_prefix(name)[1]
        if key not in row:
            column = snake(key).lstrip("_")
            raise Refusal(400, 100, f"Unknown field definition `{column}` ({column}) for Type Entity.")
    return params


def type_list(call: Call) -> Answer:
    if not call.caller.user.administers_crm:
        raise access_denied()
    rows = [type_row(call, process) for process in call.unordered(call.crm.smart_processes)]
    sample = type_row(call, SmartProcess(0, 0, ""))
    conditions = _known_keys(call.exact_map("filter"), sample)
    order = _known_keys(call.exact_map("order"), sample)
    selected = in_order(matching(rows, conditions), order)
    return controller_page(
        selected, call.start, wrap="types", zero_total=call.portal.switches.start_minus_one_total
    )


def _full(call: Call, process: SmartProcess | None) -> Answer:
    if process is None:
        raise Refusal(400, "0", "Смарт-процесс не найден" if call.language == "ru" else "SPA not found")
    if not call.caller.user.reads(process.entity_type_id):
        raise access_denied()
    extra = {"relations": {"parent": [], "child": []}, "linkedUserFields": {}, "customSections": []}
    return Answer({"type": type_row(call, process) | extra})


def type_get(call: Call) -> Answer:
    number = call.integer("id")
    return _full(call, next((row for row in call.crm.smart_processes if row.type_id == number), None))


def type_by_entity_type_id(call: Call) -> Answer:
    number = call.integer("entityTypeId")
    return _full(call, next((row for row in call.crm.smart_processes if row.entity_type_id == number), None))


METHODS = {
    "crm.enum.ownertype": Method(owner_types, CRM_SCOPE),
    "crm.type.list": Method(type_list, CRM_SCOPE),
    "crm.type.get": Method(type_get, CRM_SCOPE),
    "crm.type.getbyentitytypeid": Method(type_by_entity_type_id, CRM_SCOPE),
}
