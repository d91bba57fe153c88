"""«Разработчикам»: local applications and incoming webhooks, as a person makes them in the portal.

Source: Bitrix24 help, local applications and incoming webhooks.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from html import escape
from typing import Any
from urllib.parse import urlsplit

from tools.simulator.browsing.layout import fill, page, sentence
from tools.simulator.browsing.visitor import Visitor
from tools.simulator.callers import USUAL_SCOPES
from tools.simulator.installation import Installation
from tools.simulator.messages import Request, Response
from tools.simulator.php import as_map, parse_query
from tools.simulator.portal import SimulatedPortal

#: What a person can choose, with the words of the portal's own list.
_RIGHTS = {
    "crm": ("CRM", "CRM"),
    "userfieldconfig": ("Настройки пользовательских полей", "Custom field settings"),
    "user_basic": ("Пользователи (базовый)", "Users (basic)"),
    "user": ("Пользователи", "Users"),
    "department": ("Структура компании", "Company structure"),
    "placement": ("Встраивание приложений", "Application embedding"),
}


def integrations(portal: SimulatedPortal, visitor: Visitor, _request: Request) -> Response:
    """What can be added, and the local applications that were added here."""
    rows = "".join(
        fill(
            "integration.html",
            visitor,
            title=installation.application.title,
            client_id=installation.application.client_id,
            handler=installation.application.handler_url,
            card=visitor.link(f"/devops/application/{installation.row_id}/"),
            open=visitor.link(f"/marketplace/app/{installation.row_id}/"),
        )
        for installation in _local(portal)
    )
    content = fill(
        "integrations.html",
        visitor,
        new_application=visitor.link("/devops/application/"),
        webhook=visitor.link("/devops/webhook/"),
        rows_html=rows or f"<tr><td colspan='4'>{escape(visitor.word('no_applications'))}</td></tr>",
    )
    return page(portal, visitor, visitor.word("developers"), content)


def new_application(portal: SimulatedPortal, visitor: Visitor, request: Request) -> Response:
    """The form of a local application. After saving, the portal has the application, with id and secret."""
    if not visitor.user.admin:
        return sentence(portal, visitor, "administrators_only", 403)
    if request.verb != "POST":
        return _form(portal, visitor, {"title": "CRMAP"}, USUAL_SCOPES)
    form = _said(request)
    rights = _rights(form)
    if trouble := _trouble(form, rights):
        return _form(portal, visitor, form, rights, trouble=trouble)
    registry = portal.authority.applications
    registered = registry.register(None, None, kind="local", **_card(form, rights))
    installation = portal.install(registered, visitor.user.id, page=False).installation
    return visitor.sent(f"/devops/application/{installation.row_id}/")


def application(portal: SimulatedPortal, visitor: Visitor, request: Request, number: str) -> Response:
    """Id and secret of a local application to copy. Here it is changed, installed again or deleted."""
    if not visitor.user.admin:
        return sentence(portal, visitor, "administrators_only", 403)
    installation = next(
        (installation for installation in _local(portal) if str(installation.row_id) == number), None
    )
    if installation is None:
        return sentence(portal, visitor, "nothing_here", 404)
    saved = installation.application
    form: Mapping[str, Any] = {
        "title": saved.title,
        "handler_url": saved.handler_url,
        "installer_url": saved.installer_url or "",
    }
    if request.verb != "POST":
        return _form(portal, visitor, form, saved.scopes, installation)
    form = _said(request)
    if form.get("do") == "delete":
        portal.uninstall(saved)
        return visitor.sent("/devops/")
    if form.get("do") == "reinstall":
        portal.install(saved, visitor.user.id, page=False)
        return visitor.sent(f"/marketplace/app/{number}/")
    rights = _rights(form)
    if trouble := _trouble(form, rights):
        return _form(portal, visitor, form, rights, installation, trouble=trouble)
    installation.application = portal.authority.applications.change(saved, **_card(form, rights))
    return visitor.sent(f"/devops/application/{number}/")


def webhook(portal: SimulatedPortal, visitor: Visitor, request: Request) -> Response:
    """A webhook of this user with the chosen rights. When it is made again, the old one is refused."""
    form = _said(request)
    rights = _rights(form) if request.verb == "POST" else ("crm", "userfieldconfig")
    url = ""
    with portal.lock:
        if request.verb == "POST" and rights:
            url = portal.webhook(visitor.user.id, rights)
            if form.get("again"):
                portal.revoke(url)
                url = portal.webhook(visitor.user.id, rights)
    content = fill(
        "webhook.html",
        visitor,
        user=f"{visitor.user.name} {visitor.user.last_name}",
        rights_html=_choices(visitor, rights),
        made_html=fill("webhook_made.html", visitor, address=url) if url else "",
    )
    return page(portal, visitor, visitor.word("incoming_webhook"), content)


def _local(portal: SimulatedPortal) -> list[Installation]:
    return [
        installation
        for installation in portal.installations.values()
        if installation.active and installation.application.kind == "local"
    ]


def _form(
    portal: SimulatedPortal,
    visitor: Visitor,
    form: Mapping[str, Any],
    rights: Collection[str],
    installation: Installation | None = None,
    *,
    trouble: str | None = None,
) -> Response:
    shown = {name: str(form.get(name, "")) for name in ("title", "handler_url", "installer_url")}
    content = fill(
        "application.html",
        visitor,
        **shown,
        keys_html="" if installation is None else _keys(visitor, installation),
        actions_html="" if installation is None else fill("application_actions.html", visitor),
        rights_html=_choices(visitor, rights),
        trouble_html=f"<p class='notice' role='alert'>{escape(visitor.word(trouble))}</p>" if trouble else "",
        back=visitor.link("/devops/"),
    )
    return page(portal, visitor, visitor.word("local_application"), content, 400 if trouble else 200)


def _keys(visitor: Visitor, installation: Installation) -> str:
    return fill(
        "application_keys.html",
        visitor,
        client_id=installation.application.client_id,
        secret=installation.application.secret,
        open=visitor.link(f"/marketplace/app/{installation.row_id}/"),
    )


def _choices(visitor: Visitor, chosen: Collection[str]) -> str:
    return "".join(
        f"<label class='check'><input type='checkbox' name='rights[]' value='{right}'"
        f"{' checked' if right in chosen else ''}> {escape(names[visitor.language != 'ru'])} ({right})</label>"
        for right, names in _RIGHTS.items()
    )


def _rights(form: Mapping[str, Any]) -> tuple[str, ...]:
    chosen = as_map(form.get("rights")).values()
    return tuple(right for right in _RIGHTS if right in chosen)


def _said(request: Request) -> dict[str, Any]:
    """A form of the portal's own, without blanks around what was typed."""
    fields = parse_query(request.body.decode("utf-8", errors="replace"))
    return {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}


def _card(form: Mapping[str, Any], rights: tuple[str, ...]) -> dict[str, Any]:
    return {
        "title": str(form["title"]),
        "handler_url": str(form["handler_url"]),
        "installer_url": str(form.get("installer_url", "")) or None,
        "scopes": rights,
    }


def _trouble(form: Mapping[str, Any], rights: Collection[str]) -> str | None:
    """The name of the sentence that says what is wrong with a form, None if nothing is."""
    if not form.get("title"):
        return "title_missing"
    if not _is_address(str(form.get("handler_url", ""))):
        return "handler_missing"
    installer = str(form.get("installer_url", ""))
    if installer and not _is_address(installer):
        return "installer_wrong"
    return None if rights else "rights_missing"


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
