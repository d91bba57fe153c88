"""A refresh that a person in the frame asks for: the read under way, else a new read before all others."""

from __future__ import annotations

from uuid import UUID

from services.gateway.gateway import Gateway
from shared.db import refreshing
from shared.domain.refusals import PortalRemoved
from shared.frame import FrameSession


def refresh(gateway: Gateway, caller: FrameSession) -> UUID:
    """The id of the job that reads the portal. Raises PortalRemoved."""
    with gateway.db.session() as session:
        job_id = refreshing.request(session, caller.portal_id)
    if job_id is None:
        raise PortalRemoved
    gateway.bell.ring(job_id)
    return job_id
