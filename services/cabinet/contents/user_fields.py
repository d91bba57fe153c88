"""User fields as rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.cabinet.base.words import Words
from services.cabinet.contents.entities import EVERY, title_of
from services.cabinet.contents.reading import Contents
from shared.domain.coverage import Kind
from shared.domain.item_references import label_of
from shared.domain.snapshot import Dictionary, ListValue, UserField
from shared.specification.not_understood import odd_values, placeholder
from shared.specification.words import Word
from shared.wording.field_types import field_type_word
from shared.wording.kinds import NAMELESS
from shared.wording.sentences import say


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A user field. ``id`` and ``sort`` are ``None`` if they are hidden from the reader.

    ``code`` is its name in the classic methods, ``api_name`` in the universal ones, empty if they lack
    the field. ``about`` says what a field without a list points to, or why a list shows no values.
    ``odd`` names what was not understood.
    """

    entity: str
    entity_type: str
    id: int | None
    code: str
    api_name: str
    label: str
    has_label: bool
    type_word: str
    type: str
    multiple: bool
    mandatory: bool
    sort: int | None
    values: tuple[ListValue, ...]
    about: str
    odd: Mapping[str, str]


def user_fields(contents: Contents, words: Words, entity: str = EVERY) -> tuple[FieldRow, ...]:
    """The user fields of one entity type, or of all, in the portal's order."""
    fields: tuple[UserField, ...] = contents.items(Kind.USER_FIELDS, entity or None)
    return tuple(_row(contents, words, field) for field in fields)


def label(field: UserField, words: Words, portal_language: str | None) -> str:
    """The field's name in the visitor's language, else in the portal's, else in any; empty if it has none."""
    for language in (words.language, portal_language):
        if language and field.labels.get(language):
            return field.labels[language]
    return label_of(field) or ""


def _row(contents: Contents, words: Words, field: UserField) -> FieldRow:
    field_label = label(field, words, contents.portal.language)
    return FieldRow(
        entity=title_of(contents, words, field.entity_type),
        entity_type=field.entity_type,
        id=field.id,
        code=field.code,
        api_name=field.api_name or "",
        label=field_label or placeholder(field, "labels", words.language) or words.gettext(NAMELESS),
        has_label=bool(field_label),
        type_word=field_type_word(field.type, words.language),
        type=field.type,
        multiple=field.multiple,
        mandatory=field.mandatory,
        sort=field.sort,
        values=field.values,
        about="" if field.values else _about(contents, words, field),
        odd=odd_values(field, words.language),
    )


def _about(contents: Contents, words: Words, field: UserField) -> str:
    match field.type:
        case "enumeration":
            are_read = contents.is_complete(Kind.USER_FIELDS, field.entity_type)
            return say(Word.NO_VALUES if are_read else Word.VALUES_UNREAD, words.language)
        case "crm_status":
            return _dictionary(contents, _plain(field.settings, "ENTITY_TYPE"))
        case "crm":
            return _bound_to(contents, words, field.settings)
        case "iblock_element" | "iblock_section":
            return _block(Word.BLOCK, words, _plain(field.settings, "IBLOCK_ID"))
        case "hlblock":
            return _block(Word.HIGHLOAD_BLOCK, words, _plain(field.settings, "HLBLOCK_ID"))
        case _:
            return ""


def _dictionary(contents: Contents, directory: str) -> str:
    dictionaries: tuple[Dictionary, ...] = contents.items(Kind.DICTIONARIES)
    name = next((row.name for row in dictionaries if row.directory == directory), None)
    return f"{directory} · {name}" if name else directory


def _bound_to(contents: Contents, words: Words, settings: Mapping[str, Any]) -> str:
    """The entity types a field of type ``crm`` may point to; the portal marks each with Y."""
    codes = {code for code, flag in settings.items() if flag in ("Y", True)}
    entity_keys = [key for key in contents.entity_types if key.upper() in codes]
    other_codes = sorted(codes.difference(key.upper() for key in entity_keys))
    return ", ".join((*(title_of(contents, words, key) for key in entity_keys), *other_codes))


def _block(word: str, words: Words, number: str) -> str:
    return f"{say(word, words.language)} {number}" if number else ""


def _plain(settings: Mapping[str, Any], key: str) -> str:
    value = settings.get(key)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
