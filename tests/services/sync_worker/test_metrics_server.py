"""Metrics of workers and beat: who may read them, and what one who only wants to disturb can hold."""

from __future__ import annotations

import contextlib

import pytest
from prometheus_client import Counter
from pydantic import SecretStr

from services.sync_worker.metrics_server import serve_metrics
from shared.settings import WrongSetting
from tests.waiting import WITHIN_S, until
from tests.wire import Wire, wire
from tools.standalone.serving import free_port

TOKEN = SecretStr("who watches")
FIGURE = b"crmap_http_metrics_tested_total"
Counter("crmap_http_metrics_tested", "Something to tell")


def listening(token: SecretStr | None, host: str = "127.0.0.1", *, within_s: float = WITHIN_S) -> str:
    listen = f"{host}:{free_port()}"
    serve_metrics(listen, token, within_s=within_s)
    return listen.replace("0.0.0.0", "127.0.0.1")  # noqa: S104 - asked, not listened at


def asked(listen: str, *headers: str, host: str = "localhost") -> tuple[int, bytes]:
    with wire(listen) as client:
        client.send("\r\n".join(["GET /metrics HTTP/1.0", f"Host: {host}", *headers, "", ""]).encode())
        return status_and_body(client)


def status_and_body(client: Wire) -> tuple[int, bytes]:
    said = b""
    with contextlib.suppress(ConnectionError):
        while part := client.socket.recv(65_536):
            said += part
    head, _, body = said.partition(b"\r\n\r\n")
    return int(head.split()[1]) if head else 0, body


def test_without_a_token_this_machine_may_watch() -> None:
    status, body = asked(listening(None))
    assert (status, FIGURE in body) == (200, True)


def test_a_page_that_calls_this_machine_by_its_own_name_may_not() -> None:
    assert asked(listening(None), host="evil.example") == (401, b"")


def test_with_a_token_who_has_it_may_watch_from_everywhere() -> None:
    listen = listening(TOKEN, "0.0.0.0")  # noqa: S104
    status, body = asked(listen, "Authorization: Bearer who watches", host="worker:9100")
    assert (status, FIGURE in body) == (200, True)
    for wrong in ("Bearer who watche", "who watches", "Bearer who watches\u00e9"):
        assert asked(listen, f"Authorization: {wrong}") == (401, b"")
    assert asked(listen) == (401, b"")


@pytest.mark.parametrize("listen", ["0.0.0.0:9100", "[::]:9100", "192.0.2.7:9100", "worker:9100"])
def test_without_a_token_nobody_listens_where_others_can_ask(listen: str) -> None:
    with pytest.raises(WrongSetting, match="CRMAP_METRICS_TOKEN has to be set"):
        serve_metrics(listen, None)


def test_who_says_nothing_or_little_is_hung_up_on() -> None:
    listen = listening(None, within_s=0.2)
    for said in (b"", b"GET /met", b"GET /metrics HTTP/1.1\r\nX-Endless: "):
        with wire(listen) as client:
            client.send(said)
            assert client.is_hung_up()


def test_who_is_one_too_many_is_hung_up_on_and_later_there_is_room() -> None:
    listen = listening(None)
    with contextlib.ExitStack() as stack:
        for _ in range(16):
            stack.enter_context(wire(listen))
        until(lambda: asked(listen) == (0, b""))
    until(lambda: asked(listen)[0] == 200)


@pytest.mark.parametrize("listen", ["9100:", "somewhere", "127.0.0.1:99999999"])
def test_an_address_nobody_can_listen_at_is_named(listen: str) -> None:
    with pytest.raises(WrongSetting, match="CRMAP_METRICS_LISTEN"):
        serve_metrics(listen, TOKEN)


def test_an_address_somebody_listens_at_is_named() -> None:
    listen = listening(None)
    with pytest.raises(WrongSetting, match="CRMAP_METRICS_LISTEN"):
        serve_metrics(listen, None)
