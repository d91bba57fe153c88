"""Binding handlers to events: for applications only, each sees its own."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from tools.simulator.answers import Answer, Refusal
from tools.simulator.calling import Call
from tools.simulator.events.edit_events import PortalEvent
from tools.simulator.events.firing import bind, fire
from tools.simulator.events.names import SCOPES
from tools.simulator.installation import Installation
from tools.simulator.method import Method
from tools.simulator.php import loose_int, yes


def event_bind(call: Call) -> Answer:
    installation, event = _installation(call), _event(call)
    url, offline = str(call.loose("handler") or ""), call.loose("event_type") == "offline"
    user, auth_type = call.caller.user, loose_int(call.loose("auth_type") or 0)
    if not user.admin and (offline or auth_type not in (0, user.id)):
        raise Refusal(403, "ACCESS_DENIED", "Access denied! Only administrators may bind for others")
    if not offline:
        _require_address(call, url)
    # Handlers of people without administrator's rights work with their own tokens.
    auth_type = auth_type or (0 if user.admin else user.id)
    if not bind(call.portal, installation, event, url, auth_type=auth_type, offline=offline):
        raise Refusal(400, "ERROR_CORE", "Unable to set event handler: Handler already binded")
    return Answer(result=True)


def event_unbind(call: Call) -> Answer:
    installation, event = _installation(call), str(call.loose("event") or "").upper()
    url, offline = call.loose("handler"), call.loose("event_type") == "offline"
    auth_type = call.loose("auth_type")
    gone = [
        row
        for row in installation.handlers
        if (row.event, row.offline) == (event, offline)
        and (offline or row.url == url)
        and auth_type in (None, "", row.auth_type, str(row.auth_type))
        and _sees(call, row.auth_type)
    ]
    installation.handlers = [row for row in installation.handlers if row not in gone]
    return Answer({"count": len(gone)})


def event_get(call: Call) -> Answer:
    rows: list[dict[str, Any]] = [
        {"event": row.event, "connector_id": "", "offline": 1}
        if row.offline
        else {"event": row.event, "handler": row.url, "auth_type": str(row.auth_type), "offline": 0}
        for row in _installation(call).handlers
        if _sees(call, row.auth_type)
    ]
    return Answer(call.unordered(rows))


def event_test(call: Call) -> Answer:
    event = PortalEvent("ONAPPTEST", {"QUERY": call.params}, call.caller.user.id)
    fire(call.portal, event, _installation(call))
    return Answer(result=True)


def events(call: Call) -> Answer:
    event_names = [event for event in SCOPES if event not in call.portal.switches.missing_events]
    if yes(call.loose("full")):
        return Answer(event_names)
    scope = call.loose("scope")
    if isinstance(scope, str) and scope:
        return Answer([event for event in event_names if scope in SCOPES[event]])
    return Answer([event for event in event_names if call.caller.may_use(SCOPES[event])])


def _installation(call: Call) -> Installation:
    """The installation of the calling application. Raises Refusal for a webhook."""
    app = call.caller.app
    if app is None:
        raise Refusal(403, "WRONG_AUTH_TYPE", "Current authorization type is denied for this method")
    return call.portal.installations[app.client_id]


def _event(call: Call) -> str:
    """The event named, if the caller may have it. Raises Refusal."""
    event = str(call.loose("event") or "").upper()
    hidden = event in call.portal.switches.missing_events
    if event not in SCOPES or hidden or not call.caller.may_use(SCOPES[event]):
        raise Refusal(400, "ERROR_EVENT_NOT_FOUND", "Event not found")
    return event


def _require_address(call: Call, url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise Refusal(400, "ERROR_UNSUPPORTED_PROTOCOL", "Unsupported event handler protocol")
    if not parts.hostname or ("." not in parts.hostname and not call.portal.switches.local_handlers):
        raise Refusal(400, "ERROR_WRONG_HANDLER_URL", "Wrong handler URL")


def _sees(call: Call, auth_type: int) -> bool:
    return call.caller.user.admin or auth_type == call.caller.user.id


METHODS = {
    "event.bind": Method(event_bind),
    "event.unbind": Method(event_unbind),
    "event.get": Method(event_get),
    "event.test": Method(event_test),
    "events": Method(events),
}
