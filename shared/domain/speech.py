"""In whose words a portal spoke: what it has by itself it names in the language of whoever reads."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from shared.domain.identity import ComparedKind, Item
from shared.domain.snapshot import FIRST_SMART_PROCESS, Snapshot


def in_one_language(old: Snapshot, new: Snapshot) -> bool:
    """True where both call the portal's own entity types the same, so that both were read in one language."""
    was, now = _titles(old), _titles(new)
    return all(was[key] == now[key] for key in was.keys() & now.keys())


def is_of_the_portal(was: Item, now: Item, attribute: str) -> bool:
    """True for a name that is the portal's own where nobody chose another."""
    match now.kind:
        case ComparedKind.ENTITY_TYPES:
            # Titles of smart processes were written by somebody.
            return attribute == "title" and (now.item_id or 0) < FIRST_SMART_PROCESS
        case ComparedKind.PIPELINES:
            return attribute == "name" and any(item.attributes["is_default"] for item in (was, now))
        case ComparedKind.DICTIONARIES:
            return attribute == "name" and not now.parents
        case ComparedKind.STANDARD_FIELDS:
            return attribute == "label"
        case _:
            return False


def label_languages(snapshot: Snapshot) -> AbstractSet[str]:
    """The languages the labels of its fields are in."""
    return {language for field in snapshot.user_fields for language in field.labels}


def languages_that_tell(old: Snapshot, new: Snapshot) -> AbstractSet[str] | None:
    """What both sides have labels in where those were read in different languages; ``None`` where they were not."""
    was, now = label_languages(old), label_languages(new)
    return was & now if was and now and was != now else None


def renamed(was: Mapping[str, str], now: Mapping[str, str], languages: AbstractSet[str] | None) -> bool:
    """True for labels that differ in more than the languages they were read in (``languages_that_tell``).

    One that only one side has proves nothing: who has a label in the reader's language is not asked for others. But
    who has no label at all was asked in every language of the read.
    """
    if languages is None:
        return True
    if was and now:
        return any(was[language] != now[language] for language in was.keys() & now.keys())
    return any(language in languages for language in (was or now))


def _titles(snapshot: Snapshot) -> Mapping[str, str]:
    return {
        row.key: row.title
        for row in snapshot.entity_types
        if row.title and row.entity_type_id < FIRST_SMART_PROCESS
    }
