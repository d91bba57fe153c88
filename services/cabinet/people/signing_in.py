"""Signing up, in and out, and changing the password."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from services.cabinet.base.visit import Visit, signed_in
from services.cabinet.cabinet import Cabinet
from services.cabinet.people import guessing, known_browsers, passwords
from services.cabinet.people.guessing import Sender
from shared.db import limits, people
from shared.db.limits import Limit, keyed
from shared.domain.errors import Refused
from shared.domain.refusals import TooManyTries

# New cabinets from one place.
_SIGN_UPS = Limit(10, timedelta(minutes=5))
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,100}@[^@\s\x00-\x1f]{1,150}\.[^@\s\x00-\x1f.]{2,30}")


class EmailTaken(Refused):
    code = "email_taken"
    status = 422


class UnfitEmail(Refused):
    code = "unfit_email"
    status = 422


class UnfitPassword(Refused):
    code = "unfit_password"
    status = 422


@dataclass(frozen=True, slots=True)
class Entry:
    """The cookies of somebody who has just signed in: his session, and that his browser is known to him."""

    session: str = field(repr=False)
    known: str = field(repr=False)


def sign_up(service: Cabinet, *, email: str, password: str, place: str) -> Entry:
    """A new person with his own cabinet, signed in.

    Raises UnfitEmail, UnfitPassword, EmailTaken, TooManyTries, TooManyAtOnce.
    """
    if not _EMAIL.fullmatch(email):
        raise UnfitEmail
    if not passwords.is_acceptable(password):
        raise UnfitPassword
    with service.db.session() as session:
        wait = limits.count(session, keyed(service.db.keyring, "sign-ups of place", place), _SIGN_UPS)
    if wait is not None:
        raise TooManyTries.after(wait)
    with passwords.OF_STRANGERS.taken():
        password_hash = passwords.hashed(password)
    person_id, cabinet_id = uuid4(), uuid4()
    with service.db.session(cabinet=cabinet_id, person=person_id) as session:
        if people.signing_in(session, email) is not None:
            raise EmailTaken
        people.add(
            session, person_id=person_id, cabinet_id=cabinet_id, email=email, password_hash=password_hash
        )
        session.flush()
        cookie = people.start_session(session, person_id)
    return Entry(cookie, _known(service, person_id))


def sign_in(service: Cabinet, *, email: str, password: str, sender: Sender) -> Entry:
    """A new session for the person with this password. Raises WrongPassword, TooManyTries, TooManyAtOnce."""
    person_id = guessing.person_with(service, email, password, sender)
    with service.db.session(person=person_id) as session:
        cookie = people.start_session(session, person_id)
    return Entry(cookie, _known(service, person_id))


def sign_out(service: Cabinet, cookie: str) -> None:
    """The session of this cookie is over."""
    person_id = signed_in(service, cookie)
    if person_id is not None:
        with service.db.session(person=person_id) as session:
            people.end_session(session, cookie)


def change_password(
    visit: Visit, *, former: str, wanted: str, sender: Sender, revoked: Collection[UUID] = ()
) -> str:
    """The visitor has the new password; every other browser has to sign in again, and these API tokens are revoked.

    Returns the text of the cookie by which his browser is known. Raises WrongPassword, UnfitPassword, TooManyTries,
    TooManyAtOnce.
    """
    if not passwords.is_acceptable(wanted):
        raise UnfitPassword
    person_id = guessing.person_with(visit.service, visit.profile.email, former, sender)
    with passwords.OF_KNOWN_BROWSERS.taken():
        new_hash = passwords.hashed(wanted)
    with visit.session() as session:
        people.store_password(session, person_id, new_hash)
        people.end_other_sessions(session, person_id, keep=visit.cookie)
        for token_id in revoked:
            people.revoke_api_token(session, visit.member, token_id)
    return _known(visit.service, person_id)


def _known(service: Cabinet, person_id: UUID) -> str:
    return known_browsers.issue(service.db.keyring, person_id, now=service.db.now())
