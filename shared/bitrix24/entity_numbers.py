"""The platform's numbers and names for kinds of CRM items, and how stage directories are named after them.

Source: Bitrix24 REST documentation, CRM object types; crm.status.entity.types; the server's CCrmOwnerType.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

LEAD, DEAL, CONTACT, COMPANY, OLD_INVOICE, QUOTE, REQUISITE = 1, 2, 3, 4, 5, 7, 8
SMART_INVOICE, SMART_DOCUMENT, B2E_DOCUMENT = 31, 36, 39


@dataclass(frozen=True, slots=True)
class Numbered:
    """The names of a built-in entity type: our key, the owner of its user fields, the prefix of bindings to it."""

    key: str
    field_owner: str
    binding_prefix: str


BUILT_IN = {
    LEAD: Numbered("lead", "CRM_LEAD", "L"),
    DEAL: Numbered("deal", "CRM_DEAL", "D"),
    CONTACT: Numbered("contact", "CRM_CONTACT", "C"),
    COMPANY: Numbered("company", "CRM_COMPANY", "CO"),
    QUOTE: Numbered("quote", "CRM_QUOTE", "Q"),
    SMART_INVOICE: Numbered("smart_invoice", "CRM_SMART_INVOICE", "SI"),
    REQUISITE: Numbered("requisite", "CRM_REQUISITE", "RQ"),
}
# Shown only if the portal has stages for them: most portals no longer use them, or not yet.
ON_DEMAND = {
    OLD_INVOICE: Numbered("dynamic_5", "CRM_INVOICE", "I"),
    SMART_DOCUMENT: Numbered("dynamic_36", "CRM_SMART_DOCUMENT", "DO"),
    B2E_DOCUMENT: Numbered("dynamic_39", "CRM_SMART_B2E_DOC", "SBD"),
}

_DIRECTORIES = {
    "STATUS": (LEAD, None),
    "DEAL_STAGE": (DEAL, 0),
    "QUOTE_STATUS": (QUOTE, None),
    "INVOICE_STATUS": (OLD_INVOICE, None),
}
_NUMBERED_DIRECTORIES = {
    "DEAL_STAGE": DEAL,
    "SMART_INVOICE_STAGE": SMART_INVOICE,
    "SMART_DOCUMENT_STAGE": SMART_DOCUMENT,
    "SMART_B2E_DOC_STAGE": B2E_DOCUMENT,
}
_NUMBERED = re.compile(r"([A-Z0-9_]+_STAGE|DEAL_STAGE)_([0-9]{1,9})")
_DYNAMIC = re.compile(r"DYNAMIC_([0-9]{1,9})_STAGE_([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class StageDirectory:
    """The owner of the stages in a directory. ``pipeline_id`` is ``None`` if the entity type has no pipelines."""

    entity_type_id: int
    pipeline_id: int | None


def key_of(entity_type_id: int) -> str:
    """The stable key of an entity type: ``deal``, ``dynamic_1042``."""
    built_in = BUILT_IN.get(entity_type_id)
    return built_in.key if built_in else f"dynamic_{entity_type_id}"


def binding_prefix(entity_type_id: int) -> str:
    """The prefix of bindings to a smart process: ``T`` and its number in lower-case hexadecimal."""
    return f"T{entity_type_id:x}"


@functools.lru_cache(1000)
def stage_directory(name: str) -> StageDirectory | None:
    """The owner of the stages in the directory of this name; ``None`` if it holds no stages."""
    if name in _DIRECTORIES:
        return StageDirectory(*_DIRECTORIES[name])
    if dynamic := _DYNAMIC.fullmatch(name):
        return StageDirectory(int(dynamic.group(1)), int(dynamic.group(2)))
    numbered = _NUMBERED.fullmatch(name)
    if numbered is None or numbered.group(1) not in _NUMBERED_DIRECTORIES:
        return None
    return StageDirectory(_NUMBERED_DIRECTORIES[numbered.group(1)], int(numbered.group(2)))


def directory_of(entity_type_id: int, pipeline_id: int) -> str:
    """The name of the directory that holds a pipeline's stages."""
    if entity_type_id == DEAL and pipeline_id == 0:
        return "DEAL_STAGE"
    for stem, number in _NUMBERED_DIRECTORIES.items():
        if number == entity_type_id:
            return f"{stem}_{pipeline_id}"
    return f"DYNAMIC_{entity_type_id}_STAGE_{pipeline_id}"
