"""Chains of tokens: each renewal replaces both tokens of a chain, and any number of chains live side by side.

Source: Bitrix24 documentation, OAuth 2.0: a refresh token works once, and its use ends the access token it came with.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

ACCESS_LIVES_S = 3600
REFRESH_LIVES_S = 180 * 24 * 3600  # older training material: 28 days
CODE_LIVES_S = 30


@dataclass(slots=True)
class Chain:
    """The tokens in force of one application for one user of one portal."""

    id: int
    client_id: str
    member_id: str
    user_id: int
    scopes: tuple[str, ...]
    origin: str  # "install", "page", "event" or "code"
    renewable: bool  # False: an access token alone, as ordinary events bring it
    access_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    access_expires_at: float = 0.0
    refresh_expires_at: float = 0.0
    ended: bool = False
    refreshes: int = 0
    invalid_grants: int = 0

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


#: Application, portal, user and scopes: what a code stands for until it is exchanged.
Grant = tuple[str, str, int, tuple[str, ...]]


@dataclass(slots=True)
class Chains:
    """Every chain ever opened, found by any token it ever had."""

    clock: Callable[[], float]
    access_lives_s: float = ACCESS_LIVES_S
    refresh_lives_s: float = REFRESH_LIVES_S
    code_lives_s: float = CODE_LIVES_S
    all: list[Chain] = field(default_factory=list, repr=False)
    _by_token: dict[str, Chain] = field(default_factory=dict, repr=False)
    _codes: dict[str, tuple[float, Grant]] = field(default_factory=dict, repr=False)
    _lock: RLock = field(default_factory=RLock)

    def __iter__(self) -> Iterator[Chain]:
        """Those that can be renewed."""
        return (chain for chain in list(self.all) if chain.renewable)

    def open(
        self,
        client_id: str,
        member_id: str,
        user_id: int,
        scopes: tuple[str, ...],
        *,
        origin: str,
        renewable: bool = True,
    ) -> Chain:
        """A new chain with fresh tokens; the others of the same user go on."""
        with self._lock:
            number = len(self.all) + 1
            chain = Chain(number, client_id, member_id, user_id, scopes, origin, renewable)
            self.all.append(chain)
            self._issue(chain, new_refresh_token=renewable)
            return chain

    def renewed(self, refresh_token: str, *, rotate: bool = True) -> bool:
        """True if the token was valid. It is used up then, unless ``rotate`` is False."""
        with self._lock:
            chain = self._by_token.get(refresh_token)
            if chain is None or chain.refresh_token != refresh_token:
                return False
            if chain.ended or chain.refresh_expires_at <= self.clock():
                return False
            chain.refreshes += 1
            self._issue(chain, new_refresh_token=rotate)
            return True

    def of_token(self, token: str) -> Chain | None:
        """The chain that has this access or refresh token, or had it once."""
        return self._by_token.get(token)

    def end(self, client_id: str, member_id: str, user_id: int | None = None) -> None:
        """All tokens of the application in this portal are invalid, or those of one user."""
        with self._lock:
            for chain in self.all:
                if (chain.client_id, chain.member_id) != (client_id, member_id):
                    continue
                if user_id in (None, chain.user_id):
                    chain.ended = True

    def code(self, grant: Grant) -> str:
        """An authorization code, to be exchanged once and within half a minute."""
        with self._lock:
            code = secrets.token_hex(24)
            self._codes[code] = (self.clock() + self.code_lives_s, grant)
            return code

    def of_code(self, code: str, client_id: str) -> Chain | None:
        """A new chain for the code, which is used up; None if the code is expired or another application's."""
        with self._lock:
            until, grant = self._codes.pop(code, (0.0, None))
            if grant is None or until <= self.clock() or grant[0] != client_id:
                return None
            return self.open(*grant, origin="code")

    def _issue(self, chain: Chain, *, new_refresh_token: bool) -> None:
        now = self.clock()
        chain.access_token = secrets.token_hex(35)
        chain.access_expires_at = now + self.access_lives_s
        self._by_token[chain.access_token] = chain
        if new_refresh_token:
            chain.refresh_token = secrets.token_hex(35)
            chain.refresh_expires_at = now + self.refresh_lives_s
            self._by_token[chain.refresh_token] = chain
