"""One call of one method: the caller, the parameters, and the ways the platform reads them."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from tools.simulator.answers import invalid_int, missing_parameter
from tools.simulator.callers import Caller
from tools.simulator.ledger import Crm
from tools.simulator.php import as_int, as_map, loose_int
from tools.simulator.portal_state import PortalState

T = TypeVar("T")


@dataclass(slots=True)
class Call:
    portal: PortalState
    caller: Caller
    method: str
    params: dict[str, Any]

    @property
    def crm(self) -> Crm:
        return self.portal.crm

    @property
    def language(self) -> str:
        """The caller's language: names of system fields and entity types come in it."""
        return self.crm.settings.language

    @property
    def start(self) -> int:
        return loose_int(self.params.get("start", 0))

    def loose(self, name: str) -> Any:
        """A parameter of a classic method: ``filter``, ``FILTER`` and ``Filter`` are one."""
        for spelt in (name, name.upper(), name.capitalize()):
            if spelt in self.params:
                return self.params[spelt]
        return None

    def loose_map(self, name: str) -> dict[str, Any]:
        return as_map(self.loose(name))

    def exact_map(self, name: str) -> dict[str, Any]:
        """A parameter of a controller: the spelling counts."""
        return as_map(self.params.get(name))

    def integer(self, name: str) -> int:
        """A controller's int parameter; anything else is refused with code 100."""
        if name not in self.params:
            raise missing_parameter(name)
        number = as_int(self.params[name])
        if number is None:
            raise invalid_int(name, self.params[name])
        return number

    def unordered(self, rows: Iterable[T]) -> list[T]:
        """Rows whose order the platform does not promise; shuffled while the switch is on."""
        reordered = list(rows)
        if self.portal.switches.shuffle is not None:
            random.Random(f"{self.portal.switches.shuffle}/{self.method}").shuffle(reordered)
        return reordered
