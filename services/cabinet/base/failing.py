"""The page that is shown instead of a page that was refused or failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from services.cabinet.base.rendering import Page, answer
from services.cabinet.base.site_layout import SiteLayout
from services.cabinet.base.visit import SignInFirst, language_before_signing_in, sign_in_first
from services.cabinet.base.words import Sentences
from shared.domain.errors import CrmapError
from shared.refusal_route import RefusalRoute, headers_of, own_sentence
from shared.wording.sentences import N_

_SENTENCES: Final[Mapping[str, str]] = {
    "csrf": N_("This form is out of date. Go back, reload the page and send it again."),
    "not_found": N_("There is no such page, or it belongs to somebody else."),
    "readers_change_nothing": N_("You may look at everything in this cabinet and change nothing."),
    "portal_removed": N_("CRMAP was removed from this portal. Install it there again to have it read."),
    "group_incomplete": N_("A group needs a title and at least one account. Go back and tick some."),
    "title_unfit": N_("A title has a hundred signs at most, all in one line and none of them hidden."),
    "never_read": N_("This account has not been read yet."),
    "too_large": N_("That is too much for one form."),
    "try_again_later": N_("The database does not answer. Try again in half a minute."),
}
_OTHERWISE = N_("That did not work. Check the address of the page.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage(Page):
    """One sentence and a link back."""

    template: ClassVar[str] = "base/error.html"

    sentence: str


class PageRoute(RefusalRoute):
    """A route of the cabinet's web site: refusals are pages, and a visitor who is not signed in is sent to sign in."""

    # The longest form is a group of a thousand accounts.
    longest_form = 100_000

    @staticmethod
    def render_refusal(request: Request, refusal: CrmapError) -> Response:
        """The page for the refusal, or a redirect to signing in."""
        if isinstance(refusal, SignInFirst):
            return sign_in_first(request)
        return error_page(request, refusal)


def error_page(request: Request, refusal: CrmapError) -> HTMLResponse:
    """The page that says what went wrong; it needs no database."""
    language = language_before_signing_in(request)
    words = Sentences(language)
    if refusal.code in _SENTENCES:
        sentence = words.gettext(_SENTENCES[refusal.code])
    else:
        sentence = own_sentence(refusal, language) or words.gettext(_OTHERWISE)
    page = ErrorPage(layout=SiteLayout(language, "", "", "error"), sentence=sentence)
    return answer(page, refusal.status, headers_of(refusal))
