"""The access a portal is read with: from the best chain of tokens, or from a webhook."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from services.sync_worker.renewing import renew
from services.sync_worker.worker import Worker
from shared.bitrix24.access import Access, parse_webhook
from shared.bitrix24.client import Patience
from shared.bitrix24.oauth import host_of
from shared.db import chains, portals, renewals, snapshots
from shared.db.chains import OpenChain
from shared.db.jobs import LeaseLost
from shared.db.portals import PortalToRead
from shared.db.snapshots import Known
from shared.domain.errors import AccessLost, RenewalUnderWay

# For small questions: whoever sends an event names the portal, and handlers are checked in a slot that reads need.
BRIEF = Patience(connect_s=3, idle_s=8, total_s=8, silence_s=10, pauses_s=(), rate_pauses_s=(1, 2))


@dataclass(frozen=True, slots=True)
class PortalAccess:
    """A portal with an access that is valid now, and what is known of it. ``chain`` is ``None`` for a webhook."""

    portal: PortalToRead
    known: Known
    access: Access
    chain: OpenChain | None


def open_portal(
    worker: Worker, portal_id: UUID, *, application_id: UUID | None = None, without: Collection[UUID] = ()
) -> PortalAccess:
    """The portal and a valid access to it, by a chain of this application or any, that is not in ``without``.

    If a chain's renewal is refused, the next one is tried. Raises AccessLost when none is left, RenewalUnderWay when
    a suspect chain may still become active again, and the errors of renewal.
    """
    while True:
        with worker.db.session(autocommit=True) as session:
            portal = portals.one(session, worker.db.keyring, portal_id)
            if portal is None:
                raise LeaseLost
            known = snapshots.known(session, portal_id)
            if portal.webhook_url is not None:
                access = parse_webhook(portal.webhook_url, allow_private=worker.allow_private)
                return PortalAccess(portal, known, access, None)
            chain = chains.best(
                session, worker.db.keyring, portal_id, application_id=application_id, without=without
            )
            # A chain that was refused in this very read is no reason to hope, so the loss is named at once.
            if chain is None and not without and renewals.has_suspects(session, portal_id):
                raise RenewalUnderWay
            is_expired = chain is not None and renewals.is_expired(session, chain)
        if chain is None:
            raise AccessLost(error="no administrator's access is left")
        if not is_expired:
            return PortalAccess(portal, known, _access(portal, chain), chain)
        try:
            chain = renew(worker, chain)
        except AccessLost:
            without = {*without, chain.id}
        else:
            return PortalAccess(portal, known, access_of(worker, portal_id, chain), chain)


def access_of(worker: Worker, portal_id: UUID, chain: OpenChain) -> Access:
    """The access a chain gives, at the last address the authorization server named."""
    with worker.db.session(autocommit=True) as session:
        portal = portals.one(session, worker.db.keyring, portal_id)
    if portal is None:
        raise LeaseLost
    return _access(portal, chain)


def _access(portal: PortalToRead, chain: OpenChain) -> Access:
    if portal.endpoint is None:
        raise AccessLost(error="the portal's address is not known")
    return Access(
        endpoint=portal.endpoint,
        host=host_of(portal.endpoint),
        user_id=chain.b24_user_id,
        token=chain.access_token,
    )
