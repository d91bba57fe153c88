"""Who visits a page inside a portal: the holder of a frame session, which is good for one portal only."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session

from services.cabinet.base.access import Service
from services.cabinet.base.words import Words, zone_of
from services.cabinet.cabinet import Cabinet
from services.cabinet.in_portal.layout import PortalLayout
from shared import frame
from shared.db import portals
from shared.db.portals import PortalShown
from shared.domain.errors import Refused
from shared.domain.portal import PortalState
from shared.domain.refusals import AdminsOnly
from shared.frame import FrameSession, FrameSessionInvalid
from shared.web import language_of
from shared.wording.language import Language


class OpenedOutside(Refused):
    """The page was not opened in a portal."""

    code = "outside"


class SessionOver(Refused):
    """The frame session was valid once and is over."""

    code = "over"
    status = 401


class CrmapRemoved(Refused):
    """The application was removed from the portal; the portal's data is kept for a while."""

    code = "removed"
    status = 410


class PortalErased(Refused):
    """The data of the portal was erased."""

    code = "erased"
    status = 410


@dataclass(frozen=True, slots=True)
class FrameVisit:
    """One request for one page of one portal. ``asked`` are the fields of the query and of the form."""

    service: Cabinet
    who: FrameSession
    layout: PortalLayout
    portal: PortalShown
    asked: Mapping[str, str]
    words: Words

    def session(self) -> AbstractContextManager[Session]:
        """A transaction for reading that sees only the rows of this portal, and no cabinet."""
        return self.service.db.session(portal=self.who.portal_id, read_only=True)


async def asked_of(request: Request) -> Mapping[str, str]:
    """The fields of the query and of the form; a field of the form wins."""
    fields = dict(request.query_params)
    if request.method == "POST":
        form = await request.form()
        fields |= {name: value for name, value in form.items() if isinstance(value, str)}
    return fields


Asked = Annotated[Mapping[str, str], Depends(asked_of)]


def visit_of(request: Request, service: Service, asked: Asked) -> FrameVisit:
    """The visit of the holder of the session in the body or in ``Authorization``.

    Raises OpenedOutside, SessionOver, PortalErased, CrmapRemoved, AdminsOnly.
    """
    text = _session_text(request, asked)
    who = _signed(service, text)
    layout = PortalLayout(
        language=_language(who.language),
        session=text,
        origins=who.origins,
        zone=asked.get("zone", "")[:100],
        script_url=service.script_url,
    )
    # From here on the portal is known, so a page about an error can be shown in its frame.
    request.state.layout = layout
    now = service.db.now()
    _check_time(request, service, text, now)
    with service.db.session(portal=who.portal_id) as session:
        portal = portals.shown(session, who.portal_id)
    if portal is None:
        raise PortalErased
    if portal.state == PortalState.REMOVED:
        raise CrmapRemoved
    if portal.admins_only and not who.is_admin:
        raise AdminsOnly
    return FrameVisit(service, who, layout, portal, asked, Words(layout.language, zone_of(layout.zone), now))


Visiting = Annotated[FrameVisit, Depends(visit_of)]


def stranger(request: Request) -> PortalLayout:
    """The layout of a page for an unknown visitor."""
    return PortalLayout(language_of(request))


def _session_text(request: Request, asked: Mapping[str, str]) -> str:
    """The text of the session. It is never taken from the address, which stays in histories and logs."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    return (
        asked.get("session", "") if request.method == "POST" and "session" not in request.query_params else ""
    )


def _signed(service: Cabinet, text: str) -> FrameSession:
    try:
        return frame.signed(service.db.keyring, text)
    except FrameSessionInvalid:
        raise OpenedOutside from None


def _check_time(request: Request, service: Cabinet, text: str, now: datetime) -> None:
    try:
        frame.verify(service.db.keyring, text, now=now)
    except FrameSessionInvalid:
        # A page about this is shown in the frame of the portal the session was for, without the session.
        request.state.layout = replace(request.state.layout, session="", zone="")
        raise SessionOver from None


def _language(code: str) -> Language:
    return "en" if code == "en" else "ru"
