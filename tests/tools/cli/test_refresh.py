"""``crmap refresh`` asks for a read, and says so only when there will be one."""

from __future__ import annotations

import psycopg
import pytest

from tools.cli.main import run

DOMAIN = "shop.example"


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, database_url: str, broker_url: str) -> None:
    monkeypatch.setenv("CRMAP_DATABASE_URL", database_url)
    monkeypatch.setenv("CRMAP_BROKER_URL", broker_url)
    monkeypatch.setenv("CRMAP_SECRET_KEYS", "a key of this test and of nobody else")


def jobs_of(database_url: str, state: str, *arguments: str) -> tuple[int, list[tuple[str, bool]]]:
    """The exit code for a portal in this state, and the jobs there are then with how their portal is read."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "insert into portal (id, kind, member_id, state, domain, failures)"
            " values (gen_random_uuid(), 'app', repeat('a', 32), %s, %s, 0)",
            (state, DOMAIN),
        )
        code = run(["refresh", DOMAIN, *arguments])
        found = connection.execute(
            "select j.state, p.full_reads from job j join portal p on p.id = j.portal_id"
        )
        return code, found.fetchall()


@pytest.mark.parametrize("state", ["active", "access_lost", "closed"])
def test_a_portal_that_is_read_will_be_read(database_url: str, state: str) -> None:
    assert jobs_of(database_url, state, "--full") == (0, [("queued", True)])


def test_of_a_removed_portal_nothing_is_promised(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """FC-63"""
    assert jobs_of(database_url, "removed") == (1, [])
    told = capsys.readouterr()
    assert "will be read" not in told.out + told.err
    assert "until the application is installed there again" in told.err
