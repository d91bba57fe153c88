"""The addresses of the portal's own pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import Any

import orjson

from tools.simulator.browsing import developers, frame_commands
from tools.simulator.browsing.app_page import app_page
from tools.simulator.browsing.frame_commands import NoFreshTokens, Silence
from tools.simulator.browsing.layout import (
    application_links,
    bare_page,
    file_response,
    fill,
    link,
    page,
    sentence,
)
from tools.simulator.browsing.visitor import Visitor
from tools.simulator.messages import Request, Response, html_response, json_response
from tools.simulator.php import as_map
from tools.simulator.portal import SimulatedPortal

_SCRIPT = "bx24.js"


def browsed(portal: SimulatedPortal, request: Request) -> Response | None:
    """The page at this address, or None if the portal has no such page."""
    for pattern, verbs, answer in _ROUTES:
        match = re.fullmatch(pattern, request.path)
        if match is not None and request.verb in verbs:
            return answer(portal, request, *match.groups())
    return None


def _seen(
    answer: Callable[..., Response],
) -> Callable[..., Response]:
    """The page as the visitor named in the address sees it."""

    def page_for_visitor(portal: SimulatedPortal, request: Request, *parts: str) -> Response:
        try:
            visitor = Visitor.of(portal, request.query)
        except (ValueError, LookupError) as error:
            return html_response(404, f"<!doctype html><title>404</title><p>{escape(str(error.args[0]))}</p>")
        return answer(portal, visitor, request, *parts)

    return page_for_visitor


def _home(portal: SimulatedPortal, visitor: Visitor, _request: Request) -> Response:
    links = application_links(portal, visitor)
    content = fill(
        "home.html",
        visitor,
        applications_html="".join(links) or escape(visitor.word("no_applications")),
        add=visitor.link("/devops/application/"),
        webhook=visitor.link("/devops/webhook/"),
    )
    return page(portal, visitor, portal.crm.settings.title, content)


def _app(portal: SimulatedPortal, visitor: Visitor, _request: Request, number: str) -> Response:
    for installation in portal.installations.values():
        if installation.active and str(installation.row_id) == number:
            slider = visitor.query.get("IFRAME") == "Y"
            options = _json(str(visitor.query.get("options", "{}"))) if slider else visitor.forwarded
            return app_page(portal, visitor, installation, options=options, slider=slider)
    return sentence(portal, visitor, "nothing_here", 404)


def _view(portal: SimulatedPortal, visitor: Visitor, _request: Request, code: str) -> Response:
    """The page behind links that an application gives to users."""
    installation = portal.installations.get(code)
    if installation is None or not installation.active:
        return sentence(portal, visitor, "nothing_here", 404)
    options = as_map(visitor.query.get("params"))
    return app_page(portal, visitor, installation, placement="REST_APP_URI", options=options)


def _detail(portal: SimulatedPortal, visitor: Visitor, request: Request, client_id: str) -> Response:
    """The card of an application that is not installed; a click on its button installs it."""
    application = portal.authority.applications.by_client_id(client_id)
    if application is None:
        return sentence(portal, visitor, "nothing_here", 404)
    installation = portal.installations.get(client_id)
    if installation is None or not installation.active:
        if not visitor.user.admin:
            return sentence(portal, visitor, "administrators_only", 403)
        if request.verb != "POST":
            return page(portal, visitor, application.title, fill("detail.html", visitor))
        installation = portal.install(application, visitor.user.id, page=False).installation
    return visitor.sent(f"/marketplace/app/{installation.row_id}/")


def _elsewhere(portal: SimulatedPortal, visitor: Visitor, request: Request) -> Response:
    """A page that a real portal would have there."""
    content = f"<p class='notice'>{escape(visitor.word('page_of_portal'))}</p><p>{escape(request.path)}</p>"
    if visitor.query.get("IFRAME") == "Y":
        return bare_page(visitor, request.path, content)
    return page(portal, visitor, request.path, content + link(visitor.link("/"), visitor.word("home")))


def _message(portal: SimulatedPortal, request: Request, sid: str, command: str) -> Response:
    try:
        with portal.lock:
            reply = frame_commands.answer(portal, sid, command, _json(request.body))
    except Silence:
        return Response(204, b"")
    except NoFreshTokens:
        return json_response(403, {"error": "no fresh tokens"})
    return json_response(200, {"reply": reply})


def _file(_portal: SimulatedPortal, _request: Request, name: str) -> Response:
    return file_response(name) or json_response(404, {"error": f"no file {name}"})


def _script(portal: SimulatedPortal, request: Request) -> Response:
    return _file(portal, request, _SCRIPT)


def _json(text: str | bytes) -> dict[str, Any]:
    try:
        return as_map(orjson.loads(text))
    except orjson.JSONDecodeError:
        return {}


_LOOK = ("GET", "HEAD")
_BOTH = (*_LOOK, "POST")
_ROUTES: tuple[tuple[str, tuple[str, ...], Callable[..., Response]], ...] = (
    (r"/", _LOOK, _seen(_home)),
    (r"/api/v1/", _LOOK, _script),
    (r"/_pages/([a-z0-9.]+)", _LOOK, _file),
    (r"/_frame/([0-9a-f]{32})/(\w+)", ("POST",), _message),
    (r"/marketplace/app/(\d+)/", _LOOK, _seen(_app)),
    (r"/marketplace/view/([^/]+)/", _LOOK, _seen(_view)),
    (r"/marketplace/detail/([^/]+)/", _BOTH, _seen(_detail)),
    (r"/devops/", _LOOK, _seen(developers.integrations)),
    (r"/devops/application/", _BOTH, _seen(developers.new_application)),
    (r"/devops/application/(\d+)/", _BOTH, _seen(developers.application)),
    (r"/devops/webhook/", _BOTH, _seen(developers.webhook)),
    (r"/(?:crm|company|workgroups|marketplace)/.*", _LOOK, _seen(_elsewhere)),
)
