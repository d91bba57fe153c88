"""The help of ``crmap simulator`` names what the simulator can do."""

from __future__ import annotations

import pytest

from tools.cli.main import run
from tools.simulator.seeds import SIZES


def test_the_help_names_every_size(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["simulator", "--help"]) == 0
    assert f"Sizes: {', '.join(SIZES)}." in " ".join(capsys.readouterr().out.split())
