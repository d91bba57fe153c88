"""The file of a group: the specifications of its accounts."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from services.cabinet.base.failing import PageRoute
from services.cabinet.base.visit import Visiting
from services.cabinet.contents import specifying
from services.cabinet.groups.archive import archive
from services.cabinet.groups.heads import group_and_accounts
from shared.db import snapshots
from shared.db.accounts import Account
from shared.domain.snapshot import Snapshot
from shared.wording.language import Language

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/groups/{group_id}/specifications.zip")
def group_specifications(
    visit: Visiting,
    group_id: UUID,
    format: str = "txt",  # noqa: A002 - the name of the query parameter
    lang: Language | None = None,
) -> Response:
    """The specifications of all accounts of a group in one archive; they are read from the database one by one."""
    file_format = specifying.format_named(format)
    with visit.session() as session:
        _, members = group_and_accounts(session, visit, group_id)

    def snapshot_of(account: Account) -> Snapshot | None:
        with visit.session() as session:
            return snapshots.latest(session, account.portal_id)

    words = replace(visit.words, language=lang or visit.words.language)
    name = f"crmap-{visit.words.now:%Y-%m-%d}-{file_format.name}.zip"
    return StreamingResponse(
        archive(members, snapshot_of, file_format, words),
        media_type="application/zip",
        headers=specifying.attached(name),
    )
