"""Descriptions of all fields of an entity type: ``crm.deal.fields`` and ``crm.item.fields``."""

from __future__ import annotations

from functools import partial
from typing import Any

from tools.simulator import ledger
from tools.simulator.answers import Answer, Refusal, access_denied
from tools.simulator.calling import CRM_SCOPE, Call, Method
from tools.simulator.defaults import localized
from tools.simulator.ledger import UserField
from tools.simulator.methods.field_maps import properties
from tools.simulator.naming import universal_name, universal_names
from tools.simulator.php import php_map

#: System fields: code → type, Russian and English title. A good handful per entity type is enough.
#: Behind a colon stands the directory of a status; nothing there means the stages of the default pipeline.
_COMMON = {
    "ID": ("integer", "ID", "ID"),
    "ASSIGNED_BY_ID": ("user", "Ответственный", "Responsible"),
    "CREATED_BY_ID": ("user", "Кем создан", "Created by"),
    "COMMENTS": ("string", "Комментарий", "Comment"),
    "OPENED": ("char", "Доступен для всех", "Available to everyone"),
}
_SYSTEM: dict[int, dict[str, tuple[str, str, str]]] = {
    ledger.LEAD: {
        "TITLE": ("string", "Название лида", "Lead name"),
        "STATUS_ID": ("crm_status:STATUS", "Стадия", "Stage"),
        "SOURCE_ID": ("crm_status:SOURCE", "Источник", "Source"),
        "PHONE": ("crm_multifield", "Телефон", "Phone"),
    },
    ledger.DEAL: {
        "TITLE": ("string", "Название", "Name"),
        "TYPE_ID": ("crm_status:DEAL_TYPE", "Тип", "Type"),
        "CATEGORY_ID": ("crm_category", "Воронка", "Pipeline"),
        "STAGE_ID": ("crm_status:", "Стадия сделки", "Stage"),
        "CURRENCY_ID": ("crm_currency", "Валюта", "Currency"),
        "COMPANY_ID": ("crm_company", "Компания", "Company"),
        "CLOSEDATE": ("date", "Дата завершения", "End date"),
    },
    ledger.CONTACT: {
        "NAME": ("string", "Имя", "First name"),
        "LAST_NAME": ("string", "Фамилия", "Last name"),
        "TYPE_ID": ("crm_status:CONTACT_TYPE", "Тип контакта", "Contact type"),
    },
    ledger.COMPANY: {
        "TITLE": ("string", "Название компании", "Company name"),
        "INDUSTRY": ("crm_status:INDUSTRY", "Сфера деятельности", "Industry"),
    },
    ledger.QUOTE: {
        "TITLE": ("string", "Тема", "Subject"),
        "STATUS_ID": ("crm_status:QUOTE_STATUS", "Стадия", "Stage"),
    },
    ledger.SMART_INVOICE: {
        "TITLE": ("string", "Тема", "Subject"),
        "STAGE_ID": ("crm_status:", "Стадия", "Stage"),
        "ACCOUNT_NUMBER": ("string", "Номер", "Number"),
    },
}
_SMART_PROCESS = {
    "TITLE": ("string", "Название", "Name"),
    "CATEGORY_ID": ("crm_category", "Воронка", "Pipeline"),
    "STAGE_ID": ("crm_status:", "Стадия", "Stage"),
}


def _system_fields(call: Call, entity_type_id: int) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for code, (declared, *titles) in (_COMMON | _SYSTEM.get(entity_type_id, _SMART_PROCESS)).items():
        kind, of_directory, directory = declared.partition(":")
        found[code] = properties(
            kind,
            localized(titles, call.language),
            isReadOnly=code in ("ID", "CREATED_BY_ID"),
            isMultiple=kind == "crm_multifield",
        )
        if of_directory:
            found[code]["statusType"] = directory or _default_stages(call, entity_type_id)
    return found


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
    shown = _system_fields(call, entity_type_id)
    for field in call.unordered(call.crm.fields_of(ledger.FIELD_OWNERS[entity_type_id])):
        shown[field.code] = _user_field(call, field, title=field.code, empty_items=False)
    return Answer(shown)


def item_fields(call: Call) -> Answer:
    number = call.integer("entityTypeId")
    owners = {known: owner for owner, known in call.crm.field_owners().items() if known != ledger.REQUISITE}
    if number not in owners:
        raise Refusal(400, "NOT_FOUND", "Entity type not found")
    if not call.caller.user.reads(number):
        raise access_denied()
    original = call.params.get("useOriginalUfNames") == "Y"
    shown: dict[str, Any] = {}
    for code, described in _system_fields(call, number).items():
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
}
METHODS = {
    "crm.item.fields": Method(item_fields, CRM_SCOPE),
    **{
        f"crm.{name}.fields": Method(partial(classic_fields, entity_type_id=number), CRM_SCOPE)
        for name, number in _ENTITIES.items()
    },
}
