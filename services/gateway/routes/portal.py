"""Requests of a page in the frame: links, refresh, settings, erasing, a new session. Changes need an administrator."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from services.gateway import linking, portal_erasure, portal_settings, refreshing
from services.gateway.app_opening import guest_of, open_app, parse_opening
from services.gateway.conversations import converse
from services.gateway.dependencies import Administrator, Caller, Service
from services.gateway.form_refusals import BadValue
from services.gateway.linking import PREVIEW_LIVES
from services.gateway.request_parsing import Fields
from services.gateway.wording import language_of
from shared.db.links import Receiver, masked
from shared.domain.refusals import NotFound
from shared.frame import LIVES
from shared.web import network_of, refusals

# A form may be refused, the caller or the portal may not be confirmed, a portal may not answer.
router = APIRouter(prefix="/bitrix24", responses=refusals(400, 401, 403, 404, 409, 413, 415, 422, 429, 503))

_FLAGS = {"1": True, "0": False, "": False}


class CabinetShown(BaseModel):
    """A cabinet as shown to people outside it: ``owner`` is masked, and so is a title that is an e-mail address."""

    title: str
    owner: str
    accounts: int
    created_at: datetime


class PreviewShown(BaseModel):
    """The cabinet of a token. ``preview`` proves for ``expires_in`` seconds that it was shown before linking."""

    cabinet: CabinetShown
    preview: str
    expires_in: int


class LinkMade(BaseModel):
    """The portal is linked as account ``id``; ``refresh`` is the id of the read that was requested."""

    id: UUID
    cabinet: CabinetShown
    is_new: bool
    refresh: UUID


class LinkedCabinetShown(BaseModel):
    """A cabinet that sees this portal. ``linked_by`` is the id of the portal's user who linked it."""

    id: UUID
    title: str
    owner: str
    linked_at: datetime
    linked_by: int | None


class LinkedCabinetList(BaseModel):
    """The cabinets that see this portal."""

    items: list[LinkedCabinetShown]
    next: str | None = None


class Settings(BaseModel):
    """The portal's settings. ``admins_only``: in the frame only administrators see what was read."""

    admins_only: bool


class Session(BaseModel):
    """A frame session. ``expires_in`` is in seconds."""

    session: str
    expires_in: int
    is_admin: bool


class Started(BaseModel):
    """A refresh that was requested."""

    id: UUID


@router.post("/link/preview")
def preview(request: Request, gateway: Service, caller: Administrator, fields: Fields) -> PreviewShown:
    """The cabinet of the token. Nothing is linked yet."""
    link_preview = linking.preview(gateway, caller, network_of(request), fields.get("token", ""))
    return PreviewShown(
        cabinet=_shown(link_preview.receiver),
        preview=link_preview.nonce,
        expires_in=int(PREVIEW_LIVES.total_seconds()),
    )


@router.post("/link")
def link(request: Request, gateway: Service, caller: Administrator, fields: Fields) -> LinkMade:
    """The portal is an account of the token's cabinet."""
    linked = linking.link(
        gateway, caller, network_of(request), fields.get("token", ""), fields.get("preview", "")
    )
    return LinkMade(
        id=linked.account_id, cabinet=_shown(linked.receiver), is_new=linked.is_new, refresh=linked.job_id
    )


@router.post("/links")
def links(gateway: Service, caller: Administrator) -> LinkedCabinetList:
    """The cabinets that see this portal."""
    return LinkedCabinetList(
        items=[
            LinkedCabinetShown(
                id=row.account_id,
                title=masked(row.title),
                owner=masked(row.owner),
                linked_at=row.linked_at,
                linked_by=row.linked_by,
            )
            for row in linking.linked_cabinets(gateway, caller)
        ]
    )


@router.post("/links/{account_id}/cut")
def unlink(gateway: Service, caller: Administrator, account_id: UUID) -> dict[str, str]:
    """The portal is no longer linked to this cabinet. Raises NotFound."""
    if not linking.unlink(gateway, caller, account_id):
        raise NotFound
    return {"status": "ok"}


@router.post("/settings")
def settings(gateway: Service, caller: Administrator, fields: Fields) -> Settings:
    """The settings that were sent are stored. Returns all settings of the portal."""
    admins_only = fields.get("admins_only")
    changed = portal_settings.change(
        gateway, caller, admins_only=None if admins_only is None else flag(admins_only)
    )
    return Settings(admins_only=changed.admins_only)


@router.post("/erase")
def erase(gateway: Service, caller: Administrator, fields: Fields) -> dict[str, str]:
    """All data of this portal is erased, which cannot be undone. Raises BadValue without ``confirmed=1``."""
    confirmed(fields)
    portal_erasure.erase(gateway, caller)
    return {"status": "ok"}


@router.post("/refresh", status_code=202)
def refresh(gateway: Service, caller: Caller) -> Started:
    """An urgent read of the portal is requested. Returns its id, or that of a read that is already under way."""
    return Started(id=refreshing.refresh(gateway, caller))


@router.post("/session")
async def new_session(request: Request, gateway: Service, fields: Fields) -> Session:
    """A new session for a page whose session has expired. The person is known by a fresh access token."""
    opening = parse_opening(fields, language=language_of(fields.get("LANG", "")))
    guest = await run_in_threadpool(guest_of, gateway, opening, network_of(request))
    opened = await converse(gateway, guest, open_app, gateway, opening)
    return Session(session=opened.session, expires_in=int(LIVES.total_seconds()), is_admin=opened.is_admin)


def flag(text: str) -> bool:
    """The value of ``admins_only`` in the form. Raises BadValue."""
    if text not in _FLAGS:
        raise BadValue(hint="admins_only: 1, 0")
    return _FLAGS[text]


def confirmed(fields: Mapping[str, str]) -> None:
    """The form says that the person has confirmed. Raises BadValue."""
    if fields.get("confirmed") != "1":
        raise BadValue(hint="confirmed: 1")


def _shown(receiver: Receiver) -> CabinetShown:
    return CabinetShown(
        title=masked(receiver.title),
        owner=masked(receiver.owner),
        accounts=receiver.accounts,
        created_at=receiver.created_at,
    )
