"""Accounts: the portals a cabinet sees, each with its state and how much is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from shared.db import audit, jobs, portal_states, portals, refreshing
from shared.db.sealed import Keyring
from shared.db.tables.cabinets import AccountRow
from shared.db.tables.portals import PortalRow
from shared.db.tables.snapshots import CoverageRow
from shared.db.tables.work import JobRow
from shared.domain.coverage import State
from shared.domain.portal import AccountState, PortalKind, PortalState, account_state
from shared.domain.schedule import Lane

_COUNTED = ("pipelines", "stages", "user_fields", "users")
_WHOLE = tuple(state.value for state in State if state.is_whole)


@dataclass(frozen=True, slots=True)
class Account:
    """A portal as one cabinet sees it. ``id`` is that of the link.

    ``problem`` is the code of the error that explains the last failure, and ``problem_at`` is when it last occurred.
    ``gaps`` is the number of kinds that were not read completely; ``full_reads``: every read of the portal is full;
    ``is_read`` is false for a portal that is not read any more; ``next_read_at`` is when it is read next if
    nobody asks before, ``None`` if it will not be read.
    """

    id: UUID
    portal_id: UUID
    title: str
    domain: str
    kind: PortalKind
    state: AccountState
    read_at: datetime | None
    counts: Mapping[str, int]
    problem: str | None
    problem_at: datetime | None
    gaps: int
    full_reads: bool
    is_read: bool
    next_read_at: datetime | None


def listed(session: Session, cabinet_id: UUID, *, every: timedelta) -> list[Account]:
    """The accounts of a cabinet by title."""
    return _accounts(_rows(session, cabinet_id), every=every)


def one(session: Session, cabinet_id: UUID, account_id: UUID, *, every: timedelta) -> Account | None:
    """One account of a cabinet; ``None`` for an id that is not one of the cabinet's."""
    return next(iter(_accounts(_rows(session, cabinet_id, account_id), every=every)), None)


def count(session: Session, cabinet_id: UUID) -> int:
    """How many accounts the cabinet has."""
    query = select(func.count()).select_from(AccountRow).where(AccountRow.cabinet_id == cabinet_id)
    return session.exec(query).one()


def connect_webhook(
    session: Session, keyring: Keyring, cabinet_id: UUID, *, url: str, host: str
) -> tuple[UUID, UUID]:
    """The portal of an incoming webhook is an account of this cabinet only. Returns the ids of the account and the job.

    The same webhook twice is one account with one history; the second time it is read again whatever its state.
    """
    for portal in session.exec(
        select(PortalRow).where(PortalRow.cabinet_id == cabinet_id, PortalRow.domain == host)
    ).all():
        if (
            portal.webhook is not None
            and keyring.open(portal.webhook, row=portal.id, column="webhook") == url
        ):
            link = session.exec(
                select(AccountRow).where(
                    AccountRow.portal_id == portal.id, AccountRow.cabinet_id == cabinet_id
                )
            ).one()
            if portal.state != PortalState.ACTIVE:
                portal_states.revive(portal, at=portals.now(session))
                session.add(portal)
                session.flush()
            pause = refreshing.pause(session, portal.id)
            return link.id, jobs.request_job(session, portal.id, lane=Lane.WAITING, after=pause)
    portal_id = uuid4()
    session.add(
        PortalRow(
            id=portal_id,
            kind=PortalKind.WEBHOOK,
            state=PortalState.ACTIVE,
            domain=host,
            cabinet_id=cabinet_id,
            webhook=keyring.seal(url, row=portal_id, column="webhook"),
        )
    )
    session.flush()
    link = AccountRow(cabinet_id=cabinet_id, portal_id=portal_id)
    session.add(link)
    session.flush()
    audit.write(session, "cabinet", "account.connected", cabinet_id=cabinet_id, portal_id=portal_id)
    return link.id, jobs.request_job(session, portal_id, lane=Lane.WAITING)


def rename(session: Session, account: Account, title: str) -> None:
    """The account has this title; with an empty one it is called by its portal's address."""
    session.get_one(AccountRow, account.id).title = title


def read_in_full(session: Session, cabinet_id: UUID, account: Account, *, full: bool, actor: str) -> None:
    """Every read of the account's portal is full from now on, or ordinary again, for all cabinets."""
    facts = {"full": full}
    audit.write(
        session, actor, "account.full_reads", cabinet_id=cabinet_id, portal_id=account.portal_id, facts=facts
    )
    session.execute(text("select read_in_full(:portal, :full)"), {"portal": account.portal_id, "full": full})
    session.expire(session.get_one(PortalRow, account.portal_id))


def unlink(session: Session, cabinet_id: UUID, account: Account, *, actor: str) -> None:
    """The cabinet no longer sees the portal; a portal connected by webhook belongs to it alone and is erased."""
    audit.write(session, actor, "account.unlinked", cabinet_id=cabinet_id, portal_id=account.portal_id)
    row = session.get_one(AccountRow, account.id)
    if account.kind is PortalKind.WEBHOOK:
        session.delete(session.get_one(PortalRow, account.portal_id))
    else:
        session.delete(row)


def _rows(
    session: Session, cabinet_id: UUID, account_id: UUID | None = None
) -> list[tuple[AccountRow, PortalRow, bool, int, datetime]]:
    reading = select(JobRow.id).where(JobRow.portal_id == col(PortalRow.id), jobs.is_under_way()).exists()
    gaps = (
        select(func.count())
        .select_from(CoverageRow)
        .where(CoverageRow.portal_id == col(PortalRow.id), col(CoverageRow.state).not_in(_WHOLE))
        .scalar_subquery()
    )
    query = (
        select(AccountRow, PortalRow, reading, gaps)
        .join(PortalRow, col(PortalRow.id) == col(AccountRow.portal_id))
        .where(AccountRow.cabinet_id == cabinet_id)
        .order_by(
            func.lower(func.coalesce(func.nullif(AccountRow.title, ""), PortalRow.domain)), col(AccountRow.id)
        )
    )
    if account_id is not None:
        query = query.where(AccountRow.id == account_id)
    rows = session.execute(query.add_columns(func.now())).all()
    return [(link, portal, is_reading, gap_count, now) for link, portal, is_reading, gap_count, now in rows]


def _accounts(
    rows: list[tuple[AccountRow, PortalRow, bool, int, datetime]], *, every: timedelta
) -> list[Account]:
    return [
        Account(
            id=link.id,
            portal_id=portal.id,
            title=link.title or portal.domain,
            domain=portal.domain,
            kind=PortalKind(portal.kind),
            state=account_state(
                PortalState(portal.state),
                problem=portal.problem,
                read_at=portal.read_at,
                reading=reading,
                now=now,
                every=every,
            ),
            read_at=portal.read_at,
            counts={name: portal.counts.get(name, 0) for name in _COUNTED},
            problem=portal.problem,
            problem_at=portal.problem_at,
            gaps=gaps,
            full_reads=portal.full_reads,
            is_read=PortalState(portal.state).is_read,
            next_read_at=portal.next_read_at,
        )
        for link, portal, reading, gaps, now in rows
    ]
