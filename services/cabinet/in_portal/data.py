"""The tabs of a portal's data: which one is shown, of which entity, and its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.cabinet.base.words import N_, Words
from services.cabinet.contents.entities import EVERY, EntityChoice, chosen, entities
from services.cabinet.contents.pipelines import pipelines
from services.cabinet.contents.reading import Contents
from services.cabinet.contents.receipt import ReceiptLine, receipt
from services.cabinet.contents.stages import stages
from services.cabinet.contents.user_fields import user_fields
from services.cabinet.contents.users import users
from shared.domain.coverage import Kind, item_counts


@dataclass(frozen=True, slots=True)
class _Kind:
    """A tab. ``has_all``: its entities may be shown together, as there are not too many rows."""

    kind: Kind
    title: str
    rows: Callable[[Contents, Words, str], tuple[Any, ...]]
    has_all: bool = False


_TABS: Final[Mapping[str, _Kind]] = {
    "pipelines": _Kind(Kind.PIPELINES, N_("PIPELINES"), pipelines, has_all=True),
    "stages": _Kind(Kind.STAGES, N_("STAGES OF PIPELINES"), stages),
    "fields": _Kind(Kind.USER_FIELDS, N_("USER FIELDS"), user_fields),
    "users": _Kind(Kind.USERS, N_("USERS"), users),
}
FIRST = "pipelines"
# In place of an entity type's key, in a form: every one of them.
ALL = "all"


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab to press. ``count`` is how many items stand there."""

    name: str
    title: str
    count: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What the chosen tab shows: rows of its kind, and how completely they were read.

    ``entity`` is the chosen entity type's key, ``all`` for every one, and empty for a kind that has none.
    """

    tab: str
    entity: str
    choices: tuple[EntityChoice, ...]
    total: int | None
    line: ReceiptLine
    rows: tuple[Any, ...]


def tabs(contents: Contents, words: Words, current: str) -> tuple[Tab, ...]:
    """All tabs with their counts."""
    counts = item_counts(contents.coverage)
    return tuple(
        Tab(name, words.gettext(tab.title), counts[tab.kind], name == current) for name, tab in _TABS.items()
    )


def tab_named(name: str) -> str:
    """The tab of this name, or the first."""
    return name if name in _TABS else FIRST


def shown(contents: Contents, words: Words, name: str, asked: str) -> Shown:
    """What the tab shows of the entity that was asked for, or of the one that stands first."""
    tab = _TABS[name]
    choices = entities(contents, words, tab.kind)
    is_all = tab.has_all and not any(choice.key == asked for choice in choices)
    entity = EVERY if is_all else chosen(choices, asked)
    return Shown(
        tab=name,
        entity=ALL if is_all else entity,
        choices=choices,
        total=sum(choice.count for choice in choices) if tab.has_all else None,
        line=receipt(contents, words, tab.kind, entity),
        rows=tab.rows(contents, words, entity),
    )
