"""``crmap history``: what each portal's history costs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shared.db import recording
from shared.db.session import Database
from shared.db.tables.portals import PortalRow
from shared.domain.portal import PortalKind, PortalState
from tests.builders import READ_AT, a_snapshot
from tests.conftest import KEY
from tools.cli.main import run


def test_each_portal_is_a_line_the_dearest_first(
    database_url: str,
    worker_db: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "DATABASE_URL": database_url,
        "BROKER_URL": "redis://127.0.0.1:1",
        "SECRET_KEYS": KEY,
    }.items():
        monkeypatch.setenv(f"CRMAP_{name}", value)
    never, read = (
        PortalRow(
            kind=PortalKind.APP, member_id=sign * 32, domain=f"{sign}.example", state=PortalState.ACTIVE
        )
        for sign in "ab"
    )
    with worker_db.session() as session:
        session.add_all([never, read])
        session.flush()
        recording.record(session, read.id, a_snapshot())
    assert run(["history"]) == 0
    first, second = map(json.loads, capfd.readouterr().out.splitlines())
    assert first.pop("bytes") > 100
    assert first == {
        "id": str(read.id),
        "domain": "b.example",
        "versions": 1,
        "oldest_at": READ_AT.isoformat(),
        "changes": 0,
        "parts": len(a_snapshot().coverage) - 1,
    }
    nothing = {"versions": 0, "oldest_at": None, "changes": 0, "parts": 0, "bytes": 0}
    assert second == {"id": str(never.id), "domain": "a.example", **nothing}
