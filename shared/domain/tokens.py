"""The tokens of an application in a portal, and the authorization server's facts about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Tokens:
    """A pair of tokens as it was issued; ``expires_in`` counts from the moment it arrived."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: timedelta
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RenewedTokens:
    """The pair of tokens that replaces the old one, and the portal it belongs to."""

    tokens: Tokens
    member_id: str
    endpoint: str | None


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """The owner of a token: the authorization server is the only trusted source for it.

    ``domain`` and ``endpoint`` name the portal, ``installed`` whether the installation was finished.
    """

    client_id: str
    user_id: int
    member_id: str
    domain: str
    endpoint: str
    installed: bool
    version: str | None
    scopes: frozenset[str]
