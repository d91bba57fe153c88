"""Answers that are late, endless, oddly packed or broken off end within the limits and as what they are."""

from __future__ import annotations

import gzip
import itertools
import logging
import socket
import time
import traceback
import zlib
from collections.abc import Callable

import pytest

from shared.domain.errors import BadAnswer, CrmapError
from shared.outbound import MAX_BODY_BYTES, Limits, Outbound, Response
from tests.faults.raw_server import RawServer, Reply, http

SECRET = "secretcode123"
# Ends a test that would hang; who waits for less says so.
LIMITS = Limits(connect_s=30, idle_s=30, total_s=60)


def post(url: str, limits: Limits = LIMITS) -> Response:
    with Outbound(allow_private=True) as way_out:
        return way_out.post(url, b"{}", content_type="application/json", limits=limits)


def failure(url: str, limits: Limits = LIMITS) -> CrmapError:
    with pytest.raises(CrmapError) as caught:
        post(url, limits)
    return caught.value


def dripping(start: bytes) -> Reply:
    """Sends ``start`` and then, for ever, one byte at a time: often enough never to be silent."""

    def drip(wire: socket.socket, _request: bytes) -> None:
        wire.sendall(start)
        while True:
            wire.sendall(b"x")
            time.sleep(0.02)

    return drip


DRIPS = {
    "in the status line": b"HTTP/1.1 200 ",
    "in the headers": b"HTTP/1.1 200 OK\r\nX-Long: ",
    "in the body": b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
}


@pytest.mark.parametrize("start", DRIPS.values(), ids=DRIPS)
def test_an_answer_that_drips_in_ends_with_the_total_time(start: bytes) -> None:
    with RawServer(dripping(start)) as server:
        assert failure(server.url, Limits(30, 30, 0.2)).facts["what"] == "silent"


@pytest.mark.parametrize("start", DRIPS.values(), ids=DRIPS)
def test_an_answer_that_drips_in_ends_as_slow_long_before_the_total_time(start: bytes) -> None:
    patient = Limits(connect_s=30, idle_s=30, total_s=3600, slow_s=0.2, least_speed=500)
    with RawServer(dripping(start)) as server:
        assert failure(server.url, patient).facts["what"] == "slow"


def test_who_thinks_for_long_and_then_answers_is_heard() -> None:
    now = [0.0]

    def think(wire: socket.socket, _request: bytes) -> None:
        now[0] += 55
        wire.sendall(http(b'{"result": 1}'))

    with RawServer(think) as server, Outbound(allow_private=True, clock=lambda: now[0]) as way_out:
        answer = way_out.post(server.url, b"{}", content_type="text/plain", limits=Limits(30, 60, 65))
    assert answer.body == b'{"result": 1}'


def test_a_long_answer_may_take_its_time_while_it_keeps_coming() -> None:
    now = [0.0]

    def pour(wire: socket.socket, _request: bytes) -> None:
        wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n")
        for _ in range(10):
            now[0] += 5
            wire.sendall(b" " * 2000)

    with RawServer(pour) as server, Outbound(allow_private=True, clock=lambda: now[0]) as way_out:
        limits = Limits(30, 30, 65, slow_s=10, least_speed=10)
        assert len(way_out.post(server.url, b"{}", content_type="text/plain", limits=limits).body) == 20_000


def _silent(wire: socket.socket, _request: bytes) -> None:
    wire.recv(1)


def test_no_byte_at_all_ends_with_the_time_between_two_bytes() -> None:
    with RawServer(_silent) as server:
        assert failure(server.url, Limits(30, 0.1, 60)).facts["what"] == "silent"


def test_the_time_of_one_request_is_not_spent_by_the_one_before() -> None:
    with RawServer(http(b"{}")) as server, Outbound(allow_private=True, clock=_seconds()) as way_out:
        for _ in range(3):
            answer = way_out.post(server.url, b"{}", content_type="text/plain", limits=Limits(9, 9, 40))
            assert answer.status == 200


def _seconds() -> Callable[[], float]:
    ticks = itertools.count()
    return lambda: float(next(ticks))


def endless(head: bytes, piece: bytes) -> tuple[Reply, list[int]]:
    sent: list[int] = []

    def pour(wire: socket.socket, _request: bytes) -> None:
        wire.sendall(head)
        while True:
            wire.sendall(piece)
            sent.append(len(piece))

    return pour, sent


def test_an_endless_body_is_read_up_to_the_limit() -> None:
    piece = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    pour, sent = endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", piece)
    with RawServer(pour) as server:
        assert failure(server.url).facts["what"] == "too_large"
    # What stands in the buffers of the two sockets was sent and never read.
    assert sum(sent) < MAX_BODY_BYTES + 16 * 2**20


def bomb(mib: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return b"".join([*(packer.compress(b" " * 2**20) for _ in range(mib)), packer.flush()])


GZIP = "Content-Encoding: gzip"
ODDLY_PACKED = {
    "a bomb": (http(bomb(64), GZIP), "too_large"),
    "exactly one byte too many": (http(gzip.compress(b" " * (MAX_BODY_BYTES + 1), 1), GZIP), "too_large"),
    "said to be packed twice": (http(gzip.compress(gzip.compress(b"{}")), f"{GZIP}, gzip"), "encoding"),
    "said twice to be packed": (http(gzip.compress(b"{}"), GZIP, GZIP), "encoding"),
    "not packed at all": (http(b'{"result": []}', GZIP), "encoding"),
    "cut off": (http(gzip.compress(b'{"result": []}' * 99)[:-12], GZIP), "encoding"),
    "empty": (http(b"", GZIP), "encoding"),
    "packed otherwise": (http(b"x", "Content-Encoding: br"), "encoding"),
}


@pytest.mark.parametrize(("reply", "what"), ODDLY_PACKED.values(), ids=ODDLY_PACKED)
def test_an_oddly_packed_body_is_a_bad_answer(reply: bytes, what: str) -> None:
    with RawServer(reply) as server:
        bad = failure(server.url)
    assert (type(bad), bad.facts["what"]) == (BadAnswer, what)


PACKED = {
    "plainly": (http(b"body"), b"body"),
    "by gzip": (http(gzip.compress(b"body"), GZIP), b"body"),
    "by gzip, twice, said once": (
        http(gzip.compress(gzip.compress(b"x", mtime=0)), GZIP),
        gzip.compress(b"x", mtime=0),
    ),
    "by name only": (http(b"body", "Content-Encoding: identity"), b"body"),
    "to the last byte allowed": (http(gzip.compress(b" " * MAX_BODY_BYTES, 1), GZIP), b" " * MAX_BODY_BYTES),
}


@pytest.mark.parametrize(("reply", "body"), PACKED.values(), ids=PACKED)
def test_a_body_is_unpacked_once(reply: bytes, body: bytes) -> None:
    with RawServer(reply) as server:
        assert post(server.url).body == body


CUT = {
    "nothing at all": b"",
    "half a status line": b"HTTP/1.1 2",
    "no HTTP": b"220 mail.test ESMTP\r\n",
    "less than promised": b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}",
    "a broken chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
    "a last chunk that never comes": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    "lengths that disagree": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "endless headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 60_000,
}


@pytest.mark.parametrize("reply", CUT.values(), ids=CUT)
def test_an_answer_that_breaks_off_is_cut(reply: bytes) -> None:
    with RawServer(lambda wire, _request: wire.sendall(reply)) as server:
        assert failure(server.url).facts == {"host": "127.0.0.1", "what": "cut"}


SAYS_TOO_MUCH: dict[str, bytes] = {
    "an answer": http(b"{}"),
    "a redirect": http(b"", f"Location: http://other.invalid/rest/1/{SECRET}/batch", status="302 Found"),
    "half an answer": b"HTTP/1.1 200",
    "an odd packing": http(b"x", "Content-Encoding: br"),
    "silence": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
}


@pytest.mark.parametrize("reply", SAYS_TOO_MUCH.values(), ids=SAYS_TOO_MUCH)
def test_what_stands_behind_the_host_is_in_no_log_and_no_error(
    reply: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("", "httpx", "httpcore", "httpcore.http11", "httpcore.connection", "asyncio"):
        caplog.set_level(logging.DEBUG, name or None)
    told = ""
    with RawServer(reply) as server:
        try:
            post(server.url, Limits(30, 0.1 if reply is SAYS_TOO_MUCH["silence"] else 30, 60))
        except CrmapError as error:
            told = "".join(traceback.format_exception(error)) + repr(error) + str(error.facts)
    logged = [f"{record.getMessage()} {record.args} {record.__dict__}" for record in caplog.records]
    assert SECRET not in told + " ".join(logged)
