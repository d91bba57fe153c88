"""Event handlers: an update of the application may drop them, so they are checked every hour."""

from __future__ import annotations

import logging
from datetime import timedelta

from services.sync_worker.worker import Worker
from shared.bitrix24 import events
from shared.bitrix24.client import Bitrix24
from shared.db import installations
from shared.db.chains import OpenChain
from shared.domain.errors import CrmapError

# Scheduled reads are hours apart, so each of them checks; the many reads of a burst of events do not.
_CHECK_EVERY = timedelta(hours=1)

log = logging.getLogger(__name__)


def bind_missing(worker: Worker, portal: Bitrix24, chain: OpenChain) -> None:
    """Missing event handlers are bound in the portal. Checked once an hour and after each installation or update.

    A portal that refuses is still read on schedule, so a refusal is only logged.
    """
    if not chain.is_admin:
        return
    with worker.db.session() as session:
        installation_id = installations.with_unchecked_handlers(
            session, chain.portal_id, chain.application_id, every=_CHECK_EVERY
        )
    if installation_id is None:
        return
    try:
        bound_events = events.bind_missing(portal, f"{worker.public_url}/bitrix24/events")
    except CrmapError as error:
        log.warning("handlers.unchecked", extra={"portal_id": str(chain.portal_id), "error": error.code})
        return
    with worker.db.session() as session:
        installations.handlers_checked(session, installation_id)
    if bound_events:
        log.info("handlers.bound", extra={"portal_id": str(chain.portal_id), "events": list(bound_events)})
