"""What an account's line says of a problem: its name, its repair, and that what was read stays if anything was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from services.cabinet.base.words import Words
from services.cabinet.contents.account_lines import account_line
from shared.db.accounts import Account
from shared.db.session import Database
from shared.domain.portal import AccountState, PortalKind
from tests.services.cabinet.conftest import IN_RUSSIAN, Tenant
from tests.services.cabinet.pages import Browser

NOW = datetime(2026, 5, 1, 2, 0, tzinfo=UTC)
WORDS = Words("en", UTC, NOW)
FAILING = Account(
    id=uuid4(),
    portal_id=uuid4(),
    title="One",
    domain="one.example",
    kind=PortalKind.APP,
    state=AccountState.STALE,
    read_at=NOW,
    counts={"pipelines": 1, "stages": 1, "user_fields": 1, "users": 1},
    problem="unreachable",
    problem_at=NOW,
    gaps=0,
    full_reads=False,
    is_read=True,
    next_read_at=NOW,
)


@pytest.mark.parametrize(
    ("state", "problem", "told", "tone", "repair"),
    [
        (AccountState.ACCESS_LOST, "access_lost", "access lost", "bad", "open the application on the portal"),
        (AccountState.ACCESS_LOST, "portal_gone", "closed", "bad", "connect the new address"),
        (AccountState.ACCESS_LOST, "client_refused", "application refused", "bad", "give the new secret"),
        (AccountState.STALE, "portal_blocked", "REST is blocked", "bad", "Ask Bitrix24 support"),
        (AccountState.STALE, "portal_moved", "moved", "bad", "connect a webhook with it"),
        (AccountState.STALE, "unreachable", "last read failed", "warn", "try again later"),
        (AccountState.STALE, "authorization_away", "last read failed", "warn", "nothing needs mending"),
        (AccountState.READING, "portal_moved", "being read", "busy", "connect a webhook with it"),
    ],
)
def test_each_problem_has_its_name_and_its_repair(
    state: AccountState, problem: str, told: str, tone: str, repair: str
) -> None:
    line = account_line(replace(FAILING, state=state, problem=problem), WORDS)
    assert (line.state, line.tone) == (told, tone)
    assert repair in line.advice
    assert line.can_refresh is (problem != "access_lost")


@pytest.mark.parametrize("was_read", [True, False])
def test_only_of_a_portal_that_was_read_it_is_said_that_what_was_read_stays(*, was_read: bool) -> None:
    account = replace(
        FAILING, state=AccountState.ACCESS_LOST, problem="portal_gone", read_at=NOW if was_read else None
    )
    assert ("What was read before stays." in account_line(account, WORDS).advice) is was_read


def test_where_only_an_opening_helps_a_press_is_refused_with_what_helps(
    client: TestClient, owner: Browser, ours: Tenant, worker_db: Database
) -> None:
    with worker_db.session() as session:
        session.execute(text("delete from job"))
        session.execute(
            text(
                "update portal set kind = 'app', member_id = md5(''), cabinet_id = null, webhook = null,"
                " state = 'access_lost', problem = 'access_lost'"
                " where id = (select portal_id from link where id = :id)"
            ),
            {"id": ours.account},
        )
    address = f"/accounts/{ours.account}"
    headers = {"Authorization": f"Bearer {ours.tokens['owner']}", **IN_RUSSIAN}
    answer = client.post(f"/api/v1{address}/refresh", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "access_lost")
    shown = client.get(f"/api/v1{address}", headers=headers).json()
    page = owner.open(address)
    for told in (answer.json()["detail"], shown["problem_detail"], page.text):
        assert "откройте приложение на портале" in told
    assert page.of("form", action=f"{address}/refresh") == [], "there is no button that would be refused"
