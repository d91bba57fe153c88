"""Local applications of single portals: how to make one in Bitrix24, and the form for its id and secret."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final
from uuid import UUID

from fastapi import APIRouter, Form, Response

from services.cabinet.base.failing import PageRoute
from services.cabinet.base.forms import Fault
from services.cabinet.base.settings_tabs import APPLICATIONS, SETTINGS, SettingsPage, tabs
from services.cabinet.base.titles import LONGEST_TITLE, is_title
from services.cabinet.base.visit import Changing, Visit, Visiting, go_to
from services.cabinet.base.words import Words
from shared.db import applications
from shared.db.applications import ApplicationCard, ClientIdTaken, OwnApplication
from shared.domain.refusals import NotFound

router = APIRouter(route_class=PageRoute, include_in_schema=False)

LONGEST_SECRET = 200
# The form of a local application's client id (Bitrix24 REST documentation, local applications).
_CLIENT_ID: Final = re.compile(r"local\.[A-Za-z0-9._-]{1,90}")
_SECRET: Final = re.compile(rf"[!-~]{{1,{LONGEST_SECRET}}}")


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses a portal calls on this installation: handler, installer and events."""

    handler: str
    installer: str
    events: str


@dataclass(frozen=True, slots=True)
class ApplicationLine:
    """An application of the cabinet, and the number of portals it is installed in."""

    id: UUID
    title: str
    client_id: str
    created: str
    portals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationsPage(SettingsPage):
    """The cabinet's applications, the form that adds one, and the instructions for it."""

    template: ClassVar[str] = "applications/list.html"

    applications: tuple[ApplicationLine, ...]
    addresses: Addresses
    may_write: bool
    client_id: str = ""
    title: str = ""
    fault: Fault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveApplicationPage(SettingsPage):
    """The question before an application is removed."""

    template: ClassVar[str] = "applications/remove.html"

    application: ApplicationLine


@router.get("/settings/applications")
def list_applications(visit: Visiting) -> Response:
    """The applications of the cabinet."""
    return visit.show(_applications(visit))


@router.post("/settings/applications")
def save(
    visit: Changing,
    client_id: Annotated[str, Form()] = "",
    secret: Annotated[str, Form()] = "",
    title: Annotated[str, Form()] = "",
) -> Response:
    """Portals with this application are let in. The secret is kept sealed and is never shown on a page."""
    card = ApplicationCard(client_id.strip(), secret.strip(), title.strip() or client_id.strip())
    fault = _fault(card, visit.words)
    if fault is None:
        try:
            with visit.session() as session:
                applications.save_own(
                    session, visit.service.db.keyring, visit.member.cabinet_id, card, actor=visit.actor
                )
            return go_to(APPLICATIONS, done="application_saved")
        except ClientIdTaken:
            sentence = visit.words.gettext(
                "CRMAP knows an application of this code already, and it is not one of this cabinet. "
                "Check the code; if it is yours, ask whoever runs CRMAP."
            )
            fault = Fault("client_id", sentence)
    return visit.show(_applications(visit, client_id=card.client_id, title=title, fault=fault), 422)


@router.get("/settings/applications/{application_id}/remove")
def remove_page(visit: Changing, application_id: UUID) -> Response:
    """The question whether to remove the application."""
    own_applications = _applications(visit).applications
    application = next((line for line in own_applications if line.id == application_id), None)
    if application is None:
        raise NotFound
    page = RemoveApplicationPage(
        layout=visit.layout(SETTINGS), tabs=tabs(visit.words, APPLICATIONS), application=application
    )
    return visit.show(page)


@router.post("/settings/applications/{application_id}/remove")
def remove(visit: Changing, application_id: UUID) -> Response:
    """Portals are no longer let in with this application."""
    with visit.session() as session:
        removed = applications.remove_own(session, visit.member.cabinet_id, application_id, actor=visit.actor)
    if not removed:
        raise NotFound
    return go_to(APPLICATIONS, done="application_removed")


def _fault(card: ApplicationCard, words: Words) -> Fault | None:
    if not _CLIENT_ID.fullmatch(card.client_id):
        sentence = words.gettext("This is not the code of a local application. It begins with «local.».")
        return Fault("client_id", sentence)
    if not _SECRET.fullmatch(card.secret):
        return Fault("secret", words.gettext("This is not the key of an application: it is one word."))
    if not is_title(card.title):
        sentence = words.gettext(
            "A title of at most {most} characters in one line, please.", most=LONGEST_TITLE
        )
        return Fault("title", sentence)
    return None


def _applications(
    visit: Visit, *, client_id: str = "", title: str = "", fault: Fault | None = None
) -> ApplicationsPage:
    with visit.session() as session:
        own_applications = applications.own(session, visit.member.cabinet_id)
    gateway = f"{visit.service.origin}/bitrix24"
    return ApplicationsPage(
        layout=visit.layout(SETTINGS),
        tabs=tabs(visit.words, APPLICATIONS),
        applications=tuple(_line(application, visit.words) for application in own_applications),
        addresses=Addresses(f"{gateway}/app", f"{gateway}/install", f"{gateway}/events"),
        may_write=visit.member.may_write,
        client_id=client_id,
        title=title[:LONGEST_TITLE],
        fault=fault,
    )


def _line(application: OwnApplication, words: Words) -> ApplicationLine:
    return ApplicationLine(
        id=application.id,
        title=application.title,
        client_id=application.client_id,
        created=words.moment(application.created_at) if application.created_at else "",
        portals=application.portals,
    )
