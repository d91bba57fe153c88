"""Tables of cabinets: people, sessions, tokens, accounts and groups. The gateway turns portals into accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from shared.db.tables.columns import document, key_column, moment, sealed


class PersonRow(SQLModel, table=True):
    """A person who signs in. ``email`` is stored in lower case."""

    __tablename__ = "person"

    id: UUID = Field(default_factory=uuid4, sa_column=key_column())
    email: str = Field(sa_type=Text, unique=True)
    name: str = Field(default="", sa_type=Text)
    password_hash: str | None = Field(default=None, sa_type=Text)
    language: str = Field(default="ru", sa_type=Text)
    time_zone: str = Field(default="Europe/Moscow", sa_type=Text)
    created_at: datetime | None = Field(default=None, sa_column=moment(now=True))


class SessionRow(SQLModel, table=True):
    """A signed-in browser, known by the hash of its cookie."""

    __tablename__ = "session"

    token_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE", index=True)
    created_at: datetime | None = Field(default=None, sa_column=moment(now=True))
    seen_at: datetime | None = Field(default=None, sa_column=moment(now=True))
    expires_at: datetime = Field(sa_column=moment(required=True))


class CabinetRow(SQLModel, table=True):
    """The tenant: its people, its link token, the portals it sees."""

    __tablename__ = "cabinet"

    id: UUID = Field(default_factory=uuid4, sa_column=key_column())
    title: str = Field(sa_type=Text)
    created_at: datetime | None = Field(default=None, sa_column=moment(now=True))


class MembershipRow(SQLModel, table=True):
    """What a person may do in a cabinet."""

    __tablename__ = "membership"
    __table_args__ = (
        PrimaryKeyConstraint("cabinet_id", "person_id"),
        CheckConstraint("role in ('owner', 'member', 'reader')", name="membership_role"),
    )

    cabinet_id: UUID = Field(foreign_key="cabinet.id", ondelete="CASCADE")
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE", index=True)
    role: str = Field(sa_type=Text)


class ApiTokenRow(SQLModel, table=True):
    """A personal token for the API of one cabinet, known by its hash."""

    __tablename__ = "api_token"

    id: UUID = Field(default_factory=uuid4, sa_column=key_column())
    cabinet_id: UUID = Field(foreign_key="cabinet.id", ondelete="CASCADE", index=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    token_hash: bytes = Field(sa_type=LargeBinary, unique=True)
    title: str = Field(default="", sa_type=Text)
    created_at: datetime | None = Field(default=None, sa_column=moment(now=True))
    used_at: datetime | None = Field(default=None, sa_column=moment())


class LinkTokenRow(SQLModel, table=True):
    """A cabinet's connection token: shown to its people at any time, found by its fingerprint; only one is valid."""

    __tablename__ = "link_token"
    __table_args__ = (
        Index(
            "link_token_one_alive", "cabinet_id", unique=True, postgresql_where=text("replaced_at is null")
        ),
    )

    id: UUID = Field(default_factory=uuid4, sa_column=key_column())
    cabinet_id: UUID = Field(foreign_key="cabinet.id", ondelete="CASCADE")
    fingerprint: bytes = Field(sa_type=LargeBinary, unique=True)
    text: bytes = Field(sa_column=sealed(required=True))
    replaced_at: datetime | None = Field(default=None, sa_column=moment())


class AccountRow(SQLModel, table=True):
    """An account: a portal as one cabinet sees it, from linking to unlinking."""

    __tablename__ = "link"
    __table_args__ = (
        UniqueConstraint("cabinet_id", "portal_id", name="link_once"),
        Index("link_of_portal", "portal_id"),
    )

    id: UUID = Field(default_factory=uuid4, sa_column=key_column())
    cabinet_id: UUID = Field(foreign_key="cabinet.id", ondelete="CASCADE")
    portal_id: UUID = Field(foreign_key="portal.id", ondelete="CASCADE")
    title: str = Field(default="", sa_type=Text)
    note: str = Field(default="", sa_type=Text)
    linked_at: datetime | None = Field(default=None, sa_column=moment(now=True))
    # The portal's user who pasted the token; none for a portal connected by webhook.
    linked_by: int | None = Field(default=None)


class GroupRow(SQLModel, table=True):
    """A group: any set of a cabinet's accounts."""

    __tablename__ = "account_group"
    __table_args__ = (UniqueConstraint("cabinet_id", "title", name="account_group_title_once"),)

    id: UUID = Field(default_factory=uuid4, sa_column=key_column())
    cabinet_id: UUID = Field(foreign_key="cabinet.id", ondelete="CASCADE")
    title: str = Field(sa_type=Text)


class GroupAccountRow(SQLModel, table=True):
    """The membership of an account in a group."""

    __tablename__ = "account_group_account"
    __table_args__ = (PrimaryKeyConstraint("group_id", "link_id"),)

    group_id: UUID = Field(foreign_key="account_group.id", ondelete="CASCADE")
    link_id: UUID = Field(foreign_key="link.id", ondelete="CASCADE", index=True)


class AuditRow(SQLModel, table=True):
    """Who did what and when. Rows are only ever added; they hold ids and words, never secrets."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("audit_of_cabinet", "cabinet_id", "at"),
        Index("audit_of_portal", "portal_id", "at"),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True, autoincrement=True))
    at: datetime | None = Field(default=None, sa_column=moment(now=True))
    # No foreign keys: the line stays when the things it names are deleted.
    cabinet_id: UUID | None = Field(default=None)
    portal_id: UUID | None = Field(default=None)
    actor: str = Field(sa_type=Text)
    action: str = Field(sa_type=Text)
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=document())
