"""The metadata of all tables, for migrations and comparisons."""

from __future__ import annotations

from sqlmodel import SQLModel

from shared.db.tables import cabinets, portals, snapshots, work

TABLE_MODULES = (cabinets, portals, snapshots, work)
METADATA = SQLModel.metadata
