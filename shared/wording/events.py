"""Whether a portal tells of its changes by events, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shared.domain.events import Events, EventsState, NoEvents
from shared.wording.language import Language
from shared.wording.sentences import N_, NP_, say

_STATES: Final[Mapping[EventsState, str]] = {
    "on": NP_("events", "on"),
    "off": N_("none, read on schedule"),
    "unknown": N_("not checked yet"),
}
_REASONS: Final[Mapping[NoEvents, str]] = {
    NoEvents.WEBHOOK: N_(
        "A webhook brings no events. With the application installed in the portal, changes are seen at once."
    ),
    NoEvents.PLAN: N_("The plan of the portal has no REST or sends no events to applications."),
    NoEvents.SCOPE: N_(
        "The application lacks the permission “CRM” (crm). Grant it in the portal, in the settings of the application."
    ),
    NoEvents.NO_ADMIN: N_(
        "Only an administrator's access can switch them on. An administrator of the portal mends that by opening "
        "CRMAP there once."
    ),
    NoEvents.NOT_FINISHED: N_(
        "The installation of the application is not finished. An administrator of the portal finishes it by opening "
        "CRMAP there once."
    ),
    NoEvents.REFUSED: N_(
        "The portal refuses the address its events would go to. Tell whoever runs CRMAP: the address has to be a "
        "public name with https."
    ),
    NoEvents.NOT_ANSWERED: N_(
        "The portal did not answer when it was asked for them. CRMAP asks again within an hour."
    ),
}


def events_phrase(events: Events, language: Language) -> str:
    """The state in a few words, after a word like “Events”."""
    return say(_STATES[events.state], language)


def no_events_sentence(events: Events, language: Language) -> str | None:
    """Why there are no events and what to do; ``None`` when they are on or nothing is known."""
    return None if events.reason is None else say(_REASONS[events.reason], language)
