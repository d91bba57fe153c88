"""Every table, in one place for whoever creates or compares them."""

from __future__ import annotations

from sqlmodel import SQLModel

from shared.db.tables import cabinets, portals, snapshots, work

TABLE_MODULES = (cabinets, portals, snapshots, work)
METADATA = SQLModel.metadata
