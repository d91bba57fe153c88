"""The form a user's browser posts when an application is opened inside the portal.

Source: Bitrix24 REST documentation, how an application gets its tokens.
"""

from __future__ import annotations

import json
import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack
from urllib.parse import urlencode

from tools.simulator.installation import Installation
from tools.simulator.oauth.chains import Chain
from tools.simulator.outgoing import Posted, post
from tools.simulator.php import php_map
from tools.simulator.portal_state import PortalState

#: People wait longer for a page than the platform's queue does for a handler.
_PATIENCE_S = 30


class Place(TypedDict, total=False):
    """Where in the portal the application is opened, with what, and in which language."""

    placement: str
    options: Mapping[str, Any]
    language: str


@dataclass(frozen=True, slots=True)
class Opening:
    """Where the browser posts to, and what. ``sid`` names the frame this happens in."""

    sid: str
    url: str
    form: Mapping[str, str]


def opening(
    portal: PortalState,
    installation: Installation,
    chain: Chain,
    *,
    installer: bool,
    **place: Unpack[Place],
) -> Opening:
    """One opening of the application, or of its installer if it has one."""
    application = installation.application
    address = (application.installer_url if installer else None) or application.handler_url
    sid = secrets.token_hex(16)
    query = {
        "DOMAIN": portal.domain,
        "PROTOCOL": "0",
        "LANG": place.get("language", portal.crm.settings.language),
        "APP_SID": sid,
    }
    url = f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"
    form = _form(portal, installation, chain) | {"PLACEMENT": place.get("placement", "DEFAULT")}
    if "options" in place:
        form["PLACEMENT_OPTIONS"] = json.dumps(php_map(place["options"]), ensure_ascii=False)
    return Opening(sid, url, form)


def posted_page(
    portal: PortalState,
    installation: Installation,
    chain: Chain,
    *,
    installer: bool,
    **place: Unpack[Place],
) -> Posted:
    """What the application answered to the browser; the portal is not locked meanwhile."""
    opened = opening(portal, installation, chain, installer=installer, **place)
    return post(opened.url, opened.form, timeout_s=_PATIENCE_S, agent="Mozilla/5.0 (simulated browser)")


def tokens(chain: Chain, now: float) -> dict[str, str]:
    """A chain's tokens as browsers get them."""
    return {
        "AUTH_ID": chain.access_token,
        "AUTH_EXPIRES": str(math.ceil(chain.access_expires_at - now)),
        "REFRESH_ID": chain.refresh_token,
    }


def _form(portal: PortalState, installation: Installation, chain: Chain) -> dict[str, str]:
    form = tokens(chain, portal.clock())
    if portal.switches.page_server_endpoint:
        form["SERVER_ENDPOINT"] = portal.server_endpoint
    if portal.switches.page_application_token:
        form["APPLICATION_TOKEN"] = installation.application_token
        form["APPLICATION_SCOPE"] = ",".join(installation.application.scopes)
    return form | {"member_id": portal.member_id, "status": installation.application.status}
