"""The events of a portal that concern its CRM metadata, and binding our handler to them.

There is no event for pipelines, stages, users, departments or a rename (Bitrix24 REST documentation, events), so
every event is only a hint, and a portal is read on schedule as well.
"""

from __future__ import annotations

from shared.bitrix24.client import Bitrix24
from shared.bitrix24.commands import BATCH_SIZE, Answer, Command, Key
from shared.bitrix24.errors import whole_answer_error
from shared.bitrix24.rows import UnexpectedShape, rows_of
from shared.domain.errors import BadAnswer

LIFECYCLE = ("ONAPPINSTALL", "ONAPPUPDATE", "ONAPPUNINSTALL", "ONAPPPAYMENT")
METADATA = (
    *(
        f"ONCRM{entity}USERFIELD{what}"
        for entity in ("LEAD", "DEAL", "CONTACT", "COMPANY", "QUOTE", "REQUISITE", "TYPE")
        for what in ("ADD", "UPDATE", "DELETE", "SETENUMVALUES")
    ),
    "ONCRMTYPEADD",
    "ONCRMTYPEUPDATE",
    "ONCRMTYPEDELETE",
    "ONUSERADD",
)
WANTED = (*LIFECYCLE, *METADATA)

_HANDLERS = Key("handlers")


def bind_missing(portal: Bitrix24, handler: str) -> tuple[str, ...]:
    """Binds ``handler`` to the wanted events it lacks. Returns those the portal accepted.

    Raises a CrmapError when the portal does not list its handlers.
    """
    listed = portal.batch([Command(_HANDLERS, "event.get")])[_HANDLERS]
    if listed.error is not None:
        raise whole_answer_error(listed.error, method="event.get")
    try:
        bound = {
            str(row.get("event", "")).upper() for row in rows_of(listed) if row.get("handler") == handler
        }
    except UnexpectedShape as error:
        raise BadAnswer(what="shape", status="200", start="event.get") from error
    missing = [name for name in WANTED if name not in bound]
    if not missing:
        return ()
    commands = [Command(_bind(name), "event.bind", {"event": name, "handler": handler}) for name in missing]
    answers: dict[Key, Answer] = {}
    for start in range(0, len(commands), BATCH_SIZE):
        answers |= portal.batch(commands[start : start + BATCH_SIZE])
    return tuple(name for name in missing if answers[_bind(name)].ok)


def _bind(event: str) -> Key:
    return Key("bind", event)
