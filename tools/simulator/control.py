"""Addresses beside REST: the page of a portal, its truth, its log, and (for tests and people) its switches."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from tools.simulator.messages import Request, Response, html_response, json_response
from tools.simulator.portal import SimulatedPortal


def outside_rest(
    portal: SimulatedPortal, portals: Mapping[str, SimulatedPortal], request: Request
) -> Response:
    """The answer to anything that is not under ``/rest/``; every port knows every portal by name."""
    if request.path == "/":
        return html_response(200, _page(portal))
    section, _, name = request.path.lstrip("/").partition("/")
    if section not in ("_truth", "_log", "_control"):
        return json_response(404, {"error": f"nothing at {request.path}"})
    named = portals.get(name)
    if named is None:
        return json_response(404, {"error": f"no portal {name!r}, there are: {', '.join(portals)}"})
    if section == "_truth":
        return json_response(200, named.truth())
    if request.verb == "DELETE":
        named.log.clear()
    return json_response(200, named.log.as_dict())


def _page(portal: SimulatedPortal) -> str:
    title = escape(portal.crm.settings.title)
    return (
        f"<!doctype html><html lang='ru'><meta charset='utf-8'><title>{title}</title><h1>{title}</h1>"
        f"<p>Это имитация портала Битрикс24 для разработки и проверок: {escape(portal.name)}, "
        f"{escape(portal.domain)}. Настоящих данных здесь нет.</p></html>"
    )
