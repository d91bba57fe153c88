"""Opening a portal: the access a read goes by, from the best chain of tokens there is, or from a webhook."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from services.sync_worker.renewing import renew
from services.sync_worker.worker import Worker
from shared.bitrix24.access import Access, parse_webhook
from shared.bitrix24.oauth import host_of
from shared.db import chains, portals
from shared.db.chains import OpenChain
from shared.db.jobs import LeaseLost
from shared.db.tables.portals import PortalRow
from shared.domain.errors import AccessLost, RenewalUnderWay


@dataclass(frozen=True, slots=True)
class Opened:
    """A portal ready to be read. ``chain`` is ``None`` for a webhook."""

    portal_id: UUID
    access: Access
    chain: OpenChain | None


def open_portal(worker: Worker, portal_id: UUID, *, without: Collection[UUID] = ()) -> Opened:
    """Access to the portal, by a chain not in ``without``, its token in force.

    A chain whose renewal is refused gives way to the next. Raises AccessLost when none is left, RenewalUnderWay when
    one may still come back, and the errors of renewal.
    """
    keyring = worker.db.keyring
    while True:
        with worker.db.session() as session:
            portal = session.get(PortalRow, portal_id)
            if portal is None:
                raise LeaseLost
            if portal.webhook is not None:
                url = keyring.open(portal.webhook, row=portal.id, column="webhook")
                return Opened(portal_id, parse_webhook(url, allow_private=worker.allow_private), None)
            chain = chains.best(session, keyring, portal_id, without=without)
            if chain is None and chains.has_suspects(session, portal_id):
                raise RenewalUnderWay
            is_expired = chain is not None and chain.expires_at <= portals.now(session)
        if chain is None:
            raise AccessLost(error="no administrator's access is left")
        try:
            chain = renew(worker, chain) if is_expired else chain
        except AccessLost:
            without = {*without, chain.id}
        else:
            return Opened(portal_id, access_of(worker, portal_id, chain), chain)


def access_of(worker: Worker, portal_id: UUID, chain: OpenChain) -> Access:
    """The access a chain gives, at the address the authorization server named last."""
    with worker.db.session() as session:
        endpoint = session.get_one(PortalRow, portal_id).endpoint
    if endpoint is None:
        raise AccessLost(error="the portal's address is not known")
    return Access(
        endpoint=endpoint, host=host_of(endpoint), user_id=chain.b24_user_id, token=chain.access_token
    )
