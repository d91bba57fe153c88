"""What a page says instead of itself when it cannot be shown."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from services.cabinet.base.forms import check_size
from services.cabinet.base.rendering import Page, answer
from services.cabinet.base.site_layout import SiteLayout
from services.cabinet.base.visit import SignInFirst, language_before_signing_in, sign_in_first
from services.cabinet.base.words import N_, Words
from shared.db.session import DATABASE_TROUBLE
from shared.domain.errors import CrmapError
from shared.web import RETRY_AFTER_S, STATUS, Problem
from shared.wording.errors import error_sentence

# Our longest form is a group of a thousand accounts.
LONGEST_FORM = 100_000

_SENTENCES: Final[Mapping[str, str]] = {
    "csrf": N_("This form is out of date. Go back, reload the page and send it again."),
    "not_found": N_("There is no such page, or it belongs to somebody else."),
    "readers_change_nothing": N_("You may look at everything in this cabinet and change nothing."),
    "portal_removed": N_("CRMAP was removed from this portal. Install it there again to have it read."),
    "group_incomplete": N_("A group needs a title and at least one account. Go back and tick some."),
    "title_unfit": N_("A title has a hundred signs at most."),
    "never_read": N_("This account has not been read yet."),
    "too_large": N_("That is too much for one form."),
    "too_many_requests": N_("That was often. Try again in a few minutes."),
    "try_again_later": N_("The database does not answer. Try again in half a minute."),
}
_OTHERWISE = N_("That did not work. Check the address of the page.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage(Page):
    """One sentence, and the way back."""

    template: ClassVar[str] = "base/error.html"

    sentence: str


class PageRoute(APIRoute):
    """A route whose refusals are pages, not problem details."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler with everything that can go wrong in it told to a person."""
        handle = super().get_route_handler()

        async def handle_for_people(request: Request) -> Response:
            try:
                check_size(request, LONGEST_FORM)
                return await handle(request)
            except SignInFirst:
                return sign_in_first(request)
            except Problem as problem:
                return error_page(request, problem)
            except CrmapError as error:
                status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
                said = error_sentence(error, language_before_signing_in(request))
                return error_page(request, Problem(status, error.code, said))
            except RequestValidationError as error:
                # An address with something in the place of an id is like any other that leads nowhere.
                is_address = any(entry["loc"][0] == "path" for entry in error.errors())
                wrong = Problem(404, "not_found") if is_address else Problem(400, "invalid_request")
                return error_page(request, wrong)
            except HTTPException:
                return error_page(request, Problem(400, "invalid_request"))
            except DATABASE_TROUBLE:
                return error_page(
                    request, Problem(503, "try_again_later", headers={"Retry-After": RETRY_AFTER_S})
                )

        return handle_for_people


def error_page(request: Request, problem: Problem) -> HTMLResponse:
    """The page that says what went wrong; it needs no database."""
    language = language_before_signing_in(request)
    words = Words(language, UTC, datetime.now(UTC))
    sentence = problem.detail or words.gettext(_SENTENCES.get(problem.code, _OTHERWISE))
    page = ErrorPage(layout=SiteLayout(language, "", "", "error"), sentence=sentence)
    return answer(page, problem.status, problem.headers)
