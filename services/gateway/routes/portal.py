"""What a page in the frame asks for: linking to cabinets, a refresh, the portal's settings. Changes need an admin."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from services.gateway import choosing, erasing, linking, refreshing
from services.gateway.asking import Administrator, Fields, Framed, Service
from services.gateway.linking import PREVIEW_LIVES
from shared.db.links import Receiver, masked
from shared.web import Problem

router = APIRouter(prefix="/bitrix24")

_FLAGS = {"1": True, "0": False, "": False}


class CabinetShown(BaseModel):
    """A cabinet as a stranger may know it: ``owner`` is masked, and so is a title that is an address."""

    title: str
    owner: str
    accounts: int
    created_at: datetime


class PreviewShown(BaseModel):
    """Whose cabinet a token leads to; ``preview`` confirms for ``expires_in`` seconds that it was shown."""

    cabinet: CabinetShown
    preview: str
    expires_in: int


class LinkMade(BaseModel):
    """The portal is linked, as account ``id``; ``refresh`` is the read under way."""

    id: UUID
    cabinet: CabinetShown
    is_new: bool
    refresh: UUID


class OnlookerShown(BaseModel):
    """A cabinet that sees this portal. ``linked_by``: the number of the portal's user who linked it."""

    id: UUID
    title: str
    owner: str
    linked_at: datetime
    linked_by: int | None


class OnlookerList(BaseModel):
    """The cabinets that see this portal."""

    items: list[OnlookerShown]
    next: str | None = None


class Settings(BaseModel):
    """The portal's settings. ``admins_only``: in the frame nobody but administrators sees what was read."""

    admins_only: bool


class Started(BaseModel):
    """A refresh that was asked for."""

    id: UUID


@router.post("/link/preview")
def preview(gateway: Service, asking: Administrator, fields: Fields) -> PreviewShown:
    """Whose cabinet the token leads to, before anything is linked."""
    found = linking.preview(gateway, asking, fields.get("token", ""))
    return PreviewShown(
        cabinet=_shown(found.receiver), preview=found.nonce, expires_in=int(PREVIEW_LIVES.total_seconds())
    )


@router.post("/link")
def link(gateway: Service, asking: Administrator, fields: Fields) -> LinkMade:
    """The portal is an account of the token's cabinet."""
    made = linking.link(gateway, asking, fields.get("token", ""), fields.get("preview", ""))
    return LinkMade(id=made.link_id, cabinet=_shown(made.receiver), is_new=made.is_new, refresh=made.job_id)


@router.post("/links")
def links(gateway: Service, asking: Administrator) -> OnlookerList:
    """The cabinets that see this portal."""
    return OnlookerList(
        items=[
            OnlookerShown(
                id=row.link_id,
                title=masked(row.title),
                owner=masked(row.owner),
                linked_at=row.linked_at,
                linked_by=row.linked_by,
            )
            for row in linking.onlookers(gateway, asking)
        ]
    )


@router.post("/links/{link_id}/cut")
def cut(gateway: Service, asking: Administrator, link_id: UUID) -> dict[str, str]:
    """That cabinet sees this portal no longer."""
    if not linking.cut(gateway, asking, link_id):
        raise Problem(404, "not_found")
    return {"status": "ok"}


@router.post("/settings")
def settings(gateway: Service, asking: Administrator, fields: Fields) -> Settings:
    """The portal's settings, after what was sent of them has been stored."""
    wanted = fields.get("admins_only")
    chosen = choosing.choose(gateway, asking, admins_only=None if wanted is None else flag(wanted))
    return Settings(admins_only=chosen.admins_only)


@router.post("/erase")
def erase(gateway: Service, asking: Administrator, fields: Fields) -> dict[str, str]:
    """Nothing of this portal is left. Raises Problem 400 without ``confirmed=1``: it cannot be undone."""
    confirmed(fields)
    erasing.erase(gateway, asking)
    return {"status": "ok"}


@router.post("/refresh", status_code=202)
def refresh(gateway: Service, asking: Framed) -> Started:
    """The portal is read before anything else; a read that is under way already is the one to watch."""
    return Started(id=refreshing.refresh(gateway, asking))


def flag(text: str) -> bool:
    """What ``admins_only`` shall be. Raises Problem 400."""
    if text not in _FLAGS:
        raise Problem(400, "bad_value", "admins_only: 1, 0")
    return _FLAGS[text]


def confirmed(fields: Mapping[str, str]) -> None:
    """Somebody means it. Raises Problem 400."""
    if fields.get("confirmed") != "1":
        raise Problem(400, "bad_value", "confirmed: 1")


def _shown(receiver: Receiver) -> CabinetShown:
    return CabinetShown(
        title=masked(receiver.title),
        owner=masked(receiver.owner),
        accounts=receiver.accounts,
        created_at=receiver.created_at,
    )
