"""A browser, and people who are signed in with one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlmodel import select

from services.cabinet import passwords
from services.cabinet.app import create_app
from shared.db.sealed import Keyring
from shared.db.session import Database, Role
from shared.db.tables.cabinets import MembershipRow, PersonRow
from shared.settings import Settings
from tests.conftest import KEY
from tests.services.cabinet.conftest import Tenant
from tests.services.cabinet.web.pages import Browser

PASSWORD = "correct horse battery"
IN_RUSSIAN = {"Accept-Language": "ru"}


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


@pytest.fixture
def enter(browsers: Callable[..., Browser], database_url: str, keyring: Keyring) -> Callable[..., Browser]:
    """The browser of a tenant's owner, member or reader, signed in."""

    def entered(tenant: Tenant, role: str = "owner") -> Browser:
        operator = Database(database_url, Role.OPERATOR, keyring)
        with operator.session() as session:
            query = select(PersonRow).join(MembershipRow).where(MembershipRow.role == role)
            person = session.exec(query.where(MembershipRow.cabinet_id == tenant.cabinet_id)).one()
            person.password_hash = passwords.hashed(PASSWORD)
            email = person.email
        operator.close()
        browser = browsers()
        assert browser.enter(email, PASSWORD).status == 200
        return browser

    return entered


@pytest.fixture
def owner(ours: Tenant, enter: Callable[..., Browser]) -> Browser:
    """The browser of the person whose cabinet ``ours`` is."""
    return enter(ours)
