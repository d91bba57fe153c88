"""People: their profiles, sessions, cabinets and personal tokens."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, func, insert, text
from sqlmodel import Session, col, select

from shared.db import audit
from shared.db.tables.cabinets import ApiTokenRow, CabinetRow, MembershipRow, PersonRow, SessionRow

API_TOKEN_PREFIX = "crmap_"  # noqa: S105 - what a token starts with, not a token
SESSION_IDLE = timedelta(hours=12)
SESSION_LIVES = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Member:
    """A person acting in a cabinet, and his role there: ``owner``, ``member`` or ``reader``."""

    cabinet_id: UUID
    person_id: UUID
    role: str

    @property
    def key(self) -> tuple[UUID, UUID]:
        """The cabinet and the person, whatever his role."""
        return self.cabinet_id, self.person_id

    @property
    def may_write(self) -> bool:
        """True for everybody but readers."""
        return self.role in ("owner", "member")


@dataclass(frozen=True, slots=True)
class SigningIn:
    """The data for checking a password. ``password_hash`` is ``None`` for a person who has no password yet."""

    person_id: UUID
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class Profile:
    """A person's e-mail address, language and time zone."""

    email: str
    language: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in person: his member and his profile."""

    member: Member
    profile: Profile


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A personal token by its title; its text was shown once and is not stored."""

    id: UUID
    title: str
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A signed-in browser. ``is_this`` is true for the one that makes the request."""

    since: datetime
    seen_at: datetime
    is_this: bool


def folded(email: str) -> str:
    """An e-mail address in the form in which it is stored and looked up."""
    return email.strip().casefold()


def signing_in(session: Session, email: str) -> SigningIn | None:
    """The person with this address, for checking his password; ``None`` if nobody has the address."""
    row = session.execute(
        text("select id, password_hash from person_signing_in(:email)"), {"email": folded(email)}
    ).one_or_none()
    return None if row is None else SigningIn(row.id, row.password_hash)


def is_anybody(session: Session) -> bool:
    """True when there is at least one person."""
    return session.exec(select(PersonRow.id).limit(1)).first() is not None


def by_email(session: Session, email: str) -> UUID | None:
    """The person with this address, for operators' commands; services use ``signing_in``."""
    return session.exec(select(PersonRow.id).where(PersonRow.email == folded(email))).one_or_none()


def add(
    session: Session, *, person_id: UUID, cabinet_id: UUID, email: str, password_hash: str | None
) -> None:
    """A new person with his own cabinet. The session must be opened for both ids, which are new."""
    address = folded(email)
    session.add(
        PersonRow(id=person_id, email=address, name=address.partition("@")[0], password_hash=password_hash)
    )
    session.add(CabinetRow(id=cabinet_id, title=address))
    session.flush()
    session.add(MembershipRow(cabinet_id=cabinet_id, person_id=person_id, role="owner"))
    audit.write(session, f"person {person_id}", "person.added", cabinet_id=cabinet_id)


def password_hash(session: Session, person_id: UUID) -> str | None:
    """The stored password of the person whose session this is."""
    return session.get_one(PersonRow, person_id).password_hash


def store_password(session: Session, person_id: UUID, hashed: str) -> None:
    """The hash of the person's new password is stored."""
    row = session.get_one(PersonRow, person_id)
    row.password_hash = hashed
    session.add(row)


def save_profile(session: Session, person_id: UUID, *, language: str, time_zone: str | None = None) -> None:
    """The person's language is stored and, if it is given, his time zone."""
    row = session.get_one(PersonRow, person_id)
    row.language = language
    row.time_zone = time_zone or row.time_zone
    session.add(row)


def cabinets_of(session: Session, person_id: UUID) -> list[Member]:
    """The cabinets a person belongs to."""
    rows = session.exec(select(MembershipRow).where(MembershipRow.person_id == person_id)).all()
    return [Member(row.cabinet_id, row.person_id, row.role) for row in rows]


def start_session(session: Session, person_id: UUID) -> str:
    """A new browser session. Returns the text of its cookie; only the hash is stored."""
    token = secrets.token_urlsafe(32)
    expires_at = func.now() + SESSION_LIVES
    session.execute(
        insert(SessionRow).values(token_hash=_hash(token), person_id=person_id, expires_at=expires_at)
    )
    return token


def person_of_session(session: Session, token: str) -> UUID | None:
    """The person of this browser session; ``None`` when it is unknown, over or was idle for too long.

    From here on the transaction sees the person's rows; the session's time of use is updated.
    """
    row = session.execute(
        text(
            "select person_id, seen_at < now() - interval '1 min' as is_idle,"
            " set_config('app.person', person_id::text, true) from session_of(:hash)"
            " where expires_at > now() and seen_at >= now() - cast(:idle as interval)"
        ),
        {"hash": _hash(token), "idle": SESSION_IDLE},
    ).one_or_none()
    if row is None:
        return None
    if row.is_idle:
        session.execute(
            text("update session set seen_at = now() where token_hash = :hash"), {"hash": _hash(token)}
        )
    return UUID(str(row.person_id))


def visitor_of_session(session: Session, token: str) -> Visitor | None:
    """The visitor of this browser session, in the first cabinet he owns, else in the first he belongs to.

    ``None`` as for ``person_of_session``, and for a person who belongs to no cabinet. From here on the transaction
    sees the rows of the person and of that cabinet.
    """
    person_id = person_of_session(session, token)
    if person_id is None:
        return None
    row = session.execute(
        text(
            "select *, set_config('app.cabinet', cabinet_id::text, true) from"
            " (select m.cabinet_id, m.role, p.email, p.language, p.time_zone from membership m"
            " join person p on p.id = m.person_id where m.person_id = :person"
            " order by m.role <> 'owner', m.cabinet_id limit 1) as visitor"
        ),
        {"person": person_id},
    ).one_or_none()
    if row is None:
        return None
    return Visitor(
        Member(row.cabinet_id, person_id, row.role), Profile(row.email, row.language, row.time_zone)
    )


def end_session(session: Session, token: str) -> None:
    """The session of this cookie is over."""
    session.execute(delete(SessionRow).where(col(SessionRow.token_hash) == _hash(token)))


def end_other_sessions(session: Session, person_id: UUID, *, keep: str | None) -> None:
    """Every other browser of this person has to sign in again."""
    query = delete(SessionRow).where(col(SessionRow.person_id) == person_id)
    session.execute(query if keep is None else query.where(col(SessionRow.token_hash) != _hash(keep)))


def signed_in(session: Session, person_id: UUID, *, this: str) -> list[SignedIn]:
    """The browsers in which this person is signed in, the one used last first."""
    rows = session.exec(
        select(SessionRow)
        .where(
            SessionRow.person_id == person_id,
            col(SessionRow.expires_at) > func.now(),
            col(SessionRow.seen_at) >= func.now() - SESSION_IDLE,
        )
        .order_by(col(SessionRow.seen_at).desc(), col(SessionRow.token_hash))
    ).all()
    return [
        SignedIn(row.created_at, row.seen_at, row.token_hash == _hash(this))
        for row in rows
        if row.created_at and row.seen_at
    ]


def issue_api_token(session: Session, member: Member, *, title: str) -> tuple[UUID, str]:
    """A new personal token for the API of one cabinet. Returns its id and its text, which is not stored."""
    token = API_TOKEN_PREFIX + secrets.token_urlsafe(32)
    row = ApiTokenRow(
        id=uuid4(),
        cabinet_id=member.cabinet_id,
        person_id=member.person_id,
        token_hash=_hash(token),
        title=title,
    )
    session.add(row)
    return row.id, token


def api_tokens(session: Session, member: Member) -> list[ApiToken]:
    """The personal tokens of a member in his cabinet, newest first."""
    query = select(ApiTokenRow).where(
        ApiTokenRow.cabinet_id == member.cabinet_id, ApiTokenRow.person_id == member.person_id
    )
    rows = session.exec(query.order_by(col(ApiTokenRow.created_at).desc(), col(ApiTokenRow.id))).all()
    return [ApiToken(row.id, row.title, row.created_at, row.used_at) for row in rows if row.created_at]


def revoke_api_token(session: Session, member: Member, token_id: UUID) -> bool:
    """The token is revoked; False for a token that is not this person's."""
    row = session.get(ApiTokenRow, token_id)
    if row is None or (row.cabinet_id, row.person_id) != (member.cabinet_id, member.person_id):
        return False
    session.delete(row)
    return True


def member_of_api_token(session: Session, token: str) -> Member | None:
    """The person and cabinet of this token; ``None`` for a token never issued or revoked.

    From here on the transaction sees the cabinet's rows; the token's time of use is updated.
    """
    row = session.execute(
        text(
            "select cabinet_id, person_id, role, set_config('app.cabinet', cabinet_id::text, true)"
            " from api_token_of(:hash)"
        ),
        {"hash": _hash(token)},
    ).one_or_none()
    if row is None:
        return None
    session.execute(
        text(
            "update api_token set used_at = now() where token_hash = :hash"
            " and (used_at is null or used_at < now() - interval '1 min')"
        ),
        {"hash": _hash(token)},
    )
    return Member(row.cabinet_id, row.person_id, row.role)


def _hash(token: str) -> bytes:
    # The secrets are random and have 256 bits, so a plain hash is safe.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
