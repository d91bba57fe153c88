"""What a route asks for: the process's own things, a place to call somebody outside, the caller and his rights."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from services.gateway.app_opening import PATIENCE, NotPortalAdmin
from services.gateway.gateway import Gateway
from services.gateway.request_parsing import Fields
from shared import frame
from shared.bitrix24.access import Access
from shared.bitrix24.client import Bitrix24
from shared.bitrix24.identity import who_am_i
from shared.bitrix24.oauth import host_of
from shared.db import chains, portals
from shared.domain.errors import AccessLost, PortalGone, Refused
from shared.domain.portal import PortalState
from shared.domain.refusals import PortalRemoved, TryAgainLater
from shared.frame import FrameSession, FrameSessionInvalid

_PLACE_WITHIN_S = 5


class SessionExpired(Refused):
    """The person cannot be checked any more with what the session has; a fresh one can."""

    code = "session_expired"
    status = 401


async def gateway_of(request: Request) -> Gateway:
    """The process's own things. Not worth a thread, as a plain function would be given."""
    gateway: Gateway = request.app.state.gateway
    return gateway


Service = Annotated[Gateway, Depends(gateway_of)]


async def place_of(gateway: Service) -> AsyncIterator[bool]:
    """True while the request may talk to somebody outside; False when all places stay taken.

    Waiting costs no thread. To be asked for last, so that nobody takes a place while his own body drips in.
    """
    try:
        async with asyncio.timeout(_PLACE_WITHIN_S):
            await gateway.conversations.acquire()
    except TimeoutError:
        yield False
        return
    try:
        yield True
    finally:
        gateway.conversations.release()


Place = Annotated[bool, Depends(place_of)]


def needs(place: bool) -> None:  # noqa: FBT001 - the answer to one question
    """Somebody outside may be talked to. Raises TryAgainLater otherwise."""
    if not place:
        raise TryAgainLater


def caller_of(request: Request, gateway: Service, fields: Fields) -> FrameSession:
    """Who calls from a page in the frame: the session in ``Authorization: Bearer``, or ``session`` in the body.

    Raises FrameSessionInvalid.
    """
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    text = credentials.strip() if scheme.lower() == "bearer" else fields.get("session", "")
    if not text:
        raise FrameSessionInvalid
    with gateway.db.session() as session:
        caller = frame.verify(gateway.db.keyring, text, now=portals.now(session))
    # Whatever goes wrong from here on, a page about it can be shown in the frame and lead back.
    request.state.caller, request.state.session = caller, text
    return caller


Caller = Annotated[FrameSession, Depends(caller_of)]


def administrator_of(gateway: Service, caller: Caller, place: Place) -> FrameSession:
    """The caller, an administrator at this moment: the portal says so by his own access.

    Raises NotPortalAdmin, SessionExpired, PortalRemoved, and the errors of a portal that does not answer.
    """
    needs(place)
    access = _access(gateway, caller)
    try:
        with Bitrix24(access, allow_private=gateway.allow_private, patience=PATIENCE) as portal:
            reader = who_am_i(portal)
    except (AccessLost, PortalGone) as error:
        raise SessionExpired from error
    if not reader.admin or reader.id != caller.user_id:
        raise NotPortalAdmin
    return caller


Administrator = Annotated[FrameSession, Depends(administrator_of)]


def _access(gateway: Gateway, caller: FrameSession) -> Access:
    """The access of the person himself, while it is in force."""
    with gateway.db.session() as session:
        portal = portals.by_id(session, caller.portal_id)
        chain = chains.read_again(session, gateway.db.keyring, caller.chain_id)
        now = portals.now(session)
    if portal is None or portal.state == PortalState.REMOVED:
        raise PortalRemoved
    if chain is None and not caller.is_admin:
        # His chain gave way to those of administrators; another session would not change that.
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
