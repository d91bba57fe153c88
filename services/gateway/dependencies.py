"""Dependencies of routes: the gateway, the caller and his rights."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from services.gateway.app_opening import NotPortalAdmin
from services.gateway.conversations import PATIENCE, converse
from services.gateway.gateway import Gateway
from services.gateway.places import Guest
from services.gateway.request_parsing import Fields
from shared import frame
from shared.bitrix24.access import Access
from shared.bitrix24.client import Bitrix24
from shared.bitrix24.identity import who_am_i
from shared.bitrix24.oauth import host_of
from shared.db import chains, portals
from shared.domain.errors import AccessLost, PortalGone, Refused
from shared.domain.portal import PortalState
from shared.domain.refusals import PortalRemoved
from shared.frame import FrameSession, FrameSessionInvalid
from shared.web import network_of


class SessionExpired(Refused):
    """The person's access has expired, so his rights cannot be checked; a fresh session helps."""

    code = "session_expired"
    status = 401


async def gateway_of(request: Request) -> Gateway:
    """The ``Gateway`` of this process. Async, because a plain function would take a thread."""
    gateway: Gateway = request.app.state.gateway
    return gateway


Service = Annotated[Gateway, Depends(gateway_of)]


def caller_of(request: Request, gateway: Service, fields: Fields) -> FrameSession:
    """The caller from a page in the frame: the session in ``Authorization: Bearer`` or in the field ``session``.

    Raises FrameSessionInvalid.
    """
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    text = credentials.strip() if scheme.lower() == "bearer" else fields.get("session", "")
    if not text:
        raise FrameSessionInvalid
    caller = frame.verify(gateway.db.keyring, text, now=gateway.db.now())
    # From here on the portal is known, so a page about an error can be shown in its frame and lead back.
    request.state.caller, request.state.session = caller, text
    return caller


Caller = Annotated[FrameSession, Depends(caller_of)]


async def administrator_of(request: Request, gateway: Service, caller: Caller) -> FrameSession:
    """The caller, if he is an administrator right now. The portal is asked with his own access.

    Raises NotPortalAdmin, SessionExpired, PortalRemoved, TryAgainLater, and the errors of a portal that is silent.
    """
    guest = Guest(str(caller.portal_id), network_of(request), is_known=True)
    return await converse(gateway, guest, _confirmed, gateway, caller)


Administrator = Annotated[FrameSession, Depends(administrator_of)]


def _confirmed(gateway: Gateway, caller: FrameSession) -> FrameSession:
    access = _access(gateway, caller)
    try:
        with Bitrix24(access, allow_private=gateway.allow_private, patience=PATIENCE) as portal:
            reader = who_am_i(portal)
    except (AccessLost, PortalGone) as error:
        raise SessionExpired from error
    if not reader.admin or reader.id != caller.user_id:
        raise NotPortalAdmin
    return caller


def _access(gateway: Gateway, caller: FrameSession) -> Access:
    """The caller's own access, if it has not expired."""
    with gateway.db.session() as session:
        portal = portals.by_id(session, caller.portal_id)
        chain = chains.read_again(session, gateway.db.keyring, caller.chain_id)
        now = portals.now(session)
    if portal is None or portal.state == PortalState.REMOVED:
        raise PortalRemoved
    if chain is None and not caller.is_admin:
        # His chain was dropped in favour of administrators' chains; a fresh session would not change that.
        raise NotPortalAdmin
    if (
        chain is None
        or portal.endpoint is None
        or chain.expires_at <= now
        or (chain.portal_id, chain.b24_user_id) != (caller.portal_id, caller.user_id)
    ):
        raise SessionExpired
    return Access(
        endpoint=portal.endpoint,
        host=host_of(portal.endpoint),
        user_id=caller.user_id,
        token=chain.access_token,
    )
