"""Somebody guesses the owner's password, or fails beside him: the owner signs in all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from services.cabinet.app import create_app
from services.cabinet.people import passwords
from services.cabinet.people.passwords import Turns
from shared.settings import Settings
from tests.conftest import KEY
from tests.faults.neighbours.watch import Watch
from tests.services.cabinet.pages import Browser, Page

OWNER, NEIGHBOUR = "owner@example.com", "neighbour@example.com"
PASSWORD, WRONG = "correct horse battery", "incorrect horse battery"
HOME, OFFICE, AWAY = "198.51.100.1", "203.0.113.7", "192.0.2.99"

Browsers = Callable[[str], Browser]


@pytest.fixture
def browsers(database_url: str, broker_url: str) -> Iterator[Browsers]:
    """A new browser at this network address, of one cabinet for all of them."""
    app = create_app(
        Settings(
            database_url=SecretStr(database_url), broker_url=SecretStr(broker_url), secret_keys=SecretStr(KEY)
        )
    )
    with ExitStack() as stack:

        def browser(address: str) -> Browser:
            client = TestClient(app, client=(address, 4711), headers={"Accept-Language": "en"})
            return Browser(stack.enter_context(client))

        yield browser


@pytest.fixture
def home(browsers: Browsers) -> Browser:
    """The owner's browser at home, which has signed in before and is signed out."""
    browser = browsers(HOME)
    page = browser.send(browser.open("/sign-up"), "/sign-up", email=OWNER, password=PASSWORD)
    browser.send(page, "/sign-out")
    return browser


def until_refused(browser: Browser, email: str) -> int:
    """How many wrong passwords are listened to before the browser is told to wait."""
    for tried in range(100):
        if (page := browser.enter(email, WRONG)).status != 401:
            assert page.status == 429
            return tried
    return pytest.fail("nobody stops it")


def is_told_when(page: Page) -> bool:
    return page.status == 429 and int(page.headers["retry-after"]) > 0 and "Try again in" in page.text


def test_guesses_from_all_over_the_world_do_not_keep_the_owner_out(
    browsers: Browsers, home: Browser, watch: Watch
) -> None:
    attackers = [browsers(f"192.0.2.{number}") for number in range(1, 14)]
    assert sum(until_refused(attacker, OWNER) for attacker in attackers) == 50
    assert is_told_when(browsers(AWAY).enter(OWNER, PASSWORD)), "strangers wait, whatever their password"
    assert watch.timed(lambda: home.enter(OWNER, PASSWORD)).title == "CRM accounts"


@pytest.mark.usefixtures("home")
def test_a_neighbour_in_the_office_who_fails_keeps_out_nobody_but_himself(
    browsers: Browsers, watch: Watch
) -> None:
    assert until_refused(browsers(OFFICE), NEIGHBOUR) == 5
    assert watch.timed(lambda: browsers(OFFICE).enter(OWNER, PASSWORD)).title == "CRM accounts"


def test_a_neighbour_who_guesses_the_owners_password_does_not_keep_his_browser_out(
    browsers: Browsers, home: Browser
) -> None:
    assert until_refused(browsers(HOME), OWNER) == 5
    assert home.enter(OWNER, PASSWORD).title == "CRM accounts"
    assert is_told_when(browsers(HOME).enter(OWNER, PASSWORD))


@pytest.mark.usefixtures("home")
def test_right_passwords_are_never_too_many(browsers: Browsers) -> None:
    assert [browsers(OFFICE).enter(OWNER, PASSWORD).status for _ in range(12)] == [200] * 12


@pytest.mark.usefixtures("home")
def test_the_addresses_of_one_network_are_one_place(browsers: Browsers) -> None:
    tried = [browsers(f"2001:db8:1:2:{number:x}::1").enter(OWNER, WRONG).status for number in range(6)]
    assert tried == [401] * 5 + [429]
    assert browsers("2001:db8:1:3::1").enter(OWNER, PASSWORD).status == 200


@pytest.mark.usefixtures("home")
def test_the_browser_of_somebody_else_is_no_known_one(browsers: Browsers) -> None:
    attacker = browsers(AWAY)
    page = attacker.send(
        attacker.open("/sign-up"), "/sign-up", email="attacker@example.com", password=PASSWORD
    )
    attacker.send(page, "/sign-out")
    assert until_refused(browsers(AWAY), OWNER) == 5
    assert attacker.enter(OWNER, PASSWORD).status == 429


def test_who_sits_at_a_browser_left_open_cannot_guess_the_password(browsers: Browsers, home: Browser) -> None:
    home.enter(OWNER, PASSWORD)

    def changed(former: str) -> Page:
        page = home.open("/settings/password")
        return home.send(page, "/settings/password", former=former, password="a new horse battery")

    assert [changed(WRONG).status for _ in range(5)] == [422] * 5
    assert is_told_when(changed(WRONG))
    assert is_told_when(changed(PASSWORD))
    assert browsers(OFFICE).enter(OWNER, PASSWORD).status == 200


def test_a_flood_of_sign_ins_is_turned_away_and_a_known_browser_is_not(
    browsers: Browsers, home: Browser, monkeypatch: pytest.MonkeyPatch, watch: Watch
) -> None:
    monkeypatch.setattr(passwords, "OF_STRANGERS", Turns(waiting=0))
    with passwords.OF_STRANGERS.taken():
        page = browsers(AWAY).enter(OWNER, PASSWORD)
        assert page.status == 503
        assert page.headers["retry-after"] == "5"
        assert "Too many people are signing in right now." in page.text
        assert watch.timed(lambda: home.enter(OWNER, PASSWORD)).title == "CRM accounts"
    assert browsers(AWAY).enter(OWNER, PASSWORD).title == "CRM accounts"
