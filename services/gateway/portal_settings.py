"""The settings of a portal; its administrators change them in the frame."""

from __future__ import annotations

from dataclasses import dataclass

from services.gateway.gateway import Gateway
from shared.db import audit, portals
from shared.domain.refusals import PortalRemoved
from shared.frame import FrameSession


@dataclass(frozen=True, slots=True)
class PortalSettings:
    """``admins_only``: in the frame nobody but administrators sees what was read."""

    admins_only: bool


def change(gateway: Gateway, caller: FrameSession, *, admins_only: bool | None) -> PortalSettings:
    """Returns the settings after the change; ``None`` leaves a setting as it is. Raises PortalRemoved."""
    with gateway.db.session() as session:
        portal = portals.by_id(session, caller.portal_id, lock=True)
        if portal is None:
            raise PortalRemoved
        if admins_only is not None and admins_only != portal.admins_only:
            portals.set_admins_only(session, portal.id, admins_only=admins_only)
            actor = f"portal user {caller.user_id}"
            facts = {"admins_only": admins_only}
            audit.write(session, actor, "portal.settings_changed", portal_id=portal.id, facts=facts)
        return PortalSettings(admins_only=portal.admins_only if admins_only is None else admins_only)
