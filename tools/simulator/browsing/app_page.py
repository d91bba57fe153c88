"""The page an application is opened on: its frame, and the form that is posted into it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import urlsplit

from tools.simulator.browsing.layout import bare_page, fill, page, script_data, sentence
from tools.simulator.browsing.visitor import Visitor
from tools.simulator.frames import Frame
from tools.simulator.installation import Installation
from tools.simulator.messages import Response
from tools.simulator.opening import opening
from tools.simulator.portal import SimulatedPortal

_NAMES = ("no_fresh_tokens", "choose_user", "choose", "close")


def app_page(
    portal: SimulatedPortal,
    visitor: Visitor,
    installation: Installation,
    *,
    placement: str = "DEFAULT",
    options: Mapping[str, Any],
    slider: bool = False,
) -> Response:
    """The application for this visitor, its installer, or why he sees neither."""
    title = installation.application.title
    if not installation.finished and not visitor.user.admin:
        return sentence(portal, visitor, "unfinished", title=title)
    if visitor.user.id in installation.closed_to:
        return sentence(portal, visitor, "closed", title=title)
    with portal.lock:
        chain = portal.open_chain(installation, visitor.user.id, origin="page")
        installer = not installation.finished
        language = visitor.language
        opened = opening(
            portal,
            installation,
            chain,
            installer=installer,
            placement=placement,
            options=options,
            language=language,
        )
        frame = Frame(installation, chain, installer, language, placement, options)
        portal.frames.add(opened.sid, frame)
    target = urlsplit(opened.url)
    frame_data = {
        "sid": opened.sid,
        "origin": f"{target.scheme}://{target.netloc}",
        "denied": str(visitor.query.get("deny", "")).split(","),
        "slider": slider,
        "address": visitor.link(f"/marketplace/app/{installation.row_id}/"),
        "users": _people(portal),
        "words": {name: visitor.word(name) for name in _NAMES},
    }
    content = fill(
        "frame.html",
        visitor,
        name=f"{portal.domain}|0|{opened.sid}",
        action=opened.url,
        fields_html="".join(
            f"<input type='hidden' name='{escape(name)}' value='{escape(value, quote=True)}'>"
            for name, value in opened.form.items()
        ),
        told_html=script_data("told", frame_data),
    )
    return bare_page(visitor, title, content) if slider else page(portal, visitor, title, content)


def _people(portal: SimulatedPortal) -> list[dict[str, Any]]:
    """Whom a user may choose from, as the portal's own dialog hands them over."""
    return [
        {
            "id": str(user.id),
            "name": f"{user.name} {user.last_name}".strip(),
            "photo": "",
            "position": user.position,
            "url": f"/company/personal/user/{user.id}/",
            "sub": False,
            "sup": False,
        }
        for user in portal.crm.users
        if user.active and not user.hidden
    ]
