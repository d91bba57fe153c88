"""Chains of tokens: kept sealed, renewed by exactly one process at a time, never lost to a late writer.

A refresh token works once and its use kills the access token issued with it. So a renewal takes a lease, and its
answer is stored where the stored token is still the one that was used: whoever holds the lease by then, the successor
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

# A token is renewed this long before it expires, and counted from when the answer came: clocks differ.
EXPIRES_EARLY = timedelta(seconds=120)
RENEWAL_LEASE = timedelta(seconds=40)
# Longer than the lease: by then every renewal that was under way has been stored or is lost.
SUSPECT_RESTS = timedelta(seconds=45)
# How many chains that nobody uses are kept per portal and application, administrators' first.
MOST_CHAINS = 3
# A page in the frame goes on with the chain it was opened with until its session is over.
_OPENED_JUST_NOW = timedelta(minutes=11)


@dataclass(frozen=True, slots=True)
class ChainOwner:
    """Whose chain it is: a person of a portal, for one application."""

    portal_id: UUID
    application_id: UUID
    b24_user_id: int
    is_admin: bool


@dataclass(frozen=True, slots=True)
class OpenChain:
    """A chain with its tokens in clear, for as long as a worker needs them. Its ``repr`` shows none."""

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
        """Which chain, without what it holds."""
        return f"OpenChain({self.id})"


def keep(session: Session, keyring: Keyring, owner: ChainOwner, tokens: Tokens) -> UUID:
    """The verified pair is a chain of its own; it replaces earlier ones of this person that nobody uses any more.

    The same pair twice (an event and a page of one installation) is one chain.
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
    """The person's newest chain holds this access token, which came without a refresh token; ``None`` without one."""
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
    """The chain to read a portal with: the active one, else an administrator's spare, newest first."""
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
    """True when the access token of the chain has to be renewed before it is used."""
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
    """The chain as it is stored now; ``None`` when it is dead or gone."""
    row = session.get(ChainRow, chain_id)
    return None if row is None or row.state == "dead" else _opened(keyring, row)


def lease_renewal(session: Session, chain: OpenChain, *, owner: str) -> bool:
    """True when ``owner`` is to renew this very token now; False when somebody does, or has done so already."""
    result = session.execute(
        text(
            "update chain set lease_owner = :owner, lease_until = now() + :lease where id = :id and state <> 'dead'"
            " and (lease_until is null or lease_until < now()) and access_expires_at = :expires"
        ),
        {"owner": owner, "lease": RENEWAL_LEASE, "id": chain.id, "expires": chain.expires_at},
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]


def release_renewal(session: Session, chain: OpenChain, *, owner: str) -> None:
    """The renewal ``owner`` had leased has failed: the next read tries it again instead of waiting for this one."""
    session.execute(
        text(
            "update chain set lease_owner = null, lease_until = null where id = :id and lease_owner = :owner"
        ),
        {"id": chain.id, "owner": owner},
    )


def store_renewed(session: Session, keyring: Keyring, chain: OpenChain, tokens: Tokens) -> bool:
    """The renewed pair is stored, if the stored token is still the one that was used; False otherwise.

    Whether the lease still holds does not matter: the successor of a token is unique, so a late writer is right.
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
    """The chain was refused and rests, unless its token was renewed meanwhile.

    The refusal may come from a renewal of ours whose answer is still on its way to being stored: then the chain is
    active again with it. Otherwise ``end_suspects`` ends it.
    """
    session.execute(
        text(
            "update chain set state = 'suspect', suspect_since = coalesce(suspect_since, now()), lease_owner = null,"
            " lease_until = null, fails = fails + 1 where id = :id and refresh_fingerprint = any(:used)"
        ),
        {"id": chain.id, "used": keyring.fingerprints(chain.refresh_token)},
    )


def end_suspects(session: Session) -> int:
    """Chains that were refused and not renewed since are dead; how many."""
    result = session.execute(
        text("update chain set state = 'dead' where state = 'suspect' and suspect_since < now() - :rest"),
        {"rest": SUSPECT_RESTS},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def has_suspects(session: Session, portal_id: UUID) -> bool:
    """True while a refused chain of the portal may still come back."""
    query = text("select exists (select 1 from chain where portal_id = :portal and state = 'suspect')")
    return bool(session.execute(query, {"portal": portal_id}).scalar_one())


def erase_all(session: Session, portal_id: UUID) -> None:
    """No token of this portal is left."""
    session.execute(text("delete from chain where portal_id = :portal"), {"portal": portal_id})


def erase_of(session: Session, portal_id: UUID, application_id: UUID) -> None:
    """No token of this application in this portal is left."""
    session.execute(
        text("delete from chain where portal_id = :portal and application_id = :application"),
        {"portal": portal_id, "application": application_id},
    )


def token_hash(application_token: str) -> bytes:
    """What an application token is compared by: equal length whatever was sent."""
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
