"""Tables of work: incoming events, jobs and tries. PostgreSQL is the queue; Redis only rings the bell."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from shared.db.tables.columns import document, key_column, moment, sealed


class InboxRow(SQLModel, table=True):
    """An event, stored once and before it was answered. ``verdict``: what became of it, ``new`` until then."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("dedupe", "received_on", name="inbox_once_a_day"),
        CheckConstraint("verdict in ('new', 'done', 'ignored', 'late', 'rejected')", name="inbox_verdict"),
        Index("inbox_new", "received_at", postgresql_where=text("verdict = 'new'")),
        Index("inbox_question", "question", postgresql_where=text("verdict = 'new'")),
        Index("inbox_asked", "asked_at", postgresql_where=text("asked_at is not null")),
        Index("inbox_source", "asked_at", postgresql_where=text("source is not null and verdict <> 'new'")),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True, autoincrement=True))
    received_at: datetime | None = Field(default=None, sa_column=moment(now=True))
    received_on: date | None = Field(
        default=None, sa_column=Column(Date, nullable=False, server_default=text("current_date"))
    )
    # SHA-256 over sender, event, time and data, because Bitrix24 gives events no id.
    dedupe: bytes = Field(sa_type=LargeBinary)
    event: str = Field(sa_type=Text)
    member_id: str | None = Field(default=None, sa_type=Text)
    portal_id: UUID | None = Field(default=None, foreign_key="portal.id", ondelete="CASCADE")
    # The body without any secret; the tokens of a lifecycle event are sealed beside it until they are verified.
    body: dict[str, Any] = Field(default_factory=dict, sa_column=document())
    secrets: bytes | None = Field(default=None, sa_column=sealed())
    secrets_id: UUID = Field(default_factory=uuid4)
    verdict: str = Field(default="new", sa_type=Text)
    # Keyed hashes: where the event came from, and what the authorization server is asked about it. The first
    # is personal data; it is kept until the verdict and for the few seconds it counts after the server was asked.
    source: bytes | None = Field(default=None, sa_type=LargeBinary)
    question: bytes | None = Field(default=None, sa_type=LargeBinary)
    # When the server was last asked about it, and whether it then gave no answer at all.
    asked_at: datetime | None = Field(default=None, sa_column=moment())
    unanswered: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    try_after: datetime | None = Field(default=None, sa_column=moment(now=True))
    lease_until: datetime | None = Field(default=None, sa_column=moment())
    handled_at: datetime | None = Field(default=None, sa_column=moment())


class JobRow(SQLModel, table=True):
    """One read of one portal: queued, running or over. At most one per portal is not over."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("state in ('queued', 'running', 'done', 'failed', 'quarantined')", name="job_state"),
        Index(
            "job_one_active",
            "portal_id",
            unique=True,
            postgresql_where=text("state in ('queued', 'running')"),
        ),
        Index("job_claim", "lane", "run_after", postgresql_where=text("state = 'queued'")),
        Index("job_held", "lease_owner", postgresql_where=text("state = 'running'")),
    )

    id: UUID = Field(default_factory=uuid4, sa_column=key_column())
    portal_id: UUID = Field(foreign_key="portal.id", ondelete="CASCADE", index=True)
    lane: int
    run_after: datetime | None = Field(default=None, sa_column=moment(now=True))
    state: str = Field(default="queued", sa_type=Text)
    lease_owner: str | None = Field(default=None, sa_type=Text)
    lease_until: datetime | None = Field(default=None, sa_column=moment())
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    # How often its worker died. After the first loss it runs alone in its process; only losses from then on count.
    alone: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    losses: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    # The progress of the read: done, planned, kinds.
    progress: dict[str, Any] = Field(default_factory=dict, sa_column=document())
    error: str | None = Field(default=None, sa_type=Text)
    created_at: datetime | None = Field(default=None, sa_column=moment(now=True))
    started_at: datetime | None = Field(default=None, sa_column=moment())
    finished_at: datetime | None = Field(default=None, sa_column=moment())


class AttemptRow(SQLModel, table=True):
    """How often something was tried in one window of time: sign-ins, link tokens. Limits fail closed with it."""

    __tablename__ = "attempt"

    bucket: str = Field(sa_type=Text, primary_key=True)
    window_at: datetime = Field(sa_column=Column(moment().type, primary_key=True))
    count: int = 0
