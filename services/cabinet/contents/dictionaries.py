"""Reference lists as rows."""

from __future__ import annotations

from dataclasses import dataclass

from services.cabinet.base.words import Words
from services.cabinet.contents.entities import EVERY
from services.cabinet.contents.reading import Contents
from shared.domain.coverage import Kind
from shared.domain.snapshot import Dictionary
from shared.wording.kinds import NAMELESS


@dataclass(frozen=True, slots=True)
class DictionaryItemRow:
    """A row of a reference list."""

    status_id: str
    id: int
    name: str
    sort: int | None
    system: bool


@dataclass(frozen=True, slots=True)
class DictionaryRows:
    """A reference list with its rows."""

    directory: str
    name: str
    items: tuple[DictionaryItemRow, ...]


def dictionaries(contents: Contents, words: Words, _entity: str = EVERY) -> tuple[DictionaryRows, ...]:
    """Every reference list with its rows in the portal's order."""
    rows: tuple[Dictionary, ...] = contents.items(Kind.DICTIONARIES)
    nameless = words.gettext(NAMELESS)
    return tuple(
        DictionaryRows(
            directory=dictionary.directory,
            name=dictionary.name or nameless,
            items=tuple(
                DictionaryItemRow(item.status_id, item.id, item.name or nameless, item.sort, item.system)
                for item in dictionary.items
            ),
        )
        for dictionary in rows
    )
