"""``crmap doctor`` tells what is wrong and what to do, one line each."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from tests.servers import Databases
from tests.wrong_clocks import HOUR, wrong_by
from tools.cli.main import run


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, database_url: str, broker_url: str) -> None:
    monkeypatch.setenv("CRMAP_DATABASE_URL", database_url)
    monkeypatch.setenv("CRMAP_BROKER_URL", broker_url)
    monkeypatch.setenv("CRMAP_SECRET_KEYS", "a key of this test and of nobody else")


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in capsys.readouterr().out.splitlines())


def test_where_all_is_well_every_line_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor"]) == 0
    assert set(told(capsys).values()) == {"OK"}


def test_a_database_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CRMAP_DATABASE_URL", "postgresql://nobody:secret@127.0.0.1:1/none")
    assert run(["doctor"]) == 1
    lines = told(capsys)
    assert "CRMAP_DATABASE_URL" in lines["database"]
    assert lines["broker"] == "OK"
    assert "secret" not in str(lines.values())


@pytest.mark.parametrize(("ahead", "said"), [(HOUR, "seconds ahead of"), (-HOUR, "seconds behind")])
def test_a_clock_that_is_not_the_databases(
    capsys: pytest.CaptureFixture[str], ahead: timedelta, said: str
) -> None:
    with wrong_by(ahead):
        assert run(["doctor"]) == 1
    assert said in told(capsys)["database"]


def test_a_schema_of_another_version(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], postgres_server: Databases
) -> None:
    monkeypatch.setenv("CRMAP_DATABASE_URL", postgres_server.empty())
    assert run(["doctor"]) == 1
    assert "crmap migrate" in told(capsys)["schema"]


def test_a_broker_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CRMAP_BROKER_URL", "redis://127.0.0.1:1/0")
    assert run(["doctor"]) == 1
    assert "CRMAP_BROKER_URL" in told(capsys)["broker"]


def test_keys_that_are_too_short(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CRMAP_SECRET_KEYS", "short")
    assert run(["doctor"]) == 1
    assert "16 characters" in told(capsys)["secret keys"]


def test_production_wants_an_https_address(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CRMAP_ENVIRONMENT", "production")
    assert run(["doctor"]) == 1
    assert "https" in told(capsys)["public address"]


def test_an_application_that_bitrix24_refuses_everywhere(
    capsys: pytest.CaptureFixture[str], database_url: str
) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "with a as (insert into application (id, client_id, client_secret, title)"
            " values (gen_random_uuid(), 'app.1', '', 'CRMAP') returning id),"
            " p as (insert into portal (id, kind, member_id, state, domain, failures, problem, problem_at)"
            " values (gen_random_uuid(), 'app', repeat('a', 32), 'access_lost', 'a.example', 1,"
            " 'client_refused', now()) returning id) insert into installation (id, portal_id, application_id, finished)"
            " select gen_random_uuid(), p.id, a.id, true from a, p"
        )
    assert run(["doctor"]) == 1
    assert "app.1 (1 portals)" in told(capsys)["applications"]
