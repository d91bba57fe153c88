"""What is logged: facts under allowed keys, and nothing that looks like a secret, whoever wrote the line."""

from __future__ import annotations

import ast
import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared import logs
from shared.db.session import Database

ROOT = Path(__file__).parent.parent.parent
ACCESS = "9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a3928"
APPLICATION = "51856fefc120afa4b628cc82d3935cce"
PORTAL = "0192f1c4-5d6e-7f80-9a1b-2c3d4e5f6071"

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root, hook, raises = logging.getLogger(), sys.excepthook, logging.raiseExceptions
    before = {
        name: (logger.handlers[:], logger.propagate, logger.level)
        for name, logger in [(name, logging.getLogger(name)) for name in logging.root.manager.loggerDict]
    }
    handlers, level = root.handlers[:], root.level
    written = io.StringIO()
    logs.set_up("gateway", as_json=True, stream=written, level=logging.DEBUG)
    yield written
    root.handlers, root.level = handlers, level
    sys.excepthook, logging.raiseExceptions = hook, raises
    logging.captureWarnings(capture=False)
    for name, (kept, propagates, at) in before.items():
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = kept, propagates
        logger.setLevel(at)


@pytest.fixture
def lines(stream: io.StringIO) -> Lines:
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_fact_is_one_line_of_json_with_its_service_and_time(lines: Lines) -> None:
    logging.getLogger("services.gateway.event_handling").info(
        "event.stored", extra={"portal_id": UUID(PORTAL)}
    )
    (line,) = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "event.stored",
        "level": "info",
        "logger": "services.gateway.event_handling",
        "portal_id": PORTAL,
        "service": "gateway",
    }


def test_a_key_nobody_allowed_is_left_out(lines: Lines) -> None:
    logging.getLogger("shared").warning("event.refused", extra={"code": "bad_shape", "form": "everything"})
    (line,) = lines()
    assert line["code"] == "bad_shape"
    assert "form" not in line


def facts_logged(source: str) -> set[str]:
    """The keys of the facts in the log calls of the source, written in the call or in a variable of this name."""
    nodes = list(ast.walk(ast.parse(source)))
    given = [
        keyword.value
        for node in nodes
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "extra"
    ]
    names = {inner.id for value in given for inner in ast.walk(value) if isinstance(inner, ast.Name)}
    given += [
        node.value
        for node in nodes
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id in names for target in node.targets)
    ]
    return {
        str(key.value)
        for value in given
        if isinstance(value, ast.Dict)
        for key in value.keys
        if isinstance(key, ast.Constant)
    }


def test_every_fact_the_product_logs_has_an_allowed_key() -> None:
    logged = {
        key
        for folder in ("shared", "services", "tools")
        for file in (ROOT / folder).rglob("*.py")
        for key in facts_logged(file.read_text())
    }
    assert logged >= {"portal_id", "events", "duration_ms", "error"}, (
        "in the call, in a variable, added to one"
    )
    assert logged - logs.KEYS == set()


def test_what_is_bound_to_a_request_stands_in_each_of_its_lines(lines: Lines) -> None:
    with structlog.contextvars.bound_contextvars(request_id=PORTAL):
        logging.getLogger("shared").info("one")
    logging.getLogger("shared").info("two")
    assert [line.get("request_id") for line in lines()] == [PORTAL, None]


@pytest.mark.parametrize(
    "text",
    [
        f"GET https://oauth.bitrix.info/rest/app.info/?auth={ACCESS}",
        "auth%5Baccess_token%5D=AT-1&auth%5Brefresh_token%5D=AT-1",
        "auth[application_token]=AT-1&event=ONAPPINSTALL",
        '{"access_token": "AT-1", "expires_in": 3600}',
        "{'refresh_token': 'AT-1'}",
        r"body: \"client_secret\": \"AT-1\"",
        "AUTH_ID=AT-1&REFRESH_ID=AT-1",
        "Authorization: Bearer AT-1",
        "[('authorization', 'Bearer AT-1')]",
        "https://demo.example/rest/1/AT-1/crm.type.list",
        "postgresql://crmap:AT-1@db/crmap",
        "cookie: AT-1",
        "client_id=x&client_secret=AT-1",
        "grant_type=authorization_code&code=AT-1",
        f"token {ACCESS} refused",
        f"({APPLICATION})",
        "crmap_0vV7Qh2oKx9w1TzYb4mDq8sR5nJc3eLf6uGaHiPk-A",
        "eyJwb3J0YWwiOiAiNmM1OGUw.lbXLddegcij0ycXdVM_qP2dg51LvVU3hkEjyCfNFUE",
        "link ABCDEFGHJKMNPQRSTUVWXYZABCDEFG used",
    ],
)
def test_a_secret_is_blotted_out_of_any_text(text: str) -> None:
    shown = logs.redacted(text)
    assert "***" in shown
    for secret in ("AT-1", ACCESS, APPLICATION, "0vV7Qh2o", "lbXLddeg", "eyJwb3J0", "ABCDEFGHJKM"):
        assert secret not in shown


@pytest.mark.parametrize(
    "text",
    [
        "Uvicorn running on http://127.0.0.1:8001 (Press CTRL+C to quit)",
        f"portal {PORTAL} was read in 1200 ms",
        "Task crmap.ring succeeded in 0.41s",
        'File "/srv/crmap/services.gateway.event_handling.py", line 71, in test_a_renamed_stage_is_one_change',
        'connection to server at "10.0.0.7", port 5432 failed: Connection refused',
        "2026-11-25T04:50:20.016781Z",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert logs.redacted(text) == text


def test_a_traceback_shows_neither_a_secret_nor_the_variables_around_it(stream: io.StringIO) -> None:
    def fail(form: dict[str, str]) -> None:
        raise ValueError(f"auth[access_token]={form['token']}")

    person = "Anna Example".title()
    try:
        fail({"token": ACCESS, "name": person})
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    text = stream.getvalue()
    assert "Exception in ASGI application" in text
    assert "ValueError" in text
    assert ACCESS not in text
    assert person not in text


def test_arguments_of_a_library_s_line_are_searched_too(stream: io.StringIO) -> None:
    logging.getLogger("celery.worker.strategy").info("Task %s received: %s", "crmap.ring", {"auth": ACCESS})
    assert "crmap.ring" in stream.getvalue()
    assert ACCESS not in stream.getvalue()


def test_a_client_s_own_lines_about_addresses_are_not_written(stream: io.StringIO) -> None:
    transport = httpx.MockTransport(lambda _request: httpx.Response(200))
    with httpx.Client(transport=transport) as client:
        client.get(f"https://demo.example/rest/1/{ACCESS}/profile")
    assert ACCESS not in stream.getvalue()
    assert "demo.example" not in stream.getvalue()


def test_a_handler_a_library_made_before_is_taken_away(stream: io.StringIO) -> None:
    own = io.StringIO()
    library = logging.getLogger("a.library.with.a.handler")
    library.handlers, library.propagate = [logging.StreamHandler(own)], False
    logs.set_up("gateway", as_json=True, stream=stream)
    library.warning("token=%s", ACCESS)
    assert own.getvalue() == ""
    assert "token=***" in stream.getvalue()


def test_the_last_words_of_a_process_are_searched_too(stream: io.StringIO) -> None:
    error = RuntimeError(f"refresh_token={ACCESS}")
    sys.excepthook(RuntimeError, error, None)
    assert "process.died" in stream.getvalue()
    assert ACCESS not in stream.getvalue()


def test_on_a_developer_s_screen_lines_are_text_without_secrets(stream: io.StringIO) -> None:
    logs.set_up("gateway", as_json=False, stream=stream)
    logging.getLogger("shared").warning(
        "event.refused", extra={"code": "bad_shape", "error": f"token={ACCESS}"}
    )
    assert "code=bad_shape" in stream.getvalue()
    assert ACCESS not in stream.getvalue()


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("text", "times", "written"),
    [
        ("auth[", 10_000, "auth["),
        ("a", 100_000, "a"),
        ("://a:", 50_000, "://a:"),
        ("token     ", 10_000, "token     "),
        ("Bearer Bearer ", 10_000, "Bearer *** "),
    ],
)
def test_a_long_text_is_searched_without_going_back_and_forth(text: str, times: int, written: str) -> None:
    """A pattern that tries every length from every place would not end within the time of a test."""
    assert logs.redacted(text * times) == written * times


def test_an_error_of_the_database_tells_nobody_s_address(stream: io.StringIO, gateway_db: Database) -> None:
    try:
        with gateway_db.session() as session:
            session.execute(text("select cast(:value as integer)"), {"value": "anna@example.com"})
    except DBAPIError:
        logging.getLogger("shared").exception("database.refused")
    written = stream.getvalue()
    assert "database.refused" in written
    assert "parameters hidden" in written
    assert "anna" not in written
