"""Orders about applications to the people of a portal, also under ``/_control``."""

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
    arguments = typed(order, "application", _REGISTERING)
    if "handler_url" not in arguments:
        raise BadOrder("application: handler_url is missing")
    return cloud.register_application(**arguments).as_dict()


def _application(
    portal: SimulatedPortal, order: Any, order_name: str, types: dict[str, Any]
) -> tuple[Application, Any]:
    """The application that an order names, and its other arguments. A single application need not be named."""
    arguments = typed(order, order_name, {"application": str, **types})
    applications = portal.authority.applications
    named = arguments.pop("application", None)
    if named is None and len(only := list(applications)) == 1:
        return only[0], arguments
    chosen = applications.by_client_id(str(named))
    if chosen is None:
        choice = ", ".join(application.client_id for application in applications) or "none"
        raise BadOrder(f"{order_name}: no application {named!r}, there are: {choice}")
    return chosen, arguments


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
    application, arguments = _application(portal, order, "install", _INSTALLING)
    return portal.install(application, **arguments).as_dict()


def _open(portal: SimulatedPortal, order: Any) -> Any:
    application, arguments = _application(portal, order, "open", _OPENING)
    return portal.open_app(application, **arguments).as_dict()


def _finish(portal: SimulatedPortal, order: Any) -> Any:
    application, arguments = _application(portal, order, "finish_install", {"by": _WHO, "event": bool})
    return _shown(portal.finish_install(application, **arguments))


def _update(portal: SimulatedPortal, order: Any) -> Any:
    types = {"by": _WHO, "event": bool, "finished": bool}
    application, arguments = _application(portal, order, "update", types)
    return _shown(portal.update(application, **arguments))


def _uninstall(portal: SimulatedPortal, order: Any) -> Any:
    application, arguments = _application(portal, order, "uninstall", {"clean": bool, "event": bool})
    return _shown(portal.uninstall(application, **arguments))


def _installations(portal: SimulatedPortal, order: Any) -> Any:
    as_object(order, "installations", ())
    return [_shown(installation) for installation in portal.installations.values()]


def _authorize(portal: SimulatedPortal, order: Any) -> Any:
    application, arguments = _application(portal, order, "authorize", {"user": _WHO})
    return portal.authorization_code(application, **arguments)


def _forbid(portal: SimulatedPortal, order: Any) -> Any:
    application, arguments = _application(portal, order, "forbid", {"user": _WHO})
    if "user" not in arguments:
        raise BadOrder("forbid: user is missing")
    return portal.forbid(application, **arguments)


def _rename(portal: SimulatedPortal, order: Any) -> Any:
    portal.rename(**typed(order, "rename", {"host": str, "redirect": bool}))
    return portal.line()


def _payment(name: str) -> Callable[[SimulatedPortal, Any], Any]:
    """The order ``true`` is for the whole portal, an object is for one application."""

    def carry_out(portal: SimulatedPortal, order: Any) -> Any:
        act = portal.end_payment if name == "end_payment" else portal.pay
        if order is True:
            act()
        else:
            application, arguments = _application(portal, order, name, {"event": bool})
            act(application, **arguments)
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


#: Carried out without the lock: pages and handlers may call the portal while these wait for them.
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
