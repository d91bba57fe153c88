"""A portal to record things of."""

from __future__ import annotations

from uuid import UUID

import pytest

from shared.db.session import Database
from shared.db.tables.portals import PortalRow
from shared.domain.portal import PortalKind, PortalState
from tests.builders import a_portal


@pytest.fixture
def portal_id(worker_db: Database) -> UUID:
    """An active portal with the application, which nothing has been read of."""
    row = PortalRow(
        kind=PortalKind.APP, member_id="a" * 32, domain=a_portal().domain, state=PortalState.ACTIVE
    )
    with worker_db.session() as session:
        session.add(row)
    return row.id
