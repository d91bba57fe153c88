"""Applications as their makers register them: in the vendor's cabinet (market) or in one portal (local)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypedDict, Unpack, get_args

from tools.simulator.callers import USUAL_SCOPES

Kind = Literal["market", "local"]


@dataclass(frozen=True, slots=True)
class Application:
    """With ``installer_url`` an installation is finished only by the page at that address.

    Without it the application is installed at once. Lifecycle events go to ``events_url`` from the first day on.
    """

    client_id: str
    secret: str = field(repr=False)
    title: str
    kind: Kind
    handler_url: str
    installer_url: str | None = None
    events_url: str | None = None
    scopes: tuple[str, ...] = USUAL_SCOPES
    status: str = "L"

    def as_dict(self) -> dict[str, object]:
        """What its maker sees in the card of the application."""
        return {
            "application": self.handler_url,
            "title": self.title,
            "kind": self.kind,
            "client_id": self.client_id,
            "client_secret": self.secret,
        }


class Card(TypedDict, total=False):
    """What a maker may say of an application; see ``Application``.

    ``status`` is the letter the platform shows: L local, F free, T trial, P paid, S by subscription.
    """

    title: str
    kind: Kind
    installer_url: str | None
    events_url: str | None
    scopes: Iterable[str]
    status: str


@dataclass(slots=True)
class Applications:
    _known: dict[str, Application] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Application]:
        return iter(self._known.values())

    def by_client_id(self, client_id: str) -> Application | None:
        return self._known.get(client_id)

    def register(
        self, client_id: str | None, secret: str | None, handler_url: str, **card: Unpack[Card]
    ) -> Application:
        """A new application. A missing id or secret is made from its address and its place in the list.

        Raises ValueError.
        """
        kind = card.get("kind", "market")
        if kind not in get_args(Kind):
            raise ValueError(f"no kind {kind!r} of application, there are: {', '.join(get_args(Kind))}")
        seed = f"{kind}/{handler_url}/{len(self._known)}"
        application = Application(
            client_id or _client_id(kind, seed),
            secret or hashlib.sha256(f"secret/{seed}".encode()).hexdigest()[:50],
            card.get("title", "CRMAP"),
            kind,
            handler_url,
            card.get("installer_url"),
            card.get("events_url"),
            tuple(card.get("scopes", USUAL_SCOPES)),
            card.get("status", "L" if kind == "local" else "F"),
        )
        if application.client_id in self._known:
            raise ValueError(f"an application {application.client_id} is registered already")
        self._known[application.client_id] = application
        return application

    def change(self, application: Application, **card: Any) -> Application:
        """The application with these parts of its card changed; id and secret stay."""
        changed = self._known[application.client_id] = replace(application, **card)
        return changed


def _client_id(kind: Kind, seed: str) -> str:
    digits = hashlib.sha256(seed.encode()).hexdigest()
    number = int(digits[14:24], 16) % 90_000_000 + 10_000_000
    return f"{'app' if kind == 'market' else 'local'}.{digits[:14]}.{number}"
