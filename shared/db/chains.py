"""Chains of tokens: which are kept for a portal, and which one it is read with. All tokens are stored sealed.

A chain is a pair of tokens and the pairs that replace it, one after another (``shared.db.renewals``). A portal may
have several chains for one application, because each person who opens it there brings one.
"""

from __future__ import annotations

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
            access_expires_at=expiry(session, tokens),
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
    row.access_expires_at = expiry(session, tokens)
    session.add(row)
    return row.id


def best(
    session: Session,
    keyring: Keyring,
    portal_id: UUID,
    *,
    application_id: UUID | None = None,
    without: Collection[UUID] = (),
) -> OpenChain | None:
    """The chain to read a portal with: an administrator's active one, else administrators' newest, else the newest.

    ``application_id``: only chains of this application.
    """
    query = (
        select(ChainRow)
        .where(
            ChainRow.portal_id == portal_id,
            col(ChainRow.state).in_(("active", "spare")),
            col(ChainRow.id).notin_(list(without)),
        )
        .order_by(text("state = 'active' and is_admin desc, is_admin desc, created_at desc"))
    )
    if application_id is not None:
        query = query.where(ChainRow.application_id == application_id)
    row = session.exec(query).first()
    return None if row is None else _opened(keyring, row)


def usable(session: Session, keyring: Keyring, portal_id: UUID, application_id: UUID) -> list[OpenChain]:
    """The chains of this application in this portal that are not dead."""
    query = select(ChainRow).where(
        ChainRow.portal_id == portal_id, ChainRow.application_id == application_id, ChainRow.state != "dead"
    )
    return [_opened(keyring, row) for row in session.exec(query).all()]


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


def erase_all(session: Session, portal_id: UUID) -> None:
    """All tokens of this portal are deleted."""
    session.execute(text("delete from chain where portal_id = :portal"), {"portal": portal_id})


def erase_of(session: Session, portal_id: UUID, application_id: UUID) -> None:
    """All tokens of this application in this portal are deleted."""
    session.execute(
        text("delete from chain where portal_id = :portal and application_id = :application"),
        {"portal": portal_id, "application": application_id},
    )


def expiry(session: Session, tokens: Tokens) -> datetime:
    """The time from which tokens that have just arrived count as expired: a little before they do expire."""
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
