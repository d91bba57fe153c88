"""The history of one account: its versions and what changed with each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter, Response
from sqlmodel import Session

from services.cabinet.accounts.heads import CHANGES, AccountHead, tab_shown
from services.cabinet.base.failing import PageRoute
from services.cabinet.base.parameters import VersionNumber
from services.cabinet.base.rendering import Page
from services.cabinet.base.visit import Visiting
from services.cabinet.contents.reading import Contents
from services.cabinet.contents.versions import VersionLines, versions
from shared.db.accounts import Account

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesPage(Page):
    """The versions of the account, newest first. ``earlier`` is the address of older ones, empty if there are none."""

    template: ClassVar[str] = "accounts/changes.html"

    head: AccountHead
    rows: tuple[VersionLines, ...]
    earlier: str


@router.get("/accounts/{account_id}/changes")
def show_changes(
    visit: Visiting, account_id: UUID, before: VersionNumber = None, version: VersionNumber = None
) -> Response:
    """What changed, version by version, newest first; only versions below ``before`` if it is given."""

    def page(session: Session, account: Account, content: Contents, head: AccountHead) -> Page:
        first = content.number + 1 if before is None else before
        rows = versions(session, account.portal_id, content, visit.words, before=first)
        last = rows[-1].number if rows else 1
        mark = "&" if head.suffix else "?"
        earlier = f"{head.address}/changes{head.suffix}{mark}before={last}" if last > 1 else ""
        return ChangesPage(layout=visit.layout("accounts"), head=head, rows=rows, earlier=earlier)

    return tab_shown(visit, account_id, CHANGES, version, page)
