"""What one client may cost: every limit of bytes, time and connections, told to a real server over raw sockets."""

from __future__ import annotations

import contextlib
import itertools
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from shared.http_server.limits import Limits
from tests.test_documents import ROOT
from tests.waiting import WITHIN_S, until
from tests.wire import Wire, head, wire
from tools.standalone.serving import free_port, running

PROGRAM = """
import asyncio, sys
from prometheus_client import generate_latest
from starlette.responses import PlainTextResponse
from shared.http_server.limits import Limits
from shared.http_server.serving import serve

async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    match scope["path"]:
        case "/unread":
            answer = PlainTextResponse("not read")
        case "/long":
            answer = PlainTextResponse("x" * 50_000_000)
        case "/metrics":
            answer = PlainTextResponse(generate_latest())
        case "/upgraded":
            answer = PlainTextResponse("no")
        case "/late":
            await asyncio.sleep(2)
            answer = PlainTextResponse("late")
        case _:
            size, more = 0, True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return
                size += len(message["body"])
                more = message["more_body"]
            answer = PlainTextResponse(str(size))
    await answer(scope, receive, send)

limits = Limits(**eval(sys.argv[2]))
serve(app, sys.argv[1], hosts=["crmap.example"], trusted_proxies=["127.0.0.8"], limits=limits)
"""
# Long enough for whoever does not mean to be slow, even on a busy machine.
PATIENT = {"head_s": 60, "body_s": 60, "body_grace_s": 60, "idle_s": 60, "stalled_s": 60, "connections": 200}
HASTY = dict.fromkeys(("head_s", "body_s", "body_grace_s", "idle_s", "stalled_s"), 0.5)
# Whoever comes from 127.0.0.1 is this machine, and not limited in number.
STRANGER, OTHER, PROXY = "127.0.0.7", "127.0.0.9", "127.0.0.8"


@dataclass(frozen=True)
class Served:
    listen: str
    process: subprocess.Popen[bytes]

    def cut(self, limit: str) -> bool:
        """True when somebody has been stopped by this limit."""
        metrics = httpx.get(f"http://{self.listen}/metrics", trust_env=False).text
        return f'crmap_http_cut_total{{limit="{limit}"}}' in metrics

    def memory(self) -> int:
        """The most memory it has ever had, in bytes."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


@contextlib.contextmanager
def served(folder: Path, **limits: float) -> Iterator[Served]:
    listen = f"127.0.0.1:{free_port()}"

    def is_there() -> bool:
        try:
            return (
                httpx.post(f"http://{listen}/", trust_env=False, timeout=PATIENT["head_s"]).status_code == 200
            )
        except httpx.TransportError:
            return False

    with running(
        "the server",
        [sys.executable, "-c", PROGRAM, listen, repr({**PATIENT, **limits})],
        answers=is_there,
        log_file=folder / "log",
        stop_signal=signal.SIGTERM,
        options={"cwd": ROOT},
    ) as process:
        yield Served(listen, process)


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("patient")) as found:
        yield found


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("hasty"), **HASTY) as found:
        yield found


def chunk(data: bytes, extension: bytes = b"") -> bytes:
    return b"%x%s\r\n%s\r\n" % (len(data), extension, data)


# Bytes.


def test_a_body_that_announces_too_much_is_refused_before_any_of_it_is_sent(patient: Served) -> None:
    with wire(patient.listen) as client:
        client.send(head("POST /", "Content-Length: 10000000000"))
        answer = client.answer()
        assert answer is not None
        assert (answer.status, answer.code) == (413, "too_large")
        assert answer.headers["connection"] == "close"
        assert client.is_hung_up()


def test_a_body_within_the_limit_is_read_whole(patient: Served) -> None:
    body = b"x" * Limits().body_size
    url = f"http://{patient.listen}/"
    assert httpx.post(url, content=body, trust_env=False).text == str(len(body))
    # In chunks it has no length to announce.
    chunks = iter([body[:1000], body[1000:]])
    assert httpx.post(url, content=chunks, trust_env=False).text == str(len(body))


def test_of_a_body_in_chunks_no_more_than_the_limit_is_read(patient: Served) -> None:
    before = patient.memory()
    with wire(patient.listen) as client:
        client.send(head("POST /", "Transfer-Encoding: chunked"))
        piece = chunk(b"x" * 100_000)
        assert not all(client.send(piece) for _ in range(6_000))
    assert patient.memory() - before < 20_000_000


@pytest.mark.parametrize("endless", [chunk(b"x", b";" + b"e" * 9_000), b"trailer"])
def test_what_frames_a_body_is_limited_too(patient: Served, endless: bytes) -> None:
    with wire(patient.listen) as client:
        client.send(head("POST /", "Transfer-Encoding: chunked"))
        if endless == b"trailer":
            client.send(b"0\r\n")
            endless = b"X-More: " + b"y" * 9_000 + b"\r\n"
        assert not all(client.send(endless) for _ in range(10_000))


def test_whoever_sends_on_gets_to_read_why_he_is_refused(patient: Served) -> None:
    with wire(patient.listen) as client:
        client.send(head("POST /", "Content-Length: 3000000") + b"x" * 3_000_000)
        answer = client.answer()
        assert answer is not None
        assert answer.status == 413


@pytest.mark.parametrize(
    "request_head",
    [
        head("GET /" + "a" * 40_000),
        head("GET /", "X-Long: " + "a" * 40_000),
        head("GET /", *(f"X-Header-{number}: {number}" for number in range(2_000))),
        b"GET / HTTP/1.1\r\nX-Endless: " + b"a" * 200_000,
        b"GET /" + b"a" * 200_000,
    ],
    ids=["line", "header", "headers", "endless header", "endless line"],
)
def test_a_head_is_limited(patient: Served, request_head: bytes) -> None:
    with wire(patient.listen) as client:
        client.send(request_head)
        answer = client.answer()
        assert answer is not None
        assert (answer.status, answer.code) == (431, "head_too_large")
        assert client.is_hung_up()


def test_a_refused_request_is_not_answered_in_the_place_of_an_earlier_one(patient: Served) -> None:
    with wire(patient.listen) as client:
        client.send(head("GET /late") + head("POST /", "Content-Length: 10000000000"))
        assert client.is_hung_up()
    with wire(patient.listen) as client:
        client.send(
            head("POST /", "Content-Length: 2") + b"ok" + head("POST /", "Content-Length: 3") + b"too"
        )
        first, second = client.answer(), client.answer()
        assert first is not None
        assert second is not None or first.body == b"2"


def test_a_web_socket_does_not_leave_the_limits(patient: Served) -> None:
    upgrade = (
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: eA==",
    )
    with wire(patient.listen) as client:
        client.send(head("GET /upgraded", *upgrade))
        answer = client.answer()
        assert answer is not None
        assert answer.status == 200


# Names.


@pytest.mark.parametrize(
    ("hosts", "path", "status"),
    [
        (["crmap.example"], "/unread", 200),
        (["CRMAP.Example.:443"], "/unread", 200),
        (["localhost:8000"], "/unread", 200),
        (["[::1]:8000"], "/unread", 200),
        (["evil.example"], "/unread", 421),
        (["crmap.example.evil.example"], "/unread", 421),
        (["crmap.example@evil.example"], "/unread", 421),
        (["192.0.2.7"], "/unread", 421),
        (["[::1"], "/unread", 421),
        ([""], "/unread", 421),
        ([], "/unread", 421),
        (["crmap.example", "evil.example"], "/unread", 421),
        (["192.0.2.7:8000"], "/healthz", 200),
        (["gateway:8001"], "/metrics?a", 200),
        (["evil.example"], "/healthz/more", 421),
    ],
)
def test_only_its_own_names_are_answered(patient: Served, hosts: list[str], path: str, status: int) -> None:
    lines = [f"GET {path} HTTP/1.1", *(f"Host: {host}" for host in hosts), "", ""]
    with wire(patient.listen) as client:
        client.send("\r\n".join(lines).encode())
        answer = client.answer()
        assert answer is not None
        assert answer.status == status
        assert status == 200 or answer.code == "unknown_host"


# Time.


@pytest.mark.parametrize("said", [b"", b"\r\n", b"GET / HT", head("GET /")[:-2]])
def test_who_does_not_end_his_headers_is_hung_up_on(hasty: Served, said: bytes) -> None:
    with wire(hasty.listen) as client:
        client.send(said)
        assert client.is_hung_up()


@pytest.mark.parametrize("length", ["Content-Length: 100", "Transfer-Encoding: chunked"])
def test_who_does_not_end_his_body_is_told_so(hasty: Served, length: str) -> None:
    with wire(hasty.listen) as client:
        client.send(head("POST /", length) + b"5\r\nslow!")
        answer = client.answer()
        assert answer is not None
        assert (answer.status, answer.code) == (408, "body_too_slow")
        assert client.is_hung_up()


def test_a_byte_now_and_then_does_not_keep_a_request_open(hasty: Served) -> None:
    for start in (b"", head("GET /")[:-2] + b"X-Endless: ", head("POST /", "Content-Length: 100000")):
        with wire(hasty.listen) as client:
            client.socket.settimeout(0.05)
            client.send(start)
            until(lambda: not client.send(b"\n" if not start else b"x") or ended(client))  # noqa: B023


def ended(client: Wire) -> bool:
    """True when the server has ended the connection; nothing said for a moment is not the end."""
    with contextlib.suppress(TimeoutError):
        return client.is_hung_up()
    return False


def test_a_connection_that_is_used_again_and_then_idle_is_ended(hasty: Served) -> None:
    with wire(hasty.listen) as client:
        for _ in range(3):
            client.send(head("POST /", "Content-Length: 2") + b"ok")
            answer = client.answer()
            assert answer is not None
            assert answer.body == b"2"
        assert client.is_hung_up()


def test_an_idle_connection_is_not_ended_before_its_time(tmp_path: Path) -> None:
    """A proxy uses it until shortly before; whatever it sends to one that is just being closed is lost."""
    idle_s = 7.0
    with served(tmp_path, idle_s=idle_s) as server, wire(server.listen) as client:
        began = time.monotonic()
        client.send(head("POST /"))
        assert client.answer() is not None
        assert client.is_hung_up()
        assert time.monotonic() - began >= idle_s


def test_who_does_not_take_his_answer_is_hung_up_on(hasty: Served) -> None:
    with wire(hasty.listen) as client:
        client.send(head("GET /long"))
        until(lambda: hasty.cut("answer_not_taken"))
        assert client.is_hung_up()


def test_who_takes_his_answer_slowly_gets_it_all(hasty: Served) -> None:
    with httpx.stream("GET", f"http://{hasty.listen}/long", trust_env=False) as answer:
        assert sum(len(part) for part in answer.iter_raw()) == 50_000_000


def test_an_answer_that_is_late_by_our_fault_is_waited_for(hasty: Served) -> None:
    with wire(hasty.listen) as client:
        # The second one has to wait for the first, and its body is not read before.
        client.send(head("GET /late") + head("POST /", "Content-Length: 2") + b"ok")
        assert [answer.status for answer in (client.answer(), client.answer()) if answer] == [200, 200]


def test_a_body_that_nobody_reads_is_limited_as_well(hasty: Served) -> None:
    with wire(hasty.listen) as client:
        client.send(head("POST /unread", "Content-Length: 100000"))
        answer = client.answer()
        assert answer is not None
        assert answer.body == b"not read"
        assert client.is_hung_up()


def test_stopping_does_not_wait_for_slow_clients(tmp_path: Path) -> None:
    with served(tmp_path, head_s=60, body_grace_s=60, stop_s=1) as server, contextlib.ExitStack() as stack:
        for start in (b"", b"GET / HT", head("POST /", "Content-Length: 100"), head("GET /long")) * 10:
            stack.enter_context(wire(server.listen)).send(start)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(WITHIN_S) in (0, -signal.SIGTERM)


# Connections.


def test_one_address_cannot_take_every_connection(tmp_path: Path) -> None:
    with (
        served(tmp_path, connections_per_address=20, connections=200) as server,
        contextlib.ExitStack() as stack,
    ):
        clients = [stack.enter_context(wire(server.listen, source=STRANGER)) for _ in range(20)]
        with wire(server.listen, source=STRANGER) as client:
            answer = client.answer()
            assert answer is not None
            assert (answer.status, answer.code) == (429, "too_many_connections")
            assert "retry-after" in answer.headers
        with wire(server.listen, source=OTHER) as client:
            client.send(head())
            assert client.answer() is not None
        for client in clients[:5]:
            client.close()
        until(lambda: answers(server, STRANGER), what="a place is free again")


def test_strangers_together_leave_room_for_proxies_and_health_checks(tmp_path: Path) -> None:
    with (
        served(tmp_path, connections_per_address=10, connections=16) as server,
        contextlib.ExitStack() as stack,
    ):
        for number in range(14):
            stack.enter_context(wire(server.listen, source=f"127.0.1.{number // 7 + 1}"))
        with wire(server.listen, source=OTHER) as client:
            answer = client.answer()
            assert answer is not None
            assert answer.status == 503
        assert answers(server, PROXY)
        assert answers(server, "127.0.0.1")


def test_a_proxy_may_have_more_connections_than_one_address(tmp_path: Path) -> None:
    with served(tmp_path, connections_per_address=3) as server, contextlib.ExitStack() as stack:
        for _ in range(30):
            client = stack.enter_context(wire(server.listen, source=PROXY))
            client.send(head("GET /unread"))
            assert client.answer() is not None


def answers(server: Served, source: str) -> bool:
    with wire(server.listen, source=source) as client:
        client.send(head("GET /unread"))
        answer = client.answer()
        return answer is not None and answer.status == 200


def test_who_comes_and_goes_is_forgotten(tmp_path: Path) -> None:
    with served(tmp_path, connections_per_address=2) as server:
        for _ in itertools.repeat(None, 50):
            until(lambda: answers(server, STRANGER))
