"""People who have just begun: each with an empty cabinet."""

from __future__ import annotations

from uuid import uuid4

from sqlmodel import Session

from shared.db import people
from shared.db.people import Member


def a_newcomer(session: Session) -> Member:
    """The owner of a new cabinet in which nothing is yet, as nobody else is called. He has no password."""
    person, cabinet = uuid4(), uuid4()
    people.add(
        session, person_id=person, cabinet_id=cabinet, email=f"{person}@example.com", password_hash=None
    )
    return Member(cabinet, person, "owner")
