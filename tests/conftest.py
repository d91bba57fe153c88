"""What every test may ask for: servers of its own, a database with nothing in it but the schema, a browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from functools import lru_cache

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, BrowserContext

from shared.db import session
from shared.db.sealed import Keyring
from shared.db.session import Database, Role
from tests import browser
from tests.servers import Databases, broker, databases, emptied, or_skipped

# A busy machine is no fault of what is tested.
settings.register_profile("patient", settings.default, deadline=None)
settings.load_profile("patient")

# Options have to be known before the folder is that they are for.
pytest_plugins = ["tests.long_runs"]

KEY = "a key of the tests and of nobody else"


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a test that waits for a process, a page or a server leaves its core idle."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session", autouse=True)
def engines_that_stay() -> Iterator[None]:
    """Databases are lent to one test after another, and an engine knows how to say the statements it has said once.

    Compiling them costs a test more than running them. A closed engine opens new connections when it is used again.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "_engine", lru_cache(maxsize=64)(session._engine))  # noqa: SLF001 - nobody else makes one
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Databases]:
    with ExitStack() as stack:
        with or_skipped():
            found = stack.enter_context(databases())
        yield found


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[str]:
    with ExitStack() as stack:
        with or_skipped():
            found = stack.enter_context(broker())
        yield found


@pytest.fixture
def database_url(postgres_server: Databases) -> Iterator[str]:
    with postgres_server.lent() as url:
        yield url


@pytest.fixture
def broker_url(valkey_server: str) -> str:
    return emptied(valkey_server)


@pytest.fixture
def keyring() -> Keyring:
    return Keyring([KEY])


@pytest.fixture
def worker_db(database_url: str, keyring: Keyring) -> Iterator[Database]:
    db = Database(database_url, Role.WORKER, keyring)
    yield db
    db.close()


@pytest.fixture
def gateway_db(database_url: str, keyring: Keyring) -> Iterator[Database]:
    db = Database(database_url, Role.GATEWAY, keyring)
    yield db
    db.close()


@pytest.fixture
def cabinet_db(database_url: str, keyring: Keyring) -> Iterator[Database]:
    db = Database(database_url, Role.CABINET, keyring)
    yield db
    db.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with ExitStack() as stack:
        with browser.or_skipped():
            found = stack.enter_context(browser.browser())
        yield found


@pytest.fixture
def browser_context(chromium: Browser) -> Iterator[BrowserContext]:
    """A person's browser with nothing kept in it, new for every test."""
    with browser.browser_context(chromium) as context:
        yield context
