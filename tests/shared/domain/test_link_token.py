"""The connection token as people copy, dictate and type it."""

from __future__ import annotations

import pytest

from shared.domain.link_token import ALPHABET, LENGTH, issue, normalised

#: Tokens that were issued stay valid, so what makes a checksum may not change.
ISSUED = "23456789ABCDEFGHJKMNPQRSTUVKQP"


def test_a_new_token_is_a_token_and_none_is_like_another() -> None:
    tokens = [issue() for _ in range(50)]
    assert [normalised(token) for token in tokens] == tokens
    assert len({token[:-3] for token in tokens}) == 50
    assert {len(token) for token in tokens} == {LENGTH}


@pytest.mark.parametrize(
    "typed",
    [
        ISSUED,
        ISSUED.lower(),
        f"  {ISSUED}\r\n",
        " ".join(ISSUED),
        f"{ISSUED[:5]}\N{NO-BREAK SPACE}{ISSUED[5:10]}\n{ISSUED[10:20]}\t{ISSUED[20:]}",
    ],
    ids=["as issued", "small letters", "blanks around", "sign by sign", "in lines"],
)
def test_blanks_and_small_letters_make_no_difference(typed: str) -> None:
    assert normalised(typed) == ISSUED


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "x",
        ISSUED[:-1],
        f"{ISSUED}2",
        f"{ISSUED[:-1]}0",
        f"0{ISSUED[1:]}",
        f"{ISSUED[:4]}-{ISSUED[4:]}",
        ISSUED.replace("S", "\u017f"),
        f"\u0410{ISSUED[1:]}",
        ISSUED[::-1],
    ],
)
def test_what_is_no_token_is_refused(typed: str) -> None:
    assert normalised(typed) is None


@pytest.mark.parametrize("place", range(LENGTH))
def test_a_mistyped_sign_is_noticed(place: int) -> None:
    other = ALPHABET[(ALPHABET.index(ISSUED[place]) + 1) % len(ALPHABET)]
    assert normalised(ISSUED[:place] + other + ISSUED[place + 1 :]) is None


@pytest.mark.parametrize("place", range(LENGTH - 1))
def test_two_signs_in_the_wrong_order_are_noticed(place: int) -> None:
    turned = ISSUED[place : place + 2][::-1]
    assert normalised(ISSUED[:place] + turned + ISSUED[place + 2 :]) is None
