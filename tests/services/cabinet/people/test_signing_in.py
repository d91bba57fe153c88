"""Signing up, in and out: limits that fail closed, and nobody is told which half was wrong."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError

from services.cabinet.base.visit import signed_in
from services.cabinet.cabinet import Cabinet
from services.cabinet.people import passwords, signing_in
from services.cabinet.people.guessing import Sender, WrongPassword
from services.cabinet.people.known_browsers import KNOWN_FOR
from services.cabinet.people.signing_in import EmailTaken, UnfitEmail, UnfitPassword
from shared.db import people
from shared.db.limits import Limit
from shared.db.portals import now
from shared.db.session import driver_url
from shared.domain.refusals import TooManyTries
from tests.wrong_clocks import ABOUT, HOUR, wrong_by

PASSWORD = "correct horse battery"
WRONG = "incorrect horse battery"
ANNA = "Anna@Example.com"


@pytest.fixture
def service(client: TestClient) -> Cabinet:
    found: Cabinet = client.app.state.cabinet  # type: ignore[attr-defined]
    return found


def sign_in(service: Cabinet, password: str = PASSWORD, email: str = ANNA, place: str = "home") -> str:
    return signing_in.sign_in(service, email=email, password=password, sender=Sender(place)).session


@pytest.fixture
def anna(service: Cabinet) -> str:
    return signing_in.sign_up(service, email=ANNA, password=PASSWORD, place="home").session


def test_whoever_signs_up_is_signed_in_and_has_a_cabinet(service: Cabinet, anna: str) -> None:
    person = signed_in(service, anna)
    assert person is not None
    with service.db.session(person=person) as session:
        assert [member.role for member in people.cabinets_of(session, person)] == ["owner"]


def test_an_address_is_one_address_however_it_is_spelt(service: Cabinet, anna: str) -> None:
    assert sign_in(service, email=" anna@example.COM ") != anna
    with pytest.raises(EmailTaken):
        signing_in.sign_up(service, email="ANNA@example.com", password=PASSWORD, place="elsewhere")


@pytest.mark.parametrize(
    "email", ["", "anna", "anna@", "@example.com", "a b@example.com", "a@b", "a@b\x00.com"]
)
def test_what_is_no_address_is_refused(service: Cabinet, email: str) -> None:
    with pytest.raises(UnfitEmail):
        signing_in.sign_up(service, email=email, password=PASSWORD, place="home")


@pytest.mark.parametrize("password", ["", "short", "x" * 11, "x" * 257, "nul\x00 in the middle"])
def test_a_password_that_is_too_short_or_too_long_is_refused(service: Cabinet, password: str) -> None:
    with pytest.raises(UnfitPassword):
        signing_in.sign_up(service, email=ANNA, password=password, place="home")


@pytest.mark.usefixtures("anna")
def test_a_wrong_password_and_a_wrong_address_are_told_alike(service: Cabinet) -> None:
    with pytest.raises(WrongPassword) as password:
        sign_in(service, WRONG)
    with pytest.raises(WrongPassword) as address:
        sign_in(service, email="nobody@example.com", place="elsewhere")
    assert (password.value.code, password.value.facts) == (address.value.code, address.value.facts)


def test_a_wrong_sign_in_is_answered_with_a_wait_after_five_failures(service: Cabinet) -> None:
    """For somebody who does not exist too, so nobody can tell who exists."""
    for _ in range(5):
        with pytest.raises(WrongPassword):
            sign_in(service, WRONG)
    with pytest.raises(TooManyTries) as told:
        sign_in(service, WRONG)
    assert 0 < int(told.value.facts["seconds"]) <= 61


@pytest.mark.usefixtures("anna")
def test_one_place_cannot_try_many_addresses(service: Cabinet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.cabinet.people.guessing._PER_PLACE", Limit(4, timedelta(minutes=10)))
    for number in range(4):
        with pytest.raises(WrongPassword):
            sign_in(service, email=f"somebody{number}@example.com")
    with pytest.raises(TooManyTries):
        sign_in(service)
    assert sign_in(service, place="elsewhere")


@pytest.mark.usefixtures("anna")
def test_everybody_together_is_no_reason_to_keep_out_who_never_failed(
    service: Cabinet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.cabinet.people.guessing._IN_ALL", Limit(2, timedelta(minutes=5)))
    for place in ("here", "there"):
        with pytest.raises(WrongPassword):
            sign_in(service, WRONG, place=place)
    assert sign_in(service, place="home")
    with pytest.raises(TooManyTries):
        sign_in(service, place="here")


@pytest.mark.usefixtures("anna")
def test_signing_in_forgets_the_failures_of_the_person_at_the_place(service: Cabinet) -> None:
    for _ in range(2):
        for _ in range(4):
            with pytest.raises(WrongPassword):
                sign_in(service, WRONG)
        assert sign_in(service)


@pytest.mark.usefixtures("anna")
def test_ten_guesses_at_once_are_counted_as_ten(service: Cabinet) -> None:
    def refused(_: int) -> type[Exception]:
        with pytest.raises((WrongPassword, TooManyTries)) as told:
            sign_in(service, WRONG)
        return told.type

    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(refused, range(10)))
    assert (answers.count(WrongPassword), answers.count(TooManyTries)) == (5, 5)


@pytest.mark.usefixtures("anna")
def test_neither_addresses_nor_places_stand_in_the_counters(service: Cabinet) -> None:
    with pytest.raises(WrongPassword):
        sign_in(service, WRONG, place="203.0.113.7")
    with service.db.session() as session:
        buckets = session.execute(text("select string_agg(bucket, ' ') from attempt")).scalar_one()
    assert "anna" not in buckets
    assert "203.0" not in buckets


@pytest.mark.usefixtures("anna")
def test_nobody_signs_in_while_tries_cannot_be_counted(service: Cabinet, database_url: str) -> None:
    of_all = create_engine(driver_url(database_url))
    with of_all.begin() as connection:
        connection.execute(text("revoke insert on attempt from crmap_cabinet"))
    of_all.dispose()
    with pytest.raises(ProgrammingError):
        sign_in(service)


@pytest.mark.usefixtures("anna")
def test_an_address_that_cannot_exist_is_a_wrong_one(service: Cabinet) -> None:
    with pytest.raises(WrongPassword):
        sign_in(service, email="anna\x00@example.com")


def test_a_cookie_opens_nothing_after_signing_out(service: Cabinet, anna: str) -> None:
    signing_in.sign_out(service, anna)
    assert signed_in(service, anna) is None


@pytest.mark.parametrize("column", ["seen_at", "expires_at"])
def test_a_session_ends_by_itself(service: Cabinet, anna: str, column: str) -> None:
    person = signed_in(service, anna)
    with service.db.session(person=person) as session:
        session.execute(text(f"update session set {column} = {column} - interval '8 days'"))  # noqa: S608
    assert signed_in(service, anna) is None


def test_a_session_lives_a_week_at_most(service: Cabinet, anna: str) -> None:
    with service.db.session(person=signed_in(service, anna)) as session:
        expires, moment = session.execute(text("select expires_at, now() from session")).one()
        assert abs(expires - moment - timedelta(days=7)) < timedelta(minutes=1)
        assert now(session) >= moment


@pytest.mark.parametrize("ahead", [HOUR, -HOUR])
def test_a_browser_is_known_for_its_time_by_the_clock_of_the_database(
    service: Cabinet, ahead: timedelta
) -> None:
    with wrong_by(ahead):
        entry = signing_in.sign_up(service, email=ANNA, password=PASSWORD, place="home")
    until = datetime.fromtimestamp(int(entry.known.partition(".")[0]), UTC)
    with service.db.session() as session:
        assert abs(until - now(session) - KNOWN_FOR) < ABOUT


def test_passwords_are_kept_as_costly_hashes() -> None:
    stored = passwords.hashed(PASSWORD)
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.fits(PASSWORD, stored)
    assert not passwords.fits(WRONG, stored)
    assert not passwords.fits(PASSWORD, None)
