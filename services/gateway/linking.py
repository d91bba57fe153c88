"""Linking: a portal's administrator pastes a cabinet's token, sees whose cabinet it is, and confirms.

A stranger could send his own token with "paste this to activate". So nothing is linked before the page has shown the
receiver, and a confirmation is valid for this token, portal and person only. Tokens cannot be guessed: they are long,
and wrong ones are counted in the database; without the database no token is checked. Wrong tokens of others keep out
nobody who has typed none.
"""

from __future__ import annotations

import hmac
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from services.gateway import metrics
from services.gateway.gateway import Gateway
from shared.db import limits, links, portals, refreshing
from shared.db.limits import Counter, Limit, keyed
from shared.db.links import LinkedCabinet, Receiver
from shared.db.sealed import Keyring
from shared.domain import link_token
from shared.domain.errors import Refused
from shared.domain.refusals import PortalRemoved, TooManyAccounts, TooManyTries
from shared.frame import FrameSession

# How many wrong tokens are allowed: for one person, for one portal, from one place, for everybody together.
_PER_PERSON = Limit(5, timedelta(minutes=10))
_PER_PORTAL = Limit(30, timedelta(hours=1))
_PER_PLACE = Limit(60, timedelta(hours=1))
_IN_ALL = Limit(300, timedelta(hours=1))
PREVIEW_LIVES = timedelta(minutes=10)

log = logging.getLogger(__name__)


class LinkTokenUnknown(Refused):
    """The token is mistyped, was never issued, was replaced, or its cabinet is gone; the answer does not say which."""

    code = "link_token_unknown"
    status = 404


class PreviewRequired(Refused):
    """The person was not shown whose cabinet it is, or too long ago."""

    code = "preview_required"
    status = 409


@dataclass(frozen=True, slots=True)
class Preview:
    """The cabinet a token belongs to, and the nonce that confirms that it was shown."""

    receiver: Receiver
    nonce: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Linked:
    """The portal is now an account of this cabinet; ``job_id`` is the read under way."""

    account_id: UUID
    receiver: Receiver
    is_new: bool
    job_id: UUID


def preview(gateway: Gateway, caller: FrameSession, place: str, typed: str) -> Preview:
    """The cabinet the typed token belongs to; ``place`` is where the request comes from (``web.network_of``).

    Raises LinkTokenUnknown, TooManyTries.
    """
    token, receiver = _receiver_of(gateway, caller, place, typed)
    with gateway.db.session() as session:
        until = int((portals.now(session) + PREVIEW_LIVES).timestamp())
    return Preview(receiver, _nonce(gateway.db.keyring, caller, token, until))


def link(gateway: Gateway, caller: FrameSession, place: str, typed: str, nonce: str) -> Linked:
    """The portal is an account of the token's cabinet, and is read at once.

    Raises LinkTokenUnknown, TooManyTries, TooManyAccounts, PortalRemoved, and PreviewRequired without the nonce of a
    preview of the same token.
    """
    token, receiver = _receiver_of(gateway, caller, place, typed)
    with gateway.db.session() as session:
        if not _confirms(gateway.db.keyring, caller, token, nonce, now=portals.now(session)):
            raise PreviewRequired
        account = links.link(
            session, gateway.db.keyring, token, portal_id=caller.portal_id, user_id=caller.user_id
        )
        if account is None:
            # The token was replaced between the two queries.
            raise LinkTokenUnknown
        if account.is_new and receiver.accounts >= gateway.most_accounts:
            raise TooManyAccounts(most=str(gateway.most_accounts))
        job_id = refreshing.request(session, caller.portal_id)
        if job_id is None:
            raise PortalRemoved
    gateway.bell.ring(job_id)
    if account.is_new:
        metrics.LINKS.inc()
    return Linked(account.id, receiver, account.is_new, job_id)


def linked_cabinets(gateway: Gateway, caller: FrameSession) -> list[LinkedCabinet]:
    """The cabinets that see the portal."""
    with gateway.db.session() as session:
        return links.linked_cabinets(session, caller.portal_id)


def unlink(gateway: Gateway, caller: FrameSession, account_id: UUID) -> bool:
    """The account's cabinet no longer sees the portal; False when the account is not this portal's."""
    with gateway.db.session() as session:
        return links.unlink(session, account_id, portal_id=caller.portal_id, user_id=caller.user_id)


def _receiver_of(gateway: Gateway, caller: FrameSession, place: str, typed: str) -> tuple[str, Receiver]:
    """The token and its cabinet. A wrong token is counted in the same transaction that finds it wrong."""
    token = link_token.normalised(typed)
    with gateway.db.session() as session:
        own, shared = _counters(gateway.db.keyring, caller, place)
        wait = limits.wait_for(session, own, shared)
        if wait is not None:
            log.error("link_token.guessing", extra={"portal_id": str(caller.portal_id)})
            raise TooManyTries.after(wait)
        receiver = None if token is None else links.receiver(session, gateway.db.keyring, token)
        if receiver is None:
            limits.fail(session, (*own, *shared))
    if token is None or receiver is None:
        metrics.WRONG_LINK_TOKENS.inc()
        raise LinkTokenUnknown
    return token, receiver


def _counters(
    keyring: Keyring, caller: FrameSession, place: str
) -> tuple[tuple[Counter, ...], tuple[Counter, ...]]:
    """The person's and the portal's own counters, and those he shares with people of other portals."""
    portal = f"link token {caller.portal_id}"
    own = (Counter(f"{portal} {caller.user_id}", _PER_PERSON), Counter(portal, _PER_PORTAL))
    return own, (
        Counter(keyed(keyring, "link tokens of place", place), _PER_PLACE),
        Counter("link tokens", _IN_ALL),
    )


def _nonce(keyring: Keyring, caller: FrameSession, token: str, until: int) -> str:
    message = f"link preview 1|{token}|{caller.portal_id}|{caller.user_id}|{until}"
    return f"{until}.{keyring.signature(message)}"


def _confirms(keyring: Keyring, caller: FrameSession, token: str, nonce: str, *, now: datetime) -> bool:
    until, _, _ = nonce.partition(".")
    if not nonce.isascii() or not until.isdigit() or len(until) > 12 or int(until) <= now.timestamp():
        return False
    return hmac.compare_digest(nonce, _nonce(keyring, caller, token, int(until)))
