"""Matches the items of two portals by names and codes, never by numbers that a portal assigns.

========================= ======================================================================================
entity type               its key; for a smart process, whose numbers are arbitrary, its title
pipeline                  its name; then, for those left, being the default pipeline
stage, in its pipeline    its code and meaning; its name and meaning; its code
row of a dictionary       its code; its name
field, in its entity type its code without the number of the smart process
list value, in its field  its XML_ID, if somebody set one; its text
========================= ======================================================================================

Keys are tried in this order. Names are compared as a person reads them (``shared.domain.names``). Codes that are
plain numbers are not used: a portal's interface assigns them. People and departments are not matched.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import Final

from shared.domain.identity import ComparedKind, Identity, Item, entity_identity, items_of, pipeline_identity
from shared.domain.names import normalised
from shared.domain.order import STANDARD_ENTITY_TYPES, in_business_order
from shared.domain.snapshot import Snapshot

# What a portal writes into XML_ID if nobody set one.
_HASH: Final = re.compile(r"[0-9a-f]{32}")

_OWN: Final = frozenset({ComparedKind.USERS, ComparedKind.DEPARTMENTS})


class By(StrEnum):
    """What two items were recognised by. ``order`` means that several have the same name or code."""

    CODE = "code"
    NAME = "name"
    DEFAULT = "default"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Match:
    """Two items of two portals that correspond to each other."""

    here: Item
    there: Item
    by: By


@dataclass(frozen=True, slots=True)
class Matching:
    """The matched items of two portals.

    ``here`` and ``there`` are all items that can be matched, in order. ``counterparts`` maps identities here to
    identities there. It includes the entity types that every portal has, even if they were not read.
    """

    here: Mapping[Identity, Item]
    there: Mapping[Identity, Item]
    matches: tuple[Match, ...]
    counterparts: Mapping[Identity, Identity]


def match(here: Snapshot, there: Snapshot) -> Matching:
    """The items of two portals, and the matches between them.

    An item is matched only with items inside the counterpart of its owner. Several items with one name are matched
    in their order; pipelines are matched by the codes of their stages first.
    """
    ours, theirs = (_Portal(side) for side in (here, there))
    always = [
        owner
        for key in STANDARD_ENTITY_TYPES
        for owner in (entity_identity(key), pipeline_identity(key, None))
    ]
    counterparts: dict[Identity, Identity] = {(): (), **dict(zip(always, always, strict=True))}
    matches: list[Match] = []
    for (kind, owner), items in ours.by_owner.items():
        if owner not in counterparts:
            continue
        candidates = theirs.by_owner.get((kind, counterparts[owner]), ())
        for pair in _matched(kind, items, candidates, ours, theirs):
            matches.append(pair)
            counterparts[pair.here.identity] = pair.there.identity
    return Matching(ours.items, theirs.items, tuple(matches), counterparts)


class _Portal:
    """The items of a portal. ``by_owner`` has them with portable codes; owners come first."""

    def __init__(self, snapshot: Snapshot) -> None:
        ordered = in_business_order(snapshot)
        self._type_ids = {entity.key: entity.type_id for entity in ordered.entity_types}
        self.items = {item.identity: item for item in items_of(ordered) if item.kind not in _OWN}
        self.by_owner: dict[tuple[ComparedKind, Identity], list[Item]] = defaultdict(list)
        self.stage_codes: dict[Identity, set[str]] = defaultdict(set)
        for item in self.items.values():
            named = item
            if item.kind is ComparedKind.USER_FIELDS:
                named = item._replace(code=self._field_code(item))
            self.by_owner[item.kind, item.owner].append(named)
            if item.kind is ComparedKind.STAGES:
                self.stage_codes[item.owner].add(stage_code(item))

    def _field_code(self, item: Item) -> str:
        """The code of a field without the number of its smart process (Bitrix24 REST documentation, user fields)."""
        number, code = self._type_ids.get(item.entity_type or ""), item.code or ""
        return code if number is None else code.replace(f"UF_CRM_{number}_", "UF_CRM_", 1)


def stage_code(item: Item) -> str:
    """The code of a stage without the prefix of its pipeline: ``NEW`` for C3:NEW and DT1040_7:NEW.

    Source: Bitrix24 REST documentation, crm.status.
    """
    return (item.code or "").rpartition(":")[2]


# A name or code of an item; ``None`` if it has none.
_Key = Callable[[Item], Hashable | None]


def _name(item: Item) -> str:
    return normalised(item.label or "")


def _code(item: Item) -> str | None:
    return item.code


def _key(item: Item) -> str | None:
    return item.code if item.code in STANDARD_ENTITY_TYPES else None


def _title(item: Item) -> str | None:
    return None if item.code in STANDARD_ENTITY_TYPES else normalised(item.label or "")


def _is_default(item: Item) -> bool | None:
    return item.attributes["is_default"] or None


def _stage_code(item: Item) -> str | None:
    return _unless_a_number(stage_code(item))


def _stage_code_and_meaning(item: Item) -> Hashable | None:
    code = _stage_code(item)
    return None if code is None else (code, item.attributes["meaning"])


def _name_and_meaning(item: Item) -> Hashable:
    return _name(item), item.attributes["meaning"]


def _row_code(item: Item) -> str | None:
    # A dictionary itself has no STATUS_ID.
    return _unless_a_number(item.attributes.get("status_id", item.code))


def _row_name(item: Item) -> str | None:
    return _name(item) if item.owner else None


def _xml_id(item: Item) -> str | None:
    xml_id = item.attributes["xml_id"]
    return xml_id if xml_id and not _HASH.fullmatch(xml_id) else None


def _unless_a_number(code: str) -> str | None:
    return None if code.isdecimal() else code


_KEYS: Final[Mapping[ComparedKind, tuple[tuple[By, _Key], ...]]] = {
    ComparedKind.ENTITY_TYPES: ((By.CODE, _key), (By.NAME, _title)),
    ComparedKind.PIPELINES: ((By.NAME, _name), (By.DEFAULT, _is_default)),
    ComparedKind.STAGES: (
        (By.CODE, _stage_code_and_meaning),
        (By.NAME, _name_and_meaning),
        (By.CODE, _stage_code),
    ),
    ComparedKind.DICTIONARIES: ((By.CODE, _row_code), (By.NAME, _row_name)),
    ComparedKind.STANDARD_FIELDS: ((By.CODE, _code),),
    ComparedKind.USER_FIELDS: ((By.CODE, _code),),
    ComparedKind.LIST_VALUES: ((By.CODE, _xml_id), (By.NAME, _name)),
}


def _matched(
    kind: ComparedKind,
    here: Iterable[Item],
    there: Iterable[Item],
    ours: _Portal,
    theirs: _Portal,
) -> Iterator[Match]:
    """Items of one owner, matched by each key in turn."""
    left = {item.identity: item for item in here}
    right = {item.identity: item for item in there}
    for by, key in _KEYS[kind]:
        candidates: dict[Hashable, list[Item]] = defaultdict(list)
        for item in right.values():
            candidates[key(item)].append(item)
        candidates.pop(None, None)
        namesakes: dict[Hashable, list[Item]] = defaultdict(list)
        for item in left.values():
            namesakes[key(item)].append(item)
        for name, items in namesakes.items():
            others = candidates.get(name, [])
            is_ambiguous = len(items) > 1 or len(others) > 1
            if is_ambiguous and key is _xml_id:
                # The XML_ID was copied together with the value, so the text decides.
                continue
            if is_ambiguous and kind is ComparedKind.PIPELINES:
                pairs = _by_stages(items, others, ours, theirs)
            else:
                pairs = list(zip(items, others, strict=False))
            for mine, yours in pairs:
                del left[mine.identity], right[yours.identity]
                matched_by = By.ORDER if is_ambiguous else by
                yield Match(ours.items[mine.identity], theirs.items[yours.identity], matched_by)


def _by_stages(
    here: list[Item], there: list[Item], ours: _Portal, theirs: _Portal
) -> list[tuple[Item, Item]]:
    """Pairs of pipelines with one name. Those with the most common stage codes come first, else by order."""

    def difference(pair: tuple[Item, Item]) -> float:
        codes, others = (
            side.stage_codes[item.identity] for side, item in zip((ours, theirs), pair, strict=True)
        )
        return -len(codes & others) / max(len(codes | others), 1)

    pairs: list[tuple[Item, Item]] = []
    paired_here: set[Identity] = set()
    paired_there: set[Identity] = set()
    for mine, yours in sorted(product(here, there), key=difference):
        if mine.identity not in paired_here and yours.identity not in paired_there:
            paired_here.add(mine.identity)
            paired_there.add(yours.identity)
            pairs.append((mine, yours))
    return pairs
