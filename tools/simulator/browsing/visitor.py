"""Who looks at the portal's pages, and in which language. Both are in the address; there is no login."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tools.simulator.browsing.words import WORDS
from tools.simulator.ledger import User
from tools.simulator.messages import Response
from tools.simulator.php import parse_query
from tools.simulator.portal import SimulatedPortal

USUAL = "admin"
#: Parameters of an address for the portal itself; all others are for the application.
_OWN = ("as", "lang", "deny", "IFRAME", "options")


@dataclass(frozen=True, slots=True)
class Visitor:
    """``who`` as the address has it: a role, or a user's id."""

    user: User
    who: str
    language: str
    query: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, portal: SimulatedPortal, query: str) -> Visitor:
        """The visitor named in the query of an address. Raises ValueError or LookupError if there is none."""
        params = parse_query(query)
        who = str(params.get("as", USUAL))
        user = portal.crm.user(portal.callers.user_id(int(who) if who.isdigit() else who))
        return cls(user, who, str(params.get("lang", portal.crm.settings.language)), params)

    @property
    def forwarded(self) -> dict[str, Any]:
        """What the page hands on to the application."""
        return {name: value for name, value in self.query.items() if name not in _OWN}

    def link(self, path: str, **other: str) -> str:
        """An address of the portal for the same visitor; ``as`` and ``lang`` can be replaced."""
        kept = {name: str(self.query[name]) for name in ("as", "lang") if name in self.query}
        query = urlencode(kept | other)
        return f"{path}?{query}" if query else path

    def sent(self, path: str) -> Response:
        """A redirect after a form was posted: the browser loads the path."""
        return Response(303, b"", {"Location": self.link(path)})

    def word(self, name: str) -> str:
        """A sentence of the portal's pages: Russian, or English for everybody else."""
        russian, english = WORDS[name]
        return russian if self.language == "ru" else english
