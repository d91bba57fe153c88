"""Passwords: argon2id, as costly as OWASP's first choice asks (19 MiB, two passes)."""

from __future__ import annotations

import threading
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

SHORTEST = 12
LONGEST = 256
# Each check takes 19 MiB and all of a core: a crowd at the door must not take the whole machine.
_AT_ONCE = threading.BoundedSemaphore(2)


@cache
def _hasher() -> PasswordHash:
    return PasswordHash((Argon2Hasher(memory_cost=19_456, time_cost=2, parallelism=1),))


@cache
def _nobody() -> str:
    return _hasher().hash("the password of nobody")


def hashed(password: str) -> str:
    """The password as it is stored."""
    with _AT_ONCE:
        return _hasher().hash(password)


def fits(password: str, stored_hash: str | None) -> bool:
    """True when it is the stored password. Costs the same for somebody who does not exist, so that none can tell."""
    with _AT_ONCE:
        return _hasher().verify(password, stored_hash or _nobody()) and stored_hash is not None


def is_acceptable(password: str) -> bool:
    """True for a password that is long enough and not longer than anybody types."""
    return SHORTEST <= len(password) <= LONGEST and "\x00" not in password
