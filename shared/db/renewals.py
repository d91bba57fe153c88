"""Renewals of chains of tokens: one process at a time renews a chain, and a late answer replaces no newer tokens.

A refresh token works once, and its use ends the access token issued with it. So a renewal takes a lease, and its
answer is stored only if the stored token is still the one that was used. This does not depend on who holds the lease
by then, because a token has only one successor.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from shared.db import handlers
from shared.db.chains import OpenChain, expiry
from shared.db.sealed import Keyring
from shared.domain.tokens import Tokens

RENEWAL_LEASE = timedelta(seconds=40)
# A suspect chain is dead after this time. It is longer than the lease, so every renewal is stored or lost by then.
SUSPECT_RESTS = timedelta(seconds=45)


def is_expired(session: Session, chain: OpenChain) -> bool:
    """True when the access token of the chain must be renewed before use."""
    return bool(
        session.execute(
            text("select clock_timestamp() >= :expires"), {"expires": chain.expires_at}
        ).scalar_one()
    )


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
            "expires": expiry(session, tokens),
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
    active again. Otherwise ``end_suspects`` ends the chain. An application that was removed and installed again unheard
    of is noticed by this only, so its event handlers are checked.
    """
    result = session.execute(
        text(
            "update chain set state = 'suspect', suspect_since = coalesce(suspect_since, now()), lease_owner = null,"
            " lease_until = null, fails = fails + 1 where id = :id and refresh_fingerprint = any(:used)"
        ),
        {"id": chain.id, "used": keyring.fingerprints(chain.refresh_token)},
    )
    if result.rowcount:  # type: ignore[attr-defined]
        handlers.doubt(session, chain.portal_id, chain.application_id)


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
