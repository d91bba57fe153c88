"""What one cabinet may have and ask for, so that it leaves something for the others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import text

from services.cabinet.app import create_app
from shared.db.session import Database
from shared.settings import Settings
from tests.conftest import KEY
from tests.services.cabinet.conftest import IN_RUSSIAN, Tenant
from tests.services.cabinet.pages import Browser

ACCOUNTS = 2
REFRESHES = 3


@pytest.fixture
def client(database_url: str, broker_url: str) -> Iterator[TestClient]:
    """A cabinet service that allows very little."""
    settings = Settings(
        database_url=SecretStr(database_url),
        broker_url=SecretStr(broker_url),
        secret_keys=SecretStr(KEY),
        accounts_per_cabinet=ACCOUNTS,
        refreshes_per_minute=REFRESHES,
    )
    with TestClient(create_app(settings), raise_server_exceptions=False) as found:
        yield found


def ask(client: TestClient, tenant: Tenant, path: str, **body: str) -> tuple[int, str | None]:
    """The status of the answer and the code of the refusal, if it is one."""
    answer = client.post(
        f"/api/v1{path}", headers={"Authorization": f"Bearer {tenant.tokens['owner']}"}, json=body or None
    )
    return answer.status_code, answer.json().get("code")


def webhook(number: int) -> str:
    return f"https://portal-{number}.example/rest/1/c0de/"


def test_after_so_many_refreshes_a_cabinet_waits_and_another_does_not(
    client: TestClient, ours: Tenant, theirs: Tenant
) -> None:
    path = f"/accounts/{ours.account}/refresh"
    assert [ask(client, ours, path) for _ in range(REFRESHES)] == [(202, None)] * REFRESHES
    assert ask(client, ours, path) == (429, "too_many_refreshes")
    assert ask(client, theirs, f"/accounts/{theirs.account}/refresh") == (202, None)


def test_who_has_to_wait_is_told_how_long_and_in_his_language(client: TestClient, ours: Tenant) -> None:
    headers = {"Authorization": f"Bearer {ours.tokens['owner']}", **IN_RUSSIAN}
    for _ in range(REFRESHES + 1):
        answer = client.post(f"/api/v1/accounts/{ours.account}/refresh", headers=headers)
    wait_s = int(answer.headers["retry-after"])
    assert 0 < wait_s <= 61
    assert f"через {wait_s} с" in answer.json()["detail"]


def test_full_reads_and_connecting_count_as_refreshes(client: TestClient, ours: Tenant) -> None:
    """Else a read without end could be asked for by another way."""
    headers = {"Authorization": f"Bearer {ours.tokens['owner']}"}
    edit = {"full_reads": True}
    assert client.patch(f"/api/v1/accounts/{ours.account}", headers=headers, json=edit).status_code == 200
    assert ask(client, ours, "/accounts", webhook_url=webhook(1)) == (201, None)
    assert ask(client, ours, "/accounts", webhook_url=webhook(1)) == (201, None)
    assert ask(client, ours, "/accounts", webhook_url=webhook(1)) == (429, "too_many_refreshes")


def test_a_cabinet_that_is_full_keeps_what_it_has(
    client: TestClient, ours: Tenant, worker_db: Database
) -> None:
    assert ask(client, ours, "/accounts", webhook_url=webhook(1)) == (201, None)
    assert ask(client, ours, "/accounts", webhook_url=webhook(2)) == (409, "too_many_accounts")
    with worker_db.session() as session:
        found = session.execute(
            text("select count(*) from portal where cabinet_id = :id"), {"id": ours.cabinet_id}
        ).scalar_one()
    assert found == ACCOUNTS
    assert ask(client, ours, "/accounts", webhook_url=webhook(1)) == (201, None), "it has this one already"


def test_the_page_of_a_group_says_the_same_and_a_group_counts_once(
    ours: Tenant, owner: Browser, worker_db: Database
) -> None:
    group = f"/groups/{ours.group}"
    bucket = {"bucket": f"refreshes {ours.cabinet_id}"}
    counted = text("select sum(count) from attempt where bucket = :bucket")
    owner.send(owner.open(f"{group}/users"), f"{group}/refresh")
    with worker_db.session() as session:
        assert session.execute(counted, bucket).scalar_one() == 1
        session.execute(text("update attempt set count = 10000 where bucket = :bucket"), bucket)
    refused = owner.send(owner.open(f"{group}/users"), f"{group}/refresh")
    assert refused.status == 429
    assert "слишком много обновлений" in refused.text
