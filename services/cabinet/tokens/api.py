"""The API's view of the connection token."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from services.cabinet.base.access import Service, Writing
from shared.db import link_tokens
from shared.web import refusals

router = APIRouter(prefix="/api/v1", tags=["cabinet"], responses=refusals(401, 403, 503))


class LinkToken(BaseModel):
    """The connection token, to be pasted in a portal."""

    token: str


@router.get("/link-token")
def show_link_token(service: Service, member: Writing) -> LinkToken:
    """The connection token of the cabinet."""
    with service.db.session(cabinet=member.cabinet_id) as session:
        return LinkToken(token=link_tokens.current(session, service.db.keyring, member.cabinet_id))


@router.post("/link-token/replace")
def replace_link_token(service: Service, member: Writing) -> LinkToken:
    """A new connection token; the former one links nothing from now on. Portals linked before stay linked."""
    actor = f"person {member.person_id}"
    with service.db.session(cabinet=member.cabinet_id) as session:
        return LinkToken(
            token=link_tokens.replace(session, service.db.keyring, member.cabinet_id, actor=actor)
        )
