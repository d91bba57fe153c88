"""The gateway's sentences for people in a frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shared.wording.language import Language
from shared.wording.sentences import N_, cleaned, say

_SENTENCES: Final[Mapping[str, str]] = {
    "opening": N_("Opening…"),
    "open": N_("Open CRMAP"),
    "installed": N_(
        "CRMAP is installed and is already reading the settings of the CRM. The page changes by itself."
    ),
    "cannot_finish": N_(
        "The installation is not finished. Everything is stored, but the portal did not answer: it seems that "
        "the browser did not load the script of Bitrix24. Allow it and try again. Until then the portal tells of no "
        "change, and CRMAP learns of it on schedule only."
    ),
    "needs_script": N_(
        "To end the installation, allow JavaScript in the browser and open the application again."
    ),
    "again": N_("Try again"),
    "save": N_("Save"),
    "cancel": N_("Cancel"),
    "back": N_("Back"),
    "cut": N_("Disconnect"),
    "to_the_data": N_("To the data of the portal"),
    "whose_cabinet": N_(
        "Check whose cabinet this is. Once saved, its people see the address of the portal, its name, the "
        "structure of the CRM and the names of users; they see no deals and no contacts."
    ),
    "cabinet": N_("Cabinet “{title}”, {owner}. Portals in it: {accounts}. Made on {since}."),
    "linked": N_("The portal has appeared in the cabinet."),
    "linked_cabinets": N_("These cabinets see the portal:"),
    "no_linked_cabinets": N_("No cabinet sees the portal."),
    "erased": N_(
        "The data of the portal is erased, and no cabinet sees it any more. If CRMAP is opened again, the "
        "portal is read anew."
    ),
    "address_install": N_("A Bitrix24 portal opens this address when the CRMAP application is installed."),
    "address_app": N_("At this address the CRMAP application opens inside a Bitrix24 portal."),
    "not_verified": N_(
        "Bitrix24 did not confirm that the application was opened in a portal. Open CRMAP from the portal's "
        "menu again."
    ),
    "https_required": N_(
        "The portal was opened without encryption (http). Open it at an address that begins with https://."
    ),
    "bad_request": N_("The portal sent a request that could not be read. Open the application again."),
    "not_portal_admin": N_("An administrator of Bitrix24 can do this. Ask one to open CRMAP in the portal."),
    "admins_only": N_(
        "The portal's administrator shows these data to administrators only. Ask for the setting to be changed."
    ),
    "try_again_later": N_("Bitrix24 could not be reached this time. Reload the page in a minute."),
    "session_expired": N_("The session is over. Reload the page."),
    "link_token_unknown": N_("There is no such connection token. Copy it in your CRMAP cabinet again."),
    "preview_required": N_("First look whose cabinet it is, and confirm the connection."),
    "too_many_tries": N_("Too many wrong tokens. Wait a little and try again."),
    "not_found": N_("This cabinet is not here any more."),
    "portal_removed": N_("The application was removed from the portal. Install it again."),
}


def sentence(code: str, language: Language, **facts: object) -> str:
    """The sentence for this code, with its facts."""
    return say(_SENTENCES[code], language, **cleaned(facts))


def is_known(code: str) -> bool:
    """True for a code that has its own sentence."""
    return code in _SENTENCES


def language_of(lang: str) -> Language:
    """The language for a portal's user, from the code of his interface; Russian if there is no code."""
    return "ru" if lang.lower()[:2] in ("", "ru", "kz", "by") else "en"
