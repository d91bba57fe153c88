"""The page that is shown inside a portal when a page cannot be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from fastapi import Request, Response

from services.cabinet.base.rendering import Page, answer
from services.cabinet.in_portal.layout import PortalLayout
from services.cabinet.in_portal.visit import stranger
from shared.domain.errors import CrmapError
from shared.refusal_route import RefusalRoute, headers_of, own_sentence
from shared.wording.sentences import N_, say

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


class PortalRoute(RefusalRoute):
    """A route inside a portal: refusals are pages for its frame."""

    longest_form = 20_000

    @staticmethod
    def render_refusal(request: Request, refusal: CrmapError) -> Response:
        """The page for the refusal, with the layout of the portal as far as it is known."""
        layout: PortalLayout = getattr(request.state, "layout", None) or stranger(request)
        if refusal.code in _SENTENCES:
            sentence = say(_SENTENCES[refusal.code], layout.language)
        else:
            sentence = own_sentence(refusal, layout.language) or say(_OTHERWISE, layout.language)
        page = SentencePage(
            layout=layout,
            sentence=sentence,
            can_return=bool(layout.session)
            and refusal.status not in (401, 410)
            and refusal.code != "admins_only",
            is_over=refusal.code == "over",
        )
        return answer(page, refusal.status, headers_of(refusal))
