"""The file of a group: the specifications of its accounts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from fastapi.responses import StreamingResponse

from services.cabinet.base.failing import PageRoute
from services.cabinet.base.visit import Visiting
from services.cabinet.contents import specifying
from services.cabinet.contents.specifying import Download
from services.cabinet.files.making import Document
from services.cabinet.files.store import KeptFile
from services.cabinet.groups.archive import archive
from services.cabinet.groups.heads import group_and_accounts
from shared.db.accounts import Account
from shared.domain.refusals import NeverRead
from shared.wording.language import Language

router = APIRouter(route_class=PageRoute, include_in_schema=False)


def _members(visit: Visiting, group_id: UUID) -> list[Account]:
    with visit.session() as session:
        return group_and_accounts(session, visit, group_id)[1]


def _place(visit: Visiting, _known: Annotated[list[Account], Depends(_members)]) -> Iterator[None]:
    """An archive has one place until it is sent, however many documents are made for it."""
    with visit.service.documents.place(visit.member.key):
        yield


@router.get("/groups/{group_id}/specifications.zip", dependencies=[Depends(_place)])
async def group_specifications(
    visit: Visiting,
    members: Annotated[list[Account], Depends(_members)],
    format: str = "txt",  # noqa: A002 - the name of the query parameter
    lang: Language | None = None,
) -> Response:
    """The specifications of all accounts of a group in one archive; they are made one by one."""
    file_format = specifying.format_named(format)
    words = replace(visit.words, language=lang or visit.words.language)

    def download_of(account: Account) -> Download | None:
        with visit.session() as session:
            try:
                return specifying.specification(
                    session, account.portal_id, form=file_format.name, language=words.language
                )
            except NeverRead:
                return None

    async def opened(document: Document) -> KeptFile:
        return await visit.service.documents.opened(document, None)

    return StreamingResponse(
        archive(members, download_of, opened, words),
        media_type="application/zip",
        headers=specifying.attached(f"crmap-{visit.words.now:%Y-%m-%d}-{file_format.name}.zip"),
    )
