"""Who looks at a page inside a portal: whoever has a frame session, and only at the portal it was made in."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
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
from shared.domain.portal import PortalState
from shared.frame import FrameSession, FrameSessionInvalid
from shared.web import language_of
from shared.wording.language import Language


class Reason(Enum):
    """Why there is no page, and the status of the answer that says so instead."""

    OUTSIDE = "outside", 403
    OVER = "over", 401
    ADMINS_ONLY = "admins_only", 403
    REMOVED = "removed", 410
    ERASED = "erased", 410

    def __init__(self, code: str, status: int) -> None:
        self.code = code
        self.status = status


class NoPage(Exception):
    """There is no page for this visitor; what stands around the sentence is known as far as he is."""

    def __init__(self, reason: Reason, layout: PortalLayout) -> None:
        super().__init__(reason.code)
        self.reason = reason
        self.layout = layout


@dataclass(frozen=True, slots=True)
class FrameVisit:
    """One look at one page of one portal. ``asked`` are the fields of the form, or of the query."""

    service: Cabinet
    who: FrameSession
    layout: PortalLayout
    portal: PortalShown
    asked: Mapping[str, str]
    words: Words

    def session(self) -> AbstractContextManager[Session]:
        """A transaction in which this one portal exists, and no cabinet."""
        return self.service.db.session(portal=self.who.portal_id)


async def asked_of(request: Request) -> Mapping[str, str]:
    """The fields of the query and of the form, which outranks it."""
    fields = dict(request.query_params)
    if request.method == "POST":
        form = await request.form()
        fields |= {name: value for name, value in form.items() if isinstance(value, str)}
    return fields


Asked = Annotated[Mapping[str, str], Depends(asked_of)]


def visit_of(request: Request, service: Service, asked: Asked) -> FrameVisit:
    """The visit behind a session in the body or in ``Authorization``. Raises NoPage."""
    text = _session_text(request, asked)
    now = datetime.now(UTC)
    who = _verified(request, service, text, now)
    layout = PortalLayout(
        language=_language(who.language),
        session=text,
        origins=who.origins,
        zone=asked.get("zone", "")[:100],
        script_url=service.script_url,
    )
    # Whatever goes wrong from here on, a page about it can be shown in the frame.
    request.state.layout = layout
    with service.db.session(portal=who.portal_id) as session:
        portal = portals.shown(session, who.portal_id)
    if portal is None:
        raise NoPage(Reason.ERASED, layout)
    if portal.state == PortalState.REMOVED:
        raise NoPage(Reason.REMOVED, layout)
    if portal.admins_only and not who.is_admin:
        raise NoPage(Reason.ADMINS_ONLY, layout)
    return FrameVisit(service, who, layout, portal, asked, Words(layout.language, zone_of(layout.zone), now))


Visiting = Annotated[FrameVisit, Depends(visit_of)]


def stranger(request: Request) -> PortalLayout:
    """What stands around a page for somebody of whom nothing is known."""
    return PortalLayout(language_of(request))


def _session_text(request: Request, asked: Mapping[str, str]) -> str:
    """Never out of the address, which stays in histories and logs."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    return (
        asked.get("session", "") if request.method == "POST" and "session" not in request.query_params else ""
    )


def _verified(request: Request, service: Cabinet, text: str, now: datetime) -> FrameSession:
    try:
        return frame.verify(service.db.keyring, text, now=now)
    except FrameSessionInvalid as error:
        origins = error.facts.get("origins")
        if origins is None:
            raise NoPage(Reason.OUTSIDE, stranger(request)) from None
        layout = PortalLayout(
            _language(error.facts["language"]), origins=origins, script_url=service.script_url
        )
        raise NoPage(Reason.OVER, layout) from None


def _language(code: str) -> Language:
    return "en" if code == "en" else "ru"
