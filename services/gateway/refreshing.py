"""A refresh somebody in the frame asks for: the read under way if there is one, else a new one before all others."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from services.gateway.asking import PortalRemoved
from services.gateway.gateway import Gateway
from shared.db import jobs, portals
from shared.db.tables.portals import PortalRow
from shared.domain.portal import PortalState
from shared.domain.schedule import Lane
from shared.frame import FrameSession

# Anybody who may open the application may ask; however often he does, the portal is left this long in peace.
_BETWEEN_READS = timedelta(seconds=5)


def refresh(gateway: Gateway, asking: FrameSession) -> UUID:
    """The job that reads the portal. Raises PortalRemoved."""
    with gateway.db.session() as session:
        portal = session.get(PortalRow, asking.portal_id)
        if portal is None or portal.state == PortalState.REMOVED:
            raise PortalRemoved
        wait = timedelta(0)
        if portal.read_at is not None:
            wait = max(wait, portal.read_at + _BETWEEN_READS - portals.now(session))
        job_id = jobs.request_job(session, asking.portal_id, lane=Lane.WAITING, after=wait)
    gateway.bell.ring(job_id, portal.domain)
    return job_id
