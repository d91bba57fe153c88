"""Files of an account: its specification, and the changes since a version."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.cabinet.base.failing import PageRoute
from services.cabinet.base.parameters import VersionNumber
from services.cabinet.base.visit import Visiting
from services.cabinet.contents import specifying
from services.cabinet.contents.one_account import account_or_404
from services.cabinet.contents.specifying import Download
from shared.wording.language import Language

router = APIRouter(route_class=PageRoute, include_in_schema=False)


def _specification(
    visit: Visiting,
    account_id: UUID,
    format: str = "txt",  # noqa: A002 - the name of the query parameter
    lang: Language | None = None,
    version: VersionNumber = None,
) -> Download:
    with visit.session() as session:
        portal_id = account_or_404(session, visit.service, visit.member, account_id).portal_id
        return specifying.specification(
            session, portal_id, version, form=format, language=lang or visit.words.language
        )


def _addendum(
    visit: Visiting,
    account_id: UUID,
    since: VersionNumber = None,
    format: str = "txt",  # noqa: A002 - the name of the query parameter
    lang: Language | None = None,
) -> Download:
    with visit.session() as session:
        portal_id = account_or_404(session, visit.service, visit.member, account_id).portal_id
        return specifying.addendum(
            session, portal_id, since or 1, form=format, language=lang or visit.words.language
        )


@router.get("/accounts/{account_id}/specification")
async def account_specification(
    request: Request, visit: Visiting, download: Annotated[Download, Depends(_specification)]
) -> Response:
    """The specification of an account as a file, of the current version or of a past one."""
    return await specifying.answer(visit.service, request, download, person=visit.member.key)


@router.get("/accounts/{account_id}/addendum")
async def account_addendum(
    request: Request, visit: Visiting, download: Annotated[Download, Depends(_addendum)]
) -> Response:
    """The changes since a version, or since the first version, as a file."""
    return await specifying.answer(visit.service, request, download, person=visit.member.key)
