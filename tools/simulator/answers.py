"""What a method can end with: an answer, or a refusal with the platform's code, text and status."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Answer:
    result: Any
    total: int | None = None
    next: int | None = None
    # Gives the page of the same list that starts at this row; a fault may show rows of another page.
    page: Callable[[int], Answer] | None = None

    def envelope(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"result": self.result}
        if self.next is not None:
            shown["next"] = self.next
        if self.total is not None:
            shown["total"] = self.total
        return shown


class Refusal(Exception):
    """The platform refused: HTTP status, ``error``, ``error_description`` and sometimes further keys."""

    def __init__(self, status: int, error: str | int, description: str, **extra: Any) -> None:
        super().__init__(f"{status} {error}: {description}")
        self.status = status
        self.error = error
        self.description = description
        self.extra = extra

    def envelope(self) -> dict[str, Any]:
        return {"error": self.error, "error_description": self.description, **self.extra}


class MissingScope(Refusal):
    """The webhook or token lacks the method's scope; inside a batch the text is left out."""

    def __init__(self, status: int, kind: str = "webhook") -> None:
        text = f"The request requires higher privileges than provided by the {kind} token"
        super().__init__(status, "insufficient_scope", text)


def method_not_found() -> Refusal:
    return Refusal(404, "ERROR_METHOD_NOT_FOUND", "Method not found!")


def access_denied() -> Refusal:
    """A controller's answer to a caller without the right."""
    return Refusal(400, "ACCESS_DENIED", "Access denied.")


def classic_access_denied() -> Refusal:
    """The same from a classic ``crm.*`` method: no code at all."""
    return Refusal(400, "", "Access denied.")


def missing_parameter(name: str) -> Refusal:
    return Refusal(400, "100", f"Could not find value for parameter {{{name}}}")


def invalid_int(name: str, value: Any) -> Refusal:
    shown = "Array" if isinstance(value, dict | list) else value
    return Refusal(
        400,
        "100",
        f"Invalid value {{{shown}}} to match with parameter {{{name}}}. Should be value of type int.",
    )
