"""What every process checks before it starts: a wrong setting is one sentence, and no fault of CRMAP."""

from __future__ import annotations

import pytest
import typer

from shared.db.sealed import Keyring
from tools.cli.context import service_settings


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DATABASE_URL", "sqlite://", "Wrong setting: CRMAP_DATABASE_URL is an address of PostgreSQL"),
        ("BROKER_URL", "", "Wrong setting: CRMAP_BROKER_URL has to be set."),
        ("SECRET_KEYS", "short", "Wrong setting: CRMAP_SECRET_KEYS: every secret key needs at least"),
    ],
)
def test_a_wrong_setting_is_told_by_its_name(
    name: str,
    value: str,
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CRMAP_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    monkeypatch.setenv("CRMAP_BROKER_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv(f"CRMAP_{name}", value)
    with pytest.raises(typer.Exit) as ended, service_settings() as settings:
        Keyring(settings.keys)
    assert ended.value.exit_code == 1
    assert capsys.readouterr().err.startswith(sentence)
