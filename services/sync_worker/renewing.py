"""Renewing tokens: exactly one renewal per expiry, saved the moment it exists, whatever happens next."""

from __future__ import annotations

import logging
import time
from uuid import UUID

from services.sync_worker.worker import Worker
from shared.bitrix24 import oauth
from shared.db import audit, chains, portals
from shared.db.chains import OpenChain
from shared.db.tables.portals import ApplicationRow, PortalRow
from shared.domain.errors import AccessLost, RenewalUnderWay, Transient
from shared.domain.tokens import RenewedTokens

# A worker waits this long for another's renewal of the same chain; then its job is put off instead.
_WAITS_S = (0.2, 0.3, 0.5, 1.0, 1.5, 1.5)
# The second try with the same token, in case only the answer was lost on the way.
_SECOND_TRY_S = 5.0

log = logging.getLogger(__name__)


def renew(worker: Worker, chain: OpenChain) -> OpenChain:
    """The chain with tokens in force, renewed by this process or by whoever was first.

    Raises RenewalUnderWay, the errors of the authorization server, and AccessLost when the chain is refused; it is
    under suspicion then, because a renewal whose answer was lost looks the same.
    """
    with worker.db.session() as session:
        ours = chains.lease_renewal(session, chain, owner=worker.name)
    if not ours:
        return _renewed_by_another(worker, chain)
    with worker.db.session() as session:
        application = session.get_one(ApplicationRow, chain.application_id)
        portal = session.get_one(PortalRow, chain.portal_id)
        secret = worker.db.keyring.open(application.client_secret, row=application.id, column="client_secret")
    try:
        answer = _ask(worker, oauth.Application(application.client_id, secret), chain)
    except AccessLost:
        with worker.db.session() as session:
            chains.suspect(session, worker.db.keyring, chain)
        raise
    # Nothing may stand between the answer and this commit: the token that was used is spent.
    with worker.db.session() as session:
        if answer.member_id != portal.member_id:
            chains.suspect(session, worker.db.keyring, chain)
            audit.write(session, "worker", "tokens.of_another_portal", portal_id=portal.id)
            strange = True
        else:
            chains.store_renewed(session, worker.db.keyring, chain, answer.tokens)
            if lost := sorted(chain.scopes - answer.tokens.scopes) if answer.tokens.scopes else []:
                audit.write(session, "worker", "rights.reduced", portal_id=portal.id, facts={"scopes": lost})
            strange = False
    if strange:
        raise AccessLost(error="tokens of another portal")
    log.info("tokens.renewed", extra={"portal_id": str(portal.id)})
    _follow_rename(worker, portal.id, answer)
    return _current(worker, chain)


def _ask(worker: Worker, application: oauth.Application, chain: OpenChain) -> RenewedTokens:
    try:
        return oauth.renew(worker.http, worker.oauth_servers, application, chain.refresh_token)
    except Transient:
        worker.stopping.wait(_SECOND_TRY_S)
        return oauth.renew(worker.http, worker.oauth_servers, application, chain.refresh_token)


def _renewed_by_another(worker: Worker, chain: OpenChain) -> OpenChain:
    for wait_s in _WAITS_S:
        now = _current(worker, chain)
        if now.expires_at != chain.expires_at:
            return now
        time.sleep(wait_s)
    raise RenewalUnderWay


def _current(worker: Worker, chain: OpenChain) -> OpenChain:
    with worker.db.session() as session:
        now = chains.read_again(session, worker.db.keyring, chain.id)
    if now is None:
        raise AccessLost(error="invalid_grant")
    return now


def _follow_rename(worker: Worker, portal_id: UUID, answer: RenewedTokens) -> None:
    """The authorization server names the portal's address of today; ``domain`` in its answer is its own."""
    if answer.endpoint is None:
        return
    domain = oauth.host_of(answer.endpoint)
    with worker.db.session() as session:
        portal = session.get_one(PortalRow, portal_id)
        if portals.named(portal, domain, answer.endpoint):
            audit.write(session, "worker", "portal.renamed", portal_id=portal_id, facts={"domain": domain})
        session.add(portal)
