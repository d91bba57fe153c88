"""The cabinet's application behind the frames that a gateway opens in two portals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from pydantic import SecretStr

from services.cabinet.app import create_app
from shared.db import people, recording
from shared.db.people import Member
from shared.domain.snapshot import Snapshot
from shared.settings import Settings
from tests.gateway_room import KEY, GatewayRoom
from tests.services.cabinet.in_portal.frames import Frame
from tools.simulator.portal import SimulatedPortal


@pytest.fixture
def client(database_url: str) -> Iterator[TestClient]:
    settings = Settings(
        database_url=SecretStr(database_url),
        broker_url=SecretStr("memory://"),
        secret_keys=SecretStr(KEY),
        allow_private_portals=True,
    )
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def read(room: GatewayRoom) -> Callable[[SimulatedPortal, Snapshot], UUID]:
    """A portal has CRMAP in it and was read just now; what was found is up to the test."""

    def reading(portal: SimulatedPortal, snapshot: Snapshot) -> UUID:
        portal_id = room.installed(portal)
        with room.db.session() as session:
            recording.record(session, portal_id, snapshot)
        room.rows("update portal set read_at = now() where id = %s", portal_id)
        room.rows("delete from job where portal_id = %s", portal_id)
        return portal_id

    return reading


@pytest.fixture
def api(room: GatewayRoom, client: TestClient) -> Callable[..., Response]:
    """What the API gives somebody whose cabinet sees the portal, as a file."""

    def file(portal_id: UUID, **query: str) -> Response:
        cabinet_id, _ = room.cabinet(f"{uuid4().hex}@example.com")
        link_id = uuid4()
        room.rows(
            "insert into link (id, cabinet_id, portal_id, title, note) values (%s, %s, %s, '', '')",
            link_id,
            cabinet_id,
            portal_id,
        )
        ((person_id,),) = room.rows("select person_id from membership where cabinet_id = %s", cabinet_id)
        with room.db.session() as session:
            _, token = people.issue_api_token(session, Member(cabinet_id, person_id, "owner"), title="tests")
        headers = {"Authorization": f"Bearer {token}"}
        return client.get(f"/api/v1/accounts/{link_id}/specification", params=query, headers=headers)

    return file


@pytest.fixture
def open_frame(room: GatewayRoom, client: TestClient) -> Callable[..., Frame]:
    """Somebody opens CRMAP in a portal: an administrator unless told otherwise."""

    def opened(portal: SimulatedPortal, user: int | str = "admin", *, lang: str = "ru") -> Frame:
        answer = room.open_page(portal, user, lang=lang)
        return Frame(client, room.client, room.session_text(answer))

    return opened
