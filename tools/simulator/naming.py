"""Spellings the platform derives: universal field names, binding prefixes, names of entity types."""

from __future__ import annotations

import re

from tools.simulator import ledger
from tools.simulator.defaults import localized
from tools.simulator.ledger import Crm

#: Entity type id → symbol, short symbol (binding prefix), Russian and English name.
FIXED_TYPES: dict[int, tuple[str, str, str, str]] = {
    ledger.LEAD: ("LEAD", "L", "Лид", "Lead"),
    ledger.DEAL: ("DEAL", "D", "Сделка", "Deal"),
    ledger.CONTACT: ("CONTACT", "C", "Контакт", "Contact"),
    ledger.COMPANY: ("COMPANY", "CO", "Компания", "Company"),
    ledger.OLD_INVOICE: ("INVOICE", "I", "Счёт (старая версия)", "Invoice (old version)"),
    ledger.SMART_INVOICE: ("SMART_INVOICE", "SI", "Счёт", "Invoice"),
    ledger.QUOTE: ("QUOTE", "Q", "Предложение", "Quote"),
    ledger.REQUISITE: ("REQUISITE", "RQ", "Реквизиты", "Requisites"),
    ledger.ORDER: ("ORDER", "O", "Заказ", "Order"),
}

#: A code of letters only, or one with a short type number that is followed by letters only or by digits only,
#: is spelt in camel case. Every other code keeps its tail as it is (crm module, ORM object converter).
_REGULAR = re.compile(r"[A-Z_]+|UF_CRM_\d{1,4}_[\d_]+|UF_CRM_\d{1,4}_[A-Z_]+")


def type_title(crm: Crm, entity_type_id: int, language: str) -> str:
    if entity_type_id in FIXED_TYPES:
        return localized(FIXED_TYPES[entity_type_id][2:], language)
    return crm.smart_process(entity_type_id).title


def binding_prefix(entity_type_id: int) -> str:
    """What stands before the id in a value that points to an item of this type."""
    if entity_type_id in FIXED_TYPES:
        return FIXED_TYPES[entity_type_id][1]
    return f"T{entity_type_id:x}"


def universal_name(code: str) -> str:
    """How ``crm.item.*`` spells a field: ``UF_CRM_7_COLOR`` → ``ufCrm7Color``."""
    if not _REGULAR.fullmatch(code) and code.startswith("UF_"):
        for start, spelt in (("UF_CRM_", "ufCrm_"), ("UF_CRM", "ufCrm"), ("UF_", "uf")):
            if code.startswith(start):
                return spelt + code.removeprefix(start)
    kept = re.sub(r"(?<=\d)_(?=\d)", "\0", code)
    first, *others = [part for part in kept.split("_") if part]
    return (first.lower() + "".join(part.capitalize() for part in others)).replace("\0", "_")


def universal_names(codes: list[str]) -> dict[str, str]:
    """Universal name by code; a name that is taken already leaves the code as it is."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for code in codes:
        name = universal_name(code)
        names[code] = code if name in taken else name
        taken.add(names[code])
    return names
