"""Passwords: argon2id with the first settings OWASP recommends (19 MiB, two passes)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from shared.domain.errors import Refused

SHORTEST = 12
LONGEST = 256
# How many wait for their turn: each holds a thread of the cabinet meanwhile, and pages need most of the forty.
_WAITING = 12


class TooManyAtOnce(Refused):
    """More people are signing in at this moment than passwords can be checked; nothing was tried."""

    code = "too_many_at_once"
    status = 503

    @property
    def retry_after_s(self) -> int | None:
        """Seconds, by when those who wait now have had their turn."""
        return 5


class Turns:
    """Passwords are hashed one after the other here, because each takes 19 MiB and a whole core."""

    def __init__(self, *, waiting: int) -> None:
        self._places = threading.BoundedSemaphore(1 + waiting)
        self._turn = threading.Lock()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """The caller may hash until the end of the block. Raises TooManyAtOnce when too many wait already."""
        if not self._places.acquire(blocking=False):
            raise TooManyAtOnce
        try:
            with self._turn:
                yield
        finally:
            self._places.release()


# Browsers that have signed in before have turns of their own, so a flood of strangers does not keep them waiting.
OF_STRANGERS = Turns(waiting=_WAITING)
OF_KNOWN_BROWSERS = Turns(waiting=_WAITING)


@cache
def _hasher() -> PasswordHash:
    return PasswordHash((Argon2Hasher(memory_cost=19_456, time_cost=2, parallelism=1),))


@cache
def _nobody() -> str:
    return _hasher().hash("the password of nobody")


def hashed(password: str) -> str:
    """The hash of the password, as it is stored. Services call it in their turn only."""
    return _hasher().hash(password)


def fits(password: str, stored_hash: str | None) -> bool:
    """True when the password fits the hash. Services call it in their turn only.

    It takes as long for an unknown person, so nobody can tell who exists.
    """
    return _hasher().verify(password, stored_hash or _nobody()) and stored_hash is not None


def is_acceptable(password: str) -> bool:
    """True for a password of an allowed length."""
    return SHORTEST <= len(password) <= LONGEST and "\x00" not in password
