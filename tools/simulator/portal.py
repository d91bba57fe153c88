"""One simulated portal for tests and the demonstration: its state, and everything that can be done with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from tools.simulator import editing, installing
from tools.simulator.callers import USUAL_SCOPES
from tools.simulator.method import Method
from tools.simulator.portal_state import PortalState
from tools.simulator.registry import METHODS
from tools.simulator.truth import truth


class Hosting(Protocol):
    """What the portal stands on: the cloud that gives it a port."""

    def move(self, portal: SimulatedPortal, host: str, *, redirect: bool) -> None: ...


@dataclass(slots=True)
class SimulatedPortal(PortalState):
    """A portal that answers every method of the registry and stands on a port of its own."""

    methods: Mapping[str, Method] = field(default_factory=lambda: METHODS, repr=False)
    hosting: Hosting = field(kw_only=True, repr=False)

    @property
    def webhook_url(self) -> str:
        """The usual webhook: the portal's first administrator with all scopes CRMAP asks for."""
        return self.webhook()

    def webhook(self, user: int | str = "admin", scopes: Iterable[str] = USUAL_SCOPES) -> str:
        """A webhook URL of a user (id or role) with these scopes."""
        webhook = self.callers.webhook(self.callers.user_id(user), tuple(scopes))
        return f"{self.base_url}rest/{webhook.user_id}/{webhook.code}/"

    def revoke(self, webhook_url: str) -> None:
        """From now on this webhook is unknown to the portal."""
        code = webhook_url.rstrip("/").rsplit("/", 1)[-1]
        if code not in self.callers.webhooks:
            raise LookupError("this portal made no such webhook")
        self.callers.webhooks[code].revoked = True

    def truth(self, *, full: bool = False) -> dict[str, Any]:
        """What a perfect administrator's snapshot contains, after a ``full`` read or an ordinary one."""
        with self.lock:
            return truth(self.crm, self.domain, full=full)

    def rename(self, host: str = "127.0.0.1", *, redirect: bool = True) -> None:
        """The portal has another address; the old one redirects there, or answers no more. Its member_id stays."""
        with self.lock:
            self.hosting.move(self, host, redirect=redirect)

    edit = editing.edit
    install = installing.install
    finish_install = installing.finish_install
    open_app = installing.open_app
    forbid = installing.forbid
    authorization_code = installing.authorization_code
    update = installing.update
    uninstall = installing.uninstall
    end_payment = installing.end_payment
    pay = installing.pay
    dismiss = installing.dismiss
    delete = installing.delete

    def line(self) -> dict[str, Any]:
        """What the command line prints about this portal."""
        return {
            "name": self.name,
            "domain": self.domain,
            "member_id": self.member_id,
            "webhook_url": self.webhook_url,
            "host_page": f"http://{self.domain}/",
            "oauth_servers": [endpoint.removesuffix("/rest/") for endpoint in self.authority.endpoints],
        }
