"""A refresh somebody in the frame asks for: the read under way if there is one, else a new one before all others."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from services.gateway.gateway import Gateway
from shared.db import refreshing
from shared.domain.refusals import PortalRemoved
from shared.frame import FrameSession

# Anybody who may open the application may ask; however often he does, the portal is left this long in peace.
_BETWEEN_READS = timedelta(seconds=5)


def refresh(gateway: Gateway, caller: FrameSession) -> UUID:
    """The job that reads the portal. Raises PortalRemoved."""
    with gateway.db.session() as session:
        job_id = refreshing.request(session, caller.portal_id, pause=_BETWEEN_READS)
    if job_id is None:
        raise PortalRemoved
    gateway.bell.ring(job_id)
    return job_id
