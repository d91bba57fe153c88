"""What a page inside a portal says instead of itself when it cannot be shown."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from services.cabinet.base.forms import check_size
from services.cabinet.base.rendering import Page, answer
from services.cabinet.base.words import N_, catalogue
from services.cabinet.in_portal.layout import PortalLayout
from services.cabinet.in_portal.visit import NoPage, stranger
from shared.db.session import DATABASE_TROUBLE
from shared.domain.errors import CrmapError
from shared.web import RETRY_AFTER_S, STATUS, Problem
from shared.wording.errors import error_sentence

LONGEST_FORM = 20_000

_SENTENCES: Final[Mapping[str, str]] = {
    "outside": N_(
        "This page is a part of the CRMAP application and opens inside a Bitrix24 portal: "
        "choose CRMAP in the portal's menu."
    ),
    "over": N_("The session is over. Reload the page."),
    "admins_only": N_(
        "An administrator of the portal shows these data to administrators only. "
        "Ask one to open CRMAP here and to change that under “SETTINGS”."
    ),
    "removed": N_("CRMAP was removed from this portal. An administrator can install it again."),
    "erased": N_(
        "The data of this portal was erased. Open CRMAP from the portal's menu again, and the portal is read anew."
    ),
    "not_found": N_("There is no such page in this portal."),
    "never_read": N_("The portal has not been read yet. Press “Refresh” and wait for the end."),
    "too_large": N_("That is too much for one form."),
    "try_again_later": N_("The database does not answer. Try again in half a minute."),
}
_OTHERWISE = N_("That did not work. Open CRMAP from the portal's menu again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SentencePage(Page):
    """One sentence. ``can_return``: the data of the portal can be shown after it; ``is_over``: a fresh session may."""

    template: ClassVar[str] = "in_portal/sentence.html"

    sentence: str
    can_return: bool
    is_over: bool


class PortalRoute(APIRoute):
    """A route whose refusals are pages for the frame."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler with everything that can go wrong in it told to a person."""
        handle = super().get_route_handler()

        async def handle_for_people(request: Request) -> Response:
            try:
                check_size(request, LONGEST_FORM)
                return await handle(request)
            except NoPage as no_page:
                reason = no_page.reason
                return _said(no_page.layout, reason.code, reason.status)
            except Problem as problem:
                return _said(_layout_of(request), problem.code, problem.status, problem.headers)
            except CrmapError as error:
                status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
                layout = _layout_of(request)
                return _page(layout, error_sentence(error, layout.language), error.code, status)
            except (RequestValidationError, HTTPException):
                return _said(_layout_of(request), "not_found", 404)
            except DATABASE_TROUBLE:
                return _said(_layout_of(request), "try_again_later", 503, {"Retry-After": RETRY_AFTER_S})

        return handle_for_people


def _said(
    layout: PortalLayout, code: str, status: int, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    sentence = catalogue(layout.language).gettext(_SENTENCES.get(code, _OTHERWISE))
    return _page(layout, sentence, code, status, headers)


def _page(
    layout: PortalLayout, sentence: str, code: str, status: int, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    page = SentencePage(
        layout=layout,
        sentence=sentence,
        can_return=bool(layout.session) and status not in (401, 410) and code != "admins_only",
        is_over=code == "over",
    )
    return answer(page, status, headers)


def _layout_of(request: Request) -> PortalLayout:
    return getattr(request.state, "layout", None) or stranger(request)
