"""Erasing a portal at the wish of its administrator: everything of it, at once, and nothing of anybody else's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import ProgrammingError

from shared.db import portals
from shared.db.metadata import METADATA
from shared.db.session import Database, driver_url
from tests.shared.db.rows import Rows, app_portal, fill

OF_A_PORTAL = [table.name for table in METADATA.sorted_tables if "portal_id" in table.columns]


@pytest.fixture
def engine(database_url: str) -> Any:
    made = create_engine(driver_url(database_url))
    yield made
    made.dispose()


def filled(engine: Engine, **portal: Any) -> Rows:
    with engine.begin() as connection:
        return fill(connection, portal=portal)


def left_of(engine: Engine, portal_id: UUID) -> dict[str, int]:
    """How many rows of the portal each table has; what was written down stays."""
    tables = [name for name in OF_A_PORTAL if name != "audit"]
    with engine.connect() as connection:
        counts = {
            name: connection.execute(
                text(f"select count(*) from {name} where portal_id = :portal"),  # noqa: S608
                {"portal": portal_id},
            ).scalar_one()
            for name in tables
        }
    return {name: count for name, count in counts.items() if count}


def test_an_erased_portal_leaves_nothing_and_its_neighbour_keeps_everything(
    engine: Engine, gateway_db: Database
) -> None:
    gone, stays = filled(engine, **app_portal()), filled(engine, **app_portal())
    before = left_of(engine, stays["portal"]["id"])
    assert left_of(engine, gone["portal"]["id"]).keys() == before.keys() == {*OF_A_PORTAL} - {"audit"}
    with gateway_db.session() as session:
        portals.erase(session, gone["portal"]["id"])
    assert left_of(engine, gone["portal"]["id"]) == {}
    assert left_of(engine, stays["portal"]["id"]) == before
    with engine.connect() as connection:
        known = connection.execute(text("select id from portal")).scalars().all()
    assert known == [stays["portal"]["id"]]


def test_a_portal_connected_by_webhook_is_not_the_gateway_s_to_erase(
    engine: Engine, gateway_db: Database
) -> None:
    private = filled(engine)
    with gateway_db.session() as session:
        portals.erase(session, private["portal"]["id"])
    assert left_of(engine, private["portal"]["id"])


def test_no_other_service_erases_a_portal(engine: Engine, cabinet_db: Database, worker_db: Database) -> None:
    portal_id = filled(engine, **app_portal())["portal"]["id"]
    for db in (cabinet_db, worker_db):
        with pytest.raises(ProgrammingError, match="permission denied"), db.session() as session:
            portals.erase(session, portal_id)
    assert left_of(engine, portal_id)
