"""Renewing tokens: exactly one renewal per expiry, stored as soon as it is received."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from services.sync_worker.metrics import TOKEN_RENEWALS
from services.sync_worker.worker import Worker
from shared.bitrix24 import oauth
from shared.contracts.tasks import WorkKind
from shared.db import applications, audit, chains, portal_states, portals, renewals
from shared.db.applications import Credentials
from shared.db.chains import OpenChain
from shared.db.jobs import LeaseLost
from shared.domain.errors import AccessLost, ClientRefused, CrmapError, RenewalUnderWay, Transient
from shared.domain.tokens import RenewedTokens

# How long a worker waits for another worker's renewal of the same chain before its job is put off.
_WAITS_S = (0.2, 0.3, 0.5, 1.0, 1.5, 1.5)
# The pause before a second try with the same token, in case only the answer was lost.
_SECOND_TRY_S = 5.0

log = logging.getLogger(__name__)


def renew(worker: Worker, chain: OpenChain) -> OpenChain:
    """The chain with valid tokens, renewed by this process or by another one that was first.

    Raises RenewalUnderWay, the errors of the authorization server, and AccessLost when the chain is refused. The chain
    is then only suspect, because a renewal whose answer was lost looks the same.
    """
    with worker.db.session() as session:
        is_ours = renewals.lease_renewal(session, chain, owner=worker.name)
    if not is_ours:
        return _renewed_by_another(worker, chain)
    with worker.db.session() as session:
        portal = portals.one(session, worker.db.keyring, chain.portal_id)
        candidates = applications.credentials(session, worker.db.keyring, chain.application_id)
    if portal is None:
        raise LeaseLost
    answer, used = _ask(worker, candidates, chain)
    # Nothing may stand between the answer and this commit: the token that was used is spent.
    with worker.db.session() as session:
        is_of_this_portal = answer.member_id == portal.member_id
        if is_of_this_portal:
            renewals.store_renewed(session, worker.db.keyring, chain, answer.tokens)
            if lost_scopes := sorted(chain.scopes - answer.tokens.scopes) if answer.tokens.scopes else []:
                audit.write(
                    session, "worker", "rights.reduced", portal_id=portal.id, facts={"scopes": lost_scopes}
                )
        else:
            renewals.suspect(session, worker.db.keyring, chain)
            audit.write(session, "worker", "tokens.of_another_portal", portal_id=portal.id)
    if not used.is_proven:
        with worker.db.session() as session:
            applications.prove(session, used.application_id)
    if not is_of_this_portal:
        raise AccessLost(error="tokens of another portal")
    TOKEN_RENEWALS.labels("renewed").inc()
    log.info("tokens.renewed", extra={"portal_id": str(portal.id)})
    with worker.db.session() as session:
        portal_states.authorization_answers(session, used.application_id)
    _follow_rename(worker, portal.id, answer)
    return _current(worker, chain)


def renew_idle(worker: Worker) -> str | None:
    """The spare tokens nothing has used for longest are renewed, or are to be tried again some days later.

    Returns what came of it, for Flower; ``None`` when no tokens are idle.
    """
    with worker.db.session() as session:
        chain = renewals.claim_idle(session, worker.db.keyring)
    if chain is None:
        return None
    about = {"portal_id": str(chain.portal_id)}
    try:
        renew(worker, chain)
    except (CrmapError, LeaseLost) as error:
        code = error.code if isinstance(error, CrmapError) else type(error).__name__
        log.warning("tokens.not_kept", extra={**about, "error": code})
        return f"{WorkKind.TOKENS}: not renewed, {code}"
    return f"{WorkKind.TOKENS}: renewed"


def _ask(
    worker: Worker, candidates: Sequence[Credentials], chain: OpenChain
) -> tuple[RenewedTokens, Credentials]:
    """The authorization server's answer, and the credentials it accepted.

    After a refusal or a failure the lease of the renewal is released.
    """
    try:
        return _ask_with_each(worker, candidates, chain)
    except CrmapError as error:
        TOKEN_RENEWALS.labels(error.code).inc()
        with worker.db.session() as session:
            if isinstance(error, AccessLost):
                renewals.suspect(session, worker.db.keyring, chain)
            else:
                renewals.release_renewal(session, chain, owner=worker.name)
        raise


def _ask_with_each(
    worker: Worker, candidates: Sequence[Credentials], chain: OpenChain
) -> tuple[RenewedTokens, Credentials]:
    """A refused secret does not use up the token, so the next one can be tried with it."""
    *earlier, last = candidates
    for one in earlier:
        with suppress(ClientRefused):
            return _ask_twice(worker, one, chain), one
    return _ask_twice(worker, last, chain), last


def _ask_twice(worker: Worker, used: Credentials, chain: OpenChain) -> RenewedTokens:
    application = oauth.Application(used.client_id, used.secret)
    try:
        return oauth.renew(worker.http, worker.oauth_servers, application, chain.refresh_token)
    except Transient:
        worker.stopping.wait(_SECOND_TRY_S)
        return oauth.renew(worker.http, worker.oauth_servers, application, chain.refresh_token)


def _renewed_by_another(worker: Worker, chain: OpenChain) -> OpenChain:
    for wait_s in _WAITS_S:
        current = _current(worker, chain)
        if current.expires_at != chain.expires_at:
            return current
        time.sleep(wait_s)
    raise RenewalUnderWay


def _current(worker: Worker, chain: OpenChain) -> OpenChain:
    with worker.db.session() as session:
        current = chains.read_again(session, worker.db.keyring, chain.id)
    if current is None:
        raise AccessLost(error="invalid_grant")
    return current


def _follow_rename(worker: Worker, portal_id: UUID, answer: RenewedTokens) -> None:
    """The portal's current address is stored. It is the answer's endpoint; ``domain`` is that of the server itself."""
    if answer.endpoint is None:
        return
    with worker.db.session() as session:
        portals.rename(session, portal_id, oauth.host_of(answer.endpoint), answer.endpoint)
