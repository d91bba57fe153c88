"""The cabinet's application over a database of its own, two cabinets that know nothing of each other, and browsers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlmodel import Session, select

from services.cabinet.app import create_app
from services.cabinet.base.visit import SESSION
from services.cabinet.people import passwords
from shared.db import accounts, groups, people, recording
from shared.db.people import Member
from shared.db.sealed import Keyring
from shared.db.session import Database, Role
from shared.db.tables.cabinets import AccountRow, MembershipRow, PersonRow
from shared.settings import Settings
from tests.builders import a_snapshot
from tests.conftest import KEY
from tests.services.cabinet.pages import Browser

WEBHOOK_CODE = "c4n4ryc0de5678"
PASSWORD = "correct horse battery"
IN_RUSSIAN = {"Accept-Language": "ru"}


@dataclass(frozen=True)
class Tenant:
    """A cabinet with one account, one group and one refresh, and a personal token for each role in it."""

    cabinet_id: UUID
    tokens: dict[str, str]
    account: UUID
    group: UUID
    refresh: UUID


@pytest.fixture
def client(database_url: str, broker_url: str) -> Iterator[TestClient]:
    settings = Settings(
        database_url=SecretStr(database_url),
        broker_url=SecretStr(broker_url),
        secret_keys=SecretStr(KEY),
        allow_private_portals=True,
    )
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield client


def a_tenant(database_url: str, keyring: Keyring, name: str) -> Tenant:
    """A cabinet that has been at work for a while."""
    operator = Database(database_url, Role.OPERATOR, keyring)
    cabinet_id, owner_id = uuid4(), uuid4()
    tokens = {}
    with operator.session() as session:
        people.add(
            session,
            person_id=owner_id,
            cabinet_id=cabinet_id,
            email=f"{name}@example.com",
            password_hash=None,
        )
        url = f"https://{name}.example/rest/1/{WEBHOOK_CODE}/"
        account, refresh = accounts.connect_webhook(
            session, keyring, cabinet_id, url=url, host=f"{name}.example"
        )
        group = groups.save(session, cabinet_id, "All of them", [account])
        assert group is not None
        recording.record(session, session.get_one(AccountRow, account).portal_id, a_snapshot())
        for role in ("owner", "member", "reader"):
            person_id = owner_id if role == "owner" else _colleague(session, cabinet_id, name, role)
            member = Member(cabinet_id, person_id, role)
            _, tokens[role] = people.issue_api_token(session, member, title=role)
    operator.close()
    return Tenant(cabinet_id, tokens, account, group.id, refresh)


def _colleague(session: Session, cabinet_id: UUID, name: str, role: str) -> UUID:
    person = PersonRow(email=f"{name}-{role}@example.com")
    session.add(person)
    session.flush()
    session.add(MembershipRow(cabinet_id=cabinet_id, person_id=person.id, role=role))
    session.flush()
    return person.id


@pytest.fixture
def ours(database_url: str, keyring: Keyring) -> Tenant:
    return a_tenant(database_url, keyring, "ours")


@pytest.fixture
def theirs(database_url: str, keyring: Keyring) -> Tenant:
    return a_tenant(database_url, keyring, "theirs")


@pytest.fixture
def browsers(database_url: str, broker_url: str) -> Iterator[Callable[..., Browser]]:
    """A new browser at each call; ``https`` makes it one of an installation that is served by https."""
    with ExitStack() as stack:

        def browser(*, https: bool = False, language: str = "ru") -> Browser:
            url = "https://crmap.example" if https else "http://testserver"
            settings = Settings(
                database_url=SecretStr(database_url),
                broker_url=SecretStr(broker_url),
                secret_keys=SecretStr(KEY),
                allow_private_portals=True,
                public_url=url,
            )
            client = TestClient(create_app(settings), base_url=url, headers={"Accept-Language": language})
            return Browser(stack.enter_context(client))

        yield browser


@pytest.fixture
def browser(browsers: Callable[..., Browser]) -> Browser:
    return browsers()


@pytest.fixture(scope="session")
def password_hash() -> str:
    """Everybody's password as it is stored: hashing one is dear on purpose, so it is done once."""
    return passwords.hashed(PASSWORD)


@pytest.fixture
def enter(
    browsers: Callable[..., Browser], database_url: str, keyring: Keyring, password_hash: str
) -> Callable[..., Browser]:
    """The browser of a tenant's owner, member or reader, signed in."""

    def entered(tenant: Tenant, role: str = "owner") -> Browser:
        operator = Database(database_url, Role.OPERATOR, keyring)
        with operator.session() as session:
            query = select(PersonRow).join(MembershipRow).where(MembershipRow.role == role)
            person = session.exec(query.where(MembershipRow.cabinet_id == tenant.cabinet_id)).one()
            person.password_hash = password_hash
            session.flush()
            cookie = people.start_session(session, person.id)
        operator.close()
        browser = browsers()
        browser.client.cookies.set(SESSION, cookie)
        return browser

    return entered


@pytest.fixture
def owner(ours: Tenant, enter: Callable[..., Browser]) -> Browser:
    """The browser of the person whose cabinet ``ours`` is."""
    return enter(ours)
