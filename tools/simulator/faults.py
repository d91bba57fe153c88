"""What is to go wrong, how often and where: an order book that every answer is checked against."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.simulator.answers import Answer
from tools.simulator.in_batch import IN_BATCH, InBatch
from tools.simulator.messages import Request, Response
from tools.simulator.server import Delivery
from tools.simulator.whole_answer import WHOLE_ANSWER, WholeAnswer

__all__ = ["IN_BATCH", "WHOLE_ANSWER", "Fault", "Faults"]


class BadFault(ValueError):
    """There is no such fault, or it has no such setting; the text says what there is."""


@dataclass(slots=True)
class Fault:
    """``times`` left (None: for ever), after ``after`` spared matches."""

    name: str
    times: int | None
    method: str | None
    command: str | None
    after: int
    options: Mapping[str, Any]
    struck: int = 0

    def strikes(self) -> bool:
        """Counts one match; True if it is this one's turn."""
        if self.after:
            self.after -= 1
            return False
        if self.times is not None and self.struck >= self.times:
            return False
        self.struck += 1
        return True


@dataclass(slots=True)
class Faults:
    orders: list[Fault] = field(default_factory=list)

    def add(
        self,
        name: str,
        /,
        *,
        times: int | None = 1,
        method: str | None = None,
        command: str | None = None,
        after: int = 0,
        **options: Any,
    ) -> Fault:
        """From now on this goes wrong.

        ``method``: only in requests that contain it (whole answers, batch envelopes) or only its answers.
        ``command``: only the answer with this key in a batch. Raises BadFault for what does not exist.
        """
        order = Fault(name, times, method.lower() if method else None, command, after, options)
        _check(order)
        order.options = {**_known(name).options, **options}
        self.orders.append(order)
        return order

    def clear(self) -> None:
        self.orders.clear()

    def of_whole(self, methods: Collection[str]) -> Fault | None:
        """The first fault that strikes a request with these methods."""
        for fault in self.orders:
            if fault.name in WHOLE_ANSWER and fault.method in (None, *methods) and fault.strikes():
                return fault
        return None

    def of_command(self, method: str, key: str | None) -> list[Fault]:
        """The faults that strike this answer, in the order they were added."""
        return [
            fault
            for fault in self.orders
            if fault.name in IN_BATCH
            and not IN_BATCH[fault.name].of_envelope
            and method != "batch"
            and fault.method in (None, method)
            and fault.command in (None, key)
            and fault.strikes()
        ]

    def of_envelope(self, methods: Collection[str]) -> list[Fault]:
        """The faults that strike the five maps of a batch with these methods inside."""
        return [
            fault
            for fault in self.orders
            if fault.name in IN_BATCH
            and IN_BATCH[fault.name].of_envelope
            and fault.method in (None, *methods)
            and fault.strikes()
        ]


def _known(name: str) -> WholeAnswer | InBatch:
    found = (WHOLE_ANSWER | IN_BATCH).get(name)
    if found is None:
        raise BadFault(f"no fault {name!r}, there are: {', '.join([*WHOLE_ANSWER, *IN_BATCH])}")
    return found


def _check(order: Fault) -> None:
    """Raises BadFault unless the order names a fault and gives its settings the right types."""
    options = _known(order.name).options
    if strange := [option for option in order.options if option not in options]:
        choice = ", ".join(options) or "none"
        raise BadFault(f"fault {order.name!r} has no option {', '.join(strange)}; its options: {choice}")
    for option, value in order.options.items():
        # "value" is what an answer is replaced by: any type will do.
        if option != "value" and type(value) is not type(options[option]):
            raise BadFault(f"fault {order.name!r}: {option} is of type {type(options[option]).__name__}")
    if order.command is not None and order.name in WHOLE_ANSWER:
        raise BadFault(f"fault {order.name!r} is one of whole answers, it takes no command")


def spoiled_response(fault: Fault, request: Request, response: Response) -> tuple[Response, Delivery]:
    """The response as it goes out under this fault, and the way it goes."""
    known = WHOLE_ANSWER[fault.name]
    return known.response(request, response, fault.options), known.delivery(fault.options)


def spoiled_answer(faults: list[Fault], answer: Answer, params: Mapping[str, Any]) -> Answer | None:
    """The answer under these faults, one after the other. Raises Refusal if one of them says so."""
    spoiled: Answer | None = answer
    for fault in faults:
        if spoiled is not None:
            spoiled = IN_BATCH[fault.name].change(spoiled, params, fault.options)
    return spoiled
