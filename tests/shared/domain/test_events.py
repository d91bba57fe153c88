"""Whether a portal sends events: a table."""

from __future__ import annotations

from itertools import product

import pytest

from shared.domain.events import Events, Handlers, NoEvents, events_of
from shared.domain.portal import PortalKind, PortalState
from shared.wording.events import events_phrase, no_events_sentence
from shared.wording.language import Language

UNKNOWN, ON = Handlers(is_checked=False, problem=None), Handlers(is_checked=True, problem=None)
REFUSED = Handlers(is_checked=True, problem=NoEvents.REFUSED)


@pytest.mark.parametrize(
    ("state", "installations", "expected"),
    [
        (PortalState.ACTIVE, [], Events("unknown")),
        (PortalState.ACTIVE, [UNKNOWN], Events("unknown")),
        (PortalState.ACTIVE, [ON], Events("on")),
        (PortalState.ACTIVE, [REFUSED, ON], Events("on")),
        (PortalState.ACTIVE, [UNKNOWN, REFUSED], Events("off", NoEvents.REFUSED)),
        (PortalState.SUBSCRIPTION_ENDED, [ON], Events("off", NoEvents.PLAN)),
        (PortalState.REMOVED, [ON], Events("off")),
    ],
)
def test_one_installation_that_sends_events_is_enough(
    state: PortalState, installations: list[Handlers], expected: Events
) -> None:
    assert events_of(PortalKind.APP, state, installations) == expected


@pytest.mark.parametrize("state", list(PortalState))
def test_a_webhook_brings_no_events(state: PortalState) -> None:
    assert events_of(PortalKind.WEBHOOK, state, []) == Events("off", NoEvents.WEBHOOK)


@pytest.mark.parametrize(("reason", "language"), list(product(NoEvents, ("ru", "en"))))
def test_every_reason_has_its_sentence(reason: NoEvents, language: Language) -> None:
    events = Events("off", reason)
    assert events_phrase(events, language) in ("нет, читается по расписанию", "none, read on schedule")
    assert no_events_sentence(events, language)
    assert no_events_sentence(Events("on"), language) is None
