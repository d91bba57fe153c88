"""What was asked of a portal: HTTP requests, and every method call with those inside batches."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

_READING = frozenset(
    {
        "list",
        "get",
        "getbyentitytypeid",
        "gettypes",
        "fields",
        "types",
        "items",
        "search",
        "current",
        "admin",
        "ownertype",
        "status",
        "info",
        "time",
        "profile",
        "scope",
        "methods",
        "events",
        "batch",
    }
)


@dataclass(frozen=True, slots=True)
class Command:
    """One method call; ``key`` is its name inside a batch, None outside."""

    request: int
    method: str
    key: str | None
    params: dict[str, Any]
    user_id: int
    error: str | None
    write: bool


@dataclass(slots=True)
class HttpRequest:
    number: int
    verb: str
    method: str
    at: float
    status: int | None = None  # None until answered
    fault: str | None = None


@dataclass(slots=True)
class Log:
    requests: list[HttpRequest] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)

    @property
    def writes(self) -> list[Command]:
        """Calls of methods that would change the portal; a reader leaves this empty."""
        return [command for command in self.commands if command.write]

    def methods(self) -> list[str]:
        return [command.method for command in self.commands]

    def request(self, verb: str, method: str, at: float) -> HttpRequest:
        entry = HttpRequest(len(self.requests) + 1, verb, method, at)
        self.requests.append(entry)
        return entry

    def command(
        self,
        method: str,
        params: dict[str, Any],
        user_id: int,
        *,
        key: str | None = None,
        error: str | int | None = None,
    ) -> None:
        number = len(self.requests)
        shown = None if error is None else str(error)
        self.commands.append(Command(number, method, key, params, user_id, shown, writes(method)))

    def clear(self) -> None:
        self.requests.clear()
        self.commands.clear()

    def as_dict(self) -> dict[str, Any]:
        return {
            "requests": [asdict(entry) for entry in self.requests],
            "commands": [asdict(entry) for entry in self.commands],
            "writes": [entry.method for entry in self.writes],
        }


def writes(method: str) -> bool:
    """True for anything that is not plainly a reading method: an unknown verb counts as writing."""
    return method.lower().rsplit(".", 1)[-1] not in _READING
