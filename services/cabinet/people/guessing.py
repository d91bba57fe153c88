"""Checking a password, wherever it is asked for, under limits that make guessing slow and keep nobody else out.

A try counts as a failure before the password is checked, so a hundred at once are counted too; a right password takes
its own try back. A known browser (``known_browsers``) is limited by itself. A stranger is limited by his place and the
person he names, by his place, and by what all strangers together did to this person.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from services.cabinet.cabinet import Cabinet
from services.cabinet.people import known_browsers, passwords
from shared.db import limits, people
from shared.db.limits import Counter, Limit, keyed
from shared.domain.errors import Refused
from shared.domain.growing_delay import GrowingDelay
from shared.domain.refusals import TooManyTries

# One person at one place, or in one known browser: five tries, then a minute, two, four, at most a quarter of an hour.
_PER_PAIR = GrowingDelay(
    free=5,
    first=timedelta(minutes=1),
    longest=timedelta(minutes=15),
    forgotten_after=timedelta(hours=24),
)
# One place with many persons; one person from many places; all strangers together, which refuses only who failed.
_PER_PLACE = Limit(100, timedelta(minutes=10))
_PER_PERSON = Limit(50, timedelta(hours=1))
_IN_ALL = Limit(1000, timedelta(minutes=5))


class WrongPassword(Refused):
    """There is no such person, or the password is wrong; the answer does not say which."""

    code = "wrong_password"
    status = 401


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends a password: the place (``network_address.place_of``) and the cookie of a known browser, or ``""``."""

    place: str
    cookie: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class _Limits:
    own: tuple[Counter, ...]
    shared: tuple[Counter, ...]
    turns: passwords.Turns

    @property
    def all(self) -> tuple[Counter, ...]:
        return (*self.own, *self.shared)


def person_with(service: Cabinet, email: str, password: str, sender: Sender) -> UUID:
    """The id of the person with this address and password.

    Raises WrongPassword, TooManyTries, TooManyAtOnce. An unknown address takes as much time as a wrong password.
    """
    now = service.db.now()
    with service.db.session() as session:
        # The database takes no NUL.
        person = None if "\x00" in email else people.signing_in(session, email)
        tried = _limits(service, email, person.person_id if person else None, sender, now)
        # Looked at before too, so that who has to wait takes nobody's turn.
        _refuse(limits.wait_for(session, tried.own, tried.shared))
    with tried.turns.taken():
        with service.db.session() as session:
            _refuse(limits.wait_for(session, tried.own, tried.shared))
            limits.fail(session, tried.all)
        if not passwords.fits(password, person.password_hash if person else None) or person is None:
            raise WrongPassword
    with service.db.session() as session:
        limits.take_back(session, tried.all)
    return person.person_id


def _refuse(wait: timedelta | None) -> None:
    if wait is not None:
        raise TooManyTries.after(wait)


def _limits(service: Cabinet, email: str, person_id: UUID | None, sender: Sender, now: datetime) -> _Limits:
    keyring, name = service.db.keyring, people.folded(email)
    browser = person_id and known_browsers.browser_of(keyring, sender.cookie, person_id, now=now)
    if browser:
        pair = Counter(keyed(keyring, "password in browser", name, browser), _PER_PAIR)
        return _Limits((pair,), (), passwords.OF_KNOWN_BROWSERS)
    own = (
        Counter(keyed(keyring, "password at place", name, sender.place), _PER_PAIR),
        Counter(keyed(keyring, "passwords of place", sender.place), _PER_PLACE),
        Counter(keyed(keyring, "password", name), _PER_PERSON),
    )
    return _Limits(own, (Counter("passwords", _IN_ALL),), passwords.OF_STRANGERS)
