"""Reading simulated portals in tests: quickly, without pauses, and held against what the portal knows."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from shared.bitrix24.access import Access, parse_webhook
from shared.bitrix24.client import Bitrix24, Patience
from shared.bitrix24.read_portal import read_portal
from shared.domain.coverage import Coverage, ReasonCode, State
from shared.domain.snapshot import Snapshot
from shared.specification.json_format import dump_json
from tests.builders import READ_AT

#: Small numbers: no pause is ever slept, the rest ends a test that would hang.
QUICK = Patience(
    connect_s=10, idle_s=10, total_s=20, silence_s=60, pauses_s=(0, 0, 0), rate_pauses_s=(0, 0, 0, 0, 0)
)

Receipt = tuple[str, str | None]


def opened(url: str, **changes: Any) -> Bitrix24:
    """A line to the portal behind this webhook, one that never sleeps."""
    settings = {"patience": QUICK, "sleep": _awake, "allow_private": True, **changes}
    return Bitrix24(parse_webhook(url, allow_private=True), **settings)


def read(
    url: str, *, language: str = "ru", known: Collection[Coverage] = (), full: bool = False, **changes: Any
) -> Snapshot:
    """The snapshot of the portal behind this webhook."""
    with opened(url, **changes) as portal:
        return read_portal(portal, language=language, now=lambda: READ_AT, known=known, full=full)


def an_access(url: str = "https://romashka.example/rest/1/secretcode123/") -> Access:
    return parse_webhook(url)


def _awake(_seconds: float) -> None:
    pass


def receipts(snapshot: Snapshot) -> dict[Receipt, Coverage]:
    """What the snapshot says about each kind, fields by entity type."""
    return {(entry.kind.value, entry.entity_type): entry for entry in snapshot.coverage}


def states(snapshot: Snapshot) -> dict[Receipt, State]:
    return {key: entry.state for key, entry in receipts(snapshot).items()}


def gaps(snapshot: Snapshot) -> dict[Receipt, tuple[State, ReasonCode | None]]:
    """Every kind that is not complete, with its state and the code of its reason."""
    return {
        key: (entry.state, entry.reason.code if entry.reason else None)
        for key, entry in receipts(snapshot).items()
        if entry.state is not State.COMPLETE
    }


def as_specification(snapshot: Snapshot) -> dict[str, Any]:
    """The items of a snapshot in the shape of ``truth()``: dictionaries by directory, leftovers by id."""
    return comparable(json.loads(dump_json(snapshot, language="ru")), full=True)


def comparable(truth: dict[str, Any], *, full: bool = False) -> dict[str, Any]:
    """The truth with what has no business order put into one, and without what only a ``full`` read brings."""
    shown = {name: truth[name] for name in _COLLECTIONS}
    shown["standard_fields"] = truth.get("standard_fields", []) if full else []
    shown["portal"] = {name: truth["portal"][name] for name in ("domain", "member_id", "language")}
    shown["dictionaries"] = {row["directory"]: row for row in truth["dictionaries"]}
    shown["orphan_stages"] = {row["id"]: row for row in truth["orphan_stages"]}
    return shown


_COLLECTIONS = (
    "entity_types",
    "pipelines",
    "stages",
    "dictionaries",
    "user_fields",
    "users",
    "departments",
    "orphan_stages",
)


def by_receipt(specification: dict[str, Any]) -> dict[Receipt, Any]:
    """The items each line of the receipt speaks for; fields by entity type."""
    found: dict[Receipt, Any] = {
        (name, None): specification[name]
        for name in ("entity_types", "pipelines", "dictionaries", "users", "departments")
    }
    found["stages", None] = [*specification["stages"], *specification["orphan_stages"].values()]
    for row in specification["entity_types"]:
        found["user_fields", row["key"]] = []
    for kind in ("standard_fields", "user_fields"):
        for row in specification[kind]:
            found.setdefault((kind, row["entity_type"]), []).append(row)
    return found


def dishonest(snapshot: Snapshot, truth: dict[str, Any]) -> list[Receipt]:
    """The kinds that are said to be complete and are not what the portal has."""
    real, found, lines = (
        by_receipt(comparable(truth, full=snapshot.is_full)),
        by_receipt(as_specification(snapshot)),
        states(snapshot),
    )
    types_are_known = lines["entity_types", None] is State.COMPLETE
    wrong = []
    for key in real.keys() | found.keys():
        if key not in lines:
            # Fields of an entity type that was not found are missed by whoever believes the list of types.
            wrong += [key] if types_are_known else []
        elif lines[key] is State.COMPLETE and _unordered(found.get(key)) != _unordered(real.get(key)):
            wrong.append(key)
    return sorted(wrong, key=str)


def _unordered(items: Any) -> list[str]:
    """Items whatever their order, which hangs on other kinds: stages stand in the order of pipelines."""
    rows = items.values() if isinstance(items, dict) else items or ()
    return sorted(json.dumps(row, sort_keys=True) for row in rows)
