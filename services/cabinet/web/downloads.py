"""Files of the cabinet's pages: the specification of an account, and those of a whole group."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from services.cabinet import specifying
from services.cabinet.web.account_heads import VersionNumber
from services.cabinet.web.accounts import account_or_404
from services.cabinet.web.failing import PageRoute
from services.cabinet.web.visit import Visiting
from shared.wording.language import Language

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/accounts/{account_id}/specification")
def account_specification(
    visit: Visiting,
    account_id: UUID,
    format: str = "txt",  # noqa: A002 - the name of the query parameter
    lang: Language | None = None,
    version: VersionNumber = None,
) -> Response:
    """The specification of an account as a file, of the current version or of a past one."""
    chosen = specifying.format_named(format)
    with visit.session() as session:
        portal_id = account_or_404(session, visit, account_id).portal_id
        found = specifying.known_snapshot(session, portal_id, version)
    return specifying.specification(found, chosen, lang or visit.words.language)
