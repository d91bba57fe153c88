"""Erasing a portal at its administrator's wish: everything that was read of it, its links and its tokens."""

from __future__ import annotations

import logging

from services.gateway.gateway import Gateway
from shared.db import audit, portals
from shared.domain.refusals import PortalRemoved
from shared.frame import FrameSession

log = logging.getLogger(__name__)


def erase(gateway: Gateway, caller: FrameSession) -> None:
    """Nothing of the portal is stored any more; the next opening starts from nothing. Raises PortalRemoved."""
    with gateway.db.session() as session:
        if portals.by_id(session, caller.portal_id) is None:
            raise PortalRemoved
        audit.write(session, f"portal user {caller.user_id}", "portal.erased", portal_id=caller.portal_id)
        portals.erase(session, caller.portal_id)
    log.info("portal.erased", extra={"portal_id": str(caller.portal_id)})
