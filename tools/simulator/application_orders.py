"""What the people of a portal can be told to do with applications, under ``/_control`` as well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from tools.simulator.applications import Application
from tools.simulator.cloud_state import CloudState
from tools.simulator.installation import Installation
from tools.simulator.orders import BadOrder, as_object, typed
from tools.simulator.portal import SimulatedPortal

_WHO = int | str
_REGISTERING = {
    **dict.fromkeys(("handler_url", "client_id", "secret", "title", "kind", "status"), str),
    **dict.fromkeys(("installer_url", "events_url"), str | None),
    "scopes": list,
}
_INSTALLING = {"by": _WHO, "page": bool, "event": bool, "new_token": bool, "scopes": list}
_OPENING = {
    "user": _WHO,
    "placement": str,
    "options": dict,
    "language": str,
    "scopes": list,
    "page": bool,
}


def register(cloud: CloudState, order: Any) -> dict[str, object]:
    """``{"handler_url": "…", "kind": "local"}`` registers an application; its card. Raises BadOrder, ValueError."""
    wanted = typed(order, "application", _REGISTERING)
    if "handler_url" not in wanted:
        raise BadOrder("application: handler_url is missing")
    return cloud.register_application(**wanted).as_dict()


def _application(
    portal: SimulatedPortal, order: Any, what: str, types: dict[str, Any]
) -> tuple[Application, Any]:
    """The application an order names and the rest of it; if only one is registered, nobody has to name it."""
    wanted = typed(order, what, {"application": str, **types})
    known = portal.authority.applications
    named = wanted.pop("application", None)
    if named is None and len(only := list(known)) == 1:
        return only[0], wanted
    found = known.by_client_id(str(named))
    if found is None:
        choice = ", ".join(application.client_id for application in known) or "none"
        raise BadOrder(f"{what}: no application {named!r}, there are: {choice}")
    return found, wanted


def _shown(installation: Installation) -> dict[str, Any]:
    return {
        "client_id": installation.application.client_id,
        "application_token": installation.application_token,
        "version": installation.version,
        "finished": installation.finished,
        "active": installation.active,
        "payment_expired": installation.payment_expired,
        "handlers": [asdict(handler) for handler in installation.handlers],
    }


def _install(portal: SimulatedPortal, order: Any) -> Any:
    application, wanted = _application(portal, order, "install", _INSTALLING)
    return portal.install(application, **wanted).as_dict()


def _open(portal: SimulatedPortal, order: Any) -> Any:
    application, wanted = _application(portal, order, "open", _OPENING)
    return portal.open_app(application, **wanted).as_dict()


def _finish(portal: SimulatedPortal, order: Any) -> Any:
    application, wanted = _application(portal, order, "finish_install", {"by": _WHO, "event": bool})
    return _shown(portal.finish_install(application, **wanted))


def _update(portal: SimulatedPortal, order: Any) -> Any:
    types = {"by": _WHO, "event": bool, "finished": bool}
    application, wanted = _application(portal, order, "update", types)
    return _shown(portal.update(application, **wanted))


def _uninstall(portal: SimulatedPortal, order: Any) -> Any:
    application, wanted = _application(portal, order, "uninstall", {"clean": bool, "event": bool})
    return _shown(portal.uninstall(application, **wanted))


def _installations(portal: SimulatedPortal, order: Any) -> Any:
    as_object(order, "installations", ())
    return [_shown(installation) for installation in portal.installations.values()]


def _authorize(portal: SimulatedPortal, order: Any) -> Any:
    application, wanted = _application(portal, order, "authorize", {"user": _WHO})
    return portal.authorization_code(application, **wanted)


def _forbid(portal: SimulatedPortal, order: Any) -> Any:
    application, wanted = _application(portal, order, "forbid", {"user": _WHO})
    if "user" not in wanted:
        raise BadOrder("forbid: user is missing")
    return portal.forbid(application, **wanted)


def _rename(portal: SimulatedPortal, order: Any) -> Any:
    portal.rename(**typed(order, "rename", {"host": str, "redirect": bool}))
    return portal.line()


def _payment(name: str) -> Callable[[SimulatedPortal, Any], Any]:
    """``true`` speaks of the whole portal, an object of one application."""

    def carry_out(portal: SimulatedPortal, order: Any) -> Any:
        act = portal.end_payment if name == "end_payment" else portal.pay
        if order is True:
            act()
        else:
            application, wanted = _application(portal, order, name, {"event": bool})
            act(application, **wanted)
        return _installations(portal, {})

    return carry_out


def _dismiss(portal: SimulatedPortal, order: Any) -> Any:
    if not isinstance(order, int | str) or isinstance(order, bool):
        raise BadOrder("dismiss: name a user by id or role")
    return portal.dismiss(order)


def _delete(portal: SimulatedPortal, order: Any) -> Any:
    if order is not True:
        raise BadOrder("delete: true is all there is to say")
    portal.delete()
    return order


def _drain(portal: SimulatedPortal, order: Any) -> Any:
    """Seconds to wait until every event has been posted."""
    if not isinstance(order, int | float) or isinstance(order, bool):
        raise BadOrder("drain: say how many seconds to wait at most")
    try:
        portal.events.drain(order)
    except TimeoutError as error:
        raise BadOrder(str(error)) from None
    return len(portal.events.delivered)


#: Pages and handlers may ask the portal while they are waited for, so these are carried out unlocked.
APPLICATION_ORDERS: dict[str, Callable[[SimulatedPortal, Any], Any]] = {
    "install": _install,
    "finish_install": _finish,
    "open": _open,
    "update": _update,
    "uninstall": _uninstall,
    "installations": _installations,
    "authorize": _authorize,
    "forbid": _forbid,
    "rename": _rename,
    "end_payment": _payment("end_payment"),
    "pay": _payment("pay"),
    "dismiss": _dismiss,
    "delete": _delete,
    "drain": _drain,
}
