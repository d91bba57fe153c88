"""Portals: finding them, scheduling them and forgetting them. Their states are in ``portal_states``."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from shared.db import audit, event_reads, jobs
from shared.db.sealed import Keyring
from shared.db.tables.portals import PortalRow
from shared.domain.portal import PortalState
from shared.domain.schedule import EVENT_READ_BACK_AFTER, Lane

_DEFAULT_LANGUAGE = "ru"
# The condition for portals that somebody looks at: they are in a cabinet, or were opened within a week.
OF_PEOPLE = (
    "(exists (select 1 from link where link.portal_id = portal.id)"
    " or exists (select 1 from chain where chain.portal_id = portal.id"
    " and chain.created_at > now() - interval '7 days'))"
)

# Portals that are due, or had an event while they were read, and have no job that may start now. A read for an event
# waits no longer than ``event_waits``; one that does was put off for another reason.
DUE = """
  state <> 'removed' and (next_read_at <= now() or dirty_since is not null)
  and not exists (select 1 from job where job.portal_id = portal.id
                     and (job.state = 'running' or (job.state = 'queued' and job.run_after <=
                          now() + case when next_read_at <= now() then interval '0'
                                       else cast(:event_waits as interval) end)))
"""
# Portals whose data is to be erased.
TO_ERASE = "purge_at <= now()"


@dataclass(frozen=True, slots=True)
class PortalToRead:
    """What a worker needs for reading a portal. A webhook's address is a secret, so ``repr`` hides it."""

    id: UUID
    member_id: str | None
    domain: str
    endpoint: str | None
    webhook_url: str | None = field(repr=False)
    language: str
    full_reads: bool


@dataclass(frozen=True, slots=True)
class PortalShown:
    """A portal as the pages in its own frame show it. ``problem`` is the code of the last failure.

    ``next_read_at`` is when it is read next if nobody asks before, ``None`` if it will not be read.
    """

    id: UUID
    domain: str
    state: PortalState
    admins_only: bool
    problem: str | None
    next_read_at: datetime | None


def now(session: Session) -> datetime:
    """The time of the database's clock, which leases and due times use."""
    return session.execute(text("select clock_timestamp()")).scalar_one()  # type: ignore[no-any-return]


def shown(session: Session, portal_id: UUID) -> PortalShown | None:
    """The portal as its own frame shows it; ``None`` if it is erased."""
    row = session.get(PortalRow, portal_id)
    if row is None:
        return None
    return PortalShown(
        row.id, row.domain, PortalState(row.state), row.admins_only, row.problem, row.next_read_at
    )


def by_member_id(session: Session, member_id: str, *, lock: bool = False) -> PortalRow | None:
    """The portal of this ``member_id``. Never look one up by domain: domains move between portals."""
    query = select(PortalRow).where(PortalRow.member_id == member_id)
    return session.exec(query.with_for_update(key_share=True) if lock else query).one_or_none()


def one(session: Session, keyring: Keyring, portal_id: UUID) -> PortalToRead | None:
    """The portal as a worker reads it; ``None`` when it was erased."""
    query = text(
        "select id, member_id, domain, endpoint, webhook, language, full_reads from portal where id = :id"
    )
    row = session.execute(query, {"id": portal_id}).one_or_none()
    if row is None:
        return None
    return PortalToRead(
        id=row.id,
        member_id=row.member_id,
        domain=row.domain,
        endpoint=row.endpoint,
        webhook_url=None if row.webhook is None else keyring.open(row.webhook, row=row.id, column="webhook"),
        language=row.language or _DEFAULT_LANGUAGE,
        full_reads=row.full_reads,
    )


def by_id(session: Session, portal_id: UUID, *, lock: bool = False) -> PortalRow | None:
    """The portal; ``None`` if it is erased. ``lock``: nobody else can change it until the transaction ends."""
    return session.get(PortalRow, portal_id, with_for_update=lock)


def listed(session: Session) -> list[PortalRow]:
    """Every portal by its domain."""
    return list(session.exec(select(PortalRow).order_by(col(PortalRow.domain), col(PortalRow.id))))


def with_domain(session: Session, domain: str) -> list[PortalRow]:
    """The portals that have this domain now. For operators only: a domain does not identify a portal."""
    return list(session.exec(select(PortalRow).where(PortalRow.domain == domain)))


def set_admins_only(session: Session, portal_id: UUID, *, admins_only: bool) -> None:
    """In the portal's frame only administrators see what was read, or everybody does."""
    session.execute(
        text("update portal set admins_only = :only where id = :id"), {"only": admins_only, "id": portal_id}
    )


def named(portal: PortalRow, domain: str, endpoint: str | None) -> bool:
    """The portal has this domain from now on; True when it had another. The old domain is kept as an alias."""
    is_news = portal.domain != domain
    if is_news:
        former = [name for name in portal.former_domains if name != domain]
        portal.former_domains = [*former, portal.domain]
        portal.domain = domain
    if endpoint is not None:
        portal.endpoint = endpoint
    return is_news


def rename(session: Session, portal_id: UUID, domain: str, endpoint: str) -> bool:
    """The portal has this address, by the authorization server's word; True when its domain has changed."""
    row = session.get_one(PortalRow, portal_id)
    is_news = named(row, domain, endpoint)
    if is_news:
        audit.write(session, "worker", "portal.renamed", portal_id=portal_id, facts={"domain": domain})
    session.add(row)
    return is_news


def read_in_full(session: Session, portal_id: UUID, *, full: bool) -> None:
    """Every read of the portal is full from now on, or ordinary again."""
    session.execute(
        text("update portal set full_reads = :full where id = :id"), {"full": full, "id": portal_id}
    )


def request_due(session: Session, *, most: int = 200) -> int:
    """Every due portal has a job that may start now, people's portals first. Returns how many had none.

    Missed reads become one. A portal that had an event while its job ran is read again. A portal stays due until its
    read ends: so the end knows a read of the schedule from one that somebody asked for.
    """
    rows = session.execute(
        text(
            f"""
            select id, slow, dirty_since is not null as dirty from portal where {DUE}
             order by {OF_PEOPLE} desc, next_read_at limit :most for update skip locked
            """  # noqa: S608 - the conditions are literals
        ),
        {"most": most, "event_waits": EVENT_READ_BACK_AFTER},
    ).all()
    for row in rows:
        if row.dirty:
            # Its event is older than a read, so nothing is gathered any more.
            event_reads.mark_dirty(session, row.id, after=timedelta(0))
        else:
            jobs.request_job(session, row.id, lane=Lane.SLOW if row.slow else Lane.ROUTINE)
    return len(rows)


def erase_due(session: Session) -> list[UUID]:
    """Portals due for erasure are erased with all their data. Returns their ids, for the audit."""
    query = text(f"delete from portal where {TO_ERASE} returning id, member_id")  # noqa: S608 - a literal
    rows = session.execute(query).all()
    # Events that came before the portal was stored name it too; a waiting event may be a new installation.
    session.execute(
        text("delete from inbox where member_id = any(:members) and verdict <> 'new'"),
        {"members": [row.member_id for row in rows]},
    )
    return [UUID(str(row.id)) for row in rows]


def erase(session: Session, portal_id: UUID) -> None:
    """The portal is erased at once with all its data, as if CRMAP had never been opened there."""
    # A large portal has many rows, and a person waits for this.
    session.execute(text("set local statement_timeout = '20s'"))
    session.execute(text("select erase_portal(:portal)"), {"portal": portal_id})
