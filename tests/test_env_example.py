"""deploy/env.example names every setting there is, with its meaning and the value it has by itself."""

from __future__ import annotations

import re

import pytest

from shared.settings import PREFIX, Settings
from tests.test_documents import ROOT

TEXT = (ROOT / "deploy" / "env.example").read_text(encoding="utf-8")
SHOWN = dict(re.findall(rf"^# {PREFIX}([A-Z0-9_]+)=(.*)$", TEXT, re.MULTILINE))


def test_every_setting_is_shown_and_nothing_else() -> None:
    settings = {name.upper() for name in Settings.model_fields if not name.endswith("_file")}
    assert set(SHOWN) == settings


def test_every_setting_has_a_line_of_meaning() -> None:
    meanings = re.findall(rf"^# ([a-z0-9PIRwih].{{8,}})\n# {PREFIX}", TEXT, re.MULTILINE)
    assert len(meanings) == len(SHOWN)


def test_the_values_shown_are_those_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SHOWN:
        monkeypatch.delenv(f"{PREFIX}{name}", raising=False)
    untouched = Settings(_env_file=None)  # type: ignore[call-arg]
    for name, value in SHOWN.items():
        monkeypatch.setenv(f"{PREFIX}{name}", value)
    assert Settings(_env_file=None) == untouched  # type: ignore[call-arg]
