"""Event handlers: an installation starts without them and an update may drop them, so reads check them.

Every installation has its own, also where a portal has several of our applications.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final
from uuid import UUID

from services.sync_worker.portal_access import BRIEF, access_of, open_portal
from services.sync_worker.renewing import renew
from services.sync_worker.worker import Worker
from shared.bitrix24 import events
from shared.bitrix24.access import Access
from shared.bitrix24.client import Bitrix24
from shared.bitrix24.pace import Pace
from shared.db import handlers
from shared.db.chains import OpenChain
from shared.db.handlers import Check
from shared.domain.errors import CrmapError, RequestRejected, RightsMissing, SubscriptionEnded, Transient
from shared.domain.events import NoEvents

# Scheduled reads are hours apart, so each of them checks; the many reads of a burst of events do not.
CHECK_EVERY = timedelta(hours=1)
# Checking those of another application than the one the portal is read with costs a renewal of its tokens, and
# applications that renew more often than they need to may be blocked (Bitrix24 documentation, OAuth 2.0).
_CHECK_OTHERS_EVERY = timedelta(days=1)
_PROBLEMS: Final[tuple[tuple[type[CrmapError], NoEvents], ...]] = (
    (Transient, NoEvents.NOT_ANSWERED),
    (SubscriptionEnded, NoEvents.PLAN),
    (RightsMissing, NoEvents.SCOPE),
    (RequestRejected, NoEvents.REFUSED),
    # There is no valid access to the application.
    (CrmapError, NoEvents.NO_ADMIN),
)

log = logging.getLogger(__name__)


def bind_missing(worker: Worker, portal: Bitrix24, chain: OpenChain, pace: Pace) -> None:
    """Missing event handlers of the portal's installations are bound, where a check is due.

    ``portal`` is open by this chain, which binds those of its own application. A portal that refuses is still read on
    schedule, so a refusal is only stored.
    """
    with worker.db.session(autocommit=True) as session:
        checks = handlers.begin_checks(
            session,
            chain.portal_id,
            chain.application_id,
            every=CHECK_EVERY,
            others_every=_CHECK_OTHERS_EVERY,
        )
    for check in checks:
        try:
            if check.application_id == chain.application_id:
                problem = _bound(worker, portal, chain)
            else:
                problem = _bound_by_its_own_chain(worker, chain.portal_id, check, pace)
        except CrmapError as error:
            log.warning("handlers.unchecked", extra={"portal_id": str(chain.portal_id), "error": error.code})
            problem = next(problem for kind, problem in _PROBLEMS if isinstance(error, kind))
        if problem is not NoEvents.NOT_ANSWERED:
            with worker.db.session() as session:
                handlers.end_check(session, check, problem)


def _bound_by_its_own_chain(worker: Worker, portal_id: UUID, check: Check, pace: Pace) -> NoEvents | None:
    opened = open_portal(worker, portal_id, application_id=check.application_id)
    chain = opened.chain
    if chain is None:
        return NoEvents.NO_ADMIN

    def renewed(_expired: Access) -> Access:
        return access_of(worker, portal_id, renew(worker, chain))

    with Bitrix24(
        opened.access, allow_private=worker.allow_private, patience=BRIEF, pace=pace, renew=renewed
    ) as portal:
        return _bound(worker, portal, chain)


def _bound(worker: Worker, portal: Bitrix24, chain: OpenChain) -> NoEvents | None:
    """Why the portal sends this application no events; ``None`` if it does."""
    if not chain.is_admin:
        return NoEvents.NO_ADMIN
    bound = events.bind_missing(portal, f"{worker.public_url}/bitrix24/events")
    facts = {"portal_id": str(chain.portal_id), "events": list(bound.added)}
    if bound.added:
        log.info("handlers.bound", extra=facts)
    if bound.problem is not None:
        log.warning("handlers.refused", extra={**facts, "reason": bound.problem})
    return bound.problem
