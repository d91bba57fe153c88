"""Search for items by name, code or id in all accounts of the cabinet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from fastapi import APIRouter, Response

from services.cabinet.base.failing import PageRoute
from services.cabinet.base.rendering import Page
from services.cabinet.base.visit import Visiting
from services.cabinet.base.words import Words
from services.cabinet.contents.item_places import EntityTitles, kind_title, place_of
from shared.db import searching
from shared.db.searching import MOST_FOUND, Found
from shared.domain.identity import ComparedKind

router = APIRouter(route_class=PageRoute, include_in_schema=False)

SHORTEST, LONGEST = 2, 200


@dataclass(frozen=True, slots=True)
class FoundItem:
    """An item that was found and the page that shows it."""

    label: str
    kind: str
    entity: str
    code: str
    id: int | None
    address: str


@dataclass(frozen=True, slots=True)
class FoundInAccount:
    """What was found in one account."""

    title: str
    address: str
    items: tuple[FoundItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage(Page):
    """What was found. ``problem`` says why no search was made; ``most`` is set if there may be more items."""

    template: ClassVar[str] = "search/search.html"

    asked: str
    groups: tuple[FoundInAccount, ...]
    problem: str
    found: int
    most: int | None


@router.get("/search")
def search(visit: Visiting, q: str = "") -> Response:
    """The items of all accounts that contain every word."""
    words, query = visit.words, q.strip()
    problem = _problem(query, words)
    found_items: list[Found] = []
    groups: tuple[FoundInAccount, ...] = ()
    if query and not problem:
        with visit.session() as session:
            found_items = searching.find(session, visit.member.cabinet_id, query)
            groups = tuple(_grouped(found_items, words, EntityTitles(session, words)))
    page = SearchPage(
        layout=visit.layout("search"),
        asked=query[:LONGEST],
        groups=groups,
        problem=problem,
        found=len(found_items),
        most=MOST_FOUND if len(found_items) == MOST_FOUND else None,
    )
    return visit.show(page)


def _problem(query: str, words: Words) -> str:
    if query and len(query) < SHORTEST:
        return words.gettext("Type at least two characters.")
    if len(query) > LONGEST:
        return words.gettext(
            "That is too long: no name, code or id is longer than {most} characters.", most=LONGEST
        )
    return ""


def _grouped(found_items: Iterable[Found], words: Words, titles: EntityTitles) -> Iterable[FoundInAccount]:
    for account_id, group in groupby(found_items, key=lambda item: item.account_id):
        items = list(group)
        yield FoundInAccount(
            title=items[0].account,
            address=f"/accounts/{account_id}",
            items=tuple(_item(item, words, titles) for item in items),
        )


def _item(item: Found, words: Words, titles: EntityTitles) -> FoundItem:
    kind, entity_type = ComparedKind(item.kind), item.entity_type
    return FoundItem(
        label=item.label or "",
        kind=kind_title(kind, words),
        entity="" if entity_type is None else titles.of(item.portal_id, entity_type),
        code=item.code or "",
        id=item.item_id,
        address=place_of(item.account_id, kind, entity_type),
    )
