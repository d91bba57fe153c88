"""Reading all accounts of a group again, and the progress of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter, Response

from services.cabinet.base.failing import PageRoute
from services.cabinet.base.rendering import Page
from services.cabinet.base.visit import Changing, Visiting, go_to
from services.cabinet.contents.account_lines import AccountLine, account_line
from services.cabinet.contents.refreshing import WATCHED_EVERY_S
from services.cabinet.contents.refreshing import count as count_refresh
from services.cabinet.groups.heads import GroupHead, group_and_accounts, group_head
from shared.db import refreshing
from shared.domain.portal import AccountState

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRefreshPage(Page):
    """The state of every account of the group; ``reading`` is how many are being read or wait for it."""

    template: ClassVar[str] = "groups/refresh.html"

    head: GroupHead
    accounts: tuple[AccountLine, ...]
    reading: int


@router.post("/groups/{group_id}/refresh")
def refresh(visit: Changing, group_id: UUID) -> Response:
    """Every account of the group is read before all others; portals from which CRMAP was removed are skipped."""
    with visit.session() as session:
        _, members = group_and_accounts(session, visit, group_id)
        count_refresh(visit.service, session, visit.member.cabinet_id)
        for account in members:
            refreshing.request(session, account.portal_id)
    visit.service.bell.ring()
    return go_to(f"/groups/{group_id}/refresh")


@router.get("/groups/{group_id}/refresh")
def watch(visit: Visiting, group_id: UUID) -> Response:
    """The progress of the reads; the page reloads itself until all are over."""
    with visit.session() as session:
        group, members = group_and_accounts(session, visit, group_id)
    reading = sum(account.state is AccountState.READING for account in members)
    page = GroupRefreshPage(
        layout=visit.layout("accounts"),
        head=group_head(visit, group, members),
        accounts=tuple(account_line(account, visit.words) for account in members),
        reading=reading,
    )
    return visit.show(page, headers={"Refresh": str(WATCHED_EVERY_S)} if reading else {})
