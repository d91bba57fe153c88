"""Compares two snapshots: of two portals, or of one portal at two times."""

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
PORTAL_SPECIFIC_PARTS: Final[AbstractSet[PartKey]] = {(Kind.USERS, None), (Kind.DEPARTMENTS, None)}

_TYPES: Final[PartKey] = (Kind.ENTITY_TYPES, None)
_PIPELINES: Final[PartKey] = (Kind.PIPELINES, None)
_STAGES: Final[PartKey] = (Kind.STAGES, None)
_WHOLE: Final = (_TYPES, _PIPELINES, _STAGES, (Kind.DICTIONARIES, None))

# The attributes that are comparable between portals. Numbers and codes that a portal assigns itself are not.
_TRAVEL: Final[Mapping[ComparedKind, AbstractSet[str]]] = {
    ComparedKind.ENTITY_TYPES: frozenset(),
    ComparedKind.PIPELINES: frozenset({"name", "sort", "is_default"}),
    ComparedKind.STAGES: frozenset({"name", "sort", "meaning", "color"}),
    ComparedKind.DICTIONARIES: frozenset({"name", "sort"}),
    ComparedKind.STANDARD_FIELDS: frozenset({"type", "multiple", "mandatory"}),
    ComparedKind.USER_FIELDS: frozenset({"labels", "type", "multiple", "mandatory", "sort", "settings"}),
    ComparedKind.LIST_VALUES: frozenset({"value", "sort", "default"}),
}
# Settings that contain ids of one portal's lists, elements and people (Bitrix24 REST documentation, user fields).
_LOCAL: Final[Mapping[str, AbstractSet[str]]] = {
    "iblock_element": frozenset({"IBLOCK_ID", "DEFAULT_VALUE"}),
    "iblock_section": frozenset({"IBLOCK_ID", "DEFAULT_VALUE"}),
    "employee": frozenset({"DEFAULT_VALUE"}),
}
# ``None`` if they were not read.
_MAY_BE_UNKNOWN: Final = frozenset({"sort", "default"})


def compare(old: Snapshot, new: Snapshot) -> Comparison:
    """The differences: items of one portal are matched by id, items of two portals by ``shared.domain.matching``."""
    return diff(old, new) if are_of_one_portal(old.portal, new.portal) else compare_portals(old, new)


def are_of_one_portal(first: PortalFacts, second: PortalFacts) -> bool:
    """True if both are the same portal, even if its address has changed."""
    if first.member_id is not None and second.member_id is not None:
        return first.member_id == second.member_id
    return first.domain == second.domain


def may_be_left_out(same: AbstractSet[PartKey]) -> AbstractSet[PartKey]:
    """Of the parts that are equal in both versions, those that ``diff`` does not need for the same result.

    This is valid only if the other parts ``have_same_label_languages``. Parts that own or name other items are
    needed.
    """
    return same - {_TYPES, _PIPELINES, _STAGES}


def without_labels(parts: AbstractSet[PartKey]) -> AbstractSet[PartKey]:
    """Of these parts, those without labels. They may be left out whatever languages the rest have."""
    return {part for part in parts if part[0] is not Kind.USER_FIELDS}


def have_same_label_languages(here: Snapshot, there: Snapshot) -> bool:
    """True if the labels of both sides are in the same languages, so that labels left out do not matter."""
    return label_languages(here) == label_languages(there)


def compare_portals(here: Snapshot, there: Snapshot) -> Comparison:
    """The differences between two portals, whose items are matched by ``shared.domain.matching``.

    - An item of one portal only is a difference if the other was read with all rights: else it may be hidden there.
    - Numbers in settings are translated to what they refer to, or not compared.
    """
    matching = match(here, there)
    in_our_words = _Translation(matching)
    gaps, silent = _gaps(here, there, in_our_words)
    comparison_terms = terms(
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
            # Smart processes are matched by title, so they cannot be matched if titles may be missing.
            and (_TYPES not in gaps or item.entity_type in (None, *STANDARD_ENTITY_TYPES))
        }
        for items in (
            map(_without_numbers, matching.here.values()),
            map(in_our_words.item, map(_without_numbers, matching.there.values())),
        )
    )
    differing, undecided = differences(before, after, comparison_terms)
    not_compared = ((in_our_words.told(part), why) for part, why in (*gaps.items(), *undecided))
    return Comparison(differing, tuple(NotCompared(*part, why) for part, why in not_compared))


class _Translation:
    """Translates identities, parts and numbers of the other portal into those of this one."""

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
        """The identity here; a unique one for an item that exists only there."""
        return self._identities.get(there) or ("there", *there)

    def part(self, part: PartKey) -> PartKey:
        """The part here; a unique one for the fields of an entity type that exists only there."""
        kind, key = part
        return kind, None if key is None else self._keys.get(key, f"{key} there")

    def told(self, part: PartKey) -> PartKey:
        """The part under the key of the portal that has it."""
        kind, key = part
        return kind, None if key is None else key.removesuffix(" there")

    def item(self, there: Item) -> Item:
        """The item with the identities, part and numbers of this portal."""
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
        """The settings; numbers of smart processes and pipelines in keys and texts are translated."""
        return {
            self._numbers.get(key, key): self._numbers.get(value, value) if isinstance(value, str) else value
            for key, value in settings.items()
        }


def _without_numbers(item: Item) -> Item:
    """The item without settings that contain ids of this portal's own lists and people."""
    settings, local = item.attributes.get("settings"), _LOCAL.get(item.attributes.get("type", ""))
    if not settings or not local:
        return item
    kept = {key: value for key, value in settings.items() if key not in local}
    return item._replace(attributes={**item.attributes, "settings": kept})


def _gaps(
    here: Snapshot, there: Snapshot, in_our_words: _Translation
) -> tuple[dict[PartKey, WhyNot], AbstractSet[PartKey]]:
    """The parts that cannot be compared, and the standard fields that only one read asked for."""
    ours = {entry.key: entry.state for entry in here.coverage}
    theirs = {in_our_words.part(entry.key): entry.state for entry in there.coverage}
    silent = {part for part in ours.keys() ^ theirs.keys() if part[0] is Kind.STANDARD_FIELDS}
    types = {entity.key for entity in here.entity_types}
    their_types = {in_our_words.part((Kind.USER_FIELDS, entity.key))[1] for entity in there.entity_types}
    gaps: dict[PartKey, WhyNot] = {}
    for part in dict.fromkeys((*_WHOLE, *ours, *theirs)):
        kind, key = part
        if part in silent or part in PORTAL_SPECIFIC_PARTS or kind is Kind.PORTAL:
            continue
        if key is not None and _TYPES not in gaps and (key in types) != (key in their_types):
            # Only one portal has this entity type. That difference includes its fields.
            continue
        # Stages are matched inside their pipeline.
        why = why_not(ours.get(part), theirs.get(part)) or (gaps.get(_PIPELINES) if part == _STAGES else None)
        if why:
            gaps[part] = why
    return gaps, silent


def _means_something(here: Item, there: Item, attribute: str) -> bool:
    value_here, value_there = here.attributes[attribute], there.attributes[attribute]
    if attribute in _MAY_BE_UNKNOWN and None in (value_here, value_there):
        return False
    return attribute in _TRAVEL[here.kind]
