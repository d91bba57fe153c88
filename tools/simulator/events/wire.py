"""An event as it goes over the wire: flat names in PHP's brackets, every value a text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tools.simulator.events.edit_events import PortalEvent
from tools.simulator.events.names import usual_auth
from tools.simulator.installation import Handler, Installation
from tools.simulator.portal_state import PortalState


def form_of(
    portal: PortalState, installation: Installation, handler: Handler, event: PortalEvent
) -> dict[str, str]:
    """The form for this handler. Its token is of the user that the handler names, or of the one who caused it."""
    shown: dict[str, Any] = {"event": event.name}
    if portal.switches.event_handler_ids:
        shown["event_handler_id"] = handler.id
    shown |= {"data": event.data, "ts": int(portal.clock())}
    if auth := _auth(portal, installation, event.name, handler.auth_type or event.user_id):
        shown["auth"] = auth
    return dict(_flat(shown))


def _flat(value: Mapping[str, Any], name: str = "") -> Iterator[tuple[str, str]]:
    """As PHP's ``http_build_query``: nothing is left of null and of empty arrays."""
    for key, inner in value.items():
        path = f"{name}[{key}]" if name else str(key)
        if isinstance(inner, Mapping):
            yield from _flat(inner, path)
        elif isinstance(inner, list | tuple):
            yield from _flat({str(place): item for place, item in enumerate(inner)}, path)
        elif inner is not None:
            yield path, str(int(inner)) if isinstance(inner, bool) else str(inner)


def _auth(portal: PortalState, installation: Installation, event: str, user_id: int | None) -> dict[str, Any]:
    kind = portal.switches.event_auth.get(event) or usual_auth(event)
    if kind == "none":
        return {}
    portal_facts: dict[str, Any] = {
        "domain": portal.domain,
        "server_endpoint": portal.server_endpoint,
        "client_endpoint": portal.endpoint,
        "member_id": portal.member_id,
    }
    if kind == "short" or user_id is None:
        return portal_facts | {"application_token": installation.application_token}
    chain = portal.open_chain(installation, user_id, origin="event", renewable=kind == "full")
    return {
        "access_token": chain.access_token,
        "expires": int(chain.access_expires_at),
        "expires_in": int(portal.authority.chains.access_lives_s),
        "scope": portal.switches.event_scope_separator.join(chain.scopes),
        **portal_facts,
        "status": installation.application.status,
        "user_id": user_id,
        **({"refresh_token": chain.refresh_token} if kind == "full" else {}),
        "application_token": installation.application_token,
    }
