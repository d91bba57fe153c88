"""Calls from a page in the frame: its fields, its session, and whether its person is an administrator right now."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Annotated

from fastapi import Depends, Request

from services.gateway.gateway import Gateway
from services.gateway.opening import PATIENCE, NotPortalAdmin
from services.gateway.php_form import LONGEST_BODY, FormRefused, Tree, parse, text_at
from shared import frame
from shared.bitrix24.access import Access
from shared.bitrix24.client import Bitrix24
from shared.bitrix24.identity import who_am_i
from shared.bitrix24.oauth import host_of
from shared.db import chains, portals
from shared.db.tables.portals import PortalRow
from shared.domain.errors import AccessLost, PortalGone, Refused
from shared.domain.portal import PortalState
from shared.frame import FrameSession, FrameSessionInvalid
from shared.web import RETRY_AFTER_S, Problem

_BODY_WITHIN_S = 15
_PLACE_WITHIN_S = 5
_FORM = "application/x-www-form-urlencoded"


class SessionExpired(Refused):
    """The person cannot be checked any more with what the session has; a fresh one can."""

    code = "session_expired"


class PortalRemoved(Refused):
    """The application was removed from the portal since the session began."""

    code = "portal_removed"


async def gateway_of(request: Request) -> Gateway:
    """The process's own things. Not worth a thread, as a plain function would be given."""
    found: Gateway = request.app.state.gateway
    return found


async def body_of(request: Request) -> bytes:
    """The body, or one byte more than the longest that is read. Raises Problem 408 when it takes too long."""
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(_BODY_WITHIN_S):
            async for part in request.stream():
                parts.append(part)
                size += len(part)
                if size > LONGEST_BODY:
                    break
    except TimeoutError:
        raise Problem(408, "body_too_slow") from None
    return b"".join(parts)[: LONGEST_BODY + 1]


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
Body = Annotated[bytes, Depends(body_of)]


def form_in(request: Request, body: bytes) -> Tree:
    """The form in the body. Raises FormRefused, also for what is no urlencoded form."""
    if not body:
        raise FormRefused("empty_body")
    if media_type(request) != _FORM:
        raise FormRefused("unsupported_media_type")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise FormRefused("unsupported_encoding")
    return parse(body)


def media_type(request: Request) -> str:
    """The type of the body, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def fields_of(request: Request, body: Body) -> Mapping[str, str]:
    """The fields of a form or of a JSON object, as text. Raises Problem 400 or 415."""
    if not body:
        return {}
    try:
        if media_type(request) == "application/json":
            return _json_fields(body)
        tree = form_in(request, body)
        return {name: text_at(tree, name) for name in tree}
    except FormRefused as refused:
        raise Problem(status_of(refused), refused.code) from None


def needs(place: bool) -> None:  # noqa: FBT001 - the answer to one question
    """Somebody outside may be talked to. Raises Problem 503 otherwise."""
    if not place:
        raise Problem(503, "try_again_later", headers={"Retry-After": RETRY_AFTER_S})


def status_of(refused: FormRefused) -> int:
    """What the refusal of a form amounts to over HTTP."""
    statuses = {"body_too_large": 413, "unsupported_media_type": 415, "unsupported_encoding": 415}
    return statuses.get(refused.code, 400)


def _json_fields(body: bytes) -> dict[str, str]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise FormRefused("bad_json") from None
    if not isinstance(found, dict):
        raise FormRefused("bad_shape")
    fields = {name: _field(value) for name, value in found.items()}
    if any("\x00" in text or not _is_writable(text) for text in fields.values()):
        raise FormRefused("bad_characters")
    return fields


def _field(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return "1" if value else ""
    if isinstance(value, str | int):
        return str(value)
    raise FormRefused("bad_shape")


def _is_writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


Fields = Annotated[Mapping[str, str], Depends(fields_of)]


def frame_of(request: Request, gateway: Service, fields: Fields) -> FrameSession:
    """Whose page is asking: from ``Authorization: Bearer``, or ``session`` in the body. Raises FrameSessionInvalid."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    text = credentials.strip() if scheme.lower() == "bearer" else fields.get("session", "")
    if not text:
        raise FrameSessionInvalid
    with gateway.db.session() as session:
        asking = frame.verify(gateway.db.keyring, text, now=portals.now(session))
    # Whatever goes wrong from here on, a page about it can be shown in the frame and lead back.
    request.state.asking, request.state.session = asking, text
    return asking


Framed = Annotated[FrameSession, Depends(frame_of)]


def administrator_of(gateway: Service, asking: Framed, place: Place) -> FrameSession:
    """Whose page is asking, an administrator at this moment: the portal says so by his own access.

    Raises NotPortalAdmin, SessionExpired, PortalRemoved, and the errors of a portal that does not answer.
    """
    needs(place)
    access = _access(gateway, asking)
    try:
        with Bitrix24(access, allow_private=gateway.allow_private, patience=PATIENCE) as portal:
            reader = who_am_i(portal)
    except (AccessLost, PortalGone) as error:
        raise SessionExpired from error
    if not reader.admin or reader.id != asking.user_id:
        raise NotPortalAdmin
    return asking


Administrator = Annotated[FrameSession, Depends(administrator_of)]


def _access(gateway: Gateway, asking: FrameSession) -> Access:
    """The access of the person himself, while it is in force."""
    with gateway.db.session() as session:
        portal = session.get(PortalRow, asking.portal_id)
        chain = chains.read_again(session, gateway.db.keyring, asking.chain_id)
        now = portals.now(session)
    if portal is None or portal.state == PortalState.REMOVED:
        raise PortalRemoved
    if chain is None and not asking.is_admin:
        # His chain gave way to those of administrators; another session would not change that.
        raise NotPortalAdmin
    if (
        chain is None
        or portal.endpoint is None
        or chain.expires_at <= now
        or (chain.portal_id, chain.b24_user_id) != (asking.portal_id, asking.user_id)
    ):
        raise SessionExpired
    return Access(
        endpoint=portal.endpoint,
        host=host_of(portal.endpoint),
        user_id=asking.user_id,
        token=chain.access_token,
    )
