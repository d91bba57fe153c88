"""Signing up, in and out, and changing the password."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

from services.cabinet.base.visit import signed_in
from services.cabinet.cabinet import Cabinet
from services.cabinet.people import passwords
from shared.db import limits, people
from shared.db.limits import Limit
from shared.domain.errors import Refused
from shared.domain.refusals import TooManyTries

# Ten tries in five minutes for one e-mail address and for one place, a thousand for everybody together.
_PER_PERSON = Limit(10, timedelta(minutes=5))
_PER_PLACE = Limit(10, timedelta(minutes=5))
_IN_ALL = Limit(1000, timedelta(minutes=5))
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,100}@[^@\s\x00-\x1f]{1,150}\.[^@\s\x00-\x1f.]{2,30}")


class WrongPassword(Refused):
    """There is no such person, or the password is wrong; the answer does not say which."""

    code = "wrong_password"
    status = 401


class EmailTaken(Refused):
    code = "email_taken"
    status = 422


class UnfitEmail(Refused):
    code = "unfit_email"
    status = 422


class UnfitPassword(Refused):
    code = "unfit_password"
    status = 422


def sign_up(service: Cabinet, *, email: str, password: str, place: str) -> str:
    """A new person with his own cabinet, signed in. Returns the text of his cookie.

    Raises UnfitEmail, UnfitPassword, EmailTaken, TooManyTries.
    """
    if not _EMAIL.fullmatch(email):
        raise UnfitEmail
    if not passwords.is_acceptable(password):
        raise UnfitPassword
    _count(service, f"sign-up {place}", _PER_PLACE)
    password_hash = passwords.hashed(password)
    person_id, cabinet_id = uuid4(), uuid4()
    with service.db.session(cabinet=cabinet_id, person=person_id) as session:
        if people.signing_in(session, email) is not None:
            raise EmailTaken
        people.add(
            session, person_id=person_id, cabinet_id=cabinet_id, email=email, password_hash=password_hash
        )
        session.flush()
        return people.start_session(session, person_id)


def sign_in(service: Cabinet, *, email: str, password: str, place: str) -> str:
    """A new session for the person with this password. Returns the text of his cookie.

    Raises WrongPassword and TooManyTries. An unknown address takes as much time as a wrong password.
    """
    bucket = f"sign-in {people.folded(email)}"
    _count(service, "sign-in", _IN_ALL)
    _count(service, bucket, _PER_PERSON)
    _count(service, f"sign-in from {place}", _PER_PLACE)
    with service.db.session() as session:
        person = people.signing_in(session, email)
    if not passwords.fits(password, person.password_hash if person else None) or person is None:
        raise WrongPassword
    with service.db.session(person=person.person_id) as session:
        limits.forget(session, bucket)
        return people.start_session(session, person.person_id)


def sign_out(service: Cabinet, cookie: str) -> None:
    """The session of this cookie is over."""
    person_id = signed_in(service, cookie)
    if person_id is not None:
        with service.db.session(person=person_id) as session:
            people.end_session(session, cookie)


def change_password(service: Cabinet, cookie: str, *, former: str, wanted: str) -> None:
    """The person has the new password, and every other browser has to sign in again.

    Raises WrongPassword, UnfitPassword.
    """
    person_id = signed_in(service, cookie)
    if person_id is None:
        raise WrongPassword
    if not passwords.is_acceptable(wanted):
        raise UnfitPassword
    with service.db.session(person=person_id) as session:
        former_hash = people.password_hash(session, person_id)
    if not passwords.fits(former, former_hash):
        raise WrongPassword
    new_hash = passwords.hashed(wanted)
    with service.db.session(person=person_id) as session:
        people.store_password(session, person_id, new_hash)
        people.end_other_sessions(session, person_id, keep=cookie)


def _count(service: Cabinet, bucket: str, limit: Limit) -> None:
    """One more try is counted, in its own transaction, so it counts whatever happens next. Raises TooManyTries."""
    with service.db.session() as session:
        wait = limits.count(session, bucket, limit)
    if wait is not None:
        raise TooManyTries.after(wait)
