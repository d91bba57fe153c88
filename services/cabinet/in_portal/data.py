"""The tabs of a portal's data: which tab and entity type are shown, and the rows."""

from __future__ import annotations

from dataclasses import dataclass

from services.cabinet.base.words import Words
from services.cabinet.contents.entities import EVERY, EntityChoice, chosen, entities
from services.cabinet.contents.reading import Contents
from services.cabinet.contents.receipt import ReceiptLine, receipt
from services.cabinet.contents.tabs import IN_PORTAL, Rows
from shared.domain.coverage import item_counts

FIRST = "pipelines"
# Stands for all entity types where a form has a key.
ALL = "all"


@dataclass(frozen=True, slots=True)
class TabButton:
    """The button of a tab. ``count`` is the number of its items."""

    name: str
    title: str
    count: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """The content of the chosen tab: the rows of its kind, and how completely they were read.

    ``entity`` is the key of the chosen entity type, ``all`` for all of them, empty for a kind without entity types.
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
    """The content of the tab for the entity type that was asked for, else for the first one."""
    tab = IN_PORTAL[name]
    choices = entities(contents, words, tab.kind)
    # A tab that is not limited to one entity type may show all of them together.
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
