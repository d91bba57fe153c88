"""The overview of one account: its state, how completely it was read, remarks and latest changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final
from uuid import UUID

from fastapi import APIRouter, Response

from services.cabinet.accounts.heads import (
    OVERVIEW,
    AccountHead,
    account_and_contents,
    account_head,
    unread,
)
from services.cabinet.base.failing import PageRoute
from services.cabinet.base.parameters import VersionNumber
from services.cabinet.base.rendering import Page
from services.cabinet.base.visit import Visiting
from services.cabinet.base.words import Words
from services.cabinet.contents.reading import Contents
from services.cabinet.contents.receipt import ReceiptLine, receipts
from services.cabinet.contents.remarks import Remark, remarks
from services.cabinet.contents.versions import VersionLines, versions
from shared.db import handlers
from shared.db.twins import Twin, twins
from shared.domain.events import Events
from shared.domain.portal import PortalKind
from shared.domain.snapshot import CrmMode
from shared.wording.events import events_phrase, no_events_sentence
from shared.wording.sentences import N_

router = APIRouter(route_class=PageRoute, include_in_schema=False)

# How many versions the overview shows.
LATEST = 3

_MODES: Final[Mapping[CrmMode | None, str]] = {
    CrmMode.CLASSIC: N_("with leads"),
    CrmMode.SIMPLE: N_("without leads"),
    None: N_("not read"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts about the portal, as text. A fact the portal did not answer is empty.

    ``events``: whether it sends events; ``no_events``: why not, empty where that is not known.
    """

    member_id: str
    language: str
    plan: str
    mode: str
    scopes: str
    events: str
    no_events: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewPage(Page):
    """The account at a glance. ``is_anybodys``: other cabinets may see its portal too.

    ``twins``: accounts of this cabinet that are the same portal, connected in the other way.
    """

    template: ClassVar[str] = "accounts/overview.html"

    head: AccountHead
    facts: Facts
    receipts: tuple[ReceiptLine, ...]
    remarks: tuple[Remark, ...]
    latest: tuple[VersionLines, ...]
    full_reads: bool
    is_anybodys: bool
    twins: tuple[Twin, ...]


@router.get("/accounts/{account_id}")
def overview(visit: Visiting, account_id: UUID, version: VersionNumber = None) -> Response:
    """The account at a glance, now or in a past version."""
    with visit.session() as session:
        account, content = account_and_contents(session, visit, account_id, version)
        if content is None:
            return unread(visit, account)
        before = None if version is None else version + 1
        page = OverviewPage(
            layout=visit.layout("accounts"),
            head=account_head(visit, account, content, tab=OVERVIEW, version=version),
            facts=_facts(content, handlers.events_of(session, account.portal_id), visit.words),
            receipts=receipts(content, visit.words),
            remarks=remarks(content, visit.words),
            latest=versions(session, account.portal_id, content, visit.words, before=before, most=LATEST),
            full_reads=account.full_reads,
            is_anybodys=account.kind is PortalKind.APP,
            twins=tuple(twins(session, visit.member.cabinet_id, account)) if version is None else (),
        )
    return visit.show(page)


def _facts(content: Contents, events: Events, words: Words) -> Facts:
    portal = content.portal
    return Facts(
        member_id=portal.member_id or "",
        language=portal.language or "",
        plan=portal.plan or "",
        mode=words.gettext(_MODES[portal.crm_mode]),
        scopes=", ".join(sorted(content.reader.scopes)),
        events=events_phrase(events, words.language),
        no_events=no_events_sentence(events, words.language) or "",
    )
