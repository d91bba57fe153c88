"""Files of the cabinet's pages: the specification of an account, and those of a whole group."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from services.cabinet import specifying
from services.cabinet.web.account_heads import VersionNumber
from services.cabinet.web.accounts import account_or_404
from services.cabinet.web.failing import PageRoute
from services.cabinet.web.group_archive import archive
from services.cabinet.web.group_heads import group_and_accounts
from services.cabinet.web.visit import Visiting
from shared.db import snapshots
from shared.db.accounts import Account
from shared.domain.snapshot import Snapshot
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


@router.get("/accounts/{account_id}/addendum")
def account_addendum(
    visit: Visiting,
    account_id: UUID,
    since: VersionNumber = None,
    format: str = "txt",  # noqa: A002 - the name of the query parameter
    lang: Language | None = None,
) -> Response:
    """What has become different since a version, or since the first, as a file."""
    with visit.session() as session:
        portal_id = account_or_404(session, visit, account_id).portal_id
        return specifying.addendum(
            session, portal_id, since or 1, form=format, language=lang or visit.words.language
        )


@router.get("/groups/{group_id}/specifications.zip")
def group_specifications(
    visit: Visiting,
    group_id: UUID,
    format: str = "txt",  # noqa: A002 - the name of the query parameter
    lang: Language | None = None,
) -> Response:
    """The specifications of all accounts of a group in one archive, each read from the database in its turn."""
    chosen = specifying.format_named(format)
    with visit.session() as session:
        _, members = group_and_accounts(session, visit, group_id)

    def known(account: Account) -> Snapshot | None:
        with visit.session() as session:
            return snapshots.latest(session, account.portal_id)

    words = replace(visit.words, language=lang or visit.words.language)
    name = f"crmap-{visit.words.now:%Y-%m-%d}-{chosen.name}.zip"
    return StreamingResponse(
        archive(members, known, chosen, words),
        media_type="application/zip",
        headers=specifying.attached(name),
    )
