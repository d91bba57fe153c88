"""The first person who can sign in, on a machine that has nobody yet."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from uuid import uuid4

from services.cabinet.people import passwords
from shared.db import people
from shared.db.session import Database

EMAIL = "admin@crmap.local"


@dataclass(frozen=True, slots=True)
class FirstPerson:
    """How the first person signs in. Nobody can find the password out later."""

    email: str
    password: str = field(repr=False)


def first_person(db: Database) -> FirstPerson | None:
    """A new person with a cabinet and a password; None if the database already has a person."""
    person = FirstPerson(EMAIL, secrets.token_urlsafe(12))
    stored = passwords.hashed(person.password)
    with db.session() as session:
        if people.is_anybody(session):
            return None
        people.add(session, person_id=uuid4(), cabinet_id=uuid4(), email=person.email, password_hash=stored)
    return person


def api_token(db: Database, email: str) -> str:
    """A new personal token of this person for the API."""
    with db.session() as session:
        person_id = people.by_email(session, email)
        if person_id is None:
            raise LookupError(email)
        member = people.cabinets_of(session, person_id)[0]
        _, token = people.issue_api_token(session, member, title="crmap demo")
    return token
