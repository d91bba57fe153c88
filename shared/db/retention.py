"""How many past versions of a portal are kept, and the space they take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, delete, select

from shared.db.tables.snapshots import SnapshotRow
from shared.domain.retention import superfluous


@dataclass(frozen=True, slots=True)
class Cost:
    """The numbers of versions and changes of a portal's history, and the bytes of its parts."""

    portal_id: UUID
    domain: str
    versions: int
    oldest_at: datetime | None
    changes: int
    parts: int
    bytes: int


def cutoff(session: Session, keep: timedelta) -> datetime:
    """The moment before which not every version is kept."""
    return session.execute(text("select now() - cast(:keep as interval)"), {"keep": keep}).scalar_one()  # type: ignore[no-any-return]


def with_old_versions(session: Session, *, before: datetime) -> list[UUID]:
    """The portals that have versions older than ``before``, not counting their newest one."""
    query = text(
        "select portal_id from snapshot group by portal_id having count(*) > 1 and min(read_at) < :before"
        " order by portal_id"
    )
    return [UUID(str(portal_id)) for portal_id in session.execute(query, {"before": before}).scalars()]


def prune(session: Session, portal_id: UUID, *, before: datetime) -> int:
    """Superfluous versions (``shared.domain.retention``) are deleted, with the parts only they had. Returns how many.

    Changes are kept, even those of deleted versions. A portal that is being
    recorded at this moment is skipped until the next time.
    """
    # The same lock as in recording: a part must not be deleted while a version that needs it is being stored.
    locking = text("select pg_try_advisory_xact_lock(hashtextextended(:portal, 0))")
    if not session.execute(locking, {"portal": str(portal_id)}).scalar_one():
        return 0
    query = select(SnapshotRow.number, SnapshotRow.read_at).where(SnapshotRow.portal_id == portal_id)
    numbers = superfluous(session.exec(query).all(), before=before)
    if numbers:
        session.exec(
            delete(SnapshotRow).where(
                col(SnapshotRow.portal_id) == portal_id, col(SnapshotRow.number).in_(numbers)
            )
        )
        session.execute(
            text(
                "delete from part where portal_id = :portal and not exists (select 1 from snapshot_part kept"
                " where kept.portal_id = part.portal_id and kept.digest = part.digest)"
            ),
            {"portal": portal_id},
        )
    return len(numbers)


def costs(session: Session) -> Iterator[Cost]:
    """The cost of each portal's history, the largest first."""
    query = text(
        """
        select p.id as portal_id, p.domain,
               (select count(*) from snapshot s where s.portal_id = p.id) as versions,
               (select min(read_at) from snapshot s where s.portal_id = p.id) as oldest_at,
               (select count(*) from change c where c.portal_id = p.id) as changes,
               stored.parts, stored.bytes
          from portal p,
               lateral (select count(*) as parts, coalesce(sum(octet_length(body)), 0) as bytes
                          from part where part.portal_id = p.id) stored
         order by stored.bytes desc, p.domain
        """
    )
    for row in session.execute(query).mappings():
        yield Cost(**row)
