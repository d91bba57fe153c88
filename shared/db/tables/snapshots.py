"""Tables of snapshots, their content-addressed parts, coverage, changes and search. Written by the worker."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from shared.db.tables.columns import document, moment


class PartRow(SQLModel, table=True):
    """The items of one kind, compressed, under the digest of their canonical text. Stored once per portal."""

    __tablename__ = "part"
    __table_args__ = (PrimaryKeyConstraint("portal_id", "digest"),)

    portal_id: UUID = Field(sa_column=Column(ForeignKey("portal.id", ondelete="CASCADE"), nullable=False))
    digest: bytes = Field(sa_type=LargeBinary)
    body: bytes = Field(sa_type=LargeBinary)


class SnapshotRow(SQLModel, table=True):
    """A version of a portal's CRM metadata: it exists because some part differs from the version before."""

    __tablename__ = "snapshot"
    __table_args__ = (PrimaryKeyConstraint("portal_id", "number"),)

    portal_id: UUID = Field(sa_column=Column(ForeignKey("portal.id", ondelete="CASCADE"), nullable=False))
    number: int
    read_at: datetime = Field(sa_column=moment(required=True))
    # SHA-256 over the parts: two versions with one digest would be one version.
    digest: bytes = Field(sa_type=LargeBinary)
    fingerprint: str = Field(sa_type=Text)
    portal: dict[str, Any] = Field(default_factory=dict, sa_column=document())
    reader: dict[str, Any] = Field(default_factory=dict, sa_column=document())
    # The receipt as it was then; the current one is kept in ``coverage``.
    coverage: list[dict[str, Any]] = Field(default_factory=list, sa_column=document("[]"))
    changes: int = 0


class SnapshotPartRow(SQLModel, table=True):
    """The part of a snapshot for a kind. ``entity_type`` is empty for kinds that are read all at once."""

    __tablename__ = "snapshot_part"
    __table_args__ = (
        PrimaryKeyConstraint("portal_id", "number", "kind", "entity_type"),
        ForeignKeyConstraint(
            ["portal_id", "number"], ["snapshot.portal_id", "snapshot.number"], ondelete="CASCADE"
        ),
        # No stored snapshot loses a part. Checked at commit, since erasing a portal deletes both in any order.
        ForeignKeyConstraint(
            ["portal_id", "digest"],
            ["part.portal_id", "part.digest"],
            deferrable=True,
            initially="DEFERRED",
        ),
        Index("snapshot_part_by_digest", "portal_id", "digest"),
    )

    portal_id: UUID
    number: int
    kind: str = Field(sa_type=Text)
    entity_type: str = Field(default="", sa_type=Text)
    digest: bytes = Field(sa_type=LargeBinary)


class CoverageRow(SQLModel, table=True):
    """How a kind of a portal was read last; and when, by whom and how completely its shown items were read."""

    __tablename__ = "coverage"
    __table_args__ = (PrimaryKeyConstraint("portal_id", "kind", "entity_type"),)

    portal_id: UUID = Field(sa_column=Column(ForeignKey("portal.id", ondelete="CASCADE"), nullable=False))
    kind: str = Field(sa_type=Text)
    entity_type: str = Field(default="", sa_type=Text)
    state: str = Field(sa_type=Text)
    items: int
    reason_code: str | None = Field(default=None, sa_type=Text)
    reason_detail: str = Field(default="", sa_type=Text)
    # If a read failed and the last good part is kept, these three are of the read that brought this part.
    read_at: datetime = Field(sa_column=moment(required=True))
    reader: dict[str, Any] = Field(sa_column=document())
    complete: bool
    # What was missing in a read that was not believed (``shared.domain.doubts``); empty if nothing is in doubt.
    doubt: dict[str, Any] = Field(default_factory=dict, sa_column=document())


class ChangeRow(SQLModel, table=True):
    """One difference between two snapshots, written together with the later one."""

    __tablename__ = "change"
    __table_args__ = (Index("change_of_snapshot", "portal_id", "snapshot_number"),)

    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True, autoincrement=True))
    portal_id: UUID = Field(sa_column=Column(ForeignKey("portal.id", ondelete="CASCADE"), nullable=False))
    snapshot_number: int
    kind: str = Field(sa_type=Text)
    entity_type: str | None = Field(default=None, sa_type=Text)
    item_id: int | None = Field(default=None, sa_type=BigInteger)
    code: str | None = Field(default=None, sa_type=Text)
    label: str | None = Field(default=None, sa_type=Text)
    op: str = Field(sa_type=Text)
    attribute: str | None = Field(default=None, sa_type=Text)
    before: Any = Field(default=None, sa_column=Column(JSONB))
    after: Any = Field(default=None, sa_column=Column(JSONB))
    at: datetime = Field(sa_column=moment(required=True))


class SearchBlockRow(SQLModel, table=True):
    """Some dozens of items of a portal's current version, and the text that search looks at, a line for each item."""

    __tablename__ = "search_block"
    __table_args__ = (PrimaryKeyConstraint("portal_id", "place"),)

    portal_id: UUID = Field(sa_column=Column(ForeignKey("portal.id", ondelete="CASCADE"), nullable=False))
    # Blocks of a portal are in the order of their places, which are not counted without gaps.
    place: int = Field(sa_type=BigInteger)
    folded: str = Field(sa_type=Text)
    items: str = Field(sa_type=Text)
