"""Entity types as pages name them, and the switch between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from services.cabinet.base.words import Words
from services.cabinet.contents.reading import Contents
from shared.domain.coverage import Kind, State
from shared.specification.entity_shapes import has_pipelines, has_stages
from shared.specification.words import Word
from shared.wording.kinds import entity_key_title, entity_title
from shared.wording.sentences import say

# Stands for all entity types where a key is expected.
EVERY = ""


@dataclass(frozen=True, slots=True)
class EntityChoice:
    """An entity type to switch to. ``number`` is its entityTypeId, because names may be equal."""

    key: str
    title: str
    number: int | None
    count: int


def title_of(contents: Contents, words: Words, key: str) -> str:
    """The name of an entity type."""
    entity = contents.entity_types.get(key)
    if entity is None:
        return entity_key_title(key, words.language)
    if key.startswith("dynamic_") and not entity.title:
        return say(Word.NAMELESS_ENTITY, words.language, id=entity.entity_type_id)
    return entity_title(entity, words.language)


def number_of(contents: Contents, key: str) -> int | None:
    """The entityTypeId of an entity type, if it is known."""
    entity = contents.entity_types.get(key)
    return None if entity is None else entity.entity_type_id


def entities(contents: Contents, words: Words, kind: Kind) -> tuple[EntityChoice, ...]:
    """The entity types that may have items of this kind, with their counts; none for a kind that has no entity type."""
    counts = _counts(contents, kind)
    return tuple(
        EntityChoice(key, title_of(contents, words, key), number_of(contents, key), counts[key])
        for key in _keys(contents, kind, counts)
    )


def chosen(choices: tuple[EntityChoice, ...], asked: str | None) -> str:
    """The key that was asked for if it is among the choices, else the first choice that has items."""
    if any(choice.key == asked for choice in choices):
        return asked or EVERY
    filled = (choice.key for choice in choices if choice.count)
    return next(filled, choices[0].key if choices else EVERY)


def _counts(contents: Contents, kind: Kind) -> Counter[str]:
    match kind:
        case Kind.STANDARD_FIELDS | Kind.USER_FIELDS:
            fields = (entry for entry in contents.coverage if entry.kind is kind)
            return Counter({entry.entity_type or EVERY: entry.items for entry in fields})
        case Kind.PIPELINES | Kind.STAGES:
            return Counter(item.entity_type for item in contents.items(kind))
        case _:
            return Counter()


def _keys(contents: Contents, kind: Kind, counts: Counter[str]) -> Iterable[str]:
    match kind:
        case Kind.STANDARD_FIELDS | Kind.USER_FIELDS:
            missing = {
                entry.entity_type or EVERY
                for entry in contents.coverage
                if entry.kind is kind and entry.state is State.NOT_AVAILABLE and not entry.items
            }
            return [key for key in counts if key not in missing]
        case Kind.PIPELINES:
            able = [key for key in contents.entity_types if has_pipelines(key)]
            return dict.fromkeys((*able, *counts))
        case Kind.STAGES:
            able = [key for key in contents.entity_types if has_stages(key)]
            return dict.fromkeys((*able, *counts))
        case _:
            return ()
