"""The tabs of one account with all of a kind; those with a page for each entity are ``account_entity_tabs``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter, Response
from sqlmodel import Session

from services.cabinet.accounts.heads import AccountHead, tab_shown
from services.cabinet.base.failing import PageRoute
from services.cabinet.base.parameters import VersionNumber
from services.cabinet.base.rendering import Page
from services.cabinet.base.visit import Visiting
from services.cabinet.contents.dictionaries import DictionaryRows, dictionaries
from services.cabinet.contents.entity_types import EntityTypeRow, entity_types
from services.cabinet.contents.pipelines import PipelineRow, pipelines
from services.cabinet.contents.reading import Contents
from services.cabinet.contents.receipt import ReceiptLine, receipt
from services.cabinet.contents.users import DepartmentRow, UserRow, departments, users
from services.cabinet.contents.versions import VersionLines, versions
from shared.db.accounts import Account
from shared.domain.coverage import Kind

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelinesPage(Page):
    """All pipelines of the account."""

    template: ClassVar[str] = "accounts/pipelines.html"

    head: AccountHead
    receipt_line: ReceiptLine
    rows: tuple[PipelineRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsersPage(Page):
    """The people of the portal and its departments."""

    template: ClassVar[str] = "accounts/users.html"

    head: AccountHead
    receipt_line: ReceiptLine
    rows: tuple[UserRow, ...]
    department_line: ReceiptLine
    departments: tuple[DepartmentRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DictionariesPage(Page):
    """The reference lists."""

    template: ClassVar[str] = "accounts/dictionaries.html"

    head: AccountHead
    receipt_line: ReceiptLine
    rows: tuple[DictionaryRows, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityTypesPage(Page):
    """The entity types with their identifiers."""

    template: ClassVar[str] = "accounts/entity_types.html"

    head: AccountHead
    receipt_line: ReceiptLine
    rows: tuple[EntityTypeRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesPage(Page):
    """The versions of the account, newest first. ``earlier`` is the address of those before, if there are any."""

    template: ClassVar[str] = "accounts/changes.html"

    head: AccountHead
    rows: tuple[VersionLines, ...]
    earlier: str


@router.get("/accounts/{account_id}/pipelines")
def show_pipelines(visit: Visiting, account_id: UUID, version: VersionNumber = None) -> Response:
    """The pipelines of the account."""

    def page(_session: Session, _account: Account, found: Contents, head: AccountHead) -> Page:
        return PipelinesPage(
            layout=visit.layout("accounts"),
            head=head,
            receipt_line=receipt(found, visit.words, Kind.PIPELINES),
            rows=pipelines(found, visit.words),
        )

    return tab_shown(visit, account_id, "pipelines", version, page)


@router.get("/accounts/{account_id}/users")
def show_users(visit: Visiting, account_id: UUID, version: VersionNumber = None) -> Response:
    """The people and departments of the portal."""

    def page(_session: Session, _account: Account, found: Contents, head: AccountHead) -> Page:
        return UsersPage(
            layout=visit.layout("accounts"),
            head=head,
            receipt_line=receipt(found, visit.words, Kind.USERS),
            rows=users(found, visit.words),
            department_line=receipt(found, visit.words, Kind.DEPARTMENTS),
            departments=departments(found, visit.words),
        )

    return tab_shown(visit, account_id, "users", version, page)


@router.get("/accounts/{account_id}/dictionaries")
def show_dictionaries(visit: Visiting, account_id: UUID, version: VersionNumber = None) -> Response:
    """The reference lists of the portal."""

    def page(_session: Session, _account: Account, found: Contents, head: AccountHead) -> Page:
        return DictionariesPage(
            layout=visit.layout("accounts"),
            head=head,
            receipt_line=receipt(found, visit.words, Kind.DICTIONARIES),
            rows=dictionaries(found, visit.words),
        )

    return tab_shown(visit, account_id, "dictionaries", version, page)


@router.get("/accounts/{account_id}/smart-processes")
def show_entity_types(visit: Visiting, account_id: UUID, version: VersionNumber = None) -> Response:
    """The entity types of the portal, smart processes among them."""

    def page(_session: Session, _account: Account, found: Contents, head: AccountHead) -> Page:
        return EntityTypesPage(
            layout=visit.layout("accounts"),
            head=head,
            receipt_line=receipt(found, visit.words, Kind.ENTITY_TYPES),
            rows=entity_types(found, visit.words),
        )

    return tab_shown(visit, account_id, "smart-processes", version, page)


@router.get("/accounts/{account_id}/changes")
def show_changes(
    visit: Visiting, account_id: UUID, before: VersionNumber = None, version: VersionNumber = None
) -> Response:
    """What changed, version by version, from the newest on or from before a number."""

    def page(session: Session, account: Account, found: Contents, head: AccountHead) -> Page:
        first = found.number + 1 if before is None else before
        rows = versions(session, account.portal_id, found, visit.words, before=first)
        last = rows[-1].number if rows else 1
        mark = "&" if head.suffix else "?"
        earlier = f"{head.address}/changes{head.suffix}{mark}before={last}" if last > 1 else ""
        return ChangesPage(layout=visit.layout("accounts"), head=head, rows=rows, earlier=earlier)

    return tab_shown(visit, account_id, "changes", version, page)
