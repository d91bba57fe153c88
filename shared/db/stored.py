"""The stored JSON of coverage, reader, facts and doubts of a snapshot; for its items see ``shared.part_json``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from shared.domain.coverage import Coverage, Kind, Reason, ReasonCode, State
from shared.domain.doubts import Doubt
from shared.domain.snapshot import CrmMode, PortalFacts, Reader


def dump_coverage(entry: Coverage) -> dict[str, Any]:
    """A line of the receipt as JSON for a version."""
    return {
        "kind": entry.kind.value,
        "entity_type": entry.entity_type,
        "state": entry.state.value,
        "items": entry.items,
        "reason": [entry.reason.code.value, entry.reason.detail] if entry.reason else None,
        "read_at": entry.read_at.isoformat(),
    }


def load_coverage(row: Mapping[str, Any]) -> Coverage:
    """The line of the receipt that ``dump_coverage`` wrote."""
    reason = Reason(ReasonCode(row["reason"][0]), row["reason"][1]) if row["reason"] else None
    at = datetime.fromisoformat(row["read_at"])
    return Coverage(Kind(row["kind"]), State(row["state"]), row["items"], at, row["entity_type"], reason)


def dump_reader(reader: Reader) -> dict[str, Any]:
    """A reader as JSON."""
    return {"id": reader.id, "name": reader.name, "admin": reader.admin, "scopes": sorted(reader.scopes)}


def load_reader(row: Mapping[str, Any]) -> Reader:
    """The reader that ``dump_reader`` wrote."""
    return Reader(row["id"], row["name"], row["admin"], frozenset(row["scopes"]))


def dump_facts(facts: PortalFacts) -> dict[str, Any]:
    """A portal's facts as JSON."""
    return asdict(facts)


def load_facts(row: Mapping[str, Any]) -> PortalFacts:
    """The facts that ``dump_facts`` wrote."""
    mode = row.get("crm_mode")
    return PortalFacts(**{**row, "crm_mode": CrmMode(mode) if mode else None})


def dump_doubt(doubt: Doubt | None) -> dict[str, Any]:
    """A doubt as JSON; empty for ``None``."""
    return {} if doubt is None else {"since": doubt.since.isoformat(), "missing": sorted(doubt.missing)}


def load_doubt(row: Mapping[str, Any]) -> Doubt:
    """The doubt that ``dump_doubt`` wrote of one."""
    return Doubt(datetime.fromisoformat(row["since"]), frozenset(row["missing"]))
