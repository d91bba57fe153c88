"""What a portal's administrators choose for their portal."""

from __future__ import annotations

from dataclasses import dataclass

from services.gateway.asking import PortalRemoved
from services.gateway.gateway import Gateway
from shared.db import audit
from shared.db.tables.portals import PortalRow
from shared.frame import FrameSession


@dataclass(frozen=True, slots=True)
class Choices:
    """``admins_only``: in the frame nobody but administrators sees what was read."""

    admins_only: bool


def choose(gateway: Gateway, asking: FrameSession, *, admins_only: bool | None) -> Choices:
    """What holds from now on; ``None`` leaves it as it is. Raises PortalRemoved."""
    with gateway.db.session() as session:
        portal = session.get(PortalRow, asking.portal_id, with_for_update=True)
        if portal is None:
            raise PortalRemoved
        if admins_only is not None and admins_only != portal.admins_only:
            portal.admins_only = admins_only
            actor = f"portal user {asking.user_id}"
            facts = {"admins_only": admins_only}
            audit.write(session, actor, "portal.settings_changed", portal_id=portal.id, facts=facts)
            session.add(portal)
        return Choices(admins_only=portal.admins_only)
