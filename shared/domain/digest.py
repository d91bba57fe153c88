"""The canonical text of a snapshot's items, its digest, and a short fingerprint that people can compare."""

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
# These count only if there are any, so the digests of ordinary reads stay as they are.
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

    Reader, coverage, time, row order and the portal's own facts do not count, so anyone can compare a saved document
    with the portal later. What ``diff`` compares counts. Two equally full reads of one portal by one reader have
    equal fingerprints exactly if there are no changes between them, except for empty values written in another
    way (``shared.domain.nothing``).
    """
    ordered = in_business_order(with_stages_of(snapshot, snapshot.pipelines))
    hasher = hashlib.sha256()
    full_read_names = (name for name in _OF_FULL_READS if getattr(ordered, name))
    for name in (*ITEM_COLLECTIONS, *full_read_names):
        hasher.update(f"{name}:{digest(getattr(ordered, name))}\n".encode())
    head = hasher.hexdigest()[:12].upper()
    return "-".join((head[:4], head[4:8], head[8:]))


def _plain(value: Any) -> Any:
    """A JSON value for a value of another type."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, AsRead) and value.not_understood:
        # Written only if not empty, so the text of other items stays as it is.
        return {**_own(value), "not_understood": value.not_understood}
    return _own(value)


def _own(value: Any) -> dict[str, Any]:
    """The attributes that the class itself declares, without ``not_understood`` of the base class."""
    return {name: getattr(value, name) for name in value.__slots__}
