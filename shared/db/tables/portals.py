"""Tables of portals, applications, installations and chains of tokens. Written by gateway and worker."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from shared.db.tables.columns import document, key_column, moment, sealed
from shared.domain.portal import PortalKind, PortalState


class ApplicationRow(SQLModel, table=True):
    """An application registered with Bitrix24: the Market one serves every portal, a local one its own.

    Anybody can register any client id, so several cabinets may have one until a secret is proven to be the right one.
    """

    __tablename__ = "application"
    __table_args__ = (
        UniqueConstraint("client_id", "cabinet_id", name="application_once_in_a_cabinet"),
        Index("application_proven", "client_id", unique=True, postgresql_where=text("proven_at is not null")),
    )

    id: UUID = Field(default_factory=uuid4, sa_column=key_column())
    client_id: str = Field(sa_type=Text)
    client_secret: bytes = Field(sa_column=sealed(required=True))
    title: str = Field(sa_type=Text)
    # The cabinet that registered a local application of its own; none for the operator's.
    cabinet_id: UUID | None = Field(default=None, foreign_key="cabinet.id", ondelete="CASCADE")
    created_at: datetime | None = Field(default=None, sa_column=moment(now=True))
    # When the authorization server first accepted the secret; the operator's is taken as right.
    proven_at: datetime | None = Field(default=None, sa_column=moment())


class PortalRow(SQLModel, table=True):
    """One Bitrix24, known by ``member_id``; its domain is an attribute that may change."""

    __tablename__ = "portal"
    __table_args__ = (
        CheckConstraint("member_id ~ '^[0-9a-f]{32}$'", name="portal_member_id_form"),
        CheckConstraint("(kind = 'app') = (member_id is not null)", name="portal_app_has_member_id"),
        CheckConstraint("(kind = 'webhook') = (cabinet_id is not null)", name="portal_webhook_is_private"),
        # Every tick looks for these.
        Index("portal_due", "next_read_at", postgresql_where=text("state <> 'removed'")),
        Index("portal_dirty", "dirty_since", postgresql_where=text("dirty_since is not null")),
        Index("portal_to_erase", "purge_at", postgresql_where=text("purge_at is not null")),
    )

    id: UUID = Field(default_factory=uuid4, sa_column=key_column())
    kind: PortalKind = Field(sa_type=Text)
    member_id: str | None = Field(default=None, sa_type=Text, unique=True)
    state: PortalState = Field(default=PortalState.INSTALLING, sa_type=Text)
    domain: str = Field(sa_type=Text)
    former_domains: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(Text), nullable=False, server_default="{}")
    )
    # The address of its methods, from the authorization server; a webhook's address is sealed instead.
    endpoint: str | None = Field(default=None, sa_type=Text)
    webhook: bytes | None = Field(default=None, sa_column=sealed())
    # A portal connected by webhook belongs to the cabinet that connected it.
    cabinet_id: UUID | None = Field(default=None, foreign_key="cabinet.id", ondelete="CASCADE")
    language: str | None = Field(default=None, sa_type=Text)
    plan: str | None = Field(default=None, sa_type=Text)
    crm_mode: str | None = Field(default=None, sa_type=Text)
    # The portal's own setting: in its frame only administrators see what was read.
    admins_only: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    # True when every read is full (``shared.bitrix24.full_read``), so that no read removes what another added.
    full_reads: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    # How many items of each kind are known, for lists of accounts.
    counts: dict[str, int] = Field(default_factory=dict, sa_column=document())
    created_at: datetime | None = Field(default=None, sa_column=moment(now=True))
    # When to read it next, and since when an event waits for a read.
    next_read_at: datetime | None = Field(default=None, sa_column=moment(now=True))
    dirty_since: datetime | None = Field(default=None, sa_column=moment())
    read_at: datetime | None = Field(default=None, sa_column=moment())
    # When it has all its reads for events in hand again (``shared.domain.schedule.after_event``).
    event_reads_back_at: datetime | None = Field(default=None, sa_column=moment())
    failures: int = 0
    # Its last read held its slot for long (``shared.domain.shares``), whatever came of it.
    slow: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    # When the portal has rested from the requests of its last reads (``shared.bitrix24.pace``).
    rested_at: datetime | None = Field(default=None, sa_column=moment())
    # Why reads fail, as the code of a domain error, and when that last happened.
    problem: str | None = Field(default=None, sa_type=Text)
    problem_at: datetime | None = Field(default=None, sa_column=moment())
    # When the authorization server first said "removed"; only a second such answer after ten minutes counts.
    gone_said_at: datetime | None = Field(default=None, sa_column=moment())
    purge_at: datetime | None = Field(default=None, sa_column=moment())


class InstallationRow(SQLModel, table=True):
    """One application in one portal. Its application token proves that an event comes from there."""

    __tablename__ = "installation"
    __table_args__ = (
        UniqueConstraint("portal_id", "application_id", name="installation_once"),
        Index("installation_token", "token_hash"),
    )

    id: UUID = Field(default_factory=uuid4, sa_column=key_column())
    portal_id: UUID = Field(foreign_key="portal.id", ondelete="CASCADE", index=True)
    application_id: UUID = Field(foreign_key="application.id", ondelete="CASCADE")
    version: str | None = Field(default=None, sa_type=Text)
    scopes: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(Text), nullable=False, server_default="{}")
    )
    # SHA-256 of the token; the earlier one is accepted for ten minutes after a change.
    token_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    former_token_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    token_changed_at: datetime | None = Field(default=None, sa_column=moment())
    finished: bool = False
    # When its event handlers were last checked (``shared.db.handlers``); nothing while they may be missing. The problem
    # is one of ``shared.domain.events``.
    handlers_checked_at: datetime | None = Field(default=None, sa_column=moment())
    handlers_problem: str | None = Field(default=None, sa_type=Text)
    removed_at: datetime | None = Field(default=None, sa_column=moment())


class VisitRow(SQLModel, table=True):
    """When an administrator of a portal last opened the application there, and when he did so before that visit."""

    __tablename__ = "visit"

    portal_id: UUID = Field(
        sa_column=Column(ForeignKey("portal.id", ondelete="CASCADE"), primary_key=True, nullable=False)
    )
    b24_user_id: int = Field(primary_key=True)
    seen_at: datetime | None = Field(default=None, sa_column=moment(now=True))
    before_at: datetime | None = Field(default=None, sa_column=moment())


class ChainRow(SQLModel, table=True):
    """A chain of tokens of one person of the portal. Each renewal replaces both tokens; chains do not branch."""

    __tablename__ = "chain"
    __table_args__ = (
        UniqueConstraint("refresh_fingerprint", name="chain_refresh_once"),
        CheckConstraint("state in ('active', 'spare', 'suspect', 'dead')", name="chain_state"),
        Index("chain_of_portal", "portal_id", "state"),
        Index(
            "chain_idle",
            text("coalesce(used_at, created_at)"),
            postgresql_where=text("state in ('active', 'spare')"),
        ),
        Index("chain_suspect", "suspect_since", postgresql_where=text("state = 'suspect'")),
    )

    id: UUID = Field(default_factory=uuid4, sa_column=key_column())
    portal_id: UUID = Field(sa_column=Column(ForeignKey("portal.id", ondelete="CASCADE"), nullable=False))
    application_id: UUID = Field(foreign_key="application.id", ondelete="CASCADE")
    b24_user_id: int
    is_admin: bool
    state: str = Field(default="spare", sa_type=Text)
    scopes: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(Text), nullable=False, server_default="{}")
    )
    refresh_token: bytes = Field(sa_column=sealed(required=True))
    refresh_fingerprint: bytes = Field(sa_type=LargeBinary)
    access_token: bytes = Field(sa_column=sealed(required=True))
    access_expires_at: datetime = Field(sa_column=moment(required=True))
    lease_owner: str | None = Field(default=None, sa_type=Text)
    lease_until: datetime | None = Field(default=None, sa_column=moment())
    suspect_since: datetime | None = Field(default=None, sa_column=moment())
    used_at: datetime | None = Field(default=None, sa_column=moment())
    # When it was last to be renewed because nothing had used it for long.
    idle_tried_at: datetime | None = Field(default=None, sa_column=moment())
    fails: int = 0
    created_at: datetime | None = Field(default=None, sa_column=moment(now=True))
