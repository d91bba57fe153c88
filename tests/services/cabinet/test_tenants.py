"""Every route of the API, asked by everybody for everything: what is foreign looks like what never was."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from pydantic import SecretStr

from services.cabinet.app import create_app
from shared.settings import Settings
from tests.services.cabinet.conftest import WEBHOOK_CODE, Tenant

BODIES: dict[tuple[str, str], Any] = {
    ("post", "/api/v1/accounts"): {"webhook_url": f"https://new.example/rest/1/{WEBHOOK_CODE}/"},
    ("patch", "/api/v1/accounts/{account_id}"): {"title": "Ours"},
    ("post", "/api/v1/groups"): {"title": "Some of them", "accounts": []},
}
QUERIES: dict[tuple[str, str], Any] = {
    ("get", "/api/v1/search"): {"q": "доставки"},
    ("get", "/api/v1/accounts/{account_id}/addendum"): {"since": 1},
}
# What a reader may do although it is no GET: nothing.
READ_ONLY = "get"
# Readers do not see the token, for it changes what the cabinet sees.
FOR_WRITERS = {("get", "/api/v1/link-token")}


def routes() -> Iterator[tuple[str, str]]:
    """Every verb and path of the API, as its own description lists them: a new one is asked here by itself."""
    nowhere = Settings(
        database_url=SecretStr("postgresql://nowhere/x"), broker_url=SecretStr("redis://nowhere")
    )
    app = create_app(nowhere)
    for path, verbs in app.openapi()["paths"].items():
        for verb in verbs:
            yield verb, path


ROUTES = sorted(routes())
WITH_ID = [route for route in ROUTES if "{" in route[1]]


def ask(client: TestClient, route: tuple[str, str], tenant: Tenant | None, role: str, **ids: Any) -> Response:
    verb, path = route
    headers = {"X-Request-Id": "same-for-all-of-them"}
    if tenant is not None:
        headers["Authorization"] = f"Bearer {tenant.tokens[role]}"
    return client.request(
        verb, path.format(**ids), headers=headers, json=BODIES.get(route), params=QUERIES.get(route)
    )


def ids_of(tenant: Tenant) -> dict[str, Any]:
    return {"account_id": tenant.account, "group_id": tenant.group, "refresh_id": tenant.refresh}


def no_ids() -> dict[str, Any]:
    return {"account_id": uuid4(), "group_id": uuid4(), "refresh_id": uuid4()}


def seen(answer: Response) -> tuple[int, str, dict[str, str]]:
    return answer.status_code, answer.text, dict(answer.headers)


def test_there_is_something_to_ask() -> None:
    assert len(ROUTES) > 12
    assert {name for _, path in WITH_ID for name in ids_of_path(path)} == set(no_ids())


def ids_of_path(path: str) -> list[str]:
    return [part.strip("{}") for part in path.split("/") if part.startswith("{")]


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_nobody_gets_anything_without_a_token(
    client: TestClient, ours: Tenant, route: tuple[str, str]
) -> None:
    assert ask(client, route, None, "", **ids_of(ours)).status_code == 401
    stranger = Tenant(
        ours.cabinet_id, {"owner": "crmap_never-issued"}, ours.account, ours.group, ours.refresh
    )
    assert ask(client, route, stranger, "owner", **ids_of(ours)).status_code == 401


@pytest.mark.parametrize("role", ["owner", "member", "reader"])
@pytest.mark.parametrize("route", WITH_ID, ids=" ".join)
def test_what_is_foreign_looks_like_what_never_was(
    client: TestClient, ours: Tenant, theirs: Tenant, route: tuple[str, str], role: str
) -> None:
    foreign = ask(client, route, ours, role, **ids_of(theirs))
    unknown = ask(client, route, ours, role, **no_ids())
    assert seen(foreign) == seen(unknown)
    assert foreign.status_code == (404 if role != "reader" or route[0] == READ_ONLY else 403)
    still_there = ask(client, ("get", "/api/v1/accounts/{account_id}"), theirs, "owner", **ids_of(theirs))
    assert still_there.status_code == 200


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_people_of_the_cabinet_may_do_what_their_role_allows(
    client: TestClient, ours: Tenant, route: tuple[str, str]
) -> None:
    reader_may = route[0] == READ_ONLY and route not in FOR_WRITERS
    assert (ask(client, route, ours, "reader", **ids_of(ours)).status_code == 403) is not reader_may
    assert ask(client, route, ours, "member", **ids_of(ours)).is_success


def test_lists_name_ones_own_things_only(client: TestClient, ours: Tenant, theirs: Tenant) -> None:
    for path in ("/api/v1/accounts", "/api/v1/groups", "/api/v1/search"):
        told = ask(client, ("get", path), ours, "owner").text
        assert "ours.example" in told or str(ours.account) in told
        assert "theirs" not in told
        assert str(theirs.account) not in told


def test_a_group_takes_no_foreign_account(client: TestClient, ours: Tenant, theirs: Tenant) -> None:
    answer = client.post(
        "/api/v1/groups",
        headers={"Authorization": f"Bearer {ours.tokens['owner']}"},
        json={"title": "Theirs too", "accounts": [str(ours.account), str(theirs.account)]},
    )
    assert answer.status_code == 404


def test_no_answer_tells_the_webhook_or_a_sealed_secret(client: TestClient, ours: Tenant) -> None:
    for route in ROUTES:
        assert WEBHOOK_CODE not in ask(client, route, ours, "member", **ids_of(ours)).text


def test_the_cabinet_calls_nobody_but_database_and_broker(
    client: TestClient, ours: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[Any] = []
    connect = socket.socket.connect

    def watched(self: socket.socket, address: Any) -> None:
        # Database and broker of the tests answer on sockets of this machine, portals never would.
        if self.family != socket.AF_UNIX:
            called.append(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", watched)
    for route in ROUTES:
        ask(client, route, ours, "member", **ids_of(ours))
    assert called == []
