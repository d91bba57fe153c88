"""Words for the kinds of metadata, how they were read, and the entity types every portal has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shared.domain.coverage import Kind, State
from shared.domain.snapshot import EntityType, Meaning
from shared.wording.language import Language
from shared.wording.sentences import N_, say
from shared.wording.visible import visible

_KINDS: Final[Mapping[Kind, str]] = {
    Kind.PORTAL: N_("facts about the portal"),
    Kind.ENTITY_TYPES: N_("entity types"),
    Kind.PIPELINES: N_("pipelines"),
    Kind.STAGES: N_("stages"),
    Kind.DICTIONARIES: N_("dictionaries"),
    Kind.STANDARD_FIELDS: N_("standard fields"),
    Kind.USER_FIELDS: N_("user fields"),
    Kind.USERS: N_("users"),
    Kind.DEPARTMENTS: N_("departments"),
}

_STATES: Final[Mapping[State, str]] = {
    State.COMPLETE: N_("complete"),
    State.PARTIAL: N_("partial"),
    State.FORBIDDEN: N_("no rights"),
    State.NOT_GRANTED: N_("not granted"),
    State.NOT_AVAILABLE: N_("not available"),
    State.FAILED: N_("not read"),
}

_MEANINGS: Final[Mapping[Meaning, str]] = {
    Meaning.PROCESS: N_("in progress"),
    Meaning.SUCCESS: N_("SUCCESS"),
    Meaning.FAILURE: N_("FAILURE"),
    Meaning.APOLOGY: N_("analysis"),
}

_ENTITY_TYPES: Final[Mapping[str, str]] = {
    "lead": N_("Lead"),
    "deal": N_("Deal"),
    "contact": N_("Contact"),
    "company": N_("Company"),
    "quote": N_("Quote"),
    "smart_invoice": N_("Invoice"),
    "requisite": N_("Requisites"),
}

NAMELESS: Final = N_("name not set")


def state_word(state: State, language: Language) -> str:
    """How a kind was read, in a word or two."""
    return say(_STATES[state], language)


def kind_word(kind: Kind, entity_title: str | None, language: Language) -> str:
    """The kind in the plural; the entity it belongs to, where there is one, follows after a colon."""
    word = say(_KINDS[kind], language)
    return word if entity_title is None else f"{word}: {visible(entity_title)}"


def meaning_word(meaning: Meaning, language: Language) -> str:
    """The word for the meaning of a stage."""
    return say(_MEANINGS[meaning], language)


def entity_title(entity: EntityType, language: Language) -> str:
    """The entity type's name: ours for types every portal has, else the portal's, else the word for a missing name."""
    ours = _ENTITY_TYPES.get(entity.key)
    return say(ours, language) if ours else entity.title or say(NAMELESS, language)


def entity_key_title(key: str, language: Language) -> str:
    """The name of an entity type known by its key; for a smart process that is the key itself."""
    return say(_ENTITY_TYPES[key], language) if key in _ENTITY_TYPES else key
