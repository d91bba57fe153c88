"""What an entity type can have, by its key (Bitrix24 REST documentation, CRM data types and statuses)."""

from __future__ import annotations

from shared.domain.snapshot import FIRST_SMART_PROCESS

WITHOUT_STAGES = frozenset({"contact", "company", "requisite"})

# Each of these has one directory of stages.
WITHOUT_PIPELINES = WITHOUT_STAGES | {"lead", "quote", "dynamic_5"}

# entityTypeId of the invoices that smart invoices replaced.
OLD_INVOICE = 5


def has_stages(key: str) -> bool:
    """True when items of this entity type may stand at a stage."""
    return key not in WITHOUT_STAGES


def has_pipelines(key: str) -> bool:
    """True when stages of this entity type belong to pipelines."""
    return key not in WITHOUT_PIPELINES


def is_smart_process(key: str) -> bool:
    """True for entity types made by the portal's people, not for the vendor's own numbered ones."""
    number = key.removeprefix("dynamic_")
    return key != number and number.isdecimal() and int(number) >= FIRST_SMART_PROCESS
