"""One application in one portal, as the portal's own table of applications has it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from tools.simulator.applications import Application
from tools.simulator.callers import App


@dataclass(frozen=True, slots=True)
class Handler:
    """Where the portal posts an event. ``auth_type`` is the user whose token is sent; 0: who caused the event."""

    id: int
    event: str
    url: str
    auth_type: int = 0
    offline: bool = False

    @property
    def key(self) -> tuple[str, str, int, bool]:
        return self.event, self.url, self.auth_type, self.offline


@dataclass(slots=True)
class Installation:
    """The row stays when the application is removed: ``active`` is False then."""

    application: Application
    row_id: int
    application_token: str
    finished: bool
    version: int = 1
    active: bool = True
    payment_expired: bool = False
    handlers: list[Handler] = field(default_factory=list)
    closed_to: set[int] = field(default_factory=set)  # users without access to the application
    app_options: dict[str, Any] = field(default_factory=dict)  # kept for the application, seen by everybody
    user_options: dict[int, dict[str, Any]] = field(default_factory=dict)  # the same by user
    seen_by: set[int] = field(default_factory=set)  # users in whose browsers it ran already

    @property
    def app(self) -> App:
        """As ``app.info`` of the portal shows it."""
        application = self.application
        return App(
            self.row_id,
            application.client_id,
            application.client_id,
            self.version,
            application.status,
            self.finished,
            self.payment_expired,
        )


def application_token(member_id: str, row_id: int, secret: str, edition: int) -> str:
    """The same token for the same row, so that it survives a removal. ``edition`` counts how often it changed."""
    seed = f"{member_id}/{row_id}/{secret}/{edition}"
    return hashlib.md5(seed.encode(), usedforsecurity=False).hexdigest()
