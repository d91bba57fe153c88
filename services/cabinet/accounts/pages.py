"""The list of accounts, and the actions on one: connecting, refreshing, unlinking."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, Form, Response

from services.cabinet.accounts.connecting import connect_webhook
from services.cabinet.base.failing import PageRoute
from services.cabinet.base.forms import Fault
from services.cabinet.base.rendering import Page
from services.cabinet.base.titles import TitleUnfit, is_title
from services.cabinet.base.visit import Changing, Visiting, go_to
from services.cabinet.contents import refreshing
from services.cabinet.contents.account_lines import AccountLine, account_line
from services.cabinet.contents.one_account import account_or_404
from shared.bitrix24.access import parse_webhook
from shared.db import accounts, groups
from shared.db.refreshing import RefreshState
from shared.domain.coverage import Kind
from shared.domain.errors import Refused
from shared.domain.portal import PortalKind
from shared.domain.refusals import NotFound
from shared.wording.errors import code_sentence, error_sentence
from shared.wording.kinds import kind_word

router = APIRouter(route_class=PageRoute, include_in_schema=False)

LONGEST_URL = 500


@dataclass(frozen=True, slots=True)
class GroupChip:
    """A group as a filter of the list."""

    id: UUID
    title: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsPage(Page):
    """All accounts, or those of one group. ``has_any`` is false for a cabinet with no account at all."""

    template: ClassVar[str] = "accounts/list.html"

    accounts: tuple[AccountLine, ...]
    groups: tuple[GroupChip, ...]
    group: GroupChip | None
    total: int
    may_write: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectPage(Page):
    """The form that connects a portal by its incoming webhook."""

    template: ClassVar[str] = "accounts/connect.html"

    fault: Fault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshPage(Page):
    """The progress of a read. ``step`` names what is being read; ``problem`` is what went wrong."""

    template: ClassVar[str] = "accounts/refresh.html"

    account: AccountLine
    state: RefreshState
    step: str
    done: int
    planned: int
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlinkPage(Page):
    """The question before an account is unlinked. ``is_erased``: everything that was read is erased too."""

    template: ClassVar[str] = "accounts/unlink.html"

    account: AccountLine
    is_erased: bool


@router.get("/accounts")
def list_accounts(visit: Visiting, group: UUID | None = None) -> Response:
    """The accounts of the cabinet, or of one of its groups."""
    with visit.session() as session:
        all_accounts = accounts.listed(session, visit.member.cabinet_id, every=visit.service.sync_every)
        saved_groups = groups.listed(session, visit.member.cabinet_id)
    chosen_group = next((saved for saved in saved_groups if saved.id == group), None)
    if group is not None and chosen_group is None:
        raise NotFound
    account_ids: Collection[UUID] = (
        chosen_group.accounts if chosen_group else {account.id for account in all_accounts}
    )
    return visit.show(
        AccountsPage(
            layout=visit.layout("accounts"),
            accounts=tuple(
                account_line(account, visit.words) for account in all_accounts if account.id in account_ids
            ),
            groups=tuple(GroupChip(saved.id, saved.title, len(saved.accounts)) for saved in saved_groups),
            group=GroupChip(chosen_group.id, chosen_group.title, len(chosen_group.accounts))
            if chosen_group
            else None,
            total=len(all_accounts),
            may_write=visit.member.may_write,
        )
    )


@router.get("/accounts/connect")
def connect_page(visit: Changing) -> Response:
    """The form that connects a portal."""
    return visit.show(ConnectPage(layout=visit.layout("accounts")))


@router.post("/accounts/connect")
def connect(visit: Changing, webhook_url: Annotated[str, Form()] = "") -> Response:
    """The portal becomes an account of this cabinet only, and is read at once."""
    service = visit.service
    try:
        access = parse_webhook(webhook_url[: LONGEST_URL + 1], allow_private=service.allow_private)
    except Refused as refusal:
        fault = Fault("webhook_url", error_sentence(refusal, visit.words.language))
        return visit.show(ConnectPage(layout=visit.layout("accounts"), fault=fault), 422)
    with visit.session() as session:
        account_id, refresh_id = connect_webhook(service, session, visit.member, access)
    service.bell.ring(refresh_id, access.host)
    return go_to(f"/accounts/{account_id}/refreshes/{refresh_id}", done="connected")


@router.post("/accounts/{account_id}/title")
def rename(visit: Changing, account_id: UUID, title: Annotated[str, Form()] = "") -> Response:
    """The account has this title; with an empty one it is called by its portal's address."""
    new_title = title.strip()
    if not is_title(new_title):
        raise TitleUnfit
    with visit.session() as session:
        accounts.rename(session, account_or_404(session, visit.service, visit.member, account_id), new_title)
    return go_to(f"/accounts/{account_id}", done="saved")


@router.post("/accounts/{account_id}/full-reads")
def read_in_full(visit: Changing, account_id: UUID, *, full: Annotated[bool, Form()] = False) -> Response:
    """Every read of the portal is full from now on and the first begins at once; or reads are ordinary again."""
    with visit.session() as session:
        account = account_or_404(session, visit.service, visit.member, account_id)
        refresh_id = refreshing.in_full(visit.service, session, visit.member, account, full=full)
    if refresh_id is None:
        return go_to(f"/accounts/{account_id}", done="full_reads" if full else "ordinary_reads")
    visit.service.bell.ring(refresh_id, account.domain)
    return go_to(f"/accounts/{account_id}/refreshes/{refresh_id}", done="full_reads")


@router.post("/accounts/{account_id}/refresh")
def refresh(visit: Changing, account_id: UUID) -> Response:
    """The portal is read before all others; the browser goes to the page that shows the progress."""
    with visit.session() as session:
        account = account_or_404(session, visit.service, visit.member, account_id)
        refresh_id = refreshing.request(visit.service, session, visit.member, account)
    visit.service.bell.ring(refresh_id, account.domain)
    return go_to(f"/accounts/{account_id}/refreshes/{refresh_id}")


@router.get("/accounts/{account_id}/refreshes/{refresh_id}")
def watch(visit: Visiting, account_id: UUID, refresh_id: UUID) -> Response:
    """The progress of the read; the page reloads itself and goes to the account when the read is done."""
    with visit.session() as session:
        account = account_or_404(session, visit.service, visit.member, account_id)
        now = refreshing.progress(session, refresh_id)
    if now.state == "done":
        return go_to(f"/accounts/{account_id}", done="refreshed")
    language = visit.words.language
    page = RefreshPage(
        layout=visit.layout("accounts"),
        account=account_line(account, visit.words),
        state=now.state,
        step=", ".join(kind_word(Kind(kind), None, language) for kind in now.kinds if kind in list(Kind)),
        done=now.done,
        planned=now.planned,
        problem=code_sentence(now.error, language) if now.error else "",
    )
    return visit.show(page, headers={} if now.is_over else {"Refresh": str(refreshing.WATCHED_EVERY_S)})


@router.get("/accounts/{account_id}/unlink")
def unlink_page(visit: Changing, account_id: UUID) -> Response:
    """The question whether to unlink the account."""
    with visit.session() as session:
        account = account_or_404(session, visit.service, visit.member, account_id)
    return visit.show(
        UnlinkPage(
            layout=visit.layout("accounts"),
            account=account_line(account, visit.words),
            is_erased=account.kind is PortalKind.WEBHOOK,
        )
    )


@router.post("/accounts/{account_id}/unlink")
def unlink(visit: Changing, account_id: UUID) -> Response:
    """The cabinet no longer sees the portal."""
    with visit.session() as session:
        account = account_or_404(session, visit.service, visit.member, account_id)
        accounts.unlink(session, visit.member.cabinet_id, account, actor=visit.actor)
    return go_to("/accounts", done="unlinked")
