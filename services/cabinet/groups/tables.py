"""The tables of a group: one kind of metadata of all its accounts, each row with its account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, Query, Response
from sqlmodel import Session

from services.cabinet.base.failing import PageRoute
from services.cabinet.base.parameters import EntityKey
from services.cabinet.base.rendering import Page
from services.cabinet.base.visit import Visit, Visiting
from services.cabinet.base.words import Words
from services.cabinet.contents.account_lines import account_line
from services.cabinet.contents.reading import Contents, contents
from services.cabinet.contents.receipt import ReceiptLine, receipt
from services.cabinet.contents.tabs import IN_GROUPS, Rows, Tab
from services.cabinet.groups.entities import GroupChoice, chosen_of, group_entities, keys_of
from services.cabinet.groups.heads import GroupHead, group_and_accounts, group_head
from shared.db.accounts import Account
from shared.domain.coverage import Kind
from shared.domain.refusals import NotFound

router = APIRouter(route_class=PageRoute, include_in_schema=False)

# A page ends after the account with which it has this many rows, so a group of large portals stays readable.
ROWS_AT_ONCE, ACCOUNTS_AT_ONCE = 1500, 100


@dataclass(frozen=True, slots=True)
class AccountRows:
    """The rows of one account. ``gaps`` are the receipts of what could not be read; ``advice`` is what to do about it.

    ``age`` is empty for an account that was never read.
    """

    title: str
    address: str
    state: str
    tone: str
    age: str
    moment: str
    advice: str
    gaps: tuple[ReceiptLine, ...]
    rows: Rows

    @property
    def is_whole(self) -> bool:
        """True when there is nothing to warn of."""
        return bool(self.age) and not self.gaps and not self.advice


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTablePage(Page):
    """One kind of all accounts of a group. ``earlier`` and ``further`` are the addresses of the other pages."""

    template: ClassVar[str] = "groups/table.html"

    head: GroupHead
    tab: str
    kind_template: str
    choices: tuple[GroupChoice, ...]
    choice: str
    accounts: tuple[AccountRows, ...]
    is_filled: bool
    first: int
    last: int
    earlier: str
    further: str


@router.get("/groups/{group_id}/{tab}")
def show_table(
    visit: Visiting,
    group_id: UUID,
    tab: str,
    entity: EntityKey = "",
    skip: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> Response:
    """The table of one kind for the group's accounts after the first ``skip``."""
    shown_as = IN_GROUPS.get(tab)
    if shown_as is None:
        raise NotFound
    choices = group_entities(visit.words, shown_as)
    choice = chosen_of(choices, entity)
    tables: list[AccountRows] = []
    with visit.session() as session:
        group, members = group_and_accounts(session, visit, group_id)
        for account in members[skip : skip + ACCOUNTS_AT_ONCE]:
            tables.append(_account_rows(session, visit, account, shown_as, choice))
            if sum(shown_as.row_count(table.rows) for table in tables) >= ROWS_AT_ONCE:
                break
    last = skip + len(tables)
    address = f"/groups/{group.id}/{tab}?entity={choice}"
    return visit.show(
        GroupTablePage(
            layout=visit.layout("accounts"),
            head=group_head(visit, group, members, tab),
            tab=tab,
            kind_template=shown_as.template,
            choices=choices,
            choice=choice,
            accounts=tuple(tables),
            is_filled=any(shown_as.row_count(table.rows) for table in tables),
            first=skip + 1,
            last=last,
            earlier=address if skip else "",
            further=f"{address}&skip={last}" if last < len(members) else "",
        )
    )


def _account_rows(session: Session, visit: Visit, account: Account, tab: Tab, choice: str) -> AccountRows:
    line = account_line(account, visit.words)
    content = contents(session, account.portal_id)
    gaps: tuple[ReceiptLine, ...] = ()
    rows: Rows = ()
    if content is not None:
        for key in keys_of(content, choice):
            rows += tab.rows(content, visit.words, key)
        gaps = _gaps(content, visit.words, tab.kind, choice)
    return AccountRows(
        title=line.title,
        address=f"/accounts/{account.id}/{tab.name}",
        state=line.state,
        tone=line.tone,
        age=line.age,
        moment=line.moment,
        advice=line.advice,
        gaps=gaps,
        rows=rows,
    )


def _gaps(content: Contents, words: Words, kind: Kind, choice: str) -> tuple[ReceiptLine, ...]:
    """The receipts of what could not be read of this kind; an entity type the portal does not have is no gap."""
    keys = keys_of(content, choice) if kind.is_per_entity else (choice,)
    if kind.is_per_entity:
        keys = tuple(key for key in keys if key in content.entity_types or content.covered(kind, key))
    lines = (receipt(content, words, kind, key) for key in keys)
    return tuple(line for line in lines if not line.is_whole)
