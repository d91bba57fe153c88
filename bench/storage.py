"""``python -m bench.storage``: what a history costs to keep when a portal is read 200 times and changes ten times.

Runs over a PostgreSQL of its own, so it needs the environment of the tests: ``make setup`` first.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, literal_column, select, text

from bench.rooms import server_folder
from shared.db import recording
from shared.db.metadata import METADATA
from shared.db.migrate import upgrade
from shared.db.sealed import Keyring
from shared.db.session import Database, Role
from shared.db.tables.portals import PortalRow
from shared.domain.portal import PortalKind, PortalState
from tests.stories.reading import a_portal, read
from tools.simulator import ledger
from tools.simulator.portal import SimulatedPortal
from tools.standalone.postgres import postgres

_BEGINNING = datetime(2031, 1, 1, tzinfo=UTC)
# What grows with a history; the receipt is replaced in place, and of the search what changed.
_KEPT = ("part", "snapshot", "snapshot_part", "change")
_IN_PLACE = ("coverage", "search_block")
_GOAL_WRITTEN_B = 40_000
_LINE = "{:<6}{:>7}{:>9}{:>10}{:>15}{:>13}{:>10}{:>11}{:>19}{:>17}"


# The blocks of a portal that the transaction has written.
_SEARCHED = (
    "select coalesce(sum(pg_column_size(block)), 0) from search_block block"
    " where portal_id = :portal and xmin = pg_current_xact_id()::xid"
)


@dataclass(frozen=True, slots=True)
class History:
    """What so many reads of one portal came to. Sizes are in bytes, those of one read each but ``first``."""

    size: str
    reads: int
    changes: int
    new_versions: int
    first: int
    unchanged: float
    changed: float
    searched_changed: float
    written_unchanged: float
    written_changed: float


@dataclass(frozen=True, slots=True)
class _Cost:
    """How much more is stored after a read, how much of the search is new, and how much was written to the log."""

    stored: int
    searched: int
    written: int
    is_new: bool


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.storage", description=__doc__.splitlines()[0])
    parser.add_argument("--reads", type=int, default=200, help="how many (default: 200)")
    parser.add_argument("--changes", type=int, default=10, help="in how many of them something changed (10)")
    parser.add_argument("--sizes", default="S,M", help="of the portals (default: S,M)")
    asked = parser.parse_args()
    with _database() as db:
        found = [_kept(db, size, asked.reads, asked.changes) for size in asked.sizes.split(",")]
    print(text_of(found))
    return 0 if all(history.new_versions == history.changes for history in found) else 1


def text_of(histories: list[History]) -> str:
    """The table and whether each history has a version for each change."""
    head = _LINE.format(
        "size",
        "reads",
        "changes",
        "versions",
        "first, kB",
        "unchanged, B",
        "change, B",
        "search, B",
        "WAL unchanged, kB",
        "WAL change, kB",
    )
    lines = [
        _LINE.format(
            row.size,
            row.reads,
            row.changes,
            f"1 + {row.new_versions}",
            f"{row.first / 1000:.1f}",
            f"{row.unchanged:.0f}",
            f"{row.changed:,.0f}",
            f"{row.searched_changed:,.0f}",
            f"{row.written_unchanged / 1000:.1f}",
            f"{row.written_changed / 1000:.1f}",
        )
        for row in histories
    ]
    verdicts = [
        f"{row.size}: exactly {row.changes} new versions: "
        + ("PASS" if row.new_versions == row.changes else f"missed, {row.new_versions}")
        for row in histories
    ]
    verdicts += [
        f"{row.size}: a change within {_GOAL_WRITTEN_B // 1000} kB of WAL: "
        + ("PASS" if row.written_changed <= _GOAL_WRITTEN_B else "missed")
        for row in histories
    ]
    notes = (
        f"first, unchanged, change: by how much {', '.join(_KEPT)} grew by the first read, an unchanged one, a change\n"
        "search: the blocks of the search that a change wrote in place of others\n"
        f"WAL: what is written for it, {' and '.join(_IN_PLACE)} included"
    )
    return "\n\n".join(["\n".join([head, *lines]), "\n".join(verdicts), notes])


@contextlib.contextmanager
def _database() -> Iterator[Database]:
    with server_folder() as folder, postgres(folder) as server:
        upgrade(server.url())
        db = Database(server.url(), Role.WORKER, Keyring(["a key of the benchmark"]))
        try:
            yield db
        finally:
            db.close()


def _kept(db: Database, size: str, reads: int, changes: int) -> History:
    """A portal read again and again, changed before every so many reads."""
    costs: list[_Cost] = []
    with a_portal(size) as portal:
        row = PortalRow(kind=PortalKind.APP, member_id=uuid4().hex, domain=size, state=PortalState.ACTIVE)
        portal_id = row.id
        with db.session() as session:
            session.add(row)
        changed_before = {reads * number // (changes + 1) for number in range(1, changes + 1)}
        for number in range(reads):
            if number in changed_before:
                _edit(portal, number)
            costs.append(_recorded(db, portal_id, portal, _BEGINNING + number * timedelta(hours=1)))
    new = [cost for cost in costs[1:] if cost.is_new]
    same = [cost for cost in costs[1:] if not cost.is_new]
    return History(
        size=size,
        reads=reads,
        changes=changes,
        new_versions=len(new),
        first=costs[0].stored,
        unchanged=sum(cost.stored for cost in same) / len(same),
        changed=sum(cost.stored for cost in new) / max(1, len(new)),
        searched_changed=sum(cost.searched for cost in new) / max(1, len(new)),
        written_unchanged=sum(cost.written for cost in same) / len(same),
        written_changed=sum(cost.written for cost in new) / max(1, len(new)),
    )


def _recorded(db: Database, portal_id: UUID, portal: SimulatedPortal, at: datetime) -> _Cost:
    found = read(portal, at=at)
    stored, written = _sizes(db, portal_id)
    with db.session() as session:
        recorded = recording.record(session, portal_id, found)
        searched = session.execute(text(_SEARCHED), {"portal": portal_id}).scalar_one()
    stored_now, written_now = _sizes(db, portal_id)
    return _Cost(stored_now - stored, int(searched), written_now - written, recorded.is_new)


def _sizes(db: Database, portal_id: UUID) -> tuple[int, int]:
    """The bytes of the portal's rows that stay for good, and those ever written to the log."""
    log = text("select pg_current_wal_insert_lsn() - '0/0'")
    with db.session() as session:
        stored = sum(
            session.execute(
                select(func.coalesce(func.sum(func.pg_column_size(literal_column(table.name))), 0)).where(
                    table.c.portal_id == portal_id
                )
            ).scalar_one()
            for table in (METADATA.tables[name] for name in _KEPT)
        )
        return int(stored), int(session.execute(log).scalar_one())


def _edit(portal: SimulatedPortal, number: int) -> None:
    """One true change, of another kind each time."""
    crm = portal.crm
    match number % 5:
        case 0:
            portal.edit("rename_stage", row_id=crm.directories["DEAL_STAGE"].rows[0].id, to=f"Шаг {number}")
        case 1:
            portal.edit("add_user_field", owner="CRM_DEAL", kind="string", label=f"Поле {number}")
        case 2:
            portal.edit("promote_user", user_id=2, position=f"Должность {number}")
        case 3:
            portal.edit("add_dictionary_row", directory="SOURCE", name=f"Источник {number}")
        case _:
            portal.edit("rename_pipeline", entity_type_id=ledger.DEAL, pipeline_id=0, to=f"Путь {number}")


if __name__ == "__main__":
    sys.exit(main())
