"""A Bitrix24 cloud on this machine: some portals, each on a port of its own on the loopback address."""

from __future__ import annotations

import errno
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event
from types import TracebackType
from typing import Any, Self

from tools.simulator.control import outside_rest
from tools.simulator.faults import spoiled_response
from tools.simulator.messages import Request, Response
from tools.simulator.portal import SimulatedPortal
from tools.simulator.rest import method_in, methods_of, parameters, rest_answer
from tools.simulator.seeds import SIZES, seeded
from tools.simulator.server import Delivery, HttpServer, whole

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


class SimulatedCloud:
    """Portals that answer while the ``with`` block lasts.

    The first portal listens on ``port``, the next on the one after it; port 0 gives each a free one.
    """

    def __init__(
        self, specs: Sequence[PortalSpec], port: int = 0, *, clock: Callable[[], float] = time.time
    ) -> None:
        names = [spec.name for spec in specs]
        if len(set(names)) != len(names):
            raise ValueError("two portals have the same name")
        if port and port + len(specs) - 1 > _LAST_PORT:
            raise ValueError(f"{len(specs)} portals from port {port} on would need ports above {_LAST_PORT}")
        self._port = port
        self._servers: list[HttpServer] = []
        self._portals = {
            spec.name: SimulatedPortal(spec.name, seeded(spec.name, spec.size, spec.seed), clock)
            for spec in specs
        }

    @property
    def portals(self) -> list[SimulatedPortal]:
        return list(self._portals.values())

    def portal(self, name: str) -> SimulatedPortal:
        if name not in self._portals:
            raise LookupError(f"no portal {name!r}, there are: {', '.join(self._portals)}")
        return self._portals[name]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Every portal answers. Raises PortTaken."""
        for place, portal in enumerate(self.portals):
            port = self._port + place if self._port else 0
            try:
                server = HttpServer((HOST, port), self._answering(portal))
            except OSError as error:
                self.close()
                raise _not_listening(port, error) from None
            portal.domain = f"{HOST}:{server.port}"
            self._servers.append(server)
        for server in self._servers:
            server.start()

    def close(self) -> None:
        for server in self._servers:
            server.close()
        self._servers.clear()

    def serve_until(self, stop: Event) -> None:
        """Answers until ``stop`` is set."""
        with self:
            stop.wait()

    def lines(self) -> list[dict[str, Any]]:
        return [portal.line() for portal in self.portals]

    def json_lines(self) -> list[str]:
        """One JSON line per portal: ``name``, ``domain``, ``webhook_url``, ``host_page``."""
        return [json.dumps(line, ensure_ascii=False) for line in self.lines()]

    def _answering(self, portal: SimulatedPortal) -> Callable[[Request], tuple[Response, Delivery, float]]:
        def answer(request: Request) -> tuple[Response, Delivery, float]:
            if not request.path.startswith("/rest/"):
                return outside_rest(portal, self._portals, request), whole, 0.0
            params = parameters(request)
            methods = methods_of(request.path, params)
            with portal.lock:
                entry = portal.log.request(request.verb, method_in(request.path)[0], portal.clock())
                fault = portal.faults.of_whole(methods)
                response = rest_answer(portal, request, params)
            delivery: Delivery = whole
            if fault is not None:
                response, delivery = spoiled_response(fault, request, response)
                entry.fault = fault.name
            entry.status = response.status
            return response, delivery, portal.switches.latency_ms / 1000

        return answer
