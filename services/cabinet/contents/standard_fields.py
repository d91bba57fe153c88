"""Standard fields as rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.cabinet.base.words import Words
from services.cabinet.contents.entities import EVERY, title_of
from services.cabinet.contents.reading import Contents
from shared.domain.coverage import Kind
from shared.domain.snapshot import StandardField
from shared.specification.not_understood import odd_values, placeholder
from shared.wording.field_types import field_type_word
from shared.wording.kinds import NAMELESS


@dataclass(frozen=True, slots=True)
class StandardFieldRow:
    """A field that every portal has. ``code`` is its name in the classic methods, ``api_name`` in the universal ones.

    ``api_name`` is empty if the universal methods lack the field. ``odd`` names what was not understood.
    """

    entity: str
    code: str
    api_name: str
    label: str
    has_label: bool
    type_word: str
    type: str
    multiple: bool
    mandatory: bool
    read_only: bool
    odd: Mapping[str, str]


def standard_fields(contents: Contents, words: Words, entity: str = EVERY) -> tuple[StandardFieldRow, ...]:
    """The standard fields of one entity type, or of all, by code; empty for an account that is not read in full."""
    fields: tuple[StandardField, ...] = contents.items(Kind.STANDARD_FIELDS, entity or None)
    return tuple(
        StandardFieldRow(
            entity=title_of(contents, words, field.entity_type),
            code=field.code,
            api_name=field.api_name or "",
            label=field.label or placeholder(field, "label", words.language) or words.gettext(NAMELESS),
            has_label=bool(field.label),
            type_word=field_type_word(field.type, words.language),
            type=field.type,
            multiple=field.multiple,
            mandatory=field.mandatory,
            read_only=field.read_only,
            odd=odd_values(field, words.language),
        )
        for field in fields
    )
