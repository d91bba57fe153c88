"""What all authorization servers of the cloud know together: applications, portals and their tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import Protocol

from tools.simulator.answers import Refusal
from tools.simulator.applications import Applications
from tools.simulator.clock import Clock
from tools.simulator.installation import Installation
from tools.simulator.ledger import Crm
from tools.simulator.oauth.chains import Chain, Chains


class TokenOwner(Protocol):
    """What a server knows of a portal whose tokens it hands out."""

    @property
    def crm(self) -> Crm: ...
    @property
    def domain(self) -> str: ...
    @property
    def endpoint(self) -> str: ...
    @property
    def deleted(self) -> bool: ...
    @property
    def installations(self) -> Mapping[str, Installation]: ...


@dataclass(slots=True)
class Authority:
    clock: Clock
    applications: Applications = field(default_factory=Applications)
    portals: dict[str, TokenOwner] = field(default_factory=dict, repr=False)  # by member_id
    endpoints: list[str] = field(default_factory=list)  # of the servers, the usual one first
    #: Held while a server answers: both rotate the same chains.
    lock: RLock = field(default_factory=RLock)
    chains: Chains = field(init=False)

    def __post_init__(self) -> None:
        self.chains = Chains(self.clock)

    def portal_of(self, chain: Chain) -> TokenOwner:
        return self.portals[chain.member_id]

    def installation_of(self, chain: Chain) -> Installation | None:
        """The installation the chain belongs to, also one that was removed."""
        return self.portal_of(chain).installations.get(chain.client_id)


def unknown_token() -> Refusal:
    return Refusal(401, "invalid_token", "Unable to get application by token")


def expired_token() -> Refusal:
    return Refusal(401, "expired_token", "The access token provided has expired.")
