"""Orders of faults: what goes wrong, how often and where. Every answer is checked against them."""

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
        """Counts one match; True if the fault strikes it."""
        if self.after:
            self.after -= 1
            return False
        if self.times is not None and self.struck >= self.times:
            return False
        self.struck += 1
        return True


@dataclass(slots=True)
class Faults:
    """Orders of faults from a catalogue; the default catalogue is that of a portal."""

    orders: list[Fault] = field(default_factory=list)
    catalogue: Mapping[str, WholeAnswer | InBatch] = field(
        default_factory=lambda: {**WHOLE_ANSWER, **IN_BATCH}
    )

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
        """From now on this fault strikes.

        ``method``: only in requests that contain it (whole answers, batch envelopes) or only its answers.
        ``command``: only the answer with this key in a batch. Raises BadFault for what does not exist.
        """
        order = Fault(name, times, method.lower() if method else None, command, after, options)
        definition = self._known(name)
        _check(order, definition)
        order.options = {**definition.options, **options}
        self.orders.append(order)
        return order

    def clear(self) -> None:
        self.orders.clear()

    def of_whole(self, methods: Collection[str]) -> Fault | None:
        """The first fault that strikes a request with these methods."""
        for fault in self.orders:
            definition = self.catalogue[fault.name]
            if not isinstance(definition, WholeAnswer) or definition.method not in (None, *methods):
                continue
            if fault.method in (None, *methods) and fault.strikes():
                return fault
        return None

    def spoiled(self, fault: Fault, request: Request, response: Response) -> tuple[Response, Delivery]:
        """The response as this fault of a whole answer changes it, and its delivery."""
        definition = self.catalogue[fault.name]
        if not isinstance(definition, WholeAnswer):
            raise TypeError(f"{fault.name} is no fault of whole answers")
        return definition.response(request, response, fault.options), definition.delivery(fault.options)

    def _known(self, name: str) -> WholeAnswer | InBatch:
        if name not in self.catalogue:
            raise BadFault(f"no fault {name!r}, there are: {', '.join(self.catalogue)}")
        return self.catalogue[name]

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


def _check(order: Fault, definition: WholeAnswer | InBatch) -> None:
    """Raises BadFault unless the order gives the settings of this fault the right types."""
    options = definition.options
    if strange := [option for option in order.options if option not in options]:
        choice = ", ".join(options) or "none"
        raise BadFault(f"fault {order.name!r} has no option {', '.join(strange)}; its options: {choice}")
    for option, value in order.options.items():
        # "value" is what an answer is replaced by: any type will do.
        if option != "value" and type(value) is not type(options[option]):
            raise BadFault(f"fault {order.name!r}: {option} is of type {type(options[option]).__name__}")
    if order.command is not None and isinstance(definition, WholeAnswer):
        raise BadFault(f"fault {order.name!r} is one of whole answers, it takes no command")


def spoiled_answer(faults: list[Fault], answer: Answer, params: Mapping[str, Any]) -> Answer | None:
    """The answer under these faults, one after the other. Raises Refusal if one of them is a refusal."""
    spoiled: Answer | None = answer
    for fault in faults:
        if spoiled is not None:
            spoiled = IN_BATCH[fault.name].change(spoiled, params, fault.options)
    return spoiled
