"""The bell: it says "look there" and nothing else, and never keeps anybody waiting."""

from __future__ import annotations

import base64
import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from celery.beat import Scheduler
from fakeredis import TcpFakeServer
from redis import Redis

from shared.broker_transport import MOST_WAITING
from shared.contracts.tasks import QUEUE, RING, RungFor, WorkKind
from shared.queue import TICK_EVERY_S, Bell, celery_app, ring_now
from tests.waiting import until
from tests.wrong_clocks import HOUR, wrong_by


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
    until(lambda: broker.llen(QUEUE) >= at_least)
    return [json.loads(text) for text in broker.lrange(QUEUE, 0, -1)]


def sent(broker: Redis) -> dict[str, object]:
    """The arguments of the only message."""
    (message,) = messages(broker, 1)
    headers, properties = message["headers"], message["properties"]
    assert isinstance(headers, dict)
    assert isinstance(properties, dict)
    assert (headers["task"], properties["body_encoding"]) == (RING, "base64")
    args, kwargs, _ = json.loads(base64.b64decode(str(message["body"])))
    assert (args, headers["kwargsrepr"]) == ([], repr(kwargs))
    found: dict[str, object] = kwargs
    return found


def test_a_ring_says_whom_it_was_rung_for_to_whoever_watches(broker: Redis) -> None:
    app = celery_app(url_of(broker))
    job_id = uuid4()
    Bell(app).ring(job_id, "shop.example")
    assert sent(broker) == {"kind": "read", "job": str(job_id), "portal": "shop.example"}
    app.close()


def test_who_rings_without_a_job_in_mind_is_heard_too(broker: Redis) -> None:
    app = celery_app(url_of(broker))
    Bell(app).ring()
    assert sent(broker) == {"kind": "read"}
    app.close()


def test_a_bell_for_later_work_is_rung_when_the_work_is_due(broker: Redis) -> None:
    app = celery_app(url_of(broker))
    wait = timedelta(seconds=0.3)
    asked_at = time.monotonic()
    Bell(app).ring(portal="shop.example", after=wait)
    assert sent(broker)["portal"] == "shop.example"
    assert time.monotonic() - asked_at >= wait.total_seconds()
    app.close()


def test_works_that_are_due_together_have_one_message(broker: Redis) -> None:
    app = celery_app(url_of(broker))
    bell = Bell(app)
    for _ in range(100):
        bell.ring(after=timedelta(seconds=1))
    bell.ring(portal="the last", after=timedelta(seconds=1.1))
    until(lambda: any("the last" in str(message["headers"]) for message in messages(broker, 1)))
    assert broker.llen(QUEUE) < 100
    app.close()


def test_for_work_that_the_next_tick_sees_nobody_rings() -> None:
    others = set(threading.enumerate())
    app = celery_app("memory://")
    Bell(app).ring(after=timedelta(seconds=TICK_EVERY_S + 1))
    assert set(threading.enumerate()) == others
    app.close()


def test_no_message_waits_in_the_broker_for_its_time(broker: Redis) -> None:
    """github.com/celery/celery/issues/5935: what waits longer than a broker remembers is delivered twice."""
    app = celery_app(url_of(broker))
    Bell(app).ring()
    ring_now(app, [RungFor()])
    for message in messages(broker, 2):
        headers = message["headers"]
        assert isinstance(headers, dict)
        assert (headers["eta"], headers["retries"]) == (None, 0)
    assert not app.conf.task_acks_late
    app.close()


def test_no_message_has_a_time_at_which_another_clock_would_throw_it_away(broker: Redis) -> None:
    app = celery_app(url_of(broker))
    Bell(app).ring()
    ring_now(app, [RungFor()])
    headers = [message["headers"] for message in messages(broker, 2)]
    assert [isinstance(one, dict) and one["expires"] for one in headers] == [None, None]
    assert [entry.get("options") for entry in app.conf.beat_schedule.values()] == [None]
    app.close()


def test_a_queue_that_nobody_takes_from_keeps_the_newest_messages(broker: Redis) -> None:
    app = celery_app(url_of(broker))
    count = MOST_WAITING + 20
    assert ring_now(app, [RungFor(job=str(number)) for number in range(count)]) == count
    found = [json.loads(base64.b64decode(str(message["body"])))[1]["job"] for message in messages(broker, 1)]
    assert found == [str(number) for number in reversed(range(20, count))]
    app.close()


def test_ticks_go_on_when_the_clock_of_beat_is_put_back() -> None:
    app = celery_app("memory://")
    (tick,) = Scheduler(app).schedule.values()
    assert app.conf.beat_schedule["tick"]["schedule"].run_every == timedelta(seconds=TICK_EVERY_S)
    with wrong_by(-HOUR):
        _, next_s = tick.is_due()
    assert next_s <= TICK_EVERY_S
    app.close()


def test_every_piece_of_work_has_a_bell_of_its_own(broker: Redis) -> None:
    app = celery_app(url_of(broker))
    works = [RungFor(WorkKind.EVENT, portal="ONAPPINSTALL"), RungFor(job="1"), RungFor(job="2")]
    assert ring_now(app, works) == 3
    assert len(messages(broker, 3)) == 3
    app.close()


def test_a_broker_that_is_away_is_nobodys_trouble(caplog: pytest.LogCaptureFixture) -> None:
    app = celery_app("redis://127.0.0.1:1/0")
    Bell(app).ring()
    until(lambda: "bell.unheard" in caplog.messages)
    app.close()


def test_a_broker_that_is_frozen_delays_nobody_and_gathers_no_heap_of_rings() -> None:
    others = set(threading.enumerate())
    with socket.create_server(("127.0.0.1", 0)) as frozen:
        app = celery_app(f"redis://127.0.0.1:{frozen.getsockname()[1]}/0")
        bell = Bell(app)
        # A thousand waits for this broker would outlast any test.
        for _ in range(1000):
            bell.ring()
        assert len(set(threading.enumerate()) - others) < 10
        app.close()


def test_a_fault_of_ours_does_not_silence_the_bell(caplog: pytest.LogCaptureFixture) -> None:
    bell = Bell(celery_app("nonsense://nowhere"))
    bell.ring()
    until(lambda: caplog.messages.count("bell.bug") == 1, what="the fault shows")
    bell.ring()
    until(lambda: caplog.messages.count("bell.bug") == 2, what="the next bell is rung")
