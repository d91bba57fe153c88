"""The JSON API as somebody with a personal token uses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from tests.waiting import WITHIN_S, until


class CabinetApi:
    """One cabinet. Every call fails on an answer that is not the promised one."""

    def __init__(self, url: str, token: str, *, timeout: float = WITHIN_S) -> None:
        self._http = httpx.Client(
            base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=timeout
        )

    def close(self) -> None:
        self._http.close()

    def ask(self, verb: str, path: str, **arguments: Any) -> httpx.Response:
        """The answer, whatever it is."""
        return self._http.request(verb, path, **arguments)

    def connect(self, webhook_url: str) -> str:
        """The id of the account behind this webhook."""
        found: str = self._json("POST", "/accounts", 201, json={"webhook_url": webhook_url})["id"]
        return found

    def accounts(self) -> list[Any]:
        found: list[Any] = self._json("GET", "/accounts")["items"]
        return found

    def account(self, account_id: str, **query: str) -> Any:
        return self._json("GET", f"/accounts/{account_id}", params=query)

    def unlink(self, account_id: str) -> None:
        self._answer("DELETE", f"/accounts/{account_id}", 204)

    def reads_in_full(self, account_id: str) -> None:
        """Every read of the account is a full one from now on; the first begins at once."""
        self._answer("PATCH", f"/accounts/{account_id}", 200, json={"full_reads": True})

    def refresh(self, account_id: str) -> str:
        """The id of the refresh that was asked for."""
        found: str = self._json("POST", f"/accounts/{account_id}/refresh", 202)["id"]
        return found

    def refresh_state(self, refresh_id: str) -> Any:
        return self._json("GET", f"/refreshes/{refresh_id}")

    def refreshed(self, account_id: str) -> Any:
        """The end of a refresh asked for now."""
        refresh_id = self.refresh(account_id)
        return self._until(
            lambda: self.refresh_state(refresh_id),
            lambda found: found["state"] in ("done", "failed"),
        )

    def until_state(self, account_id: str, state: str) -> Any:
        """The account once it is in this state."""
        return self._until(lambda: self.account(account_id), lambda found: found["state"] == state)

    def until_problem(self, account_id: str, code: str) -> Any:
        """The account once this is what is wrong with it."""
        return self._until(lambda: self.account(account_id), lambda found: found["problem"] == code)

    def until_changes(self, account_id: str, count: int, *, since: int) -> list[Any]:
        """The changes since this version once there are so many."""
        found: list[Any] = self._until(
            lambda: self.changes(account_id, since=str(since)),
            lambda found: len(found) >= count,
        )
        return found

    def specification(self, account_id: str, **query: str | int) -> bytes:
        return self._answer("GET", f"/accounts/{account_id}/specification", params=query).content

    def snapshots(self, account_id: str) -> list[Any]:
        found: list[Any] = self._json("GET", f"/accounts/{account_id}/snapshots")["items"]
        return found

    def changes(self, account_id: str, *, since: str = "0") -> list[Any]:
        found: list[Any] = self._json("GET", f"/accounts/{account_id}/changes", params={"since": since})[
            "items"
        ]
        return found

    def search(self, words: str) -> list[Any]:
        found: list[Any] = self._json("GET", "/search", params={"q": words})["items"]
        return found

    def link_token(self) -> str:
        found: str = self._json("GET", "/link-token")["token"]
        return found

    def _until(self, look: Callable[[], Any], holds: Callable[[Any], bool]) -> Any:
        """What was seen once it is as it should be."""
        seen: list[Any] = []

        def is_so() -> bool:
            seen[:] = [look()]
            return holds(seen[0])

        until(is_so, what=lambda: f"still {str(seen[0])[:600]}")
        return seen[0]

    def _json(self, verb: str, path: str, status: int = 200, **arguments: Any) -> Any:
        return self._answer(verb, path, status, **arguments).json()

    def _answer(self, verb: str, path: str, status: int = 200, **arguments: Any) -> httpx.Response:
        answer = self.ask(verb, path, **arguments)
        assert answer.status_code == status, f"{verb} {path}: {answer.status_code} {answer.text[:500]}"
        return answer
