"""Tokens of an application in a portal, and what the authorization server says about them."""

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
    """The pair that replaces the one that was used, and the portal it belongs to."""

    tokens: Tokens
    member_id: str
    endpoint: str | None


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """Whom and what a token belongs to, as the authorization server says: the only source for that.

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
