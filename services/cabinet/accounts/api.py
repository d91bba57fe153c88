"""The API's accounts: what a cabinet sees, how to add and drop a portal, and a refresh on demand."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.cabinet.accounts.api_coverage import CoverageLine, coverage_lines
from services.cabinet.accounts.connecting import connect_webhook
from services.cabinet.base.access import Acting, Service, Writing
from services.cabinet.base.titles import Title
from services.cabinet.contents import refreshing
from services.cabinet.contents.one_account import account_or_404
from shared.bitrix24.access import parse_webhook
from shared.db import accounts, handlers
from shared.db.accounts import Account
from shared.domain.events import EventsState
from shared.domain.portal import AccountState, PortalKind
from shared.web import refusals
from shared.wording.errors import code_sentence
from shared.wording.events import no_events_sentence
from shared.wording.language import Language

router = APIRouter(prefix="/api/v1", tags=["accounts"], responses=refusals(400, 401, 503))


class AccountShown(BaseModel):
    """An account in a list. ``read_at``: when what is known of it was read last.

    ``full_reads``: every read of its portal is a full one.
    """

    id: UUID
    title: str
    domain: str
    kind: PortalKind
    state: AccountState
    read_at: datetime | None
    counts: dict[str, int]
    full_reads: bool


class AccountList(BaseModel):
    """The accounts of the cabinet."""

    items: list[AccountShown]
    next: str | None = None


class OneAccount(AccountShown):
    """An account with the receipt of its last read; ``problem`` is the code of what went wrong, if anything did.

    ``problem_at`` is when it was met last; ``problem_detail`` says it in words, and what to do about it. ``events``:
    whether the portal tells of its changes by events; else it is read on schedule, and ``events_detail`` says why,
    where that is known.
    """

    problem: str | None
    problem_at: datetime | None
    problem_detail: str | None
    events: EventsState
    events_detail: str | None
    coverage: list[CoverageLine]


class NewAccount(BaseModel):
    """A portal to connect by its incoming webhook."""

    model_config = ConfigDict(extra="forbid")

    webhook_url: str = Field(max_length=500)


class AccountEdit(BaseModel):
    """What the cabinet calls an account, empty for its portal's address; whether its portal is read in full.

    What is not given stays as it is.
    """

    model_config = ConfigDict(extra="forbid")

    title: Title | None = None
    full_reads: bool | None = None


class Started(BaseModel):
    """A refresh that was asked for."""

    id: UUID


class Refresh(BaseModel):
    """How a refresh is getting on. ``step`` says what is being read, ``error`` the code of what went wrong.

    ``detail`` says it in words.
    """

    state: str
    step: str | None
    error: str | None
    detail: str | None


@router.get("/accounts")
def list_accounts(service: Service, member: Acting) -> AccountList:
    """The accounts of the cabinet, by title."""
    with service.db.session(cabinet=member.cabinet_id) as session:
        all_accounts = accounts.listed(session, member.cabinet_id, every=service.sync_every)
    return AccountList(items=[AccountShown(**_shown(account)) for account in all_accounts])


@router.post("/accounts", status_code=201, responses=refusals(403, 409, 422, 429))
def connect(service: Service, member: Writing, body: NewAccount) -> AccountShown:
    """A portal is connected by its incoming webhook and read at once; ``state`` shows how that goes.

    The account is private to the cabinet, and the webhook is kept sealed.
    """
    access = parse_webhook(body.webhook_url, allow_private=service.allow_private)
    with service.db.session(cabinet=member.cabinet_id) as session:
        account_id, refresh_id = connect_webhook(service, session, member, access)
        account = account_or_404(session, service, member, account_id)
    service.bell.ring(refresh_id, account.domain)
    return AccountShown(**_shown(account))


@router.get("/accounts/{account_id}", responses=refusals(404))
def show(service: Service, member: Acting, account_id: UUID, lang: Language = "ru") -> OneAccount:
    """One account with its coverage; the reasons in it are sentences in ``lang``."""
    with service.db.session(cabinet=member.cabinet_id, read_only=True) as session:
        account = account_or_404(session, service, member, account_id)
        lines = coverage_lines(session, account.portal_id, lang)
        events = handlers.events_of(session, account.portal_id)
    return OneAccount(
        **_shown(account),
        problem=account.problem,
        problem_at=account.problem_at,
        problem_detail=_in_words(account.problem, lang),
        events=events.state,
        events_detail=no_events_sentence(events, lang),
        coverage=lines,
    )


@router.patch("/accounts/{account_id}", responses=refusals(403, 404, 409, 429))
def edit(service: Service, member: Writing, account_id: UUID, body: AccountEdit) -> AccountShown:
    """The cabinet calls the account this; its portal is read in full from now on, or the usual way again.

    The title is the cabinet's own. Reads are the portal's, whichever cabinet asks for them; the first full one begins
    at once.
    """
    with service.db.session(cabinet=member.cabinet_id) as session:
        account = account_or_404(session, service, member, account_id)
        if body.title is not None:
            accounts.rename(session, account, body.title)
        started = None
        if body.full_reads is not None:
            started = refreshing.in_full(service, session, member, account, full=body.full_reads)
        session.flush()
        shown = AccountShown(**_shown(account_or_404(session, service, member, account_id)))
    if started is not None:
        service.bell.ring(started, account.domain)
    return shown


@router.delete("/accounts/{account_id}", status_code=204, responses=refusals(403, 404))
def unlink(service: Service, member: Writing, account_id: UUID) -> None:
    """The cabinet sees the portal no longer. One connected by webhook is erased with all that was read."""
    with service.db.session(cabinet=member.cabinet_id) as session:
        account = account_or_404(session, service, member, account_id)
        accounts.unlink(session, member.cabinet_id, account, actor=f"person {member.person_id}")


@router.post("/accounts/{account_id}/refresh", status_code=202, responses=refusals(403, 404, 409, 429))
def refresh(service: Service, member: Writing, account_id: UUID) -> Started:
    """The portal is read before anything else; a read that is under way already is the one to watch."""
    with service.db.session(cabinet=member.cabinet_id) as session:
        account = account_or_404(session, service, member, account_id)
        job_id = refreshing.request(service, session, member, account)
    service.bell.ring(job_id, account.domain)
    return Started(id=job_id)


@router.get("/refreshes/{refresh_id}", tags=["refreshes"], responses=refusals(404))
def watch(service: Service, member: Acting, refresh_id: UUID, lang: Language = "ru") -> Refresh:
    """How the refresh is getting on: ``queued``, ``reading``, ``done`` or ``failed``."""
    with service.db.session(cabinet=member.cabinet_id) as session:
        now = refreshing.progress(session, refresh_id)
    return Refresh(
        state=now.state,
        step=", ".join(now.kinds) or None,
        error=now.error,
        detail=_in_words(now.error, lang),
    )


def _in_words(code: str | None, language: Language) -> str | None:
    return None if code is None else code_sentence(code, language)


def _shown(account: Account) -> dict[str, Any]:
    return {name: getattr(account, name) for name in AccountShown.model_fields}
