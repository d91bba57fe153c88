"""The tabs of one account in which one entity is shown at a time."""

from __future__ import annotations

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
from services.cabinet.contents.entities import EntityChoice, chosen, entities
from services.cabinet.contents.reading import Contents
from services.cabinet.contents.receipt import ReceiptLine, receipt
from services.cabinet.contents.stages import StageLine, stages
from services.cabinet.contents.standard_fields import StandardFieldRow, standard_fields
from services.cabinet.contents.user_fields import FieldRow, user_fields
from shared.db.accounts import Account
from shared.domain.coverage import Kind
from shared.specification.entity_shapes import has_pipelines

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StagesPage(Page):
    """The stages of one entity, pipeline by pipeline. ``receipt_lines``: stages, and pipelines where they lack."""

    template: ClassVar[str] = "accounts/stages.html"

    head: AccountHead
    entities: tuple[EntityChoice, ...]
    entity: str
    receipt_lines: tuple[ReceiptLine, ...]
    rows: tuple[StageLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldsPage(Page):
    """The user fields of one entity."""

    template: ClassVar[str] = "accounts/fields.html"

    head: AccountHead
    entities: tuple[EntityChoice, ...]
    entity: str
    receipt_line: ReceiptLine
    rows: tuple[FieldRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardFieldsPage(Page):
    """The standard fields of one entity, of an account that is read in full."""

    template: ClassVar[str] = "accounts/standard_fields.html"

    head: AccountHead
    entities: tuple[EntityChoice, ...]
    entity: str
    receipt_line: ReceiptLine
    rows: tuple[StandardFieldRow, ...]


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
            layout=visit.layout("accounts"),
            head=head,
            entities=choices,
            entity=key,
            receipt_lines=tuple(lines),
            rows=stages(found, words, key),
        )

    return tab_shown(visit, account_id, "stages", version, page)


@router.get("/accounts/{account_id}/fields")
def show_fields(
    visit: Visiting, account_id: UUID, entity: EntityKey = "", version: VersionNumber = None
) -> Response:
    """The user fields of one entity, the first that has some if none is asked for."""

    def page(_session: Session, _account: Account, found: Contents, head: AccountHead) -> Page:
        choices = entities(found, visit.words, Kind.USER_FIELDS)
        key = chosen(choices, entity)
        return FieldsPage(
            layout=visit.layout("accounts"),
            head=head,
            entities=choices,
            entity=key,
            receipt_line=receipt(found, visit.words, Kind.USER_FIELDS, key),
            rows=user_fields(found, visit.words, key),
        )

    return tab_shown(visit, account_id, "fields", version, page)


@router.get("/accounts/{account_id}/standard-fields")
def show_standard_fields(
    visit: Visiting, account_id: UUID, entity: EntityKey = "", version: VersionNumber = None
) -> Response:
    """The standard fields of one entity, the first that has some if none is asked for."""

    def page(_session: Session, _account: Account, found: Contents, head: AccountHead) -> Page:
        choices = entities(found, visit.words, Kind.STANDARD_FIELDS)
        key = chosen(choices, entity)
        return StandardFieldsPage(
            layout=visit.layout("accounts"),
            head=head,
            entities=choices,
            entity=key,
            receipt_line=receipt(found, visit.words, Kind.STANDARD_FIELDS, key),
            rows=standard_fields(found, visit.words, key),
        )

    return tab_shown(visit, account_id, "standard-fields", version, page)
