"""What two sides have in common and what not: two portals, or one portal at two times."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final

from shared.domain.coverage import Kind
from shared.domain.diff import Comparison, NotCompared, WhyNot, diff, differences, terms, why_not
from shared.domain.identity import ComparedKind, Identity, Item
from shared.domain.matching import Matching, match
from shared.domain.order import STANDARD_ENTITY_TYPES
from shared.domain.parts import PartKey
from shared.domain.snapshot import PortalFacts, Snapshot
from shared.domain.speech import label_languages

#: What two portals do not share: people and departments are each portal's own.
OF_ONE_PORTAL: Final[AbstractSet[PartKey]] = {(Kind.USERS, None), (Kind.DEPARTMENTS, None)}

_TYPES: Final[PartKey] = (Kind.ENTITY_TYPES, None)
_PIPELINES: Final[PartKey] = (Kind.PIPELINES, None)
_STAGES: Final[PartKey] = (Kind.STAGES, None)
_WHOLE: Final = (_TYPES, _PIPELINES, _STAGES, (Kind.DICTIONARIES, None))

# Numbers and codes that a portal hands out by itself differ everywhere and say nothing.
_TRAVEL: Final[Mapping[ComparedKind, AbstractSet[str]]] = {
    ComparedKind.ENTITY_TYPES: frozenset(),
    ComparedKind.PIPELINES: frozenset({"name", "sort", "is_default"}),
    ComparedKind.STAGES: frozenset({"name", "sort", "meaning", "color"}),
    ComparedKind.DICTIONARIES: frozenset({"name", "sort"}),
    ComparedKind.STANDARD_FIELDS: frozenset({"type", "multiple", "mandatory"}),
    ComparedKind.USER_FIELDS: frozenset({"labels", "type", "multiple", "mandatory", "sort", "settings"}),
    ComparedKind.LIST_VALUES: frozenset({"value", "sort", "default"}),
}
# Settings that name lists, elements and people of a portal by number (Bitrix24 REST documentation, user fields).
_LOCAL: Final[Mapping[str, AbstractSet[str]]] = {
    "iblock_element": frozenset({"IBLOCK_ID", "DEFAULT_VALUE"}),
    "iblock_section": frozenset({"IBLOCK_ID", "DEFAULT_VALUE"}),
    "employee": frozenset({"DEFAULT_VALUE"}),
}
# ``None`` where they were not read.
_MAY_BE_UNKNOWN: Final = frozenset({"sort", "default"})


def compare(old: Snapshot, new: Snapshot) -> Comparison:
    """What is different: of one portal by its ids, of two by what travels between portals."""
    return diff(old, new) if are_of_one_portal(old.portal, new.portal) else compare_portals(old, new)


def are_of_one_portal(one: PortalFacts, other: PortalFacts) -> bool:
    """True for one portal at two times, whose address may have changed meanwhile; false for two portals."""
    if one.member_id is not None and other.member_id is not None:
        return one.member_id == other.member_id
    return one.domain == other.domain


def may_be_left_out(same: AbstractSet[PartKey]) -> AbstractSet[PartKey]:
    """Of the parts that are the same in both versions, those ``diff`` tells the same without.

    That holds where the rest ``speak_alike``. What other items belong to and are named by stays.
    """
    return same - {_TYPES, _PIPELINES, _STAGES}


def without_labels(parts: AbstractSet[PartKey]) -> AbstractSet[PartKey]:
    """Of these parts, those in which no label is: whether the rest ``speak_alike`` is nothing to them."""
    return {part for part in parts if part[0] is not Kind.USER_FIELDS}


def speak_alike(here: Snapshot, there: Snapshot) -> bool:
    """True where labels in parts that were left out do not matter, since the others are in the same languages."""
    return label_languages(here) == label_languages(there)


def compare_portals(here: Snapshot, there: Snapshot) -> Comparison:
    """Two portals, whose items are recognised by what travels between portals (``shared.domain.matching``).

    - What only one portal shows is told if the other was read with all rights, or it might be there unseen.
    - Numbers in settings are compared as what they stand for, or not at all.
    """
    matching = match(here, there)
    in_our_words = _Translation(matching)
    gaps, silent = _gaps(here, there, in_our_words)
    agreed = terms(
        here,
        there,
        old_saw_all=here.reader.admin,
        new_saw_all=there.reader.admin,
        means_something=_means_something,
    )
    before, after = (
        {
            item.identity: item
            for item in items
            if item.part not in gaps
            and item.part not in silent
            # Nobody knows which smart process of the other portal one is whose title may not have been read.
            and (_TYPES not in gaps or item.entity_type in (None, *STANDARD_ENTITY_TYPES))
        }
        for items in (
            map(_without_numbers, matching.here.values()),
            map(in_our_words.item, map(_without_numbers, matching.there.values())),
        )
    )
    told, untold = differences(before, after, agreed)
    not_compared = ((in_our_words.told(part), why) for part, why in (*gaps.items(), *untold))
    return Comparison(told, tuple(NotCompared(*part, why) for part, why in not_compared))


class _Translation:
    """What the other portal's identities, parts and numbers are in this one."""

    def __init__(self, matching: Matching) -> None:
        self._identities = {there: here for here, there in matching.counterparts.items()}
        self._keys = {key: key for key in STANDARD_ENTITY_TYPES}
        self._numbers: dict[str, str] = {}
        for pair in matching.matches:
            here, there = pair.here.code or "", pair.there.code or ""
            if pair.here.kind is ComparedKind.ENTITY_TYPES:
                self._keys[there] = here
                self._numbers[there.upper()] = here.upper()
            if pair.here.kind is ComparedKind.PIPELINES:
                self._numbers[there] = here

    def identity(self, there: Identity) -> Identity:
        """The identity here; one that nothing here has for what is only there."""
        return self._identities.get(there) or ("there", *there)

    def part(self, part: PartKey) -> PartKey:
        """The part here; one that nothing here has for the fields of an entity type that is only there."""
        kind, key = part
        return kind, None if key is None else self._keys.get(key, f"{key} there")

    def told(self, part: PartKey) -> PartKey:
        """The part as a portal calls it that has it."""
        kind, key = part
        return kind, None if key is None else key.removesuffix(" there")

    def item(self, there: Item) -> Item:
        """The item as if it were one of this portal."""
        attributes = there.attributes
        if there.kind is ComparedKind.USER_FIELDS and attributes["settings"]:
            attributes = {**attributes, "settings": self._settings(attributes["settings"])}
        return there._replace(
            part=self.part(there.part),
            identity=self.identity(there.identity),
            attributes=attributes,
            owner=self.identity(there.owner) if there.owner else (),
            parents=frozenset(map(self.identity, there.parents)),
        )

    def _settings(self, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        """Settings with the numbers of smart processes and pipelines in keys and texts translated."""
        return {
            self._numbers.get(key, key): self._numbers.get(value, value) if isinstance(value, str) else value
            for key, value in settings.items()
        }


def _without_numbers(item: Item) -> Item:
    """The item without settings that are ids of this portal's own lists and people."""
    settings, local = item.attributes.get("settings"), _LOCAL.get(item.attributes.get("type", ""))
    if not settings or not local:
        return item
    kept = {key: value for key, value in settings.items() if key not in local}
    return item._replace(attributes={**item.attributes, "settings": kept})


def _gaps(
    here: Snapshot, there: Snapshot, in_our_words: _Translation
) -> tuple[dict[PartKey, WhyNot], AbstractSet[PartKey]]:
    """The parts that cannot be compared, and those that only one of the two reads was meant to bring."""
    ours = {entry.key: entry.state for entry in here.coverage}
    theirs = {in_our_words.part(entry.key): entry.state for entry in there.coverage}
    silent = {part for part in ours.keys() ^ theirs.keys() if part[0] is Kind.STANDARD_FIELDS}
    types = {entity.key for entity in here.entity_types}
    their_types = {in_our_words.part((Kind.USER_FIELDS, entity.key))[1] for entity in there.entity_types}
    gaps: dict[PartKey, WhyNot] = {}
    for part in dict.fromkeys((*_WHOLE, *ours, *theirs)):
        kind, key = part
        if part in silent or part in OF_ONE_PORTAL or kind is Kind.PORTAL:
            continue
        if key is not None and _TYPES not in gaps and (key in types) != (key in their_types):
            # Only one portal has such an entity type, which implies its fields.
            continue
        # A stage is recognised inside its pipeline.
        why = why_not(ours.get(part), theirs.get(part)) or (gaps.get(_PIPELINES) if part == _STAGES else None)
        if why:
            gaps[part] = why
    return gaps, silent


def _means_something(here: Item, there: Item, attribute: str) -> bool:
    was, now = here.attributes[attribute], there.attributes[attribute]
    if attribute in _MAY_BE_UNKNOWN and None in (was, now):
        return False
    return attribute in _TRAVEL[here.kind]
