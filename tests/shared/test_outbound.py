"""The way out leads to the public internet only, and to whom the name belongs."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from shared.domain.errors import CrmapError, PrivateAddress, Unreachable
from shared.outbound import Limits, Outbound, Response
from tests.faults.raw_server import RawServer, http
from tests.waiting import WITHIN_S

QUICK = Limits(connect_s=10, idle_s=10, total_s=10)
CERTIFICATES = Path(__file__).parent / "certificates"
SECRET = "secretcode123"

Resolver = Callable[..., list[Any]]


def post(url: str, *, allow_private: bool = True, limits: Limits = QUICK) -> Response:
    with Outbound(allow_private=allow_private) as way_out:
        return way_out.post(url, b"{}", content_type="application/json", limits=limits)


def failure(url: str, *, allow_private: bool = True, limits: Limits = QUICK) -> CrmapError:
    with pytest.raises(CrmapError) as caught:
        post(url, allow_private=allow_private, limits=limits)
    return caught.value


@pytest.fixture
def resolves(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, list[list[str]]]], list[str]]:
    """Names mean these addresses, each time the next of the lists; what is returned fills with names asked for."""
    ordinary = socket.getaddrinfo

    def install(names: dict[str, list[list[str]]]) -> list[str]:
        asked: list[str] = []

        def resolve(host: str, port: int, *rest: Any, **options: Any) -> list[Any]:
            if host not in names:
                return ordinary(host, port, *rest, **options)
            asked.append(host)
            answers = names[host]
            found = answers[min(asked.count(host), len(answers)) - 1]
            if not found:
                raise socket.gaierror(socket.EAI_NONAME, "unknown")
            return [
                (socket.AF_INET6 if ":" in text else socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, port))
                for text in found
            ]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        return asked

    return install


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses somebody tried to connect to; every attempt is refused, nothing leaves this machine."""
    tried: list[str] = []

    def refuse(address: tuple[str, int], *_: Any, **__: Any) -> socket.socket:
        tried.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    return tried


PRIVATE = {
    "loopback": "127.0.0.1",
    "loopback, another one": "127.255.255.254",
    "this network": "0.0.0.0",  # noqa: S104 - refused, not listened on
    "private a": "10.1.2.3",
    "private b": "172.16.0.1",
    "private c": "192.168.1.1",
    "link-local": "169.254.169.254",
    "carrier-grade nat": "100.64.0.1",
    "benchmarking": "198.18.0.1",
    "documentation": "203.0.113.7",
    "multicast": "224.0.0.251",
    "multicast that is routed": "239.1.2.3",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "six: loopback": "::1",
    "six: unspecified": "::",
    "six: mapped loopback": "::ffff:127.0.0.1",
    "six: mapped public": "::ffff:8.8.8.8",
    "six: compatible": "::127.0.0.1",
    "six: unique local": "fd12:3456::1",
    "six: link-local": "fe80::1",
    "six: link-local with a zone": "fe80::1%lo",
    "six: site-local": "fec0::1",
    "six: multicast": "ff02::1",
    "six: nat64": "64:ff9b::7f00:1",
    "six: nat64 of one network": "64:ff9b:1::a00:1",
    "six: 6to4": "2002:7f00:1::1",
    "six: teredo": "2001:0:7f00:1::1",
    "six: documentation": "2001:db8::1",
    "six: discard": "100::1",
}


@pytest.mark.parametrize("address", PRIVATE.values(), ids=PRIVATE)
def test_a_name_that_means_an_address_inside_is_refused(
    address: str, resolves: Callable[..., list[str]], connected: list[str]
) -> None:
    resolves({"portal.test": [[address]]})
    assert isinstance(failure("https://portal.test/rest/", allow_private=False), PrivateAddress)
    assert connected == []


@pytest.mark.parametrize("address", ["8.8.8.8", "2a00:1450:4010:c05::65"])
def test_a_name_that_means_a_public_address_is_connected_to_at_that_address(
    address: str, resolves: Callable[..., list[str]], connected: list[str]
) -> None:
    resolves({"portal.test": [[address]]})
    refused = failure("https://portal.test/rest/", allow_private=False)
    assert (type(refused), refused.facts["what"]) == (Unreachable, "refused")
    assert connected == [address]


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "[::ffff:7f00:1]", "127.1", "0x7f.1", "0x7f000001", "017700000001", "localhost"],
)
def test_an_address_inside_is_refused_in_any_spelling(host: str, connected: list[str]) -> None:
    assert isinstance(failure(f"http://{host}/rest/", allow_private=False), PrivateAddress)
    assert connected == []


@pytest.mark.parametrize("host", ["2130706433", "0177.0.0.1", "999.1.1.1", "1.2.3.4.5.6", "[::1%25lo]"])
def test_an_address_in_a_spelling_that_nobody_needs_is_reached_by_nobody(
    host: str, connected: list[str]
) -> None:
    refused = failure(f"http://{host}/rest/1/{SECRET}/", allow_private=False)
    assert isinstance(refused, PrivateAddress) or refused.facts["what"] == "name"
    assert connected == []


def test_one_address_inside_among_public_ones_is_enough_to_refuse(
    resolves: Callable[..., list[str]], connected: list[str]
) -> None:
    resolves({"portal.test": [["8.8.8.8", "10.0.0.5"]]})
    assert isinstance(failure("https://portal.test/rest/", allow_private=False), PrivateAddress)
    assert connected == []


def test_a_name_that_changes_its_meaning_after_the_check_is_still_connected_to_as_checked(
    resolves: Callable[..., list[str]],
) -> None:
    with RawServer(http(b"{}")) as asked, RawServer(http(b"{}"), host="127.0.0.2", port=asked.port) as canary:
        names = resolves({"portal.test": [["127.0.0.1"], ["127.0.0.2"]]})
        post(f"http://portal.test:{asked.port}/")
        assert names == ["portal.test"]
        assert (asked.connections, canary.connections) == (1, 0)


def test_every_new_connection_checks_the_name_anew(
    resolves: Callable[..., list[str]], connected: list[str]
) -> None:
    resolves({"portal.test": [["8.8.8.8"], ["169.254.169.254"]]})
    with Outbound() as way_out:
        for expected in (Unreachable, PrivateAddress):
            with pytest.raises(expected):
                way_out.post("https://portal.test/", b"", content_type="text/plain", limits=QUICK)
    assert connected == ["8.8.8.8"]


def test_a_name_without_an_address_is_unknown(resolves: Callable[..., list[str]]) -> None:
    resolves({"portal.test": [[]]})
    assert failure("https://portal.test/").facts == {"host": "portal.test", "what": "name"}


@pytest.mark.parametrize("name", ["a..b", "x" * 64 + ".test", "exa_mple.%41"])
def test_a_name_no_resolver_accepts_is_unknown_too(name: str) -> None:
    assert failure(f"https://{name}/").facts["what"] == "name"


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(http(b"{}")) as portal, RawServer(http(b"{}")) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("NO_PROXY", "")
        post(portal.url)
        assert (portal.connections, proxy.connections) == (1, 0)


def test_a_redirect_is_told_and_never_followed() -> None:
    with RawServer(http(b"{}")) as canary:
        target = f"http://127.0.0.1:{canary.port}/rest/1/{SECRET}/batch"
        with RawServer(http(b"moved", f"Location: {target}", status="302 Found")) as portal:
            origin = portal.url.partition("/rest/")[0]
            assert post(portal.url) == Response(302, b"moved", target, origin)
        assert canary.connections == 0


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own authority stands in for the bundle of public ones; nothing else about TLS changes."""
    bundle = str(CERTIFICATES / "authority.pem")
    monkeypatch.setattr("shared.outbound._tls_context", lambda: ssl.create_default_context(cafile=bundle))


@contextlib.contextmanager
def tls_server(certificate: str) -> Iterator[RawServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / certificate)
    with RawServer(http(b"{}"), tls=context) as server:
        yield server


@pytest.mark.usefixtures("trusting")
def test_a_certificate_has_to_be_for_the_name(resolves: Callable[..., list[str]]) -> None:
    resolves({"portal.test": [["127.0.0.1"]], "other.test": [["127.0.0.1"]]})
    with tls_server("portal.test.pem") as server:
        assert post(f"https://portal.test:{server.port}/").status == 200
        assert failure(f"https://other.test:{server.port}/").facts["what"] == "tls"
        assert len(server.heard) == 1


@pytest.mark.usefixtures("trusting")
def test_a_certificate_for_the_address_does_not_speak_for_the_name(
    resolves: Callable[..., list[str]],
) -> None:
    resolves({"portal.test": [["127.0.0.1"]]})
    with tls_server("address-only.pem") as server:
        assert failure(f"https://portal.test:{server.port}/").facts["what"] == "tls"
        assert server.heard == []


@pytest.mark.usefixtures("trusting")
def test_an_open_connection_serves_its_own_name_only(resolves: Callable[..., list[str]]) -> None:
    resolves({"portal.test": [["127.0.0.1"]], "other.test": [["127.0.0.1"]]})
    with tls_server("portal.test.pem") as server, Outbound(allow_private=True) as way_out:
        way_out.post(f"https://portal.test:{server.port}/", b"", content_type="text/plain", limits=QUICK)
        with pytest.raises(Unreachable):
            way_out.post(f"https://other.test:{server.port}/", b"", content_type="text/plain", limits=QUICK)
        assert len(server.heard) == 1


def test_an_authority_nobody_knows_is_not_accepted(resolves: Callable[..., list[str]]) -> None:
    resolves({"portal.test": [["127.0.0.1"]]})
    with tls_server("portal.test.pem") as server:
        assert failure(f"https://portal.test:{server.port}/").facts["what"] == "tls"


def test_two_requests_share_a_connection() -> None:
    with RawServer(http(b"{}")) as server, Outbound(allow_private=True) as way_out:
        for _ in range(2):
            way_out.post(server.url, b"{}", content_type="application/json", limits=QUICK)
        assert (server.connections, len(server.heard)) == (1, 2)


def test_silent_hosts_keep_nobody_else_from_being_asked() -> None:
    """Every request is answered once all of them have come in."""
    together = threading.Barrier(30)

    def reply(wire: socket.socket, _request: bytes) -> None:
        together.wait(WITHIN_S)
        wire.sendall(http(b"{}"))

    patient = Limits(connect_s=WITHIN_S, idle_s=WITHIN_S, total_s=WITHIN_S)
    with (
        RawServer(reply) as server,
        Outbound(allow_private=True) as way_out,
        ThreadPoolExecutor(30) as threads,
    ):
        asking = [
            threads.submit(way_out.post, server.url, b"{}", content_type="application/json", limits=patient)
            for _ in range(together.parties)
        ]
        assert {asked.result().status for asked in asking} == {200}
