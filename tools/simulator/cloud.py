"""A Bitrix24 cloud on this machine: portals and two authorization servers on ports of the loopback address.

What the cloud knows is in ``cloud_state``; here it opens and closes the ports.
"""

from __future__ import annotations

import errno
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event
from types import TracebackType
from typing import Any, Self

from tools.simulator.clock import Clock
from tools.simulator.cloud_state import SHARED_HOST, CloudState
from tools.simulator.doors import by_credentials, oauth_door, portal_door
from tools.simulator.oauth.authority import Authority
from tools.simulator.oauth.server import OAuthServer
from tools.simulator.portal import SimulatedPortal
from tools.simulator.seeds import SIZES, seeded
from tools.simulator.server import Answering, HttpServer

HOST = "127.0.0.1"
_LAST_PORT = 65_535


class PortTaken(Exception):
    """A portal cannot listen on its port; the text says which and why."""


@dataclass(frozen=True, slots=True)
class PortalSpec:
    """Which portal to make: the same name, size and seed give the same portal, byte for byte."""

    name: str
    size: str
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.name or not all(sign.isalnum() or sign in "-_." for sign in self.name):
            raise ValueError(f"portal name {self.name!r}: use letters, digits, '-', '_' and '.'")
        if self.size not in SIZES:
            raise ValueError(f"portal size {self.size!r} is unknown, choose one of {', '.join(SIZES)}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """From ``NAME:SIZE[:SEED]``. Raises ValueError with a sentence for people."""
        parts = text.split(":")
        if len(parts) not in (2, 3):
            raise ValueError(f"{text!r} is no portal: write NAME:SIZE or NAME:SIZE:SEED")
        if len(parts) == 3 and not (parts[2].isascii() and parts[2].isdigit()):
            raise ValueError(f"portal seed {parts[2]!r} is no whole number")
        return cls(parts[0], parts[1], int(parts[2]) if len(parts) == 3 else 0)


def _not_listening(port: int, error: OSError) -> Exception:
    if error.errno == errno.EADDRINUSE:
        return PortTaken(f"port {port} is taken by another program, choose another with --port")
    if error.errno == errno.EACCES:
        return PortTaken(f"port {port} is reserved for the system, choose one above 1023 with --port")
    return error


class SimulatedCloud(CloudState):
    """Portals that answer while the ``with`` block lasts, and two authorization servers that know the same tokens.

    The first portal listens on ``port``, the next on the one after it; port 0 gives each a free one. With
    ``shared_port`` all portals listen on one port; webhook or token tells which portal is meant. ``oauth_port`` is
    the port of the usual authorization server; the other server has the next one.
    """

    def __init__(
        self,
        specs: Sequence[PortalSpec],
        port: int = 0,
        *,
        oauth_port: int = 0,
        shared_port: bool = False,
        clock: Callable[[], float] = time.time,  # noqa: TID251 - Bitrix24 has a clock of its own
    ) -> None:
        names = [spec.name for spec in specs]
        if len(set(names)) != len(names):
            raise ValueError("two portals have the same name")
        if port and not shared_port and port + len(specs) - 1 > _LAST_PORT:
            raise ValueError(f"{len(specs)} portals from port {port} on would need ports above {_LAST_PORT}")
        if oauth_port and oauth_port + 1 > _LAST_PORT:
            raise ValueError(
                f"two authorization servers from port {oauth_port} on need ports above {_LAST_PORT}"
            )
        self._port, self._oauth_port, self._shared_port = port, oauth_port, shared_port
        self._servers: list[HttpServer] = []
        authority = Authority(Clock(clock))
        super().__init__(
            authority.clock, authority, OAuthServer(authority, "oauth"), OAuthServer(authority, "twin")
        )
        for spec in specs:
            crm = seeded(spec.name, spec.size, spec.seed)
            self.portals_by_name[spec.name] = SimulatedPortal(
                spec.name, crm, self.clock, authority, hosting=self
            )
        self.authority.portals = {portal.member_id: portal for portal in self.portals}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Every portal and both authorization servers answer. Raises PortTaken."""
        if self._shared_port:
            self._open_shared()
        else:
            for place, portal in enumerate(self.portals):
                self._open_own(portal, self._port + place if self._port else 0)
                portal.domain = portal.address
        for place, oauth in enumerate((self.oauth, self.twin)):
            port = self._oauth_port + place if self._oauth_port else 0
            oauth.address = self._listening(port, oauth_door(self, oauth))
        self.authority.endpoints = [self.oauth.endpoint, self.twin.endpoint]
        for server in self._servers:
            server.start()

    def close(self) -> None:
        for portal in self.portals:
            portal.events.close()
        for server in self._servers:
            server.close()
        self._servers.clear()

    def serve_until(self, stop: Event) -> None:
        """Answers until ``stop`` is set."""
        with self:
            stop.wait()

    def move(self, portal: SimulatedPortal, host: str, *, redirect: bool) -> None:
        """The portal answers on another port. The old one redirects there, or is closed if no other portal uses it."""
        old = portal.address
        self._open_own(portal, 0)
        self._servers[-1].start()
        portal.domain = f"{host}:{portal.address.rpartition(':')[2]}"
        if redirect or self._shared_port:
            return
        for server in [server for server in self._servers if old == f"{HOST}:{server.port}"]:
            self._servers.remove(server)
            server.close()

    def lines(self) -> list[dict[str, Any]]:
        return [
            *(portal.line() for portal in self.portals),
            *(application.as_dict() for application in self.authority.applications),
        ]

    def json_lines(self) -> list[str]:
        """One JSON line per portal: ``name``, ``domain``, ``webhook_url``, ``host_page`` and more.

        Then one per application: ``application`` is its address, with ``client_id`` and ``client_secret``.
        """
        return [json.dumps(line, ensure_ascii=False) for line in self.lines()]

    def _open_own(self, portal: SimulatedPortal, port: int) -> None:
        address = ""
        address = self._listening(port, portal_door(self, lambda: address, lambda _request: portal))
        portal.address = address

    def _open_shared(self) -> None:
        address = ""
        address = self._listening(self._port, portal_door(self, lambda: address, by_credentials(self)))
        for portal in self.portals:
            portal.address = address
            portal.domain = f"{portal.name}.{SHARED_HOST}:{address.rpartition(':')[2]}"

    def _listening(self, port: int, answering: Answering) -> str:
        """The address of a new server that is not started yet. Raises PortTaken."""
        try:
            server = HttpServer((HOST, port), answering)
        except OSError as error:
            self.close()
            raise _not_listening(port, error) from None
        self._servers.append(server)
        return f"{HOST}:{server.port}"
