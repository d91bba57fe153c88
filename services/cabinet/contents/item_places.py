"""The page on which an item of an account is shown, and the name of its entity type."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote
from uuid import UUID

from sqlmodel import Session

from services.cabinet.base.words import Words
from services.cabinet.contents.entities import title_of
from services.cabinet.contents.reading import Contents, contents
from services.cabinet.contents.tabs import tab_of
from shared.domain.coverage import Kind
from shared.domain.identity import ComparedKind
from shared.domain.order import STANDARD_ENTITY_TYPES
from shared.wording.kinds import entity_key_title, kind_word
from shared.wording.sentences import N_

_LIST_VALUES: Final = N_("List values")


def place_of(account_id: UUID, kind: ComparedKind, entity_type: str | None) -> str:
    """The address of the page that shows items of this kind, of this entity type if each has a page."""
    is_of_field = kind is ComparedKind.LIST_VALUES
    tab = tab_of(Kind.USER_FIELDS if is_of_field else Kind(kind.value))
    entity = f"?entity={quote(entity_type, safe='')}" if entity_type and tab.is_per_entity else ""
    return f"/accounts/{account_id}/{tab.name}{entity}"


def kind_title(kind: ComparedKind, words: Words) -> str:
    """The name of a kind in the plural, as a heading."""
    if kind is ComparedKind.LIST_VALUES:
        return words.gettext(_LIST_VALUES)
    word = kind_word(Kind(kind.value), None, words.language)
    return word[:1].upper() + word[1:]


class EntityTitles:
    """The names of entity types in the accounts of one page.

    An account's contents are read only for names its people gave, so the session must be open.
    """

    def __init__(self, session: Session, words: Words) -> None:
        self._session = session
        self._words = words
        self._contents: dict[UUID, Contents | None] = {}

    def of(self, portal_id: UUID, key: str) -> str:
        """The name of the entity type in this portal."""
        if key in STANDARD_ENTITY_TYPES:
            return entity_key_title(key, self._words.language)
        if portal_id not in self._contents:
            self._contents[portal_id] = contents(self._session, portal_id)
        portal_contents = self._contents[portal_id]
        return key if portal_contents is None else title_of(portal_contents, self._words, key)
