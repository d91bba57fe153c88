"""A frame as a browser without JavaScript has it: its forms carry the session, and nothing is kept in between."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response

from tests.services.cabinet.pages import Page


@dataclass
class Frame:
    """``cabinet`` and ``gateway`` answer at one address; which of them does is for the address to say."""

    cabinet: TestClient
    gateway: TestClient
    session: str = field(repr=False)

    def send(self, path: str, **fields: Any) -> Response:
        """The answer to a form with the session in it; a redirect that keeps method and body is followed."""
        answer = self._posted(path, {"session": self.session, **fields})
        while answer.status_code == 307:
            answer = self._posted(answer.headers["location"], {"session": self.session, **fields})
        return answer

    def open(self, path: str = "/portal/", **fields: Any) -> Page:
        return Page(self.send(path, **fields))

    def ask(self, path: str, **fields: Any) -> Response:
        """The answer to the page's script."""
        return self._posted(path, {"session": self.session, **fields}, Accept="application/json")

    def _posted(self, path: str, fields: dict[str, Any], **headers: str) -> Response:
        service = self.gateway if path.startswith("/bitrix24/") else self.cabinet
        headers = {"Accept": "text/html,*/*", **headers}
        return service.post(path, data=fields, headers=headers, follow_redirects=False)
