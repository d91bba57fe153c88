"""Frame sessions: signed, short, and nothing an odd text could break."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.db.sealed import Keyring
from shared.frame import LIVES, FrameSession, FrameSessionInvalid, issue, signed, verify

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEYRING = Keyring(["the first key of the tests", "the second key of the tests"])
SESSION = FrameSession(
    UUID(int=1), UUID(int=2), 17, is_admin=True, language="ru", origins="https://one.example"
)


def test_a_session_says_who_opened_the_application() -> None:
    assert verify(KEYRING, issue(KEYRING, SESSION, now=NOW), now=NOW) == SESSION


def test_a_session_is_text_that_fits_a_header_and_a_form() -> None:
    text = issue(KEYRING, SESSION, now=NOW)
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


@pytest.mark.parametrize(
    ("age", "is_good"),
    [
        (timedelta(0), True),
        (LIVES - timedelta(seconds=1), True),
        (LIVES, False),
        (timedelta(days=1), False),
    ],
)
def test_a_session_lives_ten_minutes(age: timedelta, is_good: bool) -> None:  # noqa: FBT001
    text = issue(KEYRING, SESSION, now=NOW)
    if is_good:
        assert verify(KEYRING, text, now=NOW + age) == SESSION
    else:
        with pytest.raises(FrameSessionInvalid) as error:
            verify(KEYRING, text, now=NOW + age)
        # Enough to say so inside the portal, and nothing more.
        assert error.value.facts == {"origins": "https://one.example", "language": "ru"}


def test_a_session_tells_whose_it_was_also_when_it_is_over() -> None:
    text = issue(KEYRING, SESSION, now=NOW - timedelta(days=30))
    assert signed(KEYRING, text) == SESSION
    with pytest.raises(FrameSessionInvalid):
        signed(Keyring(["a key nobody has ever seen"]), text)


def test_a_session_outlives_a_change_of_keys_and_no_other_key() -> None:
    old, new = Keyring(["the second key of the tests"]), Keyring(["a key nobody has ever seen"])
    text = issue(old, SESSION, now=NOW)
    assert verify(KEYRING, text, now=NOW) == SESSION
    with pytest.raises(FrameSessionInvalid):
        verify(new, text, now=NOW)


def test_not_one_sign_of_a_session_may_change() -> None:
    text = issue(KEYRING, SESSION, now=NOW)
    # The last sign of either half carries bits that mean nothing, so its neighbours in the alphabet are left out.
    for place in range(len(text) - 1):
        changed = text[:place] + ("A" if text[place] != "A" else "Q") + text[place + 1 :]
        with pytest.raises(FrameSessionInvalid):
            verify(KEYRING, changed, now=NOW)


def test_claims_of_one_s_own_making_are_not_believed() -> None:
    body, _, signature = issue(KEYRING, SESSION, now=NOW).partition(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    raised = base64.urlsafe_b64encode(json.dumps({**claims, "user": 1}).encode()).decode().rstrip("=")
    for forged in (f"{raised}.{signature}", f"{raised}.", raised, f".{signature}", f"{body}.{signature}."):
        with pytest.raises(FrameSessionInvalid):
            verify(KEYRING, forged, now=NOW)


def test_a_fingerprint_of_something_else_is_no_signature() -> None:
    body = issue(KEYRING, SESSION, now=NOW).partition(".")[0]
    code = base64.urlsafe_b64encode(KEYRING.fingerprint(body)).decode().rstrip("=")
    with pytest.raises(FrameSessionInvalid):
        verify(KEYRING, f"{body}.{code}", now=NOW)


@given(st.text(max_size=200))
def test_no_text_is_more_than_refused(text: str) -> None:
    with pytest.raises(FrameSessionInvalid):
        verify(KEYRING, text, now=NOW)
    with pytest.raises(FrameSessionInvalid):
        signed(KEYRING, text)


@pytest.mark.parametrize("text", ["", ".", "\ud800.x", "ключ.ключ", "a" * 100_000, "a.b\ud800", "٣.٣"])
def test_an_odd_text_is_refused(text: str) -> None:
    with pytest.raises(FrameSessionInvalid):
        verify(KEYRING, text, now=NOW)
    with pytest.raises(FrameSessionInvalid):
        signed(KEYRING, text)
