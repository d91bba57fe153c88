"""Sends events of the portal to the handlers that are bound to them."""

from __future__ import annotations

from tools.simulator.events.edit_events import PortalEvent
from tools.simulator.events.names import LIFECYCLE
from tools.simulator.events.wire import form_of
from tools.simulator.installation import Handler, Installation
from tools.simulator.portal_state import PortalState


def fire(portal: PortalState, event: PortalEvent, installation: Installation | None = None) -> None:
    """The event is queued for every handler bound to it, or for those of one installation."""
    for target in [installation] if installation else list(portal.installations.values()):
        if not _is_told(portal, target, event.name):
            continue
        for handler in target.handlers:
            if handler.event == event.name and not handler.offline:
                portal.events.put(event.name, handler.url, form_of(portal, target, handler, event))


def bind_lifecycle(portal: PortalState, installation: Installation) -> None:
    """Lifecycle events go to the address in the application's card, if there is one."""
    url = installation.application.events_url
    for event in ("ONAPPINSTALL", "ONAPPUPDATE", "ONAPPUNINSTALL", "ONAPPPAYMENT"):
        if url is not None and not any((row.event, row.url) == (event, url) for row in installation.handlers):
            bind(portal, installation, event, url)


def bind(
    portal: PortalState,
    installation: Installation,
    event: str,
    url: str,
    *,
    auth_type: int = 0,
    offline: bool = False,
) -> bool:
    """True if the handler is bound now and was not before."""
    handler = Handler(portal.crm.next_id("event handler", at_least=31), event, url, auth_type, offline)
    if any(bound.key == handler.key for bound in installation.handlers):
        return False
    installation.handlers.append(handler)
    return True


def _is_told(portal: PortalState, installation: Installation, event: str) -> bool:
    """False when the application is removed or not finished. Unpaid, it gets lifecycle events only."""
    if not installation.active or not installation.finished:
        return False
    paid = portal.switches.rest_available and not installation.payment_expired
    return paid or event in LIFECYCLE
