"""The portals' side, in a process of its own: the simulator behind a front that remembers its answers.

A real portal's computers do not slow down its clients, so the simulator must not either: each question is answered by
it once, in a run that is not timed, and from memory ever after. What is measured is the distance and the client.

Started as ``python -m bench.portals LATENCY_MS SIZE…``. Prints one line of JSON about its portals, then one for each
line it reads: how often each portal was asked since the last one. Ends with its standard input.
"""

from __future__ import annotations

import gc
import http.client
import json
import ssl
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tools.simulator.cloud import HOST, PortalSpec, SimulatedCloud
from tools.simulator.messages import Request, Response
from tools.simulator.portal import SimulatedPortal
from tools.simulator.server import Answering, Delivery, HttpServer, Latency, whole


class Front:
    """Answers for one portal, and counts."""

    def __init__(self, portal: SimulatedPortal, latency_s: float) -> None:
        self._portal = portal
        self._latency_s = latency_s
        self._lock = threading.Lock()
        self._memory: dict[tuple[str, str, bytes], tuple[Response, int]] = {}
        self._asked = {"requests": 0, "commands": 0, "unheard": 0}

    def answer(self, request: Request) -> tuple[Response, Delivery, Latency]:
        """What the portal answers, after its latency."""
        question = (request.path, request.query, request.body)
        with self._lock:
            if question not in self._memory:
                self._memory[question] = self._learned(request)
                self._asked["unheard"] += 1
            response, commands = self._memory[question]
            self._asked["requests"] += 1
            self._asked["commands"] += commands
        return response, whole, lambda: self._latency_s

    def counted(self) -> dict[str, int]:
        """Requests, commands inside them and questions never heard before, since this was asked last."""
        with self._lock:
            counted, self._asked = self._asked, dict.fromkeys(self._asked, 0)
        return counted

    def _learned(self, request: Request) -> tuple[Response, int]:
        self._portal.log.clear()
        line = http.client.HTTPConnection(self._portal.domain)
        target = quote(request.path) + (f"?{request.query}" if request.query else "")
        line.request(request.verb, target, request.body, {"Content-Type": request.headers["content-type"]})
        answer = line.getresponse()
        response = Response(answer.status, answer.read(), {"Content-Type": "application/json"})
        line.close()
        return response, sum(command.method != "batch" for command in self._portal.log.commands)


class TlsServer(HttpServer):
    """The same server, spoken to in TLS."""

    def __init__(self, address: tuple[str, int], answering: Answering, tls: ssl.SSLContext) -> None:
        self._tls = tls
        super().__init__(address, answering)

    def get_request(self) -> tuple[Any, Any]:
        connection, address = super().get_request()
        # The greeting happens with the first byte read, in the thread of the connection.
        return self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address


def certified(folder: Path) -> bool:
    """True when ``public.pem`` and ``key.pem`` of a certificate for this machine lie there; false without openssl."""
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=benchmark"
        f" -addext subjectAltName=IP:{HOST} -keyout {folder}/key.pem -out {folder}/public.pem"
    )
    try:
        subprocess.run(command.split(), check=True, capture_output=True)  # noqa: S603 - our own words
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def counted_truth(truth: dict[str, Any]) -> dict[str, int]:
    """How much of everything the portal has, under the names that clients count by."""
    return {
        "smart processes": sum(row["type_id"] is not None for row in truth["entity_types"]),
        "pipelines": len(truth["pipelines"]),
        "statuses": len(truth["stages"])
        + len(truth["orphan_stages"])
        + sum(len(dictionary["items"]) for dictionary in truth["dictionaries"]),
        "user fields": len(truth["user_fields"]),
        "described fields": sum(row["api_name"] is not None for row in truth["user_fields"]),
        "users": len(truth["users"]),
        "departments": len(truth["departments"]),
    }


def main() -> None:
    latency_s, sizes = float(sys.argv[1]) / 1000, sys.argv[2:]
    with (
        tempfile.TemporaryDirectory() as temporary,
        SimulatedCloud([PortalSpec(size.lower(), size) for size in sizes]) as cloud,
    ):
        folder = Path(temporary)
        tls = None
        if certified(folder):
            tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            tls.load_cert_chain(folder / "public.pem", folder / "key.pem")
        fronts: dict[str, Front] = {}
        about: dict[str, dict[str, Any]] = {}
        for size in sizes:
            portal = cloud.portal(size.lower())
            front = fronts[size] = Front(portal, latency_s)
            plain = HttpServer((HOST, 0), front.answer)
            plain.start()
            doors = {"webhook_url": portal.webhook_url.replace(portal.domain, f"{HOST}:{plain.port}")}
            if tls is not None:
                secure = TlsServer((HOST, 0), front.answer, tls)
                secure.start()
                doors |= {"https_domain": f"{HOST}:{secure.port}", "certificate": f"{folder}/public.pem"}
            about[size] = {"portal": doors, "has": counted_truth(portal.truth())}
        gc.freeze()
        print(json.dumps(about), flush=True)
        for _ in sys.stdin:
            print(json.dumps({size: front.counted() for size, front in fronts.items()}), flush=True)


if __name__ == "__main__":
    main()
