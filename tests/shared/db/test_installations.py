"""Installations: any order and number of calls ends in the same rows, and only an administrator's word counts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import count, permutations
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from shared.db import applications, installations
from shared.db.installations import Accepted, Verified
from shared.db.session import Database, Role
from shared.db.tables.portals import ApplicationRow, ChainRow, InstallationRow, PortalRow
from shared.domain.tokens import TokenFacts, Tokens

MEMBER = "a" * 32
TOKEN, NEXT_TOKEN = "1" * 32, "2" * 32
FACTS = TokenFacts(
    client_id="app.1",
    user_id=1,
    member_id=MEMBER,
    domain="p1.bitrix24.ru",
    endpoint="https://p1.bitrix24.ru/rest/",
    installed=False,
    version="1",
    scopes=frozenset({"crm", "user_basic"}),
)
_numbers = count()


@pytest.fixture
def application(database_url: str, gateway_db: Database) -> ApplicationRow:
    operator = Database(database_url, Role.OPERATOR, gateway_db.keyring)
    with operator.session() as session:
        for name in ("app.1", "local.2"):
            applications.register(session, operator.keyring, client_id=name, secret="s" * 50, title=name)
    operator.close()
    return known_as(gateway_db, "app.1")


def known_as(db: Database, client_id: str) -> ApplicationRow:
    with db.session() as session:
        found = installations.application_by_client_id(session, client_id)
    assert found is not None
    return found


def verified(*, is_admin: bool = True, token: str | None = TOKEN, **facts: Any) -> Verified:
    number = next(_numbers)
    tokens = Tokens(f"access-{number}", f"refresh-{number}", timedelta(hours=1))
    return Verified(replace(FACTS, **facts), tokens, is_admin=is_admin, application_token=token)


def accept(db: Database, application: ApplicationRow, what: Verified) -> Accepted:
    with db.session() as session:
        return installations.accept(session, db.keyring, application, what)


def rows(db: Database, query: str) -> list[Any]:
    with db.session() as session:
        return [tuple(row) for row in session.execute(text(query))]


def the_portal(db: Database) -> PortalRow:
    with db.session() as session:
        return session.exec(select(PortalRow)).one()


def the_installation(db: Database) -> InstallationRow:
    with db.session() as session:
        return session.exec(select(InstallationRow)).one()


def test_a_first_installation_is_a_portal_that_is_read_at_once(
    gateway_db: Database, application: ApplicationRow
) -> None:
    made = accept(gateway_db, application, verified())
    assert made.is_new
    portal, installation = the_portal(gateway_db), the_installation(gateway_db)
    assert (portal.id, portal.state, portal.domain, portal.endpoint) == (
        made.portal_id,
        "active",
        FACTS.domain,
        FACTS.endpoint,
    )
    assert (installation.id, installation.scopes, installation.finished) == (
        made.installation_id,
        ["crm", "user_basic"],
        False,
    )
    assert rows(gateway_db, "select lane, state from job") == [(1, "queued")]
    assert rows(gateway_db, "select state, is_admin from chain") == [("active", True)]
    assert rows(gateway_db, "select action from audit where portal_id is not null") == [("portal.installed",)]


def test_the_same_again_changes_nothing(gateway_db: Database, application: ApplicationRow) -> None:
    what = verified()
    first = accept(gateway_db, application, what)
    again = accept(gateway_db, application, what)
    assert again == replace(first, is_new=False)
    for table, how_many in {"portal": 1, "installation": 1, "chain": 1, "job": 1}.items():
        assert rows(gateway_db, f"select count(*) from {table}") == [(how_many,)]  # noqa: S608
    assert rows(gateway_db, "select count(*) from audit where portal_id is not null") == [(1,)]


def test_all_orders_of_page_event_and_employee_end_in_the_same_rows(
    gateway_db: Database, application: ApplicationRow
) -> None:
    ends = set()
    for order in permutations(("page", "event", "employee")):
        with gateway_db.session() as session:
            session.execute(text("delete from chain"))
        member = f"{next(_numbers):032x}"
        calls = {
            "page": verified(member_id=member, token=None),
            "event": verified(member_id=member, installed=True),
            "employee": verified(member_id=member, user_id=7, is_admin=False, token=None),
        }
        for name in order:
            accept(gateway_db, application, calls[name])
        (portal,) = rows(gateway_db, f"select id, state, domain from portal where member_id = '{member}'")  # noqa: S608
        (installation,) = rows(
            gateway_db,
            "select encode(token_hash, 'hex'), finished, version from installation"  # noqa: S608
            f" where portal_id = '{portal[0]}'",
        )
        ends.add((*portal[1:], *installation))
    assert len(ends) == 1


def test_calls_at_once_are_one_portal(gateway_db: Database, application: ApplicationRow) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(
            threads.map(lambda user: accept(gateway_db, application, verified(user_id=user)), range(1, 17))
        )
    assert len({(one.portal_id, one.installation_id) for one in made}) == 1
    assert rows(gateway_db, "select count(*) from chain where state = 'active'") == [(1,)]
    assert rows(gateway_db, "select count(*) from audit where action = 'portal.installed'") == [(1,)]


def test_two_applications_of_one_portal_keep_their_own_tokens(
    gateway_db: Database, application: ApplicationRow
) -> None:
    accept(gateway_db, application, verified())
    local = known_as(gateway_db, "local.2")
    made = accept(gateway_db, local, verified(client_id="local.2", token=NEXT_TOKEN))
    assert not made.is_new
    with gateway_db.session() as session:
        senders = [installations.sender_of(session, MEMBER, token) for token in (TOKEN, NEXT_TOKEN)]
        proven = [
            one and one.installation_id and installations.one(session, one.installation_id) for one in senders
        ]
    assert [one and one.application_id for one in proven] == [application.id, local.id]
    with gateway_db.session() as session:
        assert {row.application_id for row in session.exec(select(ChainRow)) if row.state == "active"} == {
            application.id,
            local.id,
        }


def test_an_employee_never_revives_a_portal_nor_changes_its_token(
    gateway_db: Database, application: ApplicationRow
) -> None:
    accept(gateway_db, application, verified())
    before = the_installation(gateway_db).token_hash
    with gateway_db.session() as session:
        session.execute(text("update portal set state = 'removed', purge_at = now()"))
        session.execute(text("update installation set removed_at = now()"))
        session.execute(text("update job set state = 'done'"))
    accept(gateway_db, application, verified(user_id=7, is_admin=False, token=NEXT_TOKEN))
    assert the_portal(gateway_db).state == "removed"
    assert the_installation(gateway_db).token_hash == before
    assert the_installation(gateway_db).removed_at is not None
    assert rows(gateway_db, "select state from job") == [("done",)]


@pytest.mark.parametrize(
    ("state", "action"),
    [
        ("removed", "portal.installed"),
        ("access_lost", "portal.access_renewed"),
        ("closed", "portal.access_renewed"),
        ("subscription_ended", "portal.access_renewed"),
    ],
)
def test_an_administrator_revives_a_portal(
    gateway_db: Database, application: ApplicationRow, state: str, action: str
) -> None:
    accept(gateway_db, application, verified())
    with gateway_db.session() as session:
        session.execute(
            text("update portal set state = :state, purge_at = now(), problem = 'x', failures = 3"),
            {"state": state},
        )
        session.execute(text("update installation set removed_at = now()"))
        session.execute(text("update job set state = 'done'"))
    made = accept(gateway_db, application, verified())
    portal = the_portal(gateway_db)
    assert made.is_new is (state == "removed")
    assert (portal.state, portal.purge_at, portal.problem, portal.failures) == ("active", None, None, 0)
    assert the_installation(gateway_db).removed_at is None
    assert rows(gateway_db, "select lane from job where state = 'queued'") == [(1,)]
    assert rows(gateway_db, "select action from audit order by id desc limit 1") == [(action,)]


def test_a_new_domain_keeps_the_old_one_as_an_alias(
    gateway_db: Database, application: ApplicationRow
) -> None:
    accept(gateway_db, application, verified())
    for domain in ("p2.bitrix24.ru", "crm.example:8443", "p2.bitrix24.ru"):
        accept(gateway_db, application, verified(domain=domain, endpoint=f"https://{domain}/rest/"))
    portal = the_portal(gateway_db)
    assert (portal.domain, portal.endpoint) == ("p2.bitrix24.ru", "https://p2.bitrix24.ru/rest/")
    assert portal.former_domains == ["p1.bitrix24.ru", "crm.example:8443"]
    assert rows(gateway_db, "select count(*) from audit where action = 'portal.renamed'") == [(3,)]


def test_two_portals_may_have_had_one_domain(gateway_db: Database, application: ApplicationRow) -> None:
    accept(gateway_db, application, verified())
    other = accept(gateway_db, application, verified(member_id="b" * 32))
    assert other.is_new
    assert rows(gateway_db, "select count(distinct id), count(distinct domain) from portal") == [(2, 1)]


@pytest.mark.parametrize(
    ("before", "after", "is_checked"),
    [
        ({"version": "1"}, {"version": "1"}, True),
        ({"version": "1"}, {"version": "2"}, False),
        ({"version": "1"}, {"version": None}, True),
        ({"installed": False}, {"installed": True}, False),
        ({"installed": True}, {"installed": True}, True),
        ({"installed": True}, {"installed": False}, True),
    ],
)
def test_handlers_are_looked_at_again_when_they_may_have_been_dropped(
    gateway_db: Database,
    application: ApplicationRow,
    before: dict[str, Any],
    after: dict[str, Any],
    is_checked: bool,  # noqa: FBT001
) -> None:
    accept(gateway_db, application, verified(**before))
    with gateway_db.session() as session:
        session.execute(text("update installation set handlers_checked_at = now()"))
    accept(gateway_db, application, verified(**after))
    assert (the_installation(gateway_db).handlers_checked_at is not None) is is_checked


def proves(db: Database, token: str) -> bool:
    with db.session() as session:
        sender = installations.sender_of(session, MEMBER, token)
    return sender is not None and sender.installation_id is not None


def test_an_application_token_proves_its_portal_and_any_other_text_does_not(
    gateway_db: Database, application: ApplicationRow
) -> None:
    accept(gateway_db, application, verified())
    assert proves(gateway_db, TOKEN)
    others = ("", TOKEN[:-1], TOKEN + " ", NEXT_TOKEN, "ключ", "\ud800", "x" * 100_000)
    assert not any(proves(gateway_db, other) for other in others)


def test_without_a_stored_token_nothing_is_proven(gateway_db: Database, application: ApplicationRow) -> None:
    accept(gateway_db, application, verified(token=None))
    assert not any(proves(gateway_db, sent) for sent in ("", "None", TOKEN))


def test_the_former_token_is_good_for_ten_minutes_after_a_change(
    gateway_db: Database, application: ApplicationRow
) -> None:
    accept(gateway_db, application, verified())
    accept(gateway_db, application, verified(token=NEXT_TOKEN))
    accept(gateway_db, application, verified(token=NEXT_TOKEN))
    assert (proves(gateway_db, TOKEN), proves(gateway_db, NEXT_TOKEN)) == (True, True)
    with gateway_db.session() as session:
        session.execute(text("update installation set token_changed_at = now() - interval '11 min'"))
    assert (proves(gateway_db, TOKEN), proves(gateway_db, NEXT_TOKEN)) == (False, True)


def test_the_token_of_another_portal_is_known_as_such(
    gateway_db: Database, application: ApplicationRow
) -> None:
    accept(gateway_db, application, verified())
    with gateway_db.session() as session:
        assert installations.is_known_elsewhere(session, "b" * 32, TOKEN)
        assert not installations.is_known_elsewhere(session, MEMBER, TOKEN)
        assert not installations.is_known_elsewhere(session, "b" * 32, NEXT_TOKEN)
        assert not installations.is_known_elsewhere(session, "b" * 32, "")


def test_no_token_stands_in_the_database_as_it_is(gateway_db: Database, application: ApplicationRow) -> None:
    what = verified()
    accept(gateway_db, application, what)
    stored = repr([rows(gateway_db, f"table {name}") for name in ("chain", "installation", "application")])
    for secret in (what.tokens.access_token, what.tokens.refresh_token, TOKEN, "s" * 50):
        assert secret not in stored
