"""An event on its way from the portal to everyone who asked for it."""

from __future__ import annotations

from tools.simulator.events.names import LIFECYCLE
from tools.simulator.events.news import News
from tools.simulator.events.wire import form_of
from tools.simulator.installation import Handler, Installation
from tools.simulator.portal_state import PortalState


def fire(portal: PortalState, news: News, installation: Installation | None = None) -> None:
    """The event is queued for every handler bound to it, or for those of one installation."""
    for known in [installation] if installation else list(portal.installations.values()):
        if not _is_told(portal, known, news.event):
            continue
        for handler in known.handlers:
            if handler.event == news.event and not handler.offline:
                portal.events.put(news.event, handler.url, form_of(portal, known, handler, news))


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
    if any(known.key == handler.key for known in installation.handlers):
        return False
    installation.handlers.append(handler)
    return True


def _is_told(portal: PortalState, installation: Installation, event: str) -> bool:
    """Nothing goes to an application that is not installed to the end, or not paid for."""
    if not installation.active or not installation.finished:
        return False
    paid = portal.switches.rest_available and not installation.payment_expired
    return paid or event in LIFECYCLE
