"""A portal that a cabinet has twice, by webhook and by application: both pages say so and offer to keep one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.db import recording
from shared.db.session import Database, Role
from shared.db.tables.cabinets import AccountRow
from shared.db.tables.portals import PortalRow
from shared.domain.portal import PortalKind, PortalState
from tests.builders import READ_AT, a_snapshot
from tests.services.cabinet.conftest import Tenant
from tests.services.cabinet.pages import Browser

BY_WEBHOOK = "Этот портал подключён и вебхуком"
BY_APPLICATION = "На этом портале есть и приложение"
Linked = Callable[..., UUID]


@pytest.fixture
def linked(database_url: str, worker_db: Database) -> Linked:
    """The account of a portal with our application that a cabinet sees and that was read."""

    def account(tenant: Tenant, domain: str, **portal: Any) -> UUID:
        operator = Database(database_url, Role.OPERATOR, worker_db.keyring)
        facts = {"domain": domain, "endpoint": f"https://{domain}/rest/", **portal}
        row = PortalRow(kind=PortalKind.APP, member_id=uuid4().hex, state=PortalState.ACTIVE, **facts)
        with operator.session() as session:
            session.add(row)
            session.flush()
            link = AccountRow(cabinet_id=tenant.cabinet_id, portal_id=row.id)
            session.add(link)
            session.flush()
            recording.record(session, row.id, a_snapshot())
            row.read_at = READ_AT
            found = link.id
        operator.close()
        return found

    return account


@pytest.fixture
def read_by_webhook(ours: Tenant, worker_db: Database) -> None:
    """The portal of the webhook has answered at its address."""
    with worker_db.session() as session:
        row = session.get_one(PortalRow, session.get_one(AccountRow, ours.account).portal_id)
        row.read_at = READ_AT


@pytest.mark.usefixtures("read_by_webhook")
@pytest.mark.parametrize(
    ("domain", "endpoint"),
    [
        ("ours.example", "https://ours.example/rest/"),
        ("Ours.Example", "https://ours.example:443/rest/"),
        ("romashka.example", "https://ours.example/rest/"),
    ],
)
def test_both_accounts_of_a_portal_name_the_other_and_lead_to_the_end_of_the_webhook(
    owner: Browser, ours: Tenant, linked: Linked, domain: str, endpoint: str
) -> None:
    by_application = linked(ours, domain, endpoint=endpoint)
    for account, other, told in (
        (ours.account, by_application, BY_APPLICATION),
        (by_application, ours.account, BY_WEBHOOK),
    ):
        page = owner.open(f"/accounts/{account}")
        assert told in page.text
        links = {link.attributes["href"] for link in page.of("a") if "main" in link.place}
        assert {f"/accounts/{other}", f"/accounts/{ours.account}/unlink"} <= links
    question = owner.open(f"/accounts/{ours.account}/unlink")
    assert owner.open(f"/accounts/{ours.account}").status == 200, "nothing is unlinked without a confirmation"
    owner.send(question, f"/accounts/{ours.account}/unlink")
    assert owner.open(f"/accounts/{ours.account}").status == 404
    assert BY_WEBHOOK not in owner.open(f"/accounts/{by_application}").text


@pytest.mark.usefixtures("read_by_webhook")
def test_who_may_only_read_is_told_and_offered_nothing(
    ours: Tenant, enter: Callable[..., Browser], linked: Linked
) -> None:
    account = linked(ours, "ours.example")
    page = enter(ours, "reader").open(f"/accounts/{account}")
    assert BY_WEBHOOK in page.text
    assert not [link for link in page.of("a") if link.attributes["href"].endswith("/unlink")]


def test_an_address_that_was_only_typed_is_nobodys_twin(owner: Browser, ours: Tenant, linked: Linked) -> None:
    account = linked(ours, "ours.example")
    for shown in (ours.account, account):
        text = owner.open(f"/accounts/{shown}").text
        assert BY_WEBHOOK not in text
        assert BY_APPLICATION not in text


@pytest.mark.usefixtures("read_by_webhook")
def test_portals_of_other_names_and_of_other_cabinets_are_no_twins(
    owner: Browser, ours: Tenant, theirs: Tenant, linked: Linked
) -> None:
    linked(theirs, "ours.example")
    linked(ours, "ours.example.com")
    linked(ours, "ours.example:8443", former_domains=["ours.example"])
    assert BY_APPLICATION not in owner.open(f"/accounts/{ours.account}").text
