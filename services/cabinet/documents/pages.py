"""Files of an account: its specification, and the changes since a version."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from services.cabinet.base.failing import PageRoute
from services.cabinet.base.parameters import VersionNumber
from services.cabinet.base.visit import Visiting
from services.cabinet.contents import specifying
from services.cabinet.contents.one_account import account_or_404
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
    file_format = specifying.format_named(format)
    with visit.session() as session:
        portal_id = account_or_404(session, visit.service, visit.member, account_id).portal_id
        snapshot = specifying.known_snapshot(session, portal_id, version)
    return specifying.specification(snapshot, file_format, lang or visit.words.language)


@router.get("/accounts/{account_id}/addendum")
def account_addendum(
    visit: Visiting,
    account_id: UUID,
    since: VersionNumber = None,
    format: str = "txt",  # noqa: A002 - the name of the query parameter
    lang: Language | None = None,
) -> Response:
    """The changes since a version, or since the first version, as a file."""
    with visit.session() as session:
        portal_id = account_or_404(session, visit.service, visit.member, account_id).portal_id
        return specifying.addendum(
            session, portal_id, since or 1, form=format, language=lang or visit.words.language
        )
