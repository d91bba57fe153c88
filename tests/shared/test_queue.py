"""The bell: it says "look there" and nothing else, and never keeps anybody waiting."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from fakeredis import TcpFakeServer
from redis import Redis

from shared.contracts.tasks import QUEUE, RING
from shared.queue import TICK_EVERY_S, Bell, celery_app, ring_now


@pytest.fixture
def broker() -> Iterator[Redis]:
    server = TcpFakeServer(("127.0.0.1", 0), server_type="redis")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    host, port = server.server_address[:2]
    client = Redis(str(host), int(port))
    yield client
    client.close()
    server.shutdown()
    server.server_close()
    thread.join()


def url_of(broker: Redis) -> str:
    found = broker.connection_pool.connection_kwargs
    return f"redis://{found['host']}:{found['port']}/0"


def messages(broker: Redis, at_least: int) -> list[dict[str, object]]:
    until = time.monotonic() + 5
    while broker.llen(QUEUE) < at_least and time.monotonic() < until:
        time.sleep(0.02)
    return [json.loads(text) for text in broker.lrange(QUEUE, 0, -1)]


def test_a_ring_arrives_and_carries_nothing_a_worker_could_trust(broker: Redis) -> None:
    app = celery_app(url_of(broker))
    Bell(app).ring()
    (message,) = messages(broker, 1)
    headers = message["headers"]
    assert isinstance(headers, dict)
    assert (headers["task"], headers["argsrepr"], headers["kwargsrepr"]) == (RING, "()", "{}")
    app.close()


def test_no_message_waits_in_the_broker_for_its_time(broker: Redis) -> None:
    """github.com/celery/celery/issues/5935: what waits longer than a broker remembers is delivered twice."""
    app = celery_app(url_of(broker))
    Bell(app).ring()
    ring_now(app, 1)
    for message in messages(broker, 2):
        headers = message["headers"]
        assert isinstance(headers, dict)
        assert (headers["eta"], headers["retries"]) == (None, 0)
        lives = datetime.fromisoformat(headers["expires"]) - datetime.now(UTC)
        assert lives <= timedelta(minutes=1)
    assert not app.conf.task_acks_late
    assert {entry["schedule"] for entry in app.conf.beat_schedule.values()} == {TICK_EVERY_S}
    app.close()


def test_as_many_bells_are_rung_as_there_is_work(broker: Redis) -> None:
    app = celery_app(url_of(broker))
    assert ring_now(app, 3) == 3
    assert len(messages(broker, 3)) == 3
    app.close()


def test_a_broker_that_is_away_is_nobodys_trouble() -> None:
    app = celery_app("redis://127.0.0.1:1/0")
    started = time.monotonic()
    Bell(app).ring()
    assert time.monotonic() - started < 0.2
    app.close()


def test_a_broker_that_is_frozen_delays_nobody_and_gathers_no_heap_of_rings() -> None:
    with socket.create_server(("127.0.0.1", 0)) as frozen:
        app = celery_app(f"redis://127.0.0.1:{frozen.getsockname()[1]}/0")
        bell = Bell(app)
        started = time.monotonic()
        for _ in range(1000):
            bell.ring()
        assert time.monotonic() - started < 1
        app.close()
