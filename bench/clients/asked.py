"""What the general clients are asked to bring: the same information as CRMAP's snapshot, and how it is counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bench.reading import Found

# Numbers and owners as the Bitrix24 REST documentation gives them (CRM object types).
DEAL, SMART_INVOICE = 2, 31
BUILT_IN = {"lead": 1, "deal": DEAL, "contact": 3, "company": 4, "quote": 7}
DESCRIBED = (*BUILT_IN.values(), SMART_INVOICE)
WITH_LISTED_FIELDS = (*BUILT_IN, "requisite")
LANGUAGE = "ru"

Rows = list[dict[str, Any]]


def settings_owners(types: Rows) -> list[str]:
    """The owners whose fields ``userfieldconfig.list`` keeps: invoices and all smart processes."""
    return ["CRM_SMART_INVOICE", *(f"CRM_{row['id']}" for row in types)]


@dataclass(frozen=True, slots=True)
class Brought:
    """The answers, still as the portal gave them. ``fields`` and the like: one entry for each list or map."""

    types: Rows
    categories: Iterable[Rows]
    statuses: Rows
    fields: Iterable[Rows]
    descriptions: Iterable[Mapping[str, Mapping[str, Any]]]
    users: Rows
    departments: Rows

    def counted(self) -> Found:
        """How much of everything there is, to be held against what the portal has."""
        described = [row for rows in self.descriptions for row in rows.values()]
        return {
            "smart processes": len(self.types),
            "pipelines": sum(map(len, self.categories)),
            "statuses": len(self.statuses),
            "user fields": sum(map(len, self.fields)),
            "described fields": sum(row["upperName"].startswith("UF_") for row in described),
            "users": len(self.users),
            "departments": len(self.departments),
        }
