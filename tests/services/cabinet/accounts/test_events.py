"""An account says whether its portal sends events and if not, why: on its overview, in the API, inside the portal."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from shared.db import recording
from shared.db.session import Database, Role
from shared.db.tables.cabinets import AccountRow
from shared.db.tables.portals import ApplicationRow, InstallationRow, PortalRow
from shared.domain.events import NoEvents
from shared.domain.portal import PortalKind, PortalState
from tests.builders import READ_AT, a_snapshot
from tests.services.cabinet.conftest import Tenant
from tests.services.cabinet.pages import Browser

WithHandlers = Callable[..., UUID]
Told = Callable[[UUID], tuple[str, str, str | None]]


@pytest.fixture
def account(ours: Tenant, database_url: str, worker_db: Database) -> WithHandlers:
    """Our account of a portal that has the application. The check of its handlers ended with this outcome."""

    def made(problem: NoEvents | None, *, is_checked: bool = True) -> UUID:
        operator = Database(database_url, Role.OPERATOR, worker_db.keyring)
        portal = PortalRow(
            kind=PortalKind.APP, member_id="a" * 32, domain="a.example", state=PortalState.ACTIVE
        )
        application = ApplicationRow(client_id="app.1", client_secret=b"", title="CRMAP")
        with operator.session() as session:
            session.add_all([portal, application])
            session.flush()
            link = AccountRow(cabinet_id=ours.cabinet_id, portal_id=portal.id)
            installation = InstallationRow(
                portal_id=portal.id,
                application_id=application.id,
                handlers_checked_at=READ_AT if is_checked else None,
                handlers_problem=problem,
            )
            session.add_all([link, installation])
            recording.record(session, portal.id, a_snapshot())
            portal.read_at = READ_AT
            session.flush()
            found = link.id
        operator.close()
        return found

    return made


@pytest.fixture
def told(client: TestClient, owner: Browser, ours: Tenant) -> Told:
    """What stands on the overview of an account about its events, and in the API in two fields."""

    def of(account_id: UUID) -> tuple[str, str, str | None]:
        page = owner.open(f"/accounts/{account_id}")
        facts = zip(page.of("dt"), page.of("dd"), strict=False)
        (said,) = (fact.text for name, fact in facts if name.text == "События")
        headers = {"Authorization": f"Bearer {ours.tokens['reader']}"}
        answer = client.get(f"/api/v1/accounts/{account_id}", headers=headers).json()
        return said, answer["events"], answer["events_detail"]

    return of


@pytest.mark.parametrize(
    ("outcome", "state", "phrase", "reason"),
    [
        ("on", "on", "включены", None),
        ("unchecked", "unknown", "ещё не проверены", None),
        (NoEvents.SCOPE, "off", "нет, читается по расписанию", "У приложения нет права «CRM» (crm)"),
        (NoEvents.REFUSED, "off", "нет, читается по расписанию", "Портал не принимает адрес"),
    ],
)
def test_the_account_says_whether_there_are_events(
    told: Told, account: WithHandlers, outcome: NoEvents | str, state: str, phrase: str, reason: str | None
) -> None:
    problem = outcome if isinstance(outcome, NoEvents) else None
    account_id = account(problem, is_checked=outcome != "unchecked")
    on_the_page, in_the_api, detail = told(account_id)
    assert on_the_page == phrase + (detail or "")
    assert in_the_api == state
    assert (detail or "").startswith(reason or "")
    assert (detail is None) == (reason is None)


def test_a_webhook_brings_no_events_and_a_past_version_says_nothing_of_them(
    client: TestClient, owner: Browser, ours: Tenant
) -> None:
    assert "Вебхук не приносит событий" in owner.open(f"/accounts/{ours.account}").text
    assert "События" not in owner.open(f"/accounts/{ours.account}?version=1").text
    headers = {"Authorization": f"Bearer {ours.tokens['reader']}"}
    answer = client.get(f"/api/v1/accounts/{ours.account}?lang=en", headers=headers).json()
    assert (answer["events"], answer["events_detail"]) == (
        "off",
        "A webhook brings no events. With the application installed in the portal, changes are seen at once.",
    )
