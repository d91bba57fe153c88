"""Words for the kinds of metadata, how they were read, and the entity types every portal has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shared.domain.coverage import Kind, State
from shared.domain.snapshot import EntityType, Meaning
from shared.wording.language import Language
from shared.wording.visible import visible

_KINDS: Final[Mapping[Kind, Mapping[Language, str]]] = {
    Kind.PORTAL: {"ru": "сведения о портале", "en": "facts about the portal"},
    Kind.ENTITY_TYPES: {"ru": "сущности", "en": "entity types"},
    Kind.PIPELINES: {"ru": "воронки", "en": "pipelines"},
    Kind.STAGES: {"ru": "стадии", "en": "stages"},
    Kind.DICTIONARIES: {"ru": "справочники", "en": "dictionaries"},
    Kind.STANDARD_FIELDS: {"ru": "стандартные поля", "en": "standard fields"},
    Kind.USER_FIELDS: {"ru": "пользовательские поля", "en": "user fields"},
    Kind.USERS: {"ru": "пользователи", "en": "users"},
    Kind.DEPARTMENTS: {"ru": "подразделения", "en": "departments"},
}

_STATES: Final[Mapping[State, Mapping[Language, str]]] = {
    State.COMPLETE: {"ru": "прочитано полностью", "en": "complete"},
    State.PARTIAL: {"ru": "прочитано частично", "en": "partial"},
    State.FORBIDDEN: {"ru": "нет прав", "en": "no rights"},
    State.NOT_GRANTED: {"ru": "не выдано право", "en": "not granted"},
    State.NOT_AVAILABLE: {"ru": "нет на портале", "en": "not available"},
    State.FAILED: {"ru": "не прочитано", "en": "not read"},
}

_MEANINGS: Final[Mapping[Meaning, Mapping[Language, str]]] = {
    Meaning.PROCESS: {"ru": "в работе", "en": "in progress"},
    Meaning.SUCCESS: {"ru": "УСПЕХ", "en": "SUCCESS"},
    Meaning.FAILURE: {"ru": "ПРОВАЛ", "en": "FAILURE"},
    Meaning.APOLOGY: {"ru": "анализ", "en": "analysis"},
}

_ENTITY_TYPES: Final[Mapping[str, Mapping[Language, str]]] = {
    "lead": {"ru": "Лид", "en": "Lead"},
    "deal": {"ru": "Сделка", "en": "Deal"},
    "contact": {"ru": "Контакт", "en": "Contact"},
    "company": {"ru": "Компания", "en": "Company"},
    "quote": {"ru": "Предложение", "en": "Quote"},
    "smart_invoice": {"ru": "Счёт", "en": "Invoice"},
    "requisite": {"ru": "Реквизиты", "en": "Requisites"},
}

NAMELESS: Final[Mapping[Language, str]] = {"ru": "название не задано", "en": "name not set"}


def state_word(state: State, language: Language) -> str:
    """How a kind was read, in a word or two."""
    return _STATES[state][language]


def kind_word(kind: Kind, entity_title: str | None, language: Language) -> str:
    """The kind in the plural; the entity it belongs to, where there is one, follows after a colon."""
    word = _KINDS[kind][language]
    return word if entity_title is None else f"{word}: {visible(entity_title)}"


def meaning_word(meaning: Meaning, language: Language) -> str:
    """What reaching a stage says about the item."""
    return _MEANINGS[meaning][language]


def entity_title(entity: EntityType, language: Language) -> str:
    """The entity's name: ours for what every portal has, else the portal's, else that it has none."""
    ours = _ENTITY_TYPES.get(entity.key)
    return ours[language] if ours else entity.title or NAMELESS[language]


def entity_key_title(key: str, language: Language) -> str:
    """The name of an entity type known by its key; for a smart process that is the key itself."""
    return _ENTITY_TYPES[key][language] if key in _ENTITY_TYPES else key
