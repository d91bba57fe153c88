"""The tabs of a portal's data: which one is shown, of which entity, and its rows."""

from __future__ import annotations

from dataclasses import dataclass

from services.cabinet.base.words import Words
from services.cabinet.contents.entities import EVERY, EntityChoice, chosen, entities
from services.cabinet.contents.reading import Contents
from services.cabinet.contents.receipt import ReceiptLine, receipt
from services.cabinet.contents.tabs import IN_PORTAL, Rows
from shared.domain.coverage import item_counts

FIRST = "pipelines"
# In place of an entity type's key, in a form: every one of them.
ALL = "all"


@dataclass(frozen=True, slots=True)
class TabButton:
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
    template: str
    is_in_cards: bool
    entity: str
    choices: tuple[EntityChoice, ...]
    total: int | None
    line: ReceiptLine
    rows: Rows


def tabs(contents: Contents, words: Words, current: str) -> tuple[TabButton, ...]:
    """All tabs with their counts."""
    counts = item_counts(contents.coverage)
    return tuple(
        TabButton(name, words.gettext(tab.title_in_portal), counts[tab.kind], name == current)
        for name, tab in IN_PORTAL.items()
    )


def tab_named(name: str) -> str:
    """The tab of this name, or the first."""
    return name if name in IN_PORTAL else FIRST


def shown(contents: Contents, words: Words, name: str, asked: str) -> Shown:
    """What the tab shows of the entity that was asked for, or of the one that stands first."""
    tab = IN_PORTAL[name]
    choices = entities(contents, words, tab.kind)
    # Where it is not one entity at a time, all of them may be shown together.
    has_all = bool(choices) and not tab.is_per_entity
    is_all = has_all and not any(choice.key == asked for choice in choices)
    entity = EVERY if is_all else chosen(choices, asked)
    return Shown(
        tab=name,
        template=tab.template,
        is_in_cards=tab.is_in_cards,
        entity=ALL if is_all else entity,
        choices=choices,
        total=sum(choice.count for choice in choices) if has_all else None,
        line=receipt(contents, words, tab.kind, entity),
        rows=tab.rows(contents, words, entity),
    )
