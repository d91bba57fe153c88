"""Entity types of a group: those every portal has, and smart processes, whose numbers differ between portals."""

from __future__ import annotations

from dataclasses import dataclass

from services.cabinet.base.words import Words
from services.cabinet.contents.entities import EVERY
from services.cabinet.contents.reading import Contents
from services.cabinet.contents.tabs import Tab
from shared.domain.order import STANDARD_ENTITY_TYPES
from shared.specification.entity_shapes import has_stages
from shared.wording.kinds import entity_key_title
from shared.wording.sentences import N_

# Stands for a key: all smart processes, and the old entity types that only some portals have.
OTHERS = "smart"
FIRST = "deal"
_OTHERS_TITLE = N_("Smart processes")


@dataclass(frozen=True, slots=True)
class GroupChoice:
    """A choice of the switch: one entity type, or all those that not every portal has."""

    key: str
    title: str


def group_entities(words: Words, tab: Tab) -> tuple[GroupChoice, ...]:
    """The choices for the table of this tab; empty if it shows all entity types together."""
    if not tab.is_per_entity:
        return ()
    able = (key for key in STANDARD_ENTITY_TYPES if tab.kind.is_per_entity or has_stages(key))
    return (
        *(GroupChoice(key, entity_key_title(key, words.language)) for key in able),
        GroupChoice(OTHERS, words.gettext(_OTHERS_TITLE)),
    )


def chosen_of(choices: tuple[GroupChoice, ...], asked: str) -> str:
    """The key that was asked for if it is among the choices, else deals; ``EVERY`` if there are no choices."""
    if not choices:
        return EVERY
    return asked if any(choice.key == asked for choice in choices) else FIRST


def keys_of(contents: Contents, choice: str) -> tuple[str, ...]:
    """The keys of the entity types of one portal that a choice stands for."""
    if choice != OTHERS:
        return (choice,)
    return tuple(key for key in contents.entity_types if key not in STANDARD_ENTITY_TYPES)
