"""The tabs of one account: what it contains, kind by kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, Query, Response
from sqlmodel import Session

from services.cabinet.contents.changes import VersionLines, versions
from services.cabinet.contents.dictionaries import DictionaryRows, dictionaries
from services.cabinet.contents.entities import EntityChoice, chosen, entities
from services.cabinet.contents.entity_types import EntityTypeRow, entity_types
from services.cabinet.contents.pipelines import PipelineRow, pipelines
from services.cabinet.contents.reading import Contents
from services.cabinet.contents.receipt import ReceiptLine, receipt
from services.cabinet.contents.stages import StageLine, stages
from services.cabinet.contents.user_fields import FieldRow, user_fields
from services.cabinet.contents.users import DepartmentRow, UserRow, departments, users
from services.cabinet.web.account_heads import (
    AccountHead,
    VersionNumber,
    account_and_contents,
    account_head,
    unread,
)
from services.cabinet.web.failing import PageRoute
from services.cabinet.web.rendering import Page
from services.cabinet.web.visit import Visit, Visiting
from shared.db.accounts import Account
from shared.domain.coverage import Kind
from shared.specification.entity_shapes import has_pipelines

router = APIRouter(route_class=PageRoute, include_in_schema=False)

# The key of an entity type, as an address has it.
EntityKey = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelinesPage(Page):
    """All pipelines of the account."""

    template: ClassVar[str] = "account_pipelines.html"

    head: AccountHead
    receipt_line: ReceiptLine
    rows: tuple[PipelineRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StagesPage(Page):
    """The stages of one entity, pipeline by pipeline. ``receipt_lines``: stages, and pipelines where they lack."""

    template: ClassVar[str] = "account_stages.html"

    head: AccountHead
    entities: tuple[EntityChoice, ...]
    entity: str
    receipt_lines: tuple[ReceiptLine, ...]
    rows: tuple[StageLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldsPage(Page):
    """The user fields of one entity."""

    template: ClassVar[str] = "account_fields.html"

    head: AccountHead
    entities: tuple[EntityChoice, ...]
    entity: str
    receipt_line: ReceiptLine
    rows: tuple[FieldRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsersPage(Page):
    """The people of the portal and its departments."""

    template: ClassVar[str] = "account_users.html"

    head: AccountHead
    receipt_line: ReceiptLine
    rows: tuple[UserRow, ...]
    department_line: ReceiptLine
    departments: tuple[DepartmentRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DictionariesPage(Page):
    """The reference lists."""

    template: ClassVar[str] = "account_dictionaries.html"

    head: AccountHead
    receipt_line: ReceiptLine
    rows: tuple[DictionaryRows, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityTypesPage(Page):
    """The entity types with their identifiers."""

    template: ClassVar[str] = "account_entity_types.html"

    head: AccountHead
    receipt_line: ReceiptLine
    rows: tuple[EntityTypeRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesPage(Page):
    """The versions of the account, newest first. ``earlier`` is the address of those before, if there are any."""

    template: ClassVar[str] = "account_changes.html"

    head: AccountHead
    rows: tuple[VersionLines, ...]
    earlier: str


@router.get("/accounts/{account_id}/pipelines")
def show_pipelines(visit: Visiting, account_id: UUID, version: VersionNumber = None) -> Response:
    """The pipelines of the account."""

    def page(_session: Session, _account: Account, found: Contents, head: AccountHead) -> Page:
        return PipelinesPage(
            frame=visit.frame("accounts"),
            head=head,
            receipt_line=receipt(found, visit.words, Kind.PIPELINES),
            rows=pipelines(found, visit.words),
        )

    return _shown(visit, account_id, "pipelines", version, page)


@router.get("/accounts/{account_id}/stages")
def show_stages(
    visit: Visiting, account_id: UUID, entity: EntityKey = "", version: VersionNumber = None
) -> Response:
    """The stages of one entity, the first that has some if none is asked for."""

    def page(_session: Session, _account: Account, found: Contents, head: AccountHead) -> Page:
        words = visit.words
        choices = entities(found, words, Kind.STAGES)
        key = chosen(choices, entity)
        lines = [receipt(found, words, Kind.STAGES, key)]
        if has_pipelines(key) and not (unread := receipt(found, words, Kind.PIPELINES, key)).is_whole:
            lines.append(unread)
        return StagesPage(
            frame=visit.frame("accounts"),
            head=head,
            entities=choices,
            entity=key,
            receipt_lines=tuple(lines),
            rows=stages(found, words, key),
        )

    return _shown(visit, account_id, "stages", version, page)


@router.get("/accounts/{account_id}/fields")
def show_fields(
    visit: Visiting, account_id: UUID, entity: EntityKey = "", version: VersionNumber = None
) -> Response:
    """The user fields of one entity, the first that has some if none is asked for."""

    def page(_session: Session, _account: Account, found: Contents, head: AccountHead) -> Page:
        choices = entities(found, visit.words, Kind.USER_FIELDS)
        key = chosen(choices, entity)
        return FieldsPage(
            frame=visit.frame("accounts"),
            head=head,
            entities=choices,
            entity=key,
            receipt_line=receipt(found, visit.words, Kind.USER_FIELDS, key),
            rows=user_fields(found, visit.words, key),
        )

    return _shown(visit, account_id, "fields", version, page)


@router.get("/accounts/{account_id}/users")
def show_users(visit: Visiting, account_id: UUID, version: VersionNumber = None) -> Response:
    """The people and departments of the portal."""

    def page(_session: Session, _account: Account, found: Contents, head: AccountHead) -> Page:
        return UsersPage(
            frame=visit.frame("accounts"),
            head=head,
            receipt_line=receipt(found, visit.words, Kind.USERS),
            rows=users(found, visit.words),
            department_line=receipt(found, visit.words, Kind.DEPARTMENTS),
            departments=departments(found, visit.words),
        )

    return _shown(visit, account_id, "users", version, page)


@router.get("/accounts/{account_id}/dictionaries")
def show_dictionaries(visit: Visiting, account_id: UUID, version: VersionNumber = None) -> Response:
    """The reference lists of the portal."""

    def page(_session: Session, _account: Account, found: Contents, head: AccountHead) -> Page:
        return DictionariesPage(
            frame=visit.frame("accounts"),
            head=head,
            receipt_line=receipt(found, visit.words, Kind.DICTIONARIES),
            rows=dictionaries(found, visit.words),
        )

    return _shown(visit, account_id, "dictionaries", version, page)


@router.get("/accounts/{account_id}/smart-processes")
def show_entity_types(visit: Visiting, account_id: UUID, version: VersionNumber = None) -> Response:
    """The entity types of the portal, smart processes among them."""

    def page(_session: Session, _account: Account, found: Contents, head: AccountHead) -> Page:
        return EntityTypesPage(
            frame=visit.frame("accounts"),
            head=head,
            receipt_line=receipt(found, visit.words, Kind.ENTITY_TYPES),
            rows=entity_types(found, visit.words),
        )

    return _shown(visit, account_id, "smart-processes", version, page)


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
        return ChangesPage(frame=visit.frame("accounts"), head=head, rows=rows, earlier=earlier)

    return _shown(visit, account_id, "changes", version, page)


def _shown(
    visit: Visit,
    account_id: UUID,
    tab: str,
    version: int | None,
    page: Callable[[Session, Account, Contents, AccountHead], Page],
) -> Response:
    """The page of this tab, built while the database is open; the one that stands in for it if never read."""
    with visit.session() as session:
        account, found = account_and_contents(session, visit, account_id, version)
        if found is None:
            return unread(visit, account)
        head = account_head(visit, account, found, tab=tab, version=version)
        built = page(session, account, found, head)
    return visit.show(built)
