"""Same CRM, same digest: canonical text of a snapshot's items and the short fingerprint people can compare."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from shared.domain.order import in_business_order
from shared.domain.snapshot import AsRead, Snapshot
from shared.domain.stages import with_stages_of

ITEM_COLLECTIONS = (
    "entity_types",
    "pipelines",
    "stages",
    "dictionaries",
    "user_fields",
    "users",
    "departments",
)
# These count only where there are some: what an ordinary read brings has the digest it always had.
_OF_FULL_READS = ("standard_fields",)


def canonical(items: Iterable[Any]) -> bytes:
    """UTF-8 JSON of domain values with sorted keys: equal values give equal bytes."""
    text = json.dumps(
        list(items),
        default=_plain,
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
        check_circular=False,
    )
    return text.encode("utf-8", "surrogatepass")


def digest(items: Iterable[Any]) -> str:
    """SHA-256 (hex) of the canonical text of these items, in the order given."""
    return hashlib.sha256(canonical(items)).hexdigest()


def fingerprint(snapshot: Snapshot) -> str:
    """Twelve hex digits such as ``7F3A-91C2-0B4E`` that depend on the items alone.

    Reader, coverage, moment, the order of rows and the portal's own facts do not count, so a saved document can
    later be held against the portal by anyone. What counts is what ``diff`` compares: of the same portal, read by
    the same reader, as fully, equal fingerprints have no changes between them and different ones have some, unless
    they differ in nothing but how they say nothing (``shared.domain.nothing``).
    """
    ordered = in_business_order(with_stages_of(snapshot, snapshot.pipelines))
    whole = hashlib.sha256()
    brought = (name for name in _OF_FULL_READS if getattr(ordered, name))
    for name in (*ITEM_COLLECTIONS, *brought):
        whole.update(f"{name}:{digest(getattr(ordered, name))}\n".encode())
    head = whole.hexdigest()[:12].upper()
    return "-".join((head[:4], head[4:8], head[8:]))


def _plain(value: Any) -> Any:
    """What stands for a value that JSON does not know."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, AsRead) and value.not_understood:
        # Written only where there is some: what is wholly understood keeps the text it always had.
        return {**_own(value), "not_understood": value.not_understood}
    return _own(value)


def _own(value: Any) -> dict[str, Any]:
    """What the class of the value itself declares; ``not_understood`` belongs to the base of the items."""
    return {name: getattr(value, name) for name in value.__slots__}
