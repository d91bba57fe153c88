"""Turns the results of a kind's commands into the state and the reason of its coverage."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from shared.bitrix24.errors import Fault, PortalError
from shared.bitrix24.listing import Reading
from shared.domain.coverage import Reason, ReasonCode, State
from shared.domain.snapshot import AsRead, Dictionary


@dataclass(frozen=True, slots=True)
class Verdict:
    """How completely something was read, and the reason if it is not complete."""

    state: State
    reason: Reason | None = None


COMPLETE = Verdict(State.COMPLETE)

# How many items a reason names.
_MOST_NAMED = 5

# The permission a method needs, for the sentence that says what to tick: Bitrix24 REST documentation, scopes.
_SCOPES = {"user.get": "user_basic", "department.get": "department"}


def of_error(error: PortalError, method: str) -> Verdict:
    """The verdict on a kind whose method failed with this error."""
    match error.fault:
        case Fault.SCOPE:
            scope = error.scope or _SCOPES.get(method) or method.partition(".")[0]
            return Verdict(State.NOT_GRANTED, Reason(ReasonCode.SCOPE_MISSING, scope))
        case Fault.RIGHTS:
            return Verdict(State.FORBIDDEN, Reason(ReasonCode.NO_RIGHTS, method))
        case Fault.NO_METHOD:
            return Verdict(State.NOT_AVAILABLE, Reason(ReasonCode.METHOD_MISSING, method))
        case Fault.NO_OBJECT:
            return Verdict(State.NOT_AVAILABLE, Reason(ReasonCode.SWITCHED_OFF, method))
        case Fault.PAUSED:
            return Verdict(State.FAILED, Reason(ReasonCode.METHOD_PAUSED, method))
        case Fault.RESTS:
            return Verdict(State.FAILED, Reason(ReasonCode.METHOD_RESTS, method))
        case Fault.NOT_ANSWERED | Fault.SILENT:
            return Verdict(State.FAILED, Reason(ReasonCode.NOT_ANSWERED, method))
        case Fault.SHAPE:
            return Verdict(State.FAILED, Reason(ReasonCode.UNEXPECTED_SHAPE, method))
        case _:
            return Verdict(State.FAILED, Reason(ReasonCode.PORTAL_ERROR, f"{method}: {error}"))


def of_reading(reading: Reading, *, dropped: Collection[str] = ()) -> Verdict:
    """The verdict on a list. ``dropped`` are the names of its rows that could not be used."""
    items = len(reading.rows) - len(dropped)
    if reading.error is not None:
        return with_items(of_error(reading.error, reading.method), items)
    if dropped:
        return with_items(without_rows(reading.method, dropped), items)
    if reading.total is not None and reading.total > len(reading.rows):
        return with_items(_failed(ReasonCode.ROWS_MISSING, f"{items} / {reading.total}"), items)
    if not reading.whole:
        return with_items(_failed(ReasonCode.LIST_CONTRADICTS, reading.method), items)
    return COMPLETE


def without_rows(method: str, dropped: Iterable[str]) -> Verdict:
    """The verdict if rows of this method could not be used. At most ``_MOST_NAMED`` of them are named."""
    named = [*dict.fromkeys(dropped)]
    more = ", …" if len(named) > _MOST_NAMED else ""
    return _failed(ReasonCode.UNEXPECTED_SHAPE, f"{method}: {', '.join(named[:_MOST_NAMED])}{more}")


def of_items(verdict: Verdict, items: Iterable[Any]) -> Reason | None:
    """The reason of the verdict, else one that names the attributes that were not understood; ``None`` if all were."""
    if verdict.reason is not None:
        return verdict.reason
    odd = [f"{_name_of(item)}: {_told(item)}" for item in _all(items) if item.not_understood]
    if not odd:
        return None
    more = "; …" if len(odd) > _MOST_NAMED else ""
    return Reason(ReasonCode.NOT_UNDERSTOOD, "; ".join(odd[:_MOST_NAMED]) + more)


def _all(items: Iterable[Any]) -> Iterator[AsRead]:
    for item in items:
        yield item
        if isinstance(item, Dictionary):
            yield from item.items


def _name_of(item: AsRead) -> str:
    """The code of an item, or its id."""
    for name in ("code", "status_id", "directory", "key", "id"):
        if (identifier := getattr(item, name, None)) is not None:
            return str(identifier)
    return ""


def _told(item: AsRead) -> str:
    return ", ".join(f"{odd.attribute} {odd.came}".strip() for odd in item.not_understood)


def partial(code: ReasonCode, detail: str) -> Verdict:
    """Something is missing, for this reason."""
    return Verdict(State.PARTIAL, Reason(code, detail))


def with_items(verdict: Verdict, items: int) -> Verdict:
    """The same verdict, but "partial" if some items came although something failed."""
    if items and verdict.state is not State.COMPLETE:
        return Verdict(State.PARTIAL, verdict.reason)
    return verdict


def combined_verdict(verdicts: Iterable[Verdict], *, items: int) -> Verdict:
    """One verdict for a kind that is read from several lists: the first that is not complete decides."""
    for verdict in verdicts:
        if verdict.state is not State.COMPLETE:
            return with_items(verdict, items)
    return COMPLETE


def _failed(code: ReasonCode, detail: str) -> Verdict:
    return Verdict(State.FAILED, Reason(code, detail))
