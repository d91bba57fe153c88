"""The events of a portal that concern its CRM metadata, and binding our handler to them.

There is no event for pipelines, stages, users, departments or a rename (Bitrix24 REST documentation, events), so
every event is only a hint, and a portal is read on schedule as well.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.bitrix24.client import Bitrix24
from shared.bitrix24.commands import BATCH_SIZE, Answer, Answers, Command, Key
from shared.bitrix24.errors import Fault, whole_answer_error
from shared.bitrix24.rows import UnexpectedShape, map_of, rows_of
from shared.domain.errors import BadAnswer
from shared.domain.events import NoEvents

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
# All need the same permission, so a portal sends all of them or none, but for those an older one does not have.
_CRM = tuple(name for name in METADATA if name.startswith("ONCRM"))

_HANDLERS, _APP = Key("handlers"), Key("app")
# What a portal says of an event that it does not have, or that the application has no permission for.
_NOT_FOUND = "error_event_not_found"
# What it says of a handler that another process has bound meanwhile.
_BOUND_ALREADY = "already binded"
_SAY_LATER = (Fault.RETRY, Fault.RATE, Fault.PAUSED, Fault.NOT_ANSWERED, Fault.SILENT, Fault.RESTS)


@dataclass(frozen=True, slots=True)
class Bound:
    """The events that were bound just now, and why the portal sends none; ``None`` if it does."""

    added: tuple[str, ...]
    problem: NoEvents | None


def bind_missing(portal: Bitrix24, handler: str) -> Bound:
    """``handler`` is bound to the wanted events it lacked, those apart that the portal refuses.

    Raises a CrmapError when the portal does not list its handlers.
    """
    asked = portal.batch([Command(_HANDLERS, "event.get"), Command(_APP, "app.info")])
    bound = _bound(asked[_HANDLERS], handler)
    missing = [name for name in WANTED if name not in bound]
    commands = [Command(_bind(name), "event.bind", {"event": name, "handler": handler}) for name in missing]
    answers: dict[Key, Answer] = {}
    for start in range(0, len(commands), BATCH_SIZE):
        answers |= portal.batch(commands[start : start + BATCH_SIZE])
    added = [name for name in missing if _is_bound(answers[_bind(name)])]
    return Bound(tuple(added), _problem(asked, answers, {*bound, *added}))


def _bound(listed: Answer, handler: str) -> set[str]:
    """The events this handler is bound to."""
    if listed.error is not None:
        raise whole_answer_error(listed.error, method="event.get")
    try:
        rows = rows_of(listed)
    except UnexpectedShape as error:
        raise BadAnswer(what="shape", status="200", start="event.get") from error
    return {str(row.get("event", "")).upper() for row in rows if row.get("handler") == handler}


def _is_bound(answer: Answer) -> bool:
    return answer.error is None or _BOUND_ALREADY in answer.error.text.casefold()


def _problem(asked: Answers, answers: Answers, bound: set[str]) -> NoEvents | None:
    """Why no event of the CRM arrives. Events that only this portal lacks are no problem."""
    refusals = [
        error
        for name in _CRM
        if (answer := answers.get(_bind(name))) and (error := answer.error) and name not in bound
    ]
    if any(error.fault in _SAY_LATER for error in refusals):
        return NoEvents.NOT_ANSWERED
    if bound.isdisjoint(_CRM):
        return _reason(refusals[0].fault, refusals[0].code)
    return NoEvents.NOT_FINISHED if _is_unfinished(asked[_APP]) else None


def _reason(fault: Fault, code: str) -> NoEvents:
    if fault is Fault.SCOPE or code.casefold() == _NOT_FOUND:
        return NoEvents.SCOPE
    return NoEvents.PLAN if fault in (Fault.PLAN, Fault.NO_METHOD) else NoEvents.REFUSED


def _is_unfinished(app: Answer) -> bool:
    """True if the portal says so: until its installation is finished, an application is sent no events."""
    try:
        return app.ok and map_of(app).get("INSTALLED") is False
    except UnexpectedShape:
        return False


def _bind(event: str) -> Key:
    return Key("bind", event)
