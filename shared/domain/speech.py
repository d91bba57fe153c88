"""The languages of names in a snapshot. A portal translates its built-in names for the reader."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from shared.domain.identity import ComparedKind, Item
from shared.domain.snapshot import FIRST_SMART_PROCESS, Snapshot


def in_one_language(old: Snapshot, new: Snapshot) -> bool:
    """True if the built-in entity types have equal titles in both, so that both were read in one language."""
    old_titles, new_titles = _titles(old), _titles(new)
    return all(old_titles[key] == new_titles[key] for key in old_titles.keys() & new_titles.keys())


def is_of_the_portal(was: Item, now: Item, attribute: str) -> bool:
    """True for a name that the portal translates as long as nobody changed it."""
    match now.kind:
        case ComparedKind.ENTITY_TYPES:
            # Titles of smart processes were written by people.
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
    """The languages in which user fields have labels."""
    return {language for field in snapshot.user_fields for language in field.labels}


def languages_that_tell(old: Snapshot, new: Snapshot) -> AbstractSet[str] | None:
    """The languages common to the labels of both sides; ``None`` if both sides have the same ones or one has none."""
    old_languages, new_languages = label_languages(old), label_languages(new)
    return (
        old_languages & new_languages
        if old_languages and new_languages and old_languages != new_languages
        else None
    )


def renamed(was: Mapping[str, str], now: Mapping[str, str], languages: AbstractSet[str] | None) -> bool:
    """True for labels that differ in more than the languages they were read in (``languages_that_tell``).

    A label in a language that only one side has proves nothing: a field with a label in the reader's language is not
    asked for others. A field without any label was asked for in every language of the read.
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
