"""The connection token a cabinet shows and a portal's administrator pastes: letters and digits with a checksum."""

from __future__ import annotations

import hashlib
import secrets

# No 0/O, 1/I/L: the token is read aloud and typed by hand. Each of the 31 characters carries 4.95 bits.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_RANDOM_SIGNS = 27
_CHECK_SIGNS = 3
LENGTH = _RANDOM_SIGNS + _CHECK_SIGNS


def issue() -> str:
    """A new token with more than 128 random bits."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(_RANDOM_SIGNS))
    return body + _checksum(body)


def normalised(text: str) -> str | None:
    """The token somebody typed or pasted, without spaces, in capitals; ``None`` for anything that is no token.

    The checksum detects a mistyped token without a look into the database.
    """
    joined = "".join(text.split())
    token = joined.upper() if joined.isascii() else ""
    if len(token) != LENGTH or any(sign not in ALPHABET for sign in token):
        return None
    body, check = token[:_RANDOM_SIGNS], token[_RANDOM_SIGNS:]
    return token if _checksum(body) == check else None


def _checksum(body: str) -> str:
    number = int.from_bytes(hashlib.sha256(body.encode()).digest()[:8])
    signs = []
    for _ in range(_CHECK_SIGNS):
        number, sign = divmod(number, len(ALPHABET))
        signs.append(ALPHABET[sign])
    return "".join(signs)
