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
    """What there is to add, and the local applications that were added here."""
    rows = "".join(
        fill(
            "integration.html",
            visitor,
            title=known.application.title,
            client_id=known.application.client_id,
            handler=known.application.handler_url,
            card=visitor.link(f"/devops/application/{known.row_id}/"),
            open=visitor.link(f"/marketplace/app/{known.row_id}/"),
        )
        for known in _local(portal)
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
    """The form of a local application; saved, it is in the portal and has its id and secret."""
    if not visitor.user.admin:
        return sentence(portal, visitor, "administrators_only", 403)
    if request.verb != "POST":
        return _form(portal, visitor, {"title": "CRMAP"}, USUAL_SCOPES)
    said = _said(request)
    rights = _rights(said)
    if trouble := _trouble(said, rights):
        return _form(portal, visitor, said, rights, trouble=trouble)
    registry = portal.authority.applications
    made = registry.register(None, None, kind="local", **_card(said, rights))
    known = portal.install(made, visitor.user.id, page=False).installation
    return visitor.sent(f"/devops/application/{known.row_id}/")


def application(portal: SimulatedPortal, visitor: Visitor, request: Request, number: str) -> Response:
    """Id and secret of a local application, to be copied; here it is changed, installed anew or deleted."""
    if not visitor.user.admin:
        return sentence(portal, visitor, "administrators_only", 403)
    known = next((known for known in _local(portal) if str(known.row_id) == number), None)
    if known is None:
        return sentence(portal, visitor, "nothing_here", 404)
    saved = known.application
    said: Mapping[str, Any] = {
        "title": saved.title,
        "handler_url": saved.handler_url,
        "installer_url": saved.installer_url or "",
    }
    if request.verb != "POST":
        return _form(portal, visitor, said, saved.scopes, known)
    said = _said(request)
    if said.get("do") == "delete":
        portal.uninstall(saved)
        return visitor.sent("/devops/")
    if said.get("do") == "reinstall":
        portal.install(saved, visitor.user.id, page=False)
        return visitor.sent(f"/marketplace/app/{number}/")
    rights = _rights(said)
    if trouble := _trouble(said, rights):
        return _form(portal, visitor, said, rights, known, trouble=trouble)
    known.application = portal.authority.applications.change(saved, **_card(said, rights))
    return visitor.sent(f"/devops/application/{number}/")


def webhook(portal: SimulatedPortal, visitor: Visitor, request: Request) -> Response:
    """An address for this user with the rights he chooses; made anew, the old one is refused."""
    said = _said(request)
    rights = _rights(said) if request.verb == "POST" else ("crm", "userfieldconfig")
    made = ""
    with portal.lock:
        if request.verb == "POST" and rights:
            made = portal.webhook(visitor.user.id, rights)
            if said.get("again"):
                portal.revoke(made)
                made = portal.webhook(visitor.user.id, rights)
    content = fill(
        "webhook.html",
        visitor,
        user=f"{visitor.user.name} {visitor.user.last_name}",
        rights_html=_choices(visitor, rights),
        made_html=fill("webhook_made.html", visitor, address=made) if made else "",
    )
    return page(portal, visitor, visitor.word("incoming_webhook"), content)


def _local(portal: SimulatedPortal) -> list[Installation]:
    return [
        known for known in portal.installations.values() if known.active and known.application.kind == "local"
    ]


def _form(
    portal: SimulatedPortal,
    visitor: Visitor,
    said: Mapping[str, Any],
    rights: Collection[str],
    known: Installation | None = None,
    *,
    trouble: str | None = None,
) -> Response:
    shown = {name: str(said.get(name, "")) for name in ("title", "handler_url", "installer_url")}
    content = fill(
        "application.html",
        visitor,
        **shown,
        keys_html="" if known is None else _keys(visitor, known),
        actions_html="" if known is None else fill("application_actions.html", visitor),
        rights_html=_choices(visitor, rights),
        trouble_html=f"<p class='notice' role='alert'>{escape(visitor.word(trouble))}</p>" if trouble else "",
        back=visitor.link("/devops/"),
    )
    return page(portal, visitor, visitor.word("local_application"), content, 400 if trouble else 200)


def _keys(visitor: Visitor, known: Installation) -> str:
    return fill(
        "application_keys.html",
        visitor,
        client_id=known.application.client_id,
        secret=known.application.secret,
        open=visitor.link(f"/marketplace/app/{known.row_id}/"),
    )


def _choices(visitor: Visitor, chosen: Collection[str]) -> str:
    return "".join(
        f"<label class='check'><input type='checkbox' name='rights[]' value='{right}'"
        f"{' checked' if right in chosen else ''}> {escape(names[visitor.language != 'ru'])} ({right})</label>"
        for right, names in _RIGHTS.items()
    )


def _rights(said: Mapping[str, Any]) -> tuple[str, ...]:
    wanted = as_map(said.get("rights")).values()
    return tuple(right for right in _RIGHTS if right in wanted)


def _said(request: Request) -> dict[str, Any]:
    """A form of the portal's own, without blanks around what was typed."""
    found = parse_query(request.body.decode("utf-8", errors="replace"))
    return {name: value.strip() if isinstance(value, str) else value for name, value in found.items()}


def _card(said: Mapping[str, Any], rights: tuple[str, ...]) -> dict[str, Any]:
    return {
        "title": str(said["title"]),
        "handler_url": str(said["handler_url"]),
        "installer_url": str(said.get("installer_url", "")) or None,
        "scopes": rights,
    }


def _trouble(said: Mapping[str, Any], rights: Collection[str]) -> str | None:
    """The word for what is wrong with a form."""
    if not said.get("title"):
        return "title_missing"
    if not _is_address(str(said.get("handler_url", ""))):
        return "handler_missing"
    installer = str(said.get("installer_url", ""))
    if installer and not _is_address(installer):
        return "installer_wrong"
    return None if rights else "rights_missing"


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
