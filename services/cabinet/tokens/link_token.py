"""Replacing the connection token that is shown in the menu."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Response

from services.cabinet.base.failing import PageRoute
from services.cabinet.base.rendering import Page
from services.cabinet.base.visit import Changing, go_to
from shared.db import link_tokens

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceTokenPage(Page):
    """The question before the token is replaced."""

    template: ClassVar[str] = "tokens/replace_link_token.html"


@router.get("/token/replace")
def replace_page(visit: Changing) -> Response:
    """The question whether to replace the token."""
    return visit.show(ReplaceTokenPage(layout=visit.layout()))


@router.post("/token/replace")
def replace(visit: Changing) -> Response:
    """The token is replaced; portals can no longer be linked with the former one."""
    with visit.session() as session:
        link_tokens.replace(session, visit.service.db.keyring, visit.member.cabinet_id, actor=visit.actor)
    return go_to("/accounts", done="token_replaced")
