"""A page asks the database little: whoever opens the list waits for each question and each transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event

from shared.db import groups
from shared.db.sealed import Keyring
from shared.db.session import Database, Role
from tests.plans import Stated, stated
from tests.services.cabinet.conftest import Tenant
from tests.services.cabinet.pages import Browser


@dataclass
class Asked:
    """What was asked of a database meanwhile."""

    statements: list[Stated]
    transactions: int = 0


@contextmanager
def asked(client: TestClient) -> Iterator[Asked]:
    engine: Engine = client.app.state.cabinet.db.engine  # type: ignore[attr-defined]
    with stated(engine) as statements:
        meanwhile = Asked(statements)

        def begun(_connection: object) -> None:
            meanwhile.transactions += 1

        event.listen(engine, "begin", begun)
        yield meanwhile
        event.remove(engine, "begin", begun)


@pytest.fixture
def more_groups(ours: Tenant, database_url: str, keyring: Keyring) -> list[UUID]:
    """Three groups, so that a question for each of them is seen."""
    operator = Database(database_url, Role.OPERATOR, keyring)
    with operator.session() as session:
        saved = [groups.save(session, ours.cabinet_id, f"Group {n}", [ours.account]) for n in range(3)]
    operator.close()
    return [group.id for group in saved if group]


def test_the_list_of_accounts_is_two_transactions_and_eight_statements(
    owner: Browser, more_groups: list[UUID]
) -> None:
    owner.open("/accounts")
    with asked(owner.client) as meanwhile:
        page = owner.open("/accounts")
    assert page.status == 200
    assert page.text.count("Group ") == len(more_groups)
    assert meanwhile.transactions == 2
    assert len(meanwhile.statements) <= 8, meanwhile.statements


def test_a_call_of_the_api_is_two_transactions(
    client: TestClient, ours: Tenant, enter: Callable[..., Browser]
) -> None:
    headers = {"Authorization": f"Bearer {ours.tokens['owner']}"}
    with asked(client) as meanwhile:
        assert client.get("/api/v1/accounts", headers=headers).status_code == 200
    assert meanwhile.transactions == 2
    assert len(meanwhile.statements) <= 4, meanwhile.statements
    used = [row for row in enter(ours).open("/settings/tokens").of("tr") if "owner" in row.text]
    assert "никогда" not in used[0].text
