"""Column kinds that every table uses."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, DateTime, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB, UUID


def key_column() -> Column[Any]:
    """A random UUID primary key, made by us, so that it is known before the row is stored."""
    return Column(UUID(as_uuid=True), primary_key=True)


def moment(*, required: bool = False, now: bool = False) -> Column[Any]:
    """A moment with its zone. ``now``: the database's clock fills it in."""
    return Column(
        DateTime(timezone=True), nullable=not (required or now), server_default=text("now()") if now else None
    )


def sealed(*, required: bool = False) -> Column[Any]:
    """Text sealed with a key that is not in the database (``shared.db.sealed``)."""
    return Column(LargeBinary, nullable=not required)


def document(default: str = "{}") -> Column[Any]:
    """Small JSON that is always replaced as a whole."""
    return Column(JSONB, nullable=False, server_default=text(f"'{default}'::jsonb"))
