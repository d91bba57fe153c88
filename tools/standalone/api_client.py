"""A client of our own services on this machine, which calls them as any program with a personal token does."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

_PATIENCE_S = 20.0
_LOOKS_EVERY_S = 0.1
_COMES_WITHIN_S = 30.0
# Requests to this machine ignore the proxy variables of the environment.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class UnexpectedAnswer(Exception):
    """A service did not do what was asked. The text names the request and the answer."""


class ApiClient:
    """A client of the services at ``url``, by the personal token ``token``."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token

    def api(self, path: str, body: Mapping[str, Any] | None = None, *, verb: str | None = None) -> Any:
        """The JSON answer of the cabinet's API. Raises UnexpectedAnswer."""
        return json.loads(self.file(path, body, verb=verb))

    def file(self, path: str, body: Mapping[str, Any] | None = None, *, verb: str | None = None) -> bytes:
        """The bytes that the cabinet's API answers. Raises UnexpectedAnswer."""
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        return _answer(
            urllib.request.Request(  # noqa: S310 - our own address
                f"{self._url}/api/v1{path}", content, headers, method=verb
            )
        )

    def frame(self, path: str, **fields: str) -> Any:
        """The JSON answer of the gateway to a page in a portal's frame. Raises UnexpectedAnswer."""
        content = urlencode(fields).encode()
        return json.loads(
            _answer(urllib.request.Request(f"{self._url}/bitrix24/{path}", content))  # noqa: S310 - our own
        )

    def until_state(self, account_id: str, state: str) -> Any:
        """The account once it is in this state. Raises UnexpectedAnswer when that takes too long."""
        until = time.monotonic() + _COMES_WITHIN_S
        while (account := self.api(f"/accounts/{account_id}"))["state"] != state:
            if time.monotonic() > until:
                raise UnexpectedAnswer(f"{account['domain']} is {account['state']} and not {state}")
            time.sleep(_LOOKS_EVERY_S)
        return account

    def refresh(self, account_id: str) -> None:
        """A refresh of the account has ended, successfully or not. Raises UnexpectedAnswer."""
        refresh_id = self.api(f"/accounts/{account_id}/refresh", verb="POST")["id"]
        until = time.monotonic() + _COMES_WITHIN_S
        while self.api(f"/refreshes/{refresh_id}")["state"] in ("queued", "reading"):
            if time.monotonic() > until:
                raise UnexpectedAnswer("a refresh does not come to its end")
            time.sleep(_LOOKS_EVERY_S)


def _answer(request: urllib.request.Request) -> bytes:
    request_line = f"{request.get_method()} {request.selector}"
    try:
        with _DIRECT.open(request, timeout=_PATIENCE_S) as answer:
            content: bytes = answer.read()
    except urllib.error.HTTPError as error:
        raise UnexpectedAnswer(
            f"{request_line} was answered {error.code} {error.read(300).decode()}"
        ) from None
    except OSError as error:
        raise UnexpectedAnswer(f"{request_line} was not answered: {error}") from None
    return content
