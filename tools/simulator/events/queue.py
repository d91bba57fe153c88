"""How events leave a portal: each is posted once, from a separate thread, and never repeated.

Source: Bitrix24 REST documentation, events: no retries, no promise about order.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Condition, Thread
from typing import Any

from tools.simulator.outgoing import post
from tools.simulator.switches import Switches

#: Posts under way at one time, of all portals together.
_SLOTS = BoundedSemaphore(32)
_POLL_S = 0.02


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event that went to one handler; ``status`` is None and ``error`` says why if nothing came back."""

    event: str
    handler: str
    form: Mapping[str, str] = field(repr=False)
    status: int | None = None
    error: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class _Waiting:
    due_at: float
    event: str
    handler: str
    form: Mapping[str, str]


class EventQueue:
    """The events that wait, were delivered, or were lost on purpose."""

    def __init__(self, switches: Switches) -> None:
        self.delivered: list[Delivery] = []
        self.lost: list[Delivery] = []
        self._switches = switches
        self._waiting: list[_Waiting] = []
        self._under_way = 0
        self._changed = Condition()
        self._thread: Thread | None = None
        self._closed = False
        self._dice = random.Random(0)
        self._seed = 0

    def put(self, event: str, handler: str, form: Mapping[str, str]) -> None:
        """The event will be posted soon, unless the switches make it lost. They can also double it."""
        switches = self._switches
        with self._changed:
            if self._closed:
                return
            dice = self._seeded_dice()
            if dice.random() < switches.event_loss:
                self.lost.append(Delivery(event, handler, form))
                return
            times = 2 if dice.random() < switches.event_duplication else 1
            due_at = time.monotonic() + switches.event_delay_s
            self._waiting += [_Waiting(due_at, event, handler, form)] * times
            if self._thread is None:
                self._thread = Thread(target=self._work, daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def drain(self, timeout: float = 10.0) -> None:
        """Everything that was put has been posted. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._waiting and not self._under_way, timeout):
                raise TimeoutError(f"{len(self._waiting) + self._under_way} events are still on their way")

    def clear(self) -> None:
        """The logs are empty; events that wait stay in the queue."""
        with self._changed:
            self.delivered.clear()
            self.lost.clear()

    def close(self) -> None:
        """Nothing more is posted."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify_all()

    def as_dict(self) -> dict[str, Any]:
        with self._changed:
            return {
                "waiting": len(self._waiting) + self._under_way,
                "delivered": [delivery.as_dict() for delivery in self.delivered],
                "lost": [delivery.as_dict() for delivery in self.lost],
            }

    def _seeded_dice(self) -> random.Random:
        if self._seed != self._switches.event_seed:
            self._seed = self._switches.event_seed
            self._dice.seed(self._seed)
        return self._dice

    def _work(self) -> None:
        """Posts events until none waits; then the thread ends."""
        while (waiting := self._next()) is not None:
            with _SLOTS:
                posted = post(
                    waiting.handler,
                    waiting.form,
                    timeout_s=self._switches.event_timeout_s,
                    agent="Bitrix24 Webhook Engine",
                )
            with self._changed:
                self._under_way -= 1
                self.delivered.append(
                    Delivery(waiting.event, waiting.handler, waiting.form, posted.status, posted.error)
                )
                self._changed.notify_all()

    def _next(self) -> _Waiting | None:
        with self._changed:
            while self._waiting:
                now = time.monotonic()
                due = [waiting for waiting in self._waiting if waiting.due_at <= now]
                if due and not self._switches.events_held:
                    chosen = self._seeded_dice().choice(due) if self._switches.events_shuffled else due[0]
                    self._waiting.remove(chosen)
                    self._under_way += 1
                    return chosen
                self._changed.wait(_POLL_S)
            self._thread = None
            return None
