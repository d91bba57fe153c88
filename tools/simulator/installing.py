"""What the people of a portal do with an application: install, open, update and remove it, pay or not.

Every function here is a method of ``SimulatedPortal``. Source: Bitrix24 REST documentation, installation of
applications and their events.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Unpack

from tools.simulator.applications import Application
from tools.simulator.editing import edit
from tools.simulator.events.edit_events import PortalEvent
from tools.simulator.events.firing import bind_lifecycle, fire
from tools.simulator.installation import Installation, application_token
from tools.simulator.ledger import User
from tools.simulator.oauth.chains import Chain
from tools.simulator.opening import Place, posted_page
from tools.simulator.outgoing import Posted
from tools.simulator.portal_state import PortalState


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit to the application: the user's tokens, and the page if the browser posted a form."""

    installation: Installation
    chain: Chain
    page: Posted | None = None

    def as_dict(self) -> dict[str, Any]:
        page = self.page
        return {
            "client_id": self.chain.client_id,
            "member_id": self.chain.member_id,
            "user_id": self.chain.user_id,
            "access_token": self.chain.access_token,
            "refresh_token": self.chain.refresh_token,
            "application_token": self.installation.application_token,
            "finished": self.installation.finished,
            "page": page and {"url": page.url, "status": page.status, "text": page.text, "error": page.error},
        }


def install(  # noqa: PLR0913 - what one click may come with, all by name
    portal: PortalState,
    application: Application,
    by: int | str = "admin",
    *,
    page: bool = True,
    event: bool = True,
    new_token: bool = False,
    scopes: Iterable[str] | None = None,
) -> Visit:
    """The application is in the portal, and whoever installed it has a chain of tokens.

    ``page``: the browser posts the installer's form, or the handler's if there is no installer. ``event``: ONAPPINSTALL
    is fired once the installation is finished; without an installer that is at once. ``new_token``: the application
    token changes. Installing an installed application again starts anew.
    """
    with portal.lock:
        user_id = portal.callers.user_id(by)
        installation = _row(portal, application, new_token=new_token)
        installation.active, installation.version = True, max(installation.version, 1)
        installation.finished = application.installer_url is None
        # A new installation starts without this handler; those of a removed one are gone already.
        installation.handlers = [row for row in installation.handlers if row.event != "ONAPPINSTALL"]
        bind_lifecycle(portal, installation)
        chain = portal.open_chain(installation, user_id, origin="install", scopes=scopes)
    shown = posted_page(portal, installation, chain, installer=True) if page else None
    if event and installation.finished:
        _installed(portal, installation, user_id)
    return Visit(installation, chain, shown)


def finish_install(
    portal: PortalState, application: Application, by: int | str = "admin", *, event: bool = True
) -> Installation:
    """The installation is finished, as ``BX24.installFinish`` does it. Raises LookupError if there is none."""
    installation = portal.installation(application)
    if not installation.finished:
        installation.finished = True
        if event:
            _installed(portal, installation, portal.callers.user_id(by))
    return installation


def open_app(
    portal: PortalState,
    application: Application,
    user: int | str = "admin",
    *,
    scopes: Iterable[str] | None = None,
    page: bool = True,
    **place: Unpack[Place],
) -> Visit:
    """A user opened the application: his browser posts the form with a fresh chain.

    While the installation is not finished, administrators get the installer and everybody else a page of the portal's
    own, so nothing is posted. Raises LookupError if the application is not installed.
    """
    with portal.lock:
        installation = portal.installation(application)
        visitor = portal.crm.user(portal.callers.user_id(user))
        chain = portal.open_chain(installation, visitor.id, origin="page", scopes=scopes)
    if not page or (not installation.finished and not visitor.admin) or visitor.id in installation.closed_to:
        return Visit(installation, chain)
    shown = posted_page(portal, installation, chain, installer=not installation.finished, **place)
    return Visit(installation, chain, shown)


def forbid(portal: PortalState, application: Application, user: int | str) -> int:
    """The user may not use the application any more. Returns his id."""
    user_id = portal.callers.user_id(user)
    portal.installation(application).closed_to.add(user_id)
    return user_id


def authorization_code(portal: PortalState, application: Application, user: int | str = "admin") -> str:
    """A code as the portal's authorization page hands it out. Raises LookupError if there is no installation."""
    installation = portal.installation(application)
    user_id = portal.callers.user_id(user)
    grant = (application.client_id, portal.member_id, user_id, installation.application.scopes)
    return portal.authority.chains.code(grant)


def update(
    portal: PortalState,
    application: Application,
    by: int | str = "admin",
    *,
    event: bool = True,
    finished: bool = True,
) -> Installation:
    """The portal has the next version of the application. Unless ``finished``, its installer has to run again.

    A switch drops the handlers; without an installer those of the application's card are bound again.
    """
    with portal.lock:
        installation = portal.installation(application)
        before, installation.version = installation.version, installation.version + 1
        if portal.switches.handlers_dropped_on_update:
            installation.handlers = []
            if application.installer_url is None:
                bind_lifecycle(portal, installation)
        if event:
            data = {"VERSION": portal.version_text(installation.version)}
            data |= {"PREVIOUS_VERSION": portal.version_text(before)}
            data |= {"LANGUAGE_ID": portal.crm.settings.language}
            fire(portal, PortalEvent("ONAPPUPDATE", data, portal.callers.user_id(by)), installation)
        installation.finished = finished
    return installation


def uninstall(
    portal: PortalState, application: Application, *, clean: bool = True, event: bool = True
) -> Installation:
    """The application is removed from the portal, with its tokens and handlers. ONAPPUNINSTALL carries no tokens.

    ``clean``: the user asked for its data to be wiped.
    """
    with portal.lock:
        installation = portal.installation(application)
        if event:
            data = {"LANGUAGE_ID": portal.crm.settings.language, "CLEAN": int(clean)}
            fire(portal, PortalEvent("ONAPPUNINSTALL", data, None), installation)
        installation.active = False
        installation.handlers = []
        installation.app_options, installation.user_options, installation.seen_by = {}, {}, set()
        portal.authority.chains.end(application.client_id, portal.member_id)
    return installation


def end_payment(portal: PortalState, application: Application | None = None, *, event: bool = True) -> None:
    """The portal's plan has no REST any more, or the subscription to one application is over."""
    _pay(portal, application, paid=False, event=event)


def pay(portal: PortalState, application: Application | None = None, *, event: bool = True) -> None:
    """The plan has REST again, or the application is paid for again."""
    _pay(portal, application, paid=True, event=event)


def dismiss(portal: PortalState, user: int | str) -> int:
    """The user is dismissed; his tokens are refused, unless a switch passes them on. Returns his id."""
    user_id = portal.callers.user_id(user)
    edit(portal, "dismiss_user", user_id=user_id)
    if portal.switches.system_users:
        _inherit(portal, portal.crm.user(user_id))
    return user_id


def delete(portal: PortalState) -> None:
    """The portal is deleted for good, without an event; the authorization server no longer knows it."""
    portal.deleted = True


def _row(portal: PortalState, application: Application, *, new_token: bool) -> Installation:
    installation = portal.installations.get(application.client_id)
    row_id = installation.row_id if installation else portal.crm.next_id("application", at_least=11)
    edition = portal.crm.next_id("application token") if new_token else 0
    token = application_token(portal.member_id, row_id, application.secret, edition)
    if installation is None:
        installation = Installation(application, row_id, token, finished=False)
        portal.installations[application.client_id] = installation
    elif new_token:
        installation.application_token = token
    return installation


def _inherit(portal: PortalState, leaver: User) -> None:
    """Tokens of market applications pass to a hidden user with the leaver's rights."""
    for chain in portal.authority.chains:
        if (chain.member_id, chain.user_id) != (portal.member_id, leaver.id):
            continue
        application = portal.installations[chain.client_id].application
        if application.kind != "market":
            continue
        heirs = [user for user in portal.crm.users if user.hidden and user.name == application.title]
        if not heirs:
            number = portal.crm.next_id("user", at_least=max(user.id for user in portal.crm.users) + 1)
            heirs = [User(number, application.title, "", admin=leaver.admin, hidden=True)]
            portal.crm.users += heirs
        chain.user_id = heirs[0].id


def _installed(portal: PortalState, installation: Installation, user_id: int) -> None:
    data = {
        "VERSION": portal.version_text(installation.version),
        "ACTIVE": "Y",
        "INSTALLED": "Y" if installation.finished else "N",
        "LANGUAGE_ID": portal.crm.settings.language,
    }
    with portal.lock:
        fire(portal, PortalEvent("ONAPPINSTALL", data, user_id), installation)


def _pay(portal: PortalState, application: Application | None, *, paid: bool, event: bool) -> None:
    with portal.lock:
        concerned = [portal.installation(application)] if application else list(portal.installations.values())
        if application is None:
            portal.switches.rest_available = paid
        for installation in concerned:
            installation.payment_expired = not paid
            data = {
                "CODE": installation.application.client_id,
                "VERSION": portal.version_text(installation.version),
                "STATUS": installation.application.status,
                "PAYMENT_EXPIRED": "N" if paid else "Y",
                "DAYS": 30 if paid else 0,
                "LANGUAGE_ID": portal.crm.settings.language,
            }
            if event:
                fire(portal, PortalEvent("ONAPPPAYMENT", data, None), installation)
