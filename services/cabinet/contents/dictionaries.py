"""Reference lists as rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.cabinet.base.words import Words
from services.cabinet.contents.entities import EVERY
from services.cabinet.contents.reading import Contents
from shared.domain.coverage import Kind
from shared.domain.snapshot import Dictionary, DictionaryItem
from shared.specification.not_understood import odd_values, placeholder
from shared.wording.kinds import NAMELESS


@dataclass(frozen=True, slots=True)
class DictionaryItemRow:
    """A row of a reference list. ``odd`` names what was not understood."""

    status_id: str
    id: int
    name: str
    sort: int | None
    system: bool
    odd: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DictionaryRows:
    """A reference list with its rows. ``odd`` names what was not understood."""

    directory: str
    name: str
    items: tuple[DictionaryItemRow, ...]
    odd: Mapping[str, str]


def dictionaries(contents: Contents, words: Words, _entity: str = EVERY) -> tuple[DictionaryRows, ...]:
    """Every reference list with its rows in the portal's order."""
    rows: tuple[Dictionary, ...] = contents.items(Kind.DICTIONARIES)
    return tuple(
        DictionaryRows(
            directory=dictionary.directory,
            name=_name(dictionary, words),
            items=tuple(_row(item, words) for item in dictionary.items),
            odd=odd_values(dictionary, words.language),
        )
        for dictionary in rows
    )


def _row(item: DictionaryItem, words: Words) -> DictionaryItemRow:
    return DictionaryItemRow(
        status_id=item.status_id,
        id=item.id,
        name=_name(item, words),
        sort=item.sort,
        system=item.system,
        odd=odd_values(item, words.language),
    )


def _name(item: Dictionary | DictionaryItem, words: Words) -> str:
    return placeholder(item, "name", words.language) or item.name or words.gettext(NAMELESS)
