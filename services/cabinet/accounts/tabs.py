"""The tabs of one account: each shows one kind of metadata, some of them one entity type at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter, Response
from sqlmodel import Session

from services.cabinet.accounts.heads import AccountHead, tab_shown
from services.cabinet.base.failing import PageRoute
from services.cabinet.base.parameters import EntityKey, VersionNumber
from services.cabinet.base.rendering import Page
from services.cabinet.base.visit import Visiting
from services.cabinet.base.words import Words
from services.cabinet.contents.entities import EVERY, EntityChoice, chosen, entities
from services.cabinet.contents.reading import Contents
from services.cabinet.contents.receipt import ReceiptLine, receipt
from services.cabinet.contents.tabs import TABS, Rows, Tab
from shared.db.accounts import Account
from shared.specification.entity_shapes import has_pipelines

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one kind, the template with their table, and how completely they were read."""

    title: str
    template: str
    receipt_lines: tuple[ReceiptLine, ...]
    rows: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class TabPage(Page):
    """A tab. ``entities`` is the choice of entity types where one is shown at a time; ``entity`` is the chosen key."""

    template: ClassVar[str] = "accounts/tab.html"

    head: AccountHead
    name: str
    hint: str
    is_in_cards: bool
    entities: tuple[EntityChoice, ...]
    entity: str
    sections: tuple[Section, ...]


def _shows(tab: Tab) -> Callable[..., Response]:
    def show_tab(
        visit: Visiting, account_id: UUID, entity: EntityKey = "", version: VersionNumber = None
    ) -> Response:
        def page(_session: Session, _account: Account, contents: Contents, head: AccountHead) -> Page:
            words = visit.words
            choices = entities(contents, words, tab.kind) if tab.is_per_entity else ()
            key = chosen(choices, entity) if tab.is_per_entity else EVERY
            kinds = [tab, *([tab.beside] if tab.beside else [])]
            return TabPage(
                layout=visit.layout("accounts"),
                head=head,
                name=tab.name,
                hint=words.gettext(tab.hint),
                is_in_cards=tab.is_in_cards,
                entities=choices,
                entity=key,
                sections=tuple(_section(contents, words, kind, key) for kind in kinds),
            )

        return tab_shown(visit, account_id, tab.name, version, page)

    return show_tab


for _tab in TABS:
    router.add_api_route(
        f"/accounts/{{account_id}}/{_tab.name}", _shows(_tab), methods=["GET"], name=_tab.name
    )


def _section(contents: Contents, words: Words, tab: Tab, entity: str) -> Section:
    return Section(
        title=words.gettext(tab.title),
        template=tab.template,
        receipt_lines=tuple(_receipt_lines(contents, words, tab, entity)),
        rows=tab.rows(contents, words, entity),
    )


def _receipt_lines(contents: Contents, words: Words, tab: Tab, entity: str) -> Iterator[ReceiptLine]:
    """How the kind was read, and the kind it depends on where that one has gaps."""
    yield receipt(contents, words, tab.kind, entity)
    if tab.depends_on and has_pipelines(entity):
        other = receipt(contents, words, tab.depends_on, entity)
        if not other.is_whole:
            yield other
