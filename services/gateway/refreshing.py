"""A refresh that a person in the frame asks for: the read under way, else a new read before all others."""

from __future__ import annotations

from uuid import UUID

from services.gateway.gateway import Gateway
from shared.db import portals, refreshing
from shared.domain.errors import AccessLost
from shared.domain.portal import PortalKind, needs_opening
from shared.domain.refusals import PortalRemoved
from shared.frame import FrameSession


def refresh(gateway: Gateway, caller: FrameSession) -> UUID:
    """The id of the job that reads the portal. Raises PortalRemoved, and AccessLost where only an opening helps."""
    with gateway.db.session() as session:
        portal = portals.shown(session, caller.portal_id)
        if portal is not None and needs_opening(PortalKind.APP, portal.problem):
            raise AccessLost
        job_id = refreshing.request(session, caller.portal_id)
    if job_id is None:
        raise PortalRemoved
    gateway.bell.ring(job_id)
    return job_id
