"""Chains of tokens: stored sealed, renewed by one process at a time, never overwritten by a late writer.

A refresh token works once, and its use ends the access token issued with it. So a renewal takes a lease, and its
answer is stored if the stored token is still the one that was used. Whoever holds the lease by then, the successor
of that token is unique. Several chains per portal stand side by side, one per administrator who opened the app.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, text
from sqlmodel import Session, col, select

from shared.db.sealed import Keyring
from shared.db.tables.portals import ChainRow
from shared.domain.tokens import Tokens

# A token is renewed this long before it expires. Its life counts from when the answer came, since clocks differ.
EXPIRES_EARLY = timedelta(seconds=120)
RENEWAL_LEASE = timedelta(seconds=40)
# A suspect chain is dead after this time. It is longer than the lease, so every renewal is stored or lost by then.
SUSPECT_RESTS = timedelta(seconds=45)
# How many unused chains are kept per portal and application, administrators' first.
MOST_CHAINS = 3
# A page in the frame uses the chain it was opened with until its session is over.
_OPENED_JUST_NOW = timedelta(minutes=11)


@dataclass(frozen=True, slots=True)
class ChainOwner:
    """The owner of a chain: a user of a portal, for one application."""

    portal_id: UUID
    application_id: UUID
    b24_user_id: int
    is_admin: bool


@dataclass(frozen=True, slots=True)
class OpenChain:
    """A chain with its tokens in clear text, for use by a worker. Its ``repr`` shows no token."""

    id: UUID
    portal_id: UUID
    application_id: UUID
    b24_user_id: int
    is_admin: bool
    access_token: str
    refresh_token: str
    expires_at: datetime
    scopes: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        """The ids of the chain, without its tokens."""
        return f"OpenChain({self.id})"


def keep(session: Session, keyring: Keyring, owner: ChainOwner, tokens: Tokens) -> UUID:
    """The verified tokens are stored as a new chain; it replaces unused earlier chains of this person.

    The same tokens twice (from an event and a page of one installation) are one chain.
    """
    stored_id = session.exec(
        select(ChainRow.id).where(
            col(ChainRow.refresh_fingerprint).in_(keyring.fingerprints(tokens.refresh_token))
        )
    ).first()
    if stored_id is not None:
        return stored_id
    of_portal = (
        col(ChainRow.portal_id) == owner.portal_id,
        col(ChainRow.application_id) == owner.application_id,
    )
    session.execute(
        delete(ChainRow).where(
            *of_portal,
            col(ChainRow.b24_user_id) == owner.b24_user_id,
            col(ChainRow.state) != "active",
            text("created_at < now() - :just_now").bindparams(just_now=_OPENED_JUST_NOW),
        )
    )
    has_active = (
        session.exec(select(ChainRow.id).where(*of_portal, ChainRow.state == "active")).first() is not None
    )
    chain_id = uuid4()
    session.add(
        ChainRow(
            id=chain_id,
            portal_id=owner.portal_id,
            application_id=owner.application_id,
            b24_user_id=owner.b24_user_id,
            is_admin=owner.is_admin,
            state="spare" if has_active else "active",
            scopes=sorted(tokens.scopes),
            refresh_token=keyring.seal(tokens.refresh_token, row=chain_id, column="refresh_token"),
            refresh_fingerprint=keyring.fingerprint(tokens.refresh_token),
            access_token=keyring.seal(tokens.access_token, row=chain_id, column="access_token"),
            access_expires_at=_expiry(session, tokens),
        )
    )
    session.flush()
    _drop_surplus(session, owner)
    return chain_id


def lend(session: Session, keyring: Keyring, owner: ChainOwner, tokens: Tokens) -> UUID | None:
    """The person's newest chain gets this access token, which has no refresh token; ``None`` if he has no chain."""
    row = session.exec(
        select(ChainRow)
        .where(
            ChainRow.portal_id == owner.portal_id,
            ChainRow.application_id == owner.application_id,
            ChainRow.b24_user_id == owner.b24_user_id,
            ChainRow.state != "dead",
        )
        .order_by(col(ChainRow.created_at).desc())
        .with_for_update()
    ).first()
    if row is None:
        return None
    row.access_token = keyring.seal(tokens.access_token, row=row.id, column="access_token")
    row.access_expires_at = _expiry(session, tokens)
    session.add(row)
    return row.id


def best(
    session: Session, keyring: Keyring, portal_id: UUID, *, without: Collection[UUID] = ()
) -> OpenChain | None:
    """The chain to read a portal with: an administrator's active one, else administrators' newest, else the newest."""
    query = (
        select(ChainRow)
        .where(
            ChainRow.portal_id == portal_id,
            col(ChainRow.state).in_(("active", "spare")),
            col(ChainRow.id).notin_(list(without)),
        )
        .order_by(text("state = 'active' and is_admin desc, is_admin desc, created_at desc"))
    )
    row = session.exec(query).first()
    return None if row is None else _opened(keyring, row)


def living(session: Session, keyring: Keyring, portal_id: UUID, application_id: UUID) -> list[OpenChain]:
    """The chains of this application in this portal that are not dead."""
    query = select(ChainRow).where(
        ChainRow.portal_id == portal_id, ChainRow.application_id == application_id, ChainRow.state != "dead"
    )
    return [_opened(keyring, row) for row in session.exec(query).all()]


def is_expired(session: Session, chain: OpenChain) -> bool:
    """True when the access token of the chain must be renewed before use."""
    return bool(
        session.execute(
            text("select clock_timestamp() >= :expires"), {"expires": chain.expires_at}
        ).scalar_one()
    )


def _opened(keyring: Keyring, row: ChainRow) -> OpenChain:
    return OpenChain(
        id=row.id,
        portal_id=row.portal_id,
        application_id=row.application_id,
        b24_user_id=row.b24_user_id,
        is_admin=row.is_admin,
        access_token=keyring.open(row.access_token, row=row.id, column="access_token"),
        refresh_token=keyring.open(row.refresh_token, row=row.id, column="refresh_token"),
        expires_at=row.access_expires_at,
        scopes=frozenset(row.scopes),
    )


def read_again(session: Session, keyring: Keyring, chain_id: UUID) -> OpenChain | None:
    """The chain as it is stored now; ``None`` when it is dead or deleted."""
    row = session.get(ChainRow, chain_id)
    return None if row is None or row.state == "dead" else _opened(keyring, row)


def lease_renewal(session: Session, chain: OpenChain, *, owner: str) -> bool:
    """True when ``owner`` has to renew this token now; False when another process does or did."""
    result = session.execute(
        text(
            "update chain set lease_owner = :owner, lease_until = now() + :lease where id = :id and state <> 'dead'"
            " and (lease_until is null or lease_until < now()) and access_expires_at = :expires"
        ),
        {"owner": owner, "lease": RENEWAL_LEASE, "id": chain.id, "expires": chain.expires_at},
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]


def release_renewal(session: Session, chain: OpenChain, *, owner: str) -> None:
    """The renewal leased by ``owner`` has failed: the next read renews at once instead of waiting for the lease."""
    session.execute(
        text(
            "update chain set lease_owner = null, lease_until = null where id = :id and lease_owner = :owner"
        ),
        {"id": chain.id, "owner": owner},
    )


def store_renewed(session: Session, keyring: Keyring, chain: OpenChain, tokens: Tokens) -> bool:
    """The renewed tokens are stored if the stored token is still the one that was used; False otherwise.

    The lease does not matter here: the successor of a token is unique, so even a late writer stores the right one.
    """
    result = session.execute(
        text(
            "update chain set refresh_token = :refresh, refresh_fingerprint = :fingerprint, access_token = :access,"
            " access_expires_at = :expires, lease_owner = null, lease_until = null, state = 'active', fails = 0,"
            " suspect_since = null, used_at = now()"
            " where id = :id and refresh_fingerprint = any(:used)"
        ),
        {
            "refresh": keyring.seal(tokens.refresh_token, row=chain.id, column="refresh_token"),
            "fingerprint": keyring.fingerprint(tokens.refresh_token),
            "access": keyring.seal(tokens.access_token, row=chain.id, column="access_token"),
            "expires": _expiry(session, tokens),
            "id": chain.id,
            "used": keyring.fingerprints(chain.refresh_token),
        },
    )
    stored = bool(result.rowcount)  # type: ignore[attr-defined]
    if stored and tokens.scopes:
        session.execute(
            text("update chain set scopes = :scopes where id = :id"),
            {"scopes": sorted(tokens.scopes), "id": chain.id},
        )
    return stored


def suspect(session: Session, keyring: Keyring, chain: OpenChain) -> None:
    """The chain is suspect because it was refused, unless its token was renewed meanwhile.

    The refusal may be caused by another renewal whose answer is not stored yet; storing it makes the chain
    active again. Otherwise ``end_suspects`` ends the chain.
    """
    session.execute(
        text(
            "update chain set state = 'suspect', suspect_since = coalesce(suspect_since, now()), lease_owner = null,"
            " lease_until = null, fails = fails + 1 where id = :id and refresh_fingerprint = any(:used)"
        ),
        {"id": chain.id, "used": keyring.fingerprints(chain.refresh_token)},
    )


def end_suspects(session: Session) -> int:
    """Suspect chains that were not renewed in time are dead. Returns how many."""
    result = session.execute(
        text("update chain set state = 'dead' where state = 'suspect' and suspect_since < now() - :rest"),
        {"rest": SUSPECT_RESTS},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def has_suspects(session: Session, portal_id: UUID) -> bool:
    """True while a suspect chain of the portal may still become active again."""
    query = text("select exists (select 1 from chain where portal_id = :portal and state = 'suspect')")
    return bool(session.execute(query, {"portal": portal_id}).scalar_one())


def erase_all(session: Session, portal_id: UUID) -> None:
    """All tokens of this portal are deleted."""
    session.execute(text("delete from chain where portal_id = :portal"), {"portal": portal_id})


def erase_of(session: Session, portal_id: UUID, application_id: UUID) -> None:
    """All tokens of this application in this portal are deleted."""
    session.execute(
        text("delete from chain where portal_id = :portal and application_id = :application"),
        {"portal": portal_id, "application": application_id},
    )


def token_hash(application_token: str) -> bytes:
    """The hash by which application tokens are compared; it has the same length for every text."""
    return hashlib.sha256(application_token.encode("utf-8", "surrogatepass")).digest()


def _expiry(session: Session, tokens: Tokens) -> datetime:
    query = text("select now() + :lives")
    return session.execute(query, {"lives": tokens.expires_in - EXPIRES_EARLY}).scalar_one()  # type: ignore[no-any-return]


def _drop_surplus(session: Session, owner: ChainOwner) -> None:
    session.execute(
        text(
            "delete from chain where id in (select id from chain where portal_id = :portal"
            " and application_id = :application and state <> 'active'"
            " order by is_admin desc, created_at desc offset :most) and created_at < now() - :just_now"
        ),
        {
            "portal": owner.portal_id,
            "application": owner.application_id,
            "most": MOST_CHAINS,
            "just_now": _OPENED_JUST_NOW,
        },
    )
