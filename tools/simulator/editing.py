"""Edits of a portal's settings by its people, and the events the platform has for them."""

from __future__ import annotations

from typing import Any

from tools.simulator.edits.change import Change
from tools.simulator.edits.table import edit as edit_ledger
from tools.simulator.events.edit_events import events_of, touched_field
from tools.simulator.events.firing import fire
from tools.simulator.portal_state import PortalState


def edit(portal: PortalState, edit_name: str, /, **arguments: Any) -> Change:
    """The first administrator edits the ledger, as ``edits.table`` says. Returns the change.

    Applications get the events that the platform has for the change. Raises ValueError, LookupError.
    """
    with portal.lock:
        touched = touched_field(portal.crm, arguments)
        causer = portal.callers.user_id("admin")
        change = edit_ledger(portal.crm, edit_name, arguments)
        for event in events_of(portal.crm, change, touched, causer):
            fire(portal, event)
        return change
