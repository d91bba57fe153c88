"""Renewals of chains of tokens: one process at a time renews a chain, and a late answer replaces no newer tokens.

A refresh token works once, and its use ends the access token issued with it. So a renewal takes a lease, and its
answer is stored only if the stored token is still the one that was used. This does not depend on who holds the lease
by then, because a token has only one successor.

A spare chain is not used until it is needed, and a token that is never renewed dies. So idle chains are renewed now and
then, and stay what they are.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from shared.db import chains, handlers
from shared.db.chains import OpenChain, expiry
from shared.db.sealed import Keyring
from shared.domain.tokens import Tokens

RENEWAL_LEASE = timedelta(seconds=40)
# A suspect chain is dead after this time. It is longer than the lease, so every renewal is stored or lost by then.
SUSPECT_RESTS = timedelta(seconds=45)
# A refresh token lives for 180 days, by older documentation for 28 (Bitrix24 documentation, OAuth 2.0). Renewing more
# often than needed may have the application blocked, so a failed renewal of an idle chain rests as well.
IDLE_AFTER = timedelta(days=20)
# Chains that came at once are renewed one after another within this time, each at its own moment by its id.
_IDLE_SPREAD = timedelta(days=2)
_IDLE_TRIED_AGAIN = timedelta(days=3)
# The idle chains that are to be renewed, with their portals. The first condition on time is implied by the second; it
# is there because an index serves it.
IDLE = """
  from chain join portal on portal.id = chain.portal_id
 where chain.state in ('active', 'spare') and portal.state <> 'removed'
   and coalesce(chain.used_at, chain.created_at) <= now() - cast(:after as interval)
   and coalesce(chain.used_at, chain.created_at) <= now() - cast(:after as interval)
       - cast(:spread as interval) * (abs(hashtext(chain.id::text)::bigint) % 1000) / 1000
   and (chain.idle_tried_at is null or chain.idle_tried_at <= now() - cast(:again as interval))
"""
IDLE_TIMES = {"after": IDLE_AFTER, "spread": _IDLE_SPREAD, "again": _IDLE_TRIED_AGAIN}


# Suspect chains that were not renewed in time.
SUSPECTED_FOR_LONG = "state = 'suspect' and suspect_since < now() - cast(:suspect_rests as interval)"


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

    The lease does not matter here: the successor of a token is unique, so even a late writer stores the right one. The
    chain is active then; only a spare one stays spare while another is active that is no worse.
    """
    result = session.execute(
        text(
            "update chain set refresh_token = :refresh, refresh_fingerprint = :fingerprint, access_token = :access,"
            " access_expires_at = :expires, lease_owner = null, lease_until = null, fails = 0,"
            " state = case when state = 'spare' and exists (select 1 from chain other"
            " where other.portal_id = chain.portal_id and other.application_id = chain.application_id"
            " and other.state = 'active' and other.is_admin >= chain.is_admin) then 'spare' else 'active' end,"
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
        text(f"update chain set state = 'dead' where {SUSPECTED_FOR_LONG}"),  # noqa: S608 - a condition
        {"suspect_rests": SUSPECT_RESTS},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def has_suspects(session: Session, portal_id: UUID) -> bool:
    """True while a suspect chain of the portal may still become active again."""
    query = text("select exists (select 1 from chain where portal_id = :portal and state = 'suspect')")
    return bool(session.execute(query, {"portal": portal_id}).scalar_one())


def idle(session: Session, *, most: int) -> list[str]:
    """The portals of idle chains that are to be renewed: the domain of each chain's portal, at most ``most``."""
    query = text(f"select portal.domain {IDLE} limit :most")
    return list(session.execute(query, {**IDLE_TIMES, "most": most}).scalars())


def claim_idle(session: Session, keyring: Keyring) -> OpenChain | None:
    """The chain that has been idle for longest, for the caller to renew: nobody else tries that for some days."""
    query = text(
        f"update chain set idle_tried_at = now() where id = (select chain.id {IDLE}"  # noqa: S608
        " order by coalesce(chain.used_at, chain.created_at) limit 1 for update of chain skip locked) returning id"
    )
    chain_id = session.execute(query, IDLE_TIMES).scalar_one_or_none()
    return None if chain_id is None else chains.read_again(session, keyring, chain_id)
