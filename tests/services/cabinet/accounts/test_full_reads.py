"""Full reads are switched on and off in the account's page, by whoever may have the account read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlmodel import Session

from shared.db import jobs, recording
from shared.db.sealed import Keyring
from shared.db.session import Database, Role
from shared.db.tables.cabinets import AccountRow
from shared.db.tables.portals import PortalRow
from shared.domain.portal import PortalKind, PortalState
from shared.domain.schedule import Lane
from tests.builders import a_snapshot
from tests.services.cabinet.conftest import Tenant
from tests.services.cabinet.pages import Browser, Page

SHARED_SETTING = "если его видят и другие кабинеты"


@pytest.fixture
def operator(database_url: str, keyring: Keyring) -> Iterator[Database]:
    db = Database(database_url, Role.OPERATOR, keyring)
    yield db
    db.close()


def portal_of(session: Session, account: UUID) -> PortalRow:
    return session.get_one(PortalRow, session.get_one(AccountRow, account).portal_id)


def is_on(page: Page, account: UUID) -> bool:
    """What the page says and what its button would do agree."""
    (heading,) = (heading for heading in page.of("h2") if heading.text.startswith("Полное чтение"))
    on = heading.text.endswith("включено")
    assert page.form(f"/accounts/{account}/full-reads").fields["full"] == ("0" if on else "1")
    return on


def switched(browser: Browser, account: UUID) -> Page:
    address = f"/accounts/{account}"
    return browser.send(browser.open(address), f"{address}/full-reads")


def test_switching_on_reads_at_once_and_switching_off_says_what_is_lost(
    ours: Tenant, owner: Browser, operator: Database
) -> None:
    with operator.session() as session:
        session.execute(text("update job set state = 'done', finished_at = now()"))
    address = f"/accounts/{ours.account}"
    assert not is_on(owner.open(address), ours.account)

    watched = switched(owner, ours.account)
    assert "ждёт очереди" in watched.text
    assert "Теперь портал читается полностью" in watched.of("p", class_="notice")[0].text
    with operator.session() as session:
        portal = portal_of(session, ours.account)
        assert portal.full_reads
        lanes = session.execute(text("select lane from job where state = 'queued'")).scalars().all()
        assert lanes == [Lane.WAITING]
    assert is_on(owner.open(address), ours.account)

    left = switched(owner, ours.account)
    assert "Со следующего чтения больше не читаются" in left.of("p", class_="notice")[0].text
    assert not is_on(left, ours.account)
    with operator.session() as session:
        assert not portal_of(session, ours.account).full_reads
        told = session.execute(
            text(
                "select facts->'full', cabinet_id, actor from audit where action = 'account.full_reads' order by id"
            )
        ).all()
    assert [row[:2] for row in told] == [(True, ours.cabinet_id), (False, ours.cabinet_id)]
    assert all(row.actor.startswith("person ") for row in told)


def test_a_read_under_way_is_followed_by_a_full_one(
    ours: Tenant, owner: Browser, operator: Database, worker_db: Database
) -> None:
    with worker_db.session() as session:
        assert jobs.claim(session, owner="a worker") is not None
    switched(owner, ours.account)
    with operator.session() as session:
        assert portal_of(session, ours.account).dirty_since is not None


def test_asking_twice_reads_once(ours: Tenant, owner: Browser, operator: Database) -> None:
    page = owner.open(f"/accounts/{ours.account}")
    for _ in range(2):
        owner.send(page, f"/accounts/{ours.account}/full-reads")
    with operator.session() as session:
        query = text("select count(*) from audit where action = 'account.full_reads'")
        assert session.execute(query).scalar_one() == 1


def test_who_may_not_have_it_read_may_not_switch_it(
    ours: Tenant, enter: Callable[..., Browser], operator: Database
) -> None:
    address = f"/accounts/{ours.account}"
    assert "Полное чтение" not in enter(ours, role="reader").open(address).text
    with operator.session() as session:
        portal_of(session, ours.account).state = PortalState.REMOVED
    owner = enter(ours)
    page = owner.open(address)
    assert "Полное чтение" not in page.text
    csrf = page.form(f"{address}/title").fields["csrf"]
    answer = owner.client.post(f"{address}/full-reads", data={"csrf": csrf, "full": "1"})
    assert answer.status_code == 409
    with operator.session() as session:
        assert not portal_of(session, ours.account).full_reads


def test_a_portal_of_several_cabinets_is_switched_for_all_of_them(
    ours: Tenant, theirs: Tenant, enter: Callable[..., Browser], operator: Database
) -> None:
    with operator.session() as session:
        portal = PortalRow(
            kind=PortalKind.APP, member_id=uuid4().hex, domain="common.example", state=PortalState.ACTIVE
        )
        session.add(portal)
        session.flush()
        links = [AccountRow(cabinet_id=tenant.cabinet_id, portal_id=portal.id) for tenant in (ours, theirs)]
        session.add_all(links)
        session.flush()
        portal.read_at = a_snapshot().read_at
        recording.record(session, portal.id, a_snapshot())
        here, there = (link.id for link in links)
    mine = enter(ours)
    assert SHARED_SETTING in mine.open(f"/accounts/{here}").text
    assert SHARED_SETTING not in mine.open(f"/accounts/{ours.account}").text
    switched(mine, here)
    other = enter(theirs)
    assert is_on(other.open(f"/accounts/{there}"), there)
    assert not is_on(other.open(f"/accounts/{theirs.account}"), theirs.account)


def test_the_interface_switches_them_too(ours: Tenant, owner: Browser) -> None:
    path = f"/api/v1/accounts/{ours.account}"

    def asked(verb: str, role: str = "member", **body: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {ours.tokens[role]}"}
        answer = owner.client.request(verb, path, headers=headers, json=body or None)
        return answer.status_code, answer.json()

    assert asked("GET")[1]["full_reads"] is False
    status, shown = asked("PATCH", full_reads=True)
    assert (status, shown["full_reads"], shown["title"]) == (200, True, "ours.example")
    assert shown["state"] == "reading"
    assert asked("PATCH", title="Ромашка")[1]["full_reads"] is True
    _, shown = asked("PATCH", title="Опт", full_reads=False)
    assert (shown["title"], shown["full_reads"]) == ("Опт", False)
    assert asked("GET")[1]["full_reads"] is False
    assert asked("PATCH", role="reader", full_reads=True)[0] == 403
    assert asked("PATCH", full_reads="maybe")[0] in (400, 422)


def test_a_cabinet_cannot_switch_a_portal_it_does_not_see(
    ours: Tenant, theirs: Tenant, cabinet_db: Database, operator: Database
) -> None:
    """Whatever the code of the cabinet asks the database for."""
    with operator.session() as session:
        foreign = portal_of(session, theirs.account).id
    for cabinet in (ours.cabinet_id, None):
        with cabinet_db.session(cabinet=cabinet) as session:
            session.execute(text("select read_in_full(:portal, true)"), {"portal": foreign})
    with operator.session() as session:
        assert not portal_of(session, theirs.account).full_reads
