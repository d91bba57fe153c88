"""By which cookie a browser is known, and to whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.cabinet.people.known_browsers import KNOWN_FOR, browser_of, issue
from shared.db.sealed import Keyring
from tests.conftest import KEY

ANNA = UUID("0197a2b4-0000-7000-8000-000000000001")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def cookie(keyring: Keyring) -> str:
    return issue(keyring, ANNA, now=NOW)


def test_a_browser_is_known_by_its_own_name(keyring: Keyring, cookie: str) -> None:
    name = browser_of(keyring, cookie, ANNA, now=NOW)
    assert name
    assert name != browser_of(keyring, issue(keyring, ANNA, now=NOW), ANNA, now=NOW)


def test_it_is_a_strangers_for_everybody_else(keyring: Keyring, cookie: str) -> None:
    assert browser_of(keyring, cookie, uuid4(), now=NOW) is None


@pytest.mark.parametrize(("passed", "is_known"), [(-timedelta(seconds=1), True), (timedelta(0), False)])
def test_it_is_forgotten_in_the_end(
    keyring: Keyring,
    cookie: str,
    passed: timedelta,
    is_known: bool,  # noqa: FBT001 - a row of a table
) -> None:
    assert (browser_of(keyring, cookie, ANNA, now=NOW + KNOWN_FOR + passed) is not None) is is_known


def test_it_survives_a_new_key_as_long_as_the_former_one_opens(cookie: str) -> None:
    new = "a new key that seals from now on"
    assert browser_of(Keyring([new, KEY]), cookie, ANNA, now=NOW)
    assert browser_of(Keyring([new]), cookie, ANNA, now=NOW) is None


def test_a_forged_cookie_makes_nobody_known(keyring: Keyring, cookie: str) -> None:
    until, browser, signature = cookie.split(".")
    forged = [
        "",
        "..",
        f"{until}.{browser}",
        f"{until}.{browser}.",
        f"{until}.{browser}.{signature[:-1]}",
        f"{int(until) + 1}.{browser}.{signature}",
        f"{until}.{browser[:-1]}.{signature}",
        f"{until}.{browser}.{signature}\n",
        f"{until}.{browser}.{'ы' * 43}",
        f"٣{until}.{browser}.{signature}",
        "9" * 5000 + f".{browser}.{signature}",
    ]
    assert [browser_of(keyring, text, ANNA, now=NOW) for text in forged] == [None] * len(forged)
