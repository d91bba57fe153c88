"""The portal's page that sends a user to an application outside the portal, with a code in the address.

Source: Bitrix24 documentation, full OAuth 2.0 protocol. There is no login here: the first administrator agrees at once.
"""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from tools.simulator.messages import Response, html_response
from tools.simulator.php import parse_query
from tools.simulator.portal import SimulatedPortal


def authorization_page(portal: SimulatedPortal, query: str) -> Response:
    """A redirect to the application's handler; errors stay on the portal's own page."""
    params = parse_query(query)
    application = portal.authority.applications.by_client_id(str(params.get("client_id", "")))
    if application is None:
        return html_response(404, "<!doctype html><title>Приложение не найдено</title>")
    try:
        code = portal.authorization_code(application)
    except LookupError:
        return html_response(404, "<!doctype html><title>Приложение не установлено</title>")
    redirect_params = {
        "code": code,
        "state": str(params.get("state", "")),
        "domain": portal.domain,
        "member_id": portal.member_id,
        "scope": ",".join(application.scopes),
        "server_domain": urlsplit(portal.server_endpoint).netloc,
    }
    joint = "&" if "?" in application.handler_url else "?"
    return Response(302, b"", {"Location": f"{application.handler_url}{joint}{urlencode(redirect_params)}"})
