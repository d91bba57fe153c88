"""Passwords: argon2id with the first settings OWASP recommends (19 MiB, two passes)."""

from __future__ import annotations

import threading
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

SHORTEST = 12
LONGEST = 256
# Each check takes 19 MiB and a whole core, so only a few run at once: many sign-ins must not take the whole machine.
_AT_ONCE = threading.BoundedSemaphore(2)


@cache
def _hasher() -> PasswordHash:
    return PasswordHash((Argon2Hasher(memory_cost=19_456, time_cost=2, parallelism=1),))


@cache
def _nobody() -> str:
    return _hasher().hash("the password of nobody")


def hashed(password: str) -> str:
    """The hash of the password, as it is stored."""
    with _AT_ONCE:
        return _hasher().hash(password)


def fits(password: str, stored_hash: str | None) -> bool:
    """True when the password fits the hash. Takes as long for an unknown person, so nobody can tell who exists."""
    with _AT_ONCE:
        return _hasher().verify(password, stored_hash or _nobody()) and stored_hash is not None


def is_acceptable(password: str) -> bool:
    """True for a password of an allowed length."""
    return SHORTEST <= len(password) <= LONGEST and "\x00" not in password
